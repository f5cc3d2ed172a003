// The command line that messages print where a config of a topic has to be set, and the line of a file that leaves more out.
import { shellWord } from './shell-word.ts'

/** How an administrator's tools reach a cluster. */
interface ToolReach {
  readonly alias: string
  readonly bootstrapServers: readonly string[]
  readonly protocol: string
}

/**
 * kafka-configs.sh for a topic, to be pasted into a shell; values of undefined are removed. On a cluster with a login it names a file
 * ALIAS-admin.properties with that of an administrator.
 */
export function configCommand(
  { alias, bootstrapServers, protocol }: ToolReach,
  topic: string,
  changes: Readonly<Record<string, string | undefined>>,
): string {
  const set = Object.entries(changes).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${bracketed(value)}`],
  )
  const removed = Object.keys(changes).filter((name) => changes[name] === undefined)
  const words = [
    ...['--bootstrap-server', bootstrapServers.join(',')],
    ...(protocol === 'PLAINTEXT' ? [] : ['--command-config', `${alias}-admin.properties`]),
    ...['--alter', '--entity-type', 'topics', '--entity-name', topic],
    ...(set.length > 0 ? ['--add-config', set.join(',')] : []),
    ...(removed.length > 0 ? ['--delete-config', removed.join(',')] : []),
  ]
  return ['kafka-configs.sh', ...words.map(shellWord)].join(' ')
}

/** kafka-configs.sh takes commas for the end of a value, except in brackets. */
const bracketed = (value: string) => (value.includes(',') ? `[${value}]` : value)

/**
 * The line of an mm2.properties that adds names to a list of patterns. A list that is written replaces the one before, so it repeats
 * that; it holds no blank, so that its end can be seen in a sentence.
 */
export function lengthenedLine(key: string, list: readonly string[], names: readonly string[]): string {
  const patterns = [...list, ...names.map((name) => name.replaceAll('.', '\\.'))]
  return `${key} = ${patterns.map((one) => one.replaceAll('\\', '\\\\')).join(',')}`
}
