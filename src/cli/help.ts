// Output of `--help`: the list of commands, or one command with its options.
import { optionsOf } from './arguments.ts'
import type { Command, Option } from './command.ts'

const lineLength = 100

/** Heading -> first words of its commands, in the order of a migration. */
const purposes: readonly (readonly [title: string, words: readonly string[]])[] = [
  ['Prepare', ['init', 'config', 'check', 'plan']],
  ['Run', ['run']],
  ['Inspect', ['status', 'lag', 'topics', 'offsets', 'groups', 'positions']],
  ['Verify', ['verify']],
  ['Tools', ['generate', 'completion']],
]
const others = 'More'

/** Groups commands under headings; commands without a heading come last. */
export function byPurpose(
  commands: readonly Command[],
): readonly (readonly [title: string, commands: readonly Command[]])[] {
  const first = ({ name }: Command) => name.split(' ', 1)[0] ?? ''
  const known = new Set(purposes.flatMap(([, words]) => words))
  const groups = purposes.map(
    ([title, words]) =>
      [title, words.flatMap((word) => commands.filter((command) => first(command) === word))] as const,
  )
  const rest = [others, commands.filter((command) => !known.has(first(command)))] as const
  return [...groups, rest].filter(([, list]) => list.length > 0)
}

/** The overview of all commands. */
export function overview(commands: readonly Command[], version: string): string {
  return [
    `godwit ${version} - copies Kafka clusters; a drop-in for MirrorMaker 2`,
    '',
    'Usage: godwit COMMAND [ARGUMENTS]',
    ...commandLines(commands),
    '',
    'An option with a value can also be set by an environment variable: --http by GODWIT_HTTP.',
    "'godwit COMMAND --help' explains a command, 'godwit --version' prints the version.",
  ].join('\n')
}

/** The commands that begin with `word`, shown when only that word was typed. */
export function groupOverview(word: string, commands: readonly Command[]): string {
  return [
    `Usage: godwit ${word} COMMAND [ARGUMENTS]`,
    '',
    ...namesAndSummaries(commands, widest(commands)),
    '',
    `'godwit ${word} COMMAND --help' explains one of them.`,
  ].join('\n')
}

function commandLines(commands: readonly Command[]): string[] {
  const width = widest(commands)
  return byPurpose(commands).flatMap(([title, list]) => ['', `${title}:`, ...namesAndSummaries(list, width)])
}

const widest = (commands: readonly Command[]) => Math.max(...commands.map(({ name }) => name.length))

/** One line per command; a long summary is wrapped and indented. */
function namesAndSummaries(commands: readonly Command[], width: number): string[] {
  return commands.flatMap(({ name, summary }) =>
    wrapped(summary, lineLength - width - 4).map((line, at) => `  ${(at === 0 ? name : '').padEnd(width)}  ${line}`),
  )
}

/** One command: usage, options, notes. */
export function helpOf(command: Command): string {
  const rows = Object.entries(optionsOf(command)).map(([name, option]) => [optionText(name, option), option] as const)
  const width = Math.max(...rows.map(([text]) => text.length))
  return [
    `Usage: godwit ${command.usage}`,
    '',
    command.summary,
    '',
    'Options:',
    ...rows.map(([text, option]) => `  ${text.padEnd(width)}  ${option.doc}`),
    ...(command.notes ?? []).flatMap((note) => ['', ...wrapped(note)]),
    ...exampleLines(command),
  ].join('\n')
}

function exampleLines({ examples = [] }: Command): string[] {
  if (examples.length === 0) return []
  return ['', 'Examples:', ...examples.flatMap(([words, what]) => [`  # ${what}`, `  godwit ${words}`])]
}

/** `--http HOST:PORT`, `--clusters ALIAS...`, `--watch`. */
export function optionText(name: string, option: Option): string {
  if (!option.value) return `--${name}`
  return `--${name} ${option.choices ? option.choices.join('|') : option.value}${option.several ? '...' : ''}`
}

/** Wraps a paragraph at `width` characters. */
function wrapped(text: string, width = lineLength): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
