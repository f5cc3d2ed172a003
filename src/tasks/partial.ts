// A periodic task that did part of its work: the rest is reported as one Failure.
import { Failure } from '../base/failure.ts'

/** Throws the first failure, with the number of the others; does nothing without failures. @param sentence put before its message */
export function throwFirst(failures: readonly Failure[], sentence: string): void {
  const [first] = failures
  if (!first) return
  const more = failures.length === 1 ? '' : ` (and ${failures.length - 1} more)`
  const { remedy } = first
  throw new Failure(first.code, `${sentence}: ${first.message}${more}`, {
    ...first.circumstances,
    cause: first,
    ...(remedy !== undefined && { remedy }),
  })
}
