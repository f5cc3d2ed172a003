// The type of a command: listed by commands.ts, printed by help and reference, executed by cli.ts.

import type { FullScreen } from './full-screen.ts'

/** One `--option`. Without `value` it is a flag. */
export interface Option {
  /** one sentence for help and reference; states the default */
  readonly doc: string
  /** placeholder of the value, e.g. `HOST:PORT`; absent: the option is a flag */
  readonly value?: string
  /** the only values accepted */
  readonly choices?: readonly string[]
  /** takes every following word up to the next option, as --clusters of connect-mirror-maker.sh; gives a list */
  readonly several?: boolean
  /** an empty value is valid: the name of a consumer group may be empty */
  readonly mayBeEmpty?: boolean
}

/** Texts for options with a value, lists for those that take several, true for flags; absent when not given. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** The arguments of a command and its only access to the process. */
export interface Context {
  readonly positionals: readonly string[]
  readonly values: OptionValues
  /** version of godwit */
  readonly version: string
  /** Writes to standard output; ends the line when the text does not. */
  print(text: string): void
  /** Writes to standard error; ends the line when the text does not. */
  printError(text: string): void
  /** Aborted by the first SIGTERM or SIGINT; a second one ends the process immediately. */
  readonly signal: AbortSignal
  readonly environment: Readonly<Record<string, string | undefined>>
  /** standard output is a terminal */
  readonly isTerminal: boolean
  /** standard error is a terminal */
  readonly isErrorTerminal?: boolean
  /** Reads all of standard input, for the argument `-`. */
  readonly readInput?: () => Promise<string>
  /** Asks a question at the terminal; absent without a terminal. Rejects when input ends. */
  readonly ask?: (question: string, how?: Question) => Promise<string>
  /** rows and columns of the terminal; absent without a terminal */
  readonly terminalSize?: () => { readonly rows: number; readonly columns: number }
  /** Opens a full-screen view; absent when standard output is not a terminal. */
  readonly openScreen?: () => Promise<FullScreen>
}

/** Options of a question at the terminal. */
export interface Question {
  /** the answer when nothing is typed */
  readonly fallback?: string
  /** the typed text is not shown */
  readonly isSecret?: boolean
}

export interface Command {
  /** one or two words, e.g. `config show` */
  readonly name: string
  readonly summary: string
  /** usage without `godwit`, e.g. `run FILE [--clusters ALIAS...]` */
  readonly usage: string
  /** long name without dashes -> option */
  readonly options: Readonly<Record<string, Option>>
  /** names of the positional arguments, all of them required; absent: the command checks them itself */
  readonly arguments?: readonly string[]
  /** name of a positional argument -> its allowed words, for completion; the command checks them itself */
  readonly argumentChoices?: Readonly<Record<string, readonly string[]>>
  /** command line without `godwit`, and what it does; for help and reference */
  readonly examples?: readonly (readonly [words: string, what: string])[]
  /** paragraphs after the options in help and reference */
  readonly notes?: readonly string[]
  /** Gives the exit code. @throws Failure for expected errors */
  run(context: Context): Promise<number>
}

/** The text of an option, or undefined when it was not given. */
export function textOf(values: OptionValues, option: string): string | undefined {
  const value = values[option]
  return typeof value === 'string' ? value : undefined
}

/** The words of an option that takes several; empty when it was not given. */
export function listOf(values: OptionValues, option: string): readonly string[] {
  const value = values[option]
  return typeof value === 'object' ? value : []
}

/** True when a flag was given. */
export function flagOf(values: OptionValues, option: string): boolean {
  return values[option] === true
}
