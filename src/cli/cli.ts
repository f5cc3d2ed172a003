// The command line interface: finds the command, parses its arguments, prints failures, gives the exit code.
import { Failure, failures } from '../base/failure.ts'
import { nearest } from '../base/nearest.ts'
import { nameText, sentenceText, visible, visibleLines } from '../base/readable.ts'
import { parseArguments } from './arguments.ts'
import { type Command, type Context, flagOf } from './command.ts'
import { groupOverview, helpOf, overview } from './help.ts'

/** The part of a command's context that is provided by the process. */
export type ProcessContext = Omit<Context, 'positionals' | 'values' | 'version'>

/**
 * Runs one command line. Takes the words after `godwit`; gives the exit code. A Failure is printed as one sentence with
 * its circumstances and remedy, and gives its exit code of base/failure.ts. Any other error is thrown.
 */
export async function runCli(
  commands: readonly Command[],
  words: readonly string[],
  version: string,
  io: ProcessContext,
): Promise<number> {
  try {
    return await dispatch(commands, words, version, io)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    io.printError(failureText(error))
    return failures[error.code].exit
  }
}

async function dispatch(
  commands: readonly Command[],
  words: readonly string[],
  version: string,
  io: ProcessContext,
): Promise<number> {
  const [first] = words
  if (first === '--version' || first === '-V') return printText(io, `godwit ${version}`)
  if (first === undefined) {
    io.printError(overview(commands, version))
    return failures.USAGE.exit
  }
  const asksForHelp = first === 'help' || first === '--help' || first === '-h'
  const rest = asksForHelp ? words.slice(1) : words
  if (rest.length === 0) return printText(io, overview(commands, version))
  const group = requestedGroup(commands, rest, asksForHelp)
  if (group !== undefined) return printText(io, groupOverview(group, inGroup(commands, group)))
  const command = find(commands, rest)
  if (asksForHelp) return printText(io, helpOf(command))
  const { positionals, values } = parseArguments(
    command,
    rest.slice(command.name.split(' ').length).map((word) => (word === '-h' ? '--help' : word)),
    io.environment,
  )
  if (flagOf(values, 'help')) return printText(io, helpOf(command))
  return command.run({
    ...io,
    printError: (text) => io.printError(visibleLines(text)),
    positionals,
    values,
    version,
  })
}

function printText(io: ProcessContext, text: string): number {
  io.print(text)
  return 0
}

/** `groups --help`, `help groups`: the word, when it is the first word of commands but not a command. */
function requestedGroup(
  commands: readonly Command[],
  words: readonly string[],
  asksForHelp: boolean,
): string | undefined {
  const [group = '', ...behind] = words
  const asks = asksForHelp ? behind.length === 0 : behind.length === 1 && /^(-h|--help)$/.test(behind[0] ?? '')
  const isCommand = commands.some(({ name }) => name === group)
  return asks && !isCommand && inGroup(commands, group).length > 0 ? group : undefined
}

function find(commands: readonly Command[], words: readonly string[]): Command {
  const command = commands
    .filter(({ name }) => name.split(' ').every((word, i) => words[i] === word))
    // The longest match: `groups describe` before `groups`.
    .sort((a, b) => b.name.length - a.name.length)[0]
  if (command) return command
  const [first = '', second = ''] = words
  if (first.startsWith('-')) {
    throw new Failure('USAGE', `there is no option ${first} before a command`, { remedy: "see 'godwit --help'" })
  }
  const { written, meant } = guess(commands, first, second.startsWith('-') ? '' : second)
  const below = inGroup(commands, first)
  throw new Failure('USAGE', `there is no command '${written}'${meant ? `; did you mean '${meant}'?` : ''}`, {
    remedy: below.length > 1 ? `give one of ${below.map(({ name }) => name).join(', ')}` : "see 'godwit --help'",
  })
}

/** Commands of two words that start with this word. */
function inGroup(commands: readonly Command[], word: string): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${word} `))
}

/** The typed command, and the command that was probably meant: `config`, `config shwo`, `confg show`, `describe`. */
function guess(
  commands: readonly Command[],
  first: string,
  second: string,
): { written: string; meant: string | undefined } {
  const names = commands.map(({ name }) => name)
  const below = inGroup(commands, first).map(({ name }) => name)
  const both = `${first} ${second}`
  if (below.length > 0) {
    const written = second === '' ? first : both
    return { written, meant: below.length === 1 ? below[0] : nearest(written, below) }
  }
  const asOne = nearest(first, names)
  if (asOne !== undefined) return { written: first, meant: asOne }
  // The first of two words is mistyped or missing.
  const asBoth = second === '' ? undefined : nearest(both, names)
  if (asBoth !== undefined) return { written: both, meant: asBoth }
  const seconds = new Map(names.filter((name) => name.includes(' ')).map((name) => [name.split(' ')[1] ?? '', name]))
  return { written: first, meant: seconds.get(nearest(first, seconds.keys()) ?? '') }
}

const circumstanceNames = ['flow', 'cluster', 'broker', 'topic', 'partition', 'offset', 'group'] as const

/** A failure as text: file and line, the sentence, the circumstances, and cause and remedy on their own lines. */
export function failureText(failure: Failure): string {
  const { file, line, remedy, cause } = failure.circumstances
  const location = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}: `
  const named = circumstanceNames
    .filter((name) => failure.circumstances[name] !== undefined)
    .map((name) => `${name} ${nameText(String(failure.circumstances[name]))}`)
  const because =
    cause instanceof Error && !failure.message.includes(cause.message)
      ? `\n  cause: ${sentenceText(cause.message)}`
      : ''
  const concerns = named.length > 0 ? ` (${named.join(', ')})` : ''
  const sentence = `godwit: ${location}${sentenceText(failure.message)}${concerns}`
  return `${sentence}${because}${remedy ? `\n  remedy: ${visible(remedy)}` : ''}`
}
