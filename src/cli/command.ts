// The shape of a command: what the table in commands.ts lists, what help and reference print, what `run` is handed.

import type { FullScreen } from './full-screen.ts'

/** One `--option`. Without `value` it is a flag. */
export interface Option {
  /** one sentence for help and reference; give the default in it */
  readonly doc: string
  /** placeholder of the value, e.g. `HOST:PORT`; absent: the option is a flag */
  readonly value?: string
  /** the only values accepted */
  readonly choices?: readonly string[]
  /** takes every following word up to the next option, as connect-mirror-maker.sh's --clusters does; gives a list */
  readonly several?: boolean
  /** an empty value is one: a consumer group may have no name */
  readonly mayBeEmpty?: boolean
}

/** Texts for options with a value, lists for those that take several, true for flags; absent when not given. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** What a command is handed; everything it may touch of the process. */
export interface Context {
  readonly positionals: readonly string[]
  readonly values: OptionValues
  /** of godwit */
  readonly version: string
  /** Writes to standard output; ends the line when the text does not. */
  print(text: string): void
  /** Writes to standard error; ends the line when the text does not. */
  complain(text: string): void
  /** Aborted by the first SIGTERM or SIGINT; a second one ends the process at once. */
  readonly signal: AbortSignal
  readonly environment: Readonly<Record<string, string | undefined>>
  /** standard output is a terminal */
  readonly isTerminal: boolean
  /** standard error is a terminal */
  readonly isErrorTerminal?: boolean
  /** rows and columns of the terminal; absent when there is none */
  /** All of standard input, for an argument `-`. */
  readonly readInput?: () => Promise<string>
  /** Asks whoever sits at the terminal; absent where nobody does. Rejects when input ends. */
  readonly ask?: (question: string, how?: Question) => Promise<string>
  readonly terminalSize?: () => { readonly rows: number; readonly columns: number }
  /** Takes the terminal over for a full-screen view, until it is closed; absent when standard output is none. */
  readonly openScreen?: () => Promise<FullScreen>
}

/** How a question is put to whoever sits there. */
export interface Question {
  /** taken when nothing is typed */
  readonly fallback?: string
  /** what is typed is not shown */
  readonly isSecret?: boolean
}

export interface Command {
  /** one or two words, e.g. `config show` */
  readonly name: string
  readonly summary: string
  /** the line behind `godwit`, e.g. `run FILE [--clusters ALIAS...]` */
  readonly usage: string
  /** long name without dashes -> option */
  readonly options: Readonly<Record<string, Option>>
  /** names of the positional arguments, all of them required; absent: the command checks them itself */
  readonly arguments?: readonly string[]
  /** name of a positional argument -> the only words it takes, for completion; the command checks them itself */
  readonly argumentChoices?: Readonly<Record<string, readonly string[]>>
  /** words behind `godwit` and what they do, for help and reference */
  readonly examples?: readonly (readonly [words: string, what: string])[]
  /** paragraphs behind the options in help and reference */
  readonly notes?: readonly string[]
  /** Gives the exit code; throws a Failure for what is expected to go wrong. */
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
