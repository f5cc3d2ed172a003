// What can stand on a command line, told from the table of commands alone: what the scripts for each shell are written from.
import { optionsOf } from '../arguments.ts'
import type { Command, Option } from '../command.ts'

/** What a value is: one of these words, a file, a directory, or nothing a shell could know. */
export type ValueKind = { readonly words: readonly string[] } | 'file' | 'directory' | 'unknown'

export interface CompletedOption {
  /** with its dashes */
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
  /** what a word that is no option may be */
  readonly argument: ValueKind
}

/** All of it, in the order of the table. */
export function completedCommands(commands: readonly Command[]): CompletedCommand[] {
  return commands.map((command) => ({
    words: command.name.split(' '),
    summary: command.summary,
    options: Object.entries(optionsOf(command)).map(([name, option]) => completedOption(name, option)),
    argument: argumentOf(command),
  }))
}

/** First words, each once, with what to say of it: a command's summary, or its subcommands. */
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

/** Placeholders are words of our own: FILE and PATH stand for files, DIR for directories. */
function kindOf(placeholder: string): ValueKind {
  if (/\b(FILE|PATH)\b/.test(placeholder)) return 'file'
  return /\bDIR\b/.test(placeholder) ? 'directory' : 'unknown'
}

function argumentOf({ arguments: names, argumentChoices, usage }: Command): ValueKind {
  const words = Object.values(argumentChoices ?? {}).flat()
  if (words.length > 0) return { words }
  // A command that checks its arguments itself tells them in its usage, in front of its options.
  return kindOf(names ? names.join(' ') : (usage.split(/\[?--/, 1)[0] ?? ''))
}
