// Problems of one client or connector: knows from which line a derived key came, and which flow it concerns.
import type { Problems, Severity, Stops } from '../problems.ts'
import type { Entries } from '../resolve.ts'

export interface Complaints {
  /** `key` is the name in the derived map; the problem names the key and line of the file. */
  error(key: string, reason: string, remedy: string): void
  warning(key: string, reason: string, remedy: string): void
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
    get count() {
      return count
    },
  }
}
