// Runs several attempts with staggered starts and takes the first success, so that an unresponsive address delays a call only briefly.
import { Failure } from '../../base/failure.ts'

/**
 * Starts the attempts in order: the next one when one has failed, or `staggerMs` after the last start. Resolves with the first
 * success; the results of the others are ignored. Rejects when all have failed, with the first failure other than
 * BROKER_UNREACHABLE, else with the first.
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
    reject(mostSpecific(failed))
  }
  if (attempts.length === 0) reject(new Failure('BROKER_UNREACHABLE', 'there is no address to try'))
  else begin()
  return promise
}

function mostSpecific(errors: readonly unknown[]): Error {
  const found = errors.find((one) => one instanceof Failure && one.code !== 'BROKER_UNREACHABLE') ?? errors[0]
  return found instanceof Error ? found : new Error(String(found))
}
