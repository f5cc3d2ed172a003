// A periodic task that could do only a part of its work: all that could be done was done, and the rest is told as one Failure.
import { Failure } from '../base/failure.ts'

/** @throws Failure with the first one's code, remedy and circumstances, naming how many more there are; nothing when there are none */
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
