// Completions of the command line, derived from the table of commands; the scripts for each shell are generated from them.
import { optionsOf } from '../arguments.ts'
import type { Command, Option } from '../command.ts'

/** How a shell completes a value: one of these words, a file, a directory, or not at all. */
export type ValueKind = { readonly words: readonly string[] } | 'file' | 'directory' | 'unknown'

export interface CompletedOption {
  /** with leading dashes */
  readonly name: string
  readonly doc: string
  /** undefined: a flag */
  readonly value: { readonly placeholder: string; readonly kind: ValueKind } | undefined
}

export interface CompletedCommand {
  /** one or two words */
  readonly words: readonly string[]
  readonly summary: string
  readonly options: readonly CompletedOption[]
  /** completion of positional arguments */
  readonly argument: ValueKind
}

/** Completions of all commands, in the order of the table. */
export function completedCommands(commands: readonly Command[]): CompletedCommand[] {
  return commands.map((command) => ({
    words: command.name.split(' '),
    summary: command.summary,
    options: Object.entries(optionsOf(command)).map(([name, option]) => completedOption(name, option)),
    argument: argumentOf(command),
  }))
}

/** Each first word of a command with its description: the command's summary, or its subcommands. */
export function firstWords(commands: readonly CompletedCommand[]): ReadonlyMap<string, string> {
  const groups = Map.groupBy(commands, ({ words }) => words[0] ?? '')
  return new Map(
    [...groups].map(([word, list]) => {
      const alone = list.find(({ words }) => words.length === 1)
      return [word, alone?.summary ?? list.map(({ words }) => words[1]).join(', ')] as const
    }),
  )
}

/** First word -> its subcommands. */
export function subcommands(commands: readonly CompletedCommand[]): ReadonlyMap<string, readonly CompletedCommand[]> {
  return Map.groupBy(
    commands.filter(({ words }) => words.length > 1),
    ({ words }) => words[0] ?? '',
  )
}

function completedOption(name: string, option: Option): CompletedOption {
  if (!option.value) return { name: `--${name}`, doc: option.doc, value: undefined }
  const kind: ValueKind = option.choices ? { words: option.choices } : kindOf(option.value)
  return { name: `--${name}`, doc: option.doc, value: { placeholder: option.value, kind } }
}

/** The completion of a placeholder: FILE and PATH are files, DIR is a directory. */
function kindOf(placeholder: string): ValueKind {
  if (/\b(FILE|PATH)\b/.test(placeholder)) return 'file'
  return /\bDIR\b/.test(placeholder) ? 'directory' : 'unknown'
}

function argumentOf({ arguments: names, argumentChoices, usage }: Command): ValueKind {
  const words = Object.values(argumentChoices ?? {}).flat()
  if (words.length > 0) return { words }
  // The usage of a command that checks its arguments itself lists them before its options.
  return kindOf(names ? names.join(' ') : (usage.split(/\[?--/, 1)[0] ?? ''))
}
