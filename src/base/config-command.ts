// The kafka-configs.sh command that remedies print to change a topic config, and the mm2.properties line that excludes more topics or groups.
import { shellWord } from './shell-word.ts'

/** How an administrator's tools connect to a cluster. */
interface ToolConnection {
  readonly alias: string
  readonly bootstrapServers: readonly string[]
  readonly protocol: string
}

/**
 * The kafka-configs.sh command that changes configs of a topic, quoted for a shell; a value of undefined removes the config.
 * For a secured cluster it refers to a file ALIAS-admin.properties with the credentials of an administrator.
 */
export function configCommand(
  { alias, bootstrapServers, protocol }: ToolConnection,
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

/** kafka-configs.sh ends a value at a comma, except in brackets. */
const bracketed = (value: string) => (value.includes(',') ? `[${value}]` : value)

/**
 * The mm2.properties line that adds names to a list of patterns. A list in the file replaces the default, so the line repeats the
 * present list. The list contains no blanks, so that its end is visible within a sentence.
 */
export function lengthenedLine(key: string, list: readonly string[], names: readonly string[]): string {
  const patterns = [...list, ...names.map((name) => name.replaceAll('.', '\\.'))]
  return `${key} = ${patterns.map((one) => one.replaceAll('\\', '\\\\')).join(',')}`
}
