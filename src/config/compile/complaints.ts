// Problems of one client or connector: knows from which line a derived key came, and which flow it concerns.
import type { Problems, Severity, Stops } from '../problems.ts'
import type { Entries } from '../resolve.ts'

export interface Complaints {
  /** `key` is the name in the derived map; the problem names the key and line of the file. */
  error(key: string, reason: string, remedy: string): void
  warning(key: string, reason: string, remedy: string): void
  /** the key as it stands in the file, or as it is to be written there: with the prefix of `beside`, if the file has that */
  keyOf(key: string, beside?: string): string
  readonly count: number
}

/** `fallbackKey` makes the name to show for a key that the file does not have, e.g. `old.sasl.jaas.config`. */
export function newComplaints(
  problems: Problems,
  entries: Entries,
  about: { readonly flow: string; readonly stops: Stops; readonly fallbackKey: (key: string) => string },
): Complaints {
  let count = 0
  const say = (severity: Severity, key: string, reason: string, remedy: string) => {
    const entry = entries.get(key)
    const details = severity === 'error' ? { flow: about.flow, stops: about.stops } : { flow: about.flow }
    if (severity === 'error') count++
    if (entry !== undefined && entry.line > 0) problems.about(severity, entry, reason, remedy, details)
    else problems.add(severity, reason, remedy, { key: about.fallbackKey(key), ...details })
  }
  return {
    error: (key, reason, remedy) => say('error', key, reason, remedy),
    warning: (key, reason, remedy) => say('warning', key, reason, remedy),
    keyOf: (key, beside) => {
      const written = (one: string | undefined) => {
        const entry = one === undefined ? undefined : entries.get(one)
        return entry !== undefined && entry.line > 0 ? entry.key : undefined
      }
      const near = written(beside)
      const prefix = beside !== undefined && near?.endsWith(beside) ? near.slice(0, -beside.length) : undefined
      return written(key) ?? (prefix === undefined ? about.fallbackKey(key) : prefix + key)
    },
    get count() {
      return count
    },
  }
}
