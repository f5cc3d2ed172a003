// What `--help` prints: the table of commands, and one command with its options.
import { optionsOf } from './arguments.ts'
import type { Command, Option } from './command.ts'

/** The overview of all commands. */
export function overview(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map((command) => command.name.length))
  return [
    `godwit ${version} - copies Kafka clusters; a drop-in for MirrorMaker 2`,
    '',
    'Usage: godwit COMMAND [ARGUMENTS]',
    '',
    'Commands:',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'An option with a value can also be given by the environment: --http as GODWIT_HTTP.',
    "'godwit COMMAND --help' explains a command, 'godwit --version' prints the version.",
  ].join('\n')
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

const lineLength = 100

/** A paragraph as lines that fit a terminal. */
function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > lineLength) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
