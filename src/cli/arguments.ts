// Parses the command line of one command into positionals and option values.
import { parseArgs } from 'node:util'
import { Failure } from '../base/failure.ts'
import { nearest } from '../base/nearest.ts'
import { type Command, flagOf, type Option, type OptionValues } from './command.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface Arguments {
  readonly positionals: readonly string[]
  readonly values: OptionValues
}

const help: Option = { doc: 'Print this help.' }

/** The options of a command, including --help. */
export function optionsOf(command: Command): Readonly<Record<string, Option>> {
  return { ...command.options, help }
}

/**
 * Parses the words after the name of `command`. With --help the number of positionals is not checked. An option with a
 * value that is not given is taken from the environment: `--secrets-dir` from GODWIT_SECRETS_DIR.
 * @throws Failure USAGE for an unknown option, a missing or superfluous value, a value outside the choices, and a wrong
 * number of arguments
 */
export function parseArguments(command: Command, words: readonly string[], environment: Environment = {}): Arguments {
  const options = optionsOf(command)
  const { tokens } = parseArgs({
    args: spreadLists(words, options),
    options: Object.fromEntries(
      Object.entries(options).map(([name, option]) => [name, { type: option.value ? 'string' : 'boolean' }]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const positionals: string[] = []
  const values: Record<string, string | boolean | readonly string[]> = {}
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const option = knownOption(command, options, token.rawName, token.name)
    // `--level --watch`: parseArgs would take --watch as the value. Negative numbers are values: `--shift-by -5`.
    const isOption = token.inlineValue === false && token.value?.startsWith('-') && !/^-\d+$/.test(token.value)
    const value = checkedValue(command, option, token.rawName, isOption ? undefined : token.value)
    values[token.name] = option.several ? [...listed(values[token.name]), String(value)] : value
  }
  fillFrom(environment, command, options, values)
  if (!flagOf(values, 'help')) checkCount(command, positionals, values)
  return { positionals, values }
}

/** Sets missing options from the environment. Flags are not: a forgotten variable must not cause --execute. */
function fillFrom(
  environment: Environment,
  command: Command,
  options: Readonly<Record<string, Option>>,
  values: Record<string, string | boolean | readonly string[]>,
): void {
  for (const [name, option] of Object.entries(options)) {
    const variable = variableOf(name)
    const text = environment[variable]
    if (!option.value || values[name] !== undefined || text === undefined || text === '') continue
    if (option.several) values[name] = text.split(/[\s,]+/).filter((word) => word !== '')
    else values[name] = checkedValue(command, option, variable, text)
  }
}

/** The environment variable of an option. */
function variableOf(option: string): string {
  return `GODWIT_${option.toUpperCase().replaceAll('-', '_')}`
}

/** `--clusters a b` becomes `--clusters=a --clusters=b`: parseArgs has no options that take several words. */
function spreadLists(words: readonly string[], options: Readonly<Record<string, Option>>): string[] {
  const spread: string[] = []
  let list: { name: string; taken: number } | undefined
  for (const word of words) {
    if (list && !word.startsWith('-')) {
      spread.push(`${list.name}=${word}`)
      list.taken++
      continue
    }
    if (list?.taken === 0) spread.push(list.name)
    list = word.startsWith('--') && options[word.slice(2)]?.several ? { name: word, taken: 0 } : undefined
    if (!list) spread.push(word)
  }
  if (list?.taken === 0) spread.push(list.name)
  return spread
}

function listed(value: string | boolean | readonly string[] | undefined): readonly string[] {
  return typeof value === 'object' ? value : []
}

function knownOption(
  command: Command,
  options: Readonly<Record<string, Option>>,
  written: string,
  name: string,
): Option {
  const option = Object.hasOwn(options, name) && written.startsWith('--') ? options[name] : undefined
  if (option) return option
  const meant = nearest(name, Object.keys(options))
  throw wrong(command, `there is no option ${written}${meant ? `; did you mean --${meant}?` : ''}`)
}

function checkedValue(command: Command, option: Option, written: string, value: string | undefined): string | boolean {
  if (!option.value) {
    if (value !== undefined) throw wrong(command, `${written} takes no value, but got '${value}'`)
    return true
  }
  if (value === undefined || (value === '' && !option.mayBeEmpty))
    throw wrong(command, `${written} needs a value: ${written} ${option.value}`)
  if (option.choices && !option.choices.includes(value)) {
    const meant = nearest(value, option.choices)
    const choices = option.choices.join(', ')
    throw wrong(command, `${written} is one of ${choices}, not '${value}'${meant ? `; did you mean ${meant}?` : ''}`)
  }
  return value
}

function checkCount(command: Command, positionals: readonly string[], values: OptionValues): void {
  const wanted = command.arguments
  if (!wanted || positionals.length === wanted.length) return
  const extra = positionals[wanted.length]
  if (extra !== undefined) throw wrong(command, `'${extra}' is an unexpected argument`)
  const missing = wanted[positionals.length] ?? ''
  const greedy = Object.keys(command.options).find((name) => command.options[name]?.several && values[name])
  const hint = greedy ? `; --${greedy} takes all words after it, so write ${missing} before it` : ''
  throw wrong(command, `${missing} is missing${hint}`)
}

function wrong(command: Command, sentence: string): Failure {
  return new Failure('USAGE', sentence, { remedy: `see 'godwit ${command.name} --help'` })
}
