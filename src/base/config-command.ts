// Command lines of Kafka's own tools that messages print, and the line of a file that leaves more out.
import { shellWord } from './shell-word.ts'

/** How an administrator's tools reach a cluster. */
export interface ToolReach {
  readonly alias: string
  readonly bootstrapServers: readonly string[]
  readonly protocol: string
}

/**
 * A tool of Kafka with its words, as a line for a shell. On a cluster with a login it names a file ALIAS-admin.properties with that of an
 * administrator: who may change things is seldom the user that copies.
 */
export function toolLine(
  tool: string,
  { alias, bootstrapServers, protocol }: ToolReach,
  words: readonly string[],
): string {
  const login = protocol === 'PLAINTEXT' ? [] : ['--command-config', `${alias}-admin.properties`]
  const all = ['--bootstrap-server', bootstrapServers.join(','), ...login, ...words]
  return [tool, ...all.map(shellWord)].join(' ')
}

/** kafka-configs.sh for a topic; values of undefined are removed. */
export function configCommand(
  reach: ToolReach,
  topic: string,
  changes: Readonly<Record<string, string | undefined>>,
): string {
  const set = Object.entries(changes).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${bracketed(value)}`],
  )
  const removed = Object.keys(changes).filter((name) => changes[name] === undefined)
  const words = [
    ...['--alter', '--entity-type', 'topics', '--entity-name', topic],
    ...(set.length > 0 ? ['--add-config', set.join(',')] : []),
    ...(removed.length > 0 ? ['--delete-config', removed.join(',')] : []),
  ]
  return toolLine('kafka-configs.sh', reach, words)
}

/** kafka-configs.sh ends a value at a comma, except in brackets. */
const bracketed = (value: string) => (value.includes(',') ? `[${value}]` : value)

/**
 * The line of an mm2.properties that adds names to a list of patterns. A list that is written replaces the one before, so it repeats
 * that. @param separator without a blank, the end of the line can be seen in a sentence
 */
export function lengthenedLine(
  key: string,
  list: readonly string[],
  names: readonly string[],
  separator = ',',
): string {
  const patterns = [...list, ...names.map((name) => name.replaceAll('.', '\\.'))]
  return `${key} = ${patterns.map((one) => one.replaceAll('\\', '\\\\')).join(separator)}`
}
