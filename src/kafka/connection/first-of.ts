// The first of several attempts that succeeds, begun one after the other: nobody waits long for an address that does not answer.
import { Failure } from '../../base/failure.ts'

/**
 * Begins the attempts in order: the next one when an earlier one has failed, or has taken `staggerMs`. The first success wins;
 * the others go on unheard. Rejects when all have failed, with the failure that tells most: one a person must mend, else the first.
 */
export function firstOf<T>(attempts: readonly (() => Promise<T>)[], staggerMs: number): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const failed: unknown[] = []
  let begun = 0
  let timer: NodeJS.Timeout | undefined
  const begin = (): void => {
    clearTimeout(timer)
    const attempt = attempts[begun]
    if (!attempt) return
    begun++
    timer = setTimeout(begin, staggerMs)
    attempt().then(
      (value) => {
        clearTimeout(timer)
        begun = attempts.length
        resolve(value)
      },
      (error: unknown) => {
        failed.push(error)
        if (failed.length === attempts.length) return giveUp()
        begin()
      },
    )
  }
  const giveUp = (): void => {
    clearTimeout(timer)
    reject(mostTelling(failed))
  }
  if (attempts.length === 0) reject(new Failure('BROKER_UNREACHABLE', 'there is no address to try'))
  else begin()
  return promise
}

function mostTelling(errors: readonly unknown[]): Error {
  const found = errors.find((one) => one instanceof Failure && one.code !== 'BROKER_UNREACHABLE') ?? errors[0]
  return found instanceof Error ? found : new Error(String(found))
}
