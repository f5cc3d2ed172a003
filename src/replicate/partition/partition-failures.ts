// Why one partition has stopped: since when, whether it was reported, and when it is retried.
import { Failure, failures, finalityOf } from '../../base/failure.ts'
import { backoff } from '../../base/retry.ts'
import { errorCodes } from '../../kafka/wire-errors.ts'

/** A quarantined partition is retried at growing intervals up to this one, because the cause may have been fixed (ms). */
const QUARANTINE_MS = 30_000

/** The connection was closed because a quota throttled it for too long. The broker can be reached. */
export function isThrottled(error: unknown): boolean {
  return error instanceof Failure && error.circumstances.wireCode === errorCodes.THROTTLING_QUOTA_EXCEEDED
}

/** Written by its own methods. All others only read. */
export class PartitionFailures {
  /** why the partition has stopped; undefined while it copies */
  current: Failure | undefined
  /** since when it has failed with this code, ms since the epoch */
  since = 0
  /** consecutive failures, for the backoff; progress resets it */
  attempts = 0
  /** when it is retried, ms since the epoch; Infinity if a user has to decide first */
  retryAt = 0
  /** the last reported failure; undefined after progress */
  #reported: { readonly code: string; readonly message: string } | undefined

  /**
   * Records why the partition stops, and when to retry.
   * @param now ms since the epoch
   * @returns whether to log it: it needs a user, or waits for a topic, and was not logged yet
   */
  begin(failure: Failure, now: number): boolean {
    const { code, message } = failure
    const was = this.#reported
    if (was?.code !== code) this.since = now
    this.#reported = { code, message }
    this.current = failure
    this.attempts++
    const isQuarantined = isQuarantine(failure)
    const pause = isQuarantined ? backoff(this.attempts, 1000, QUARANTINE_MS) : backoff(this.attempts, 25, 3000)
    this.retryAt = finalityOf(code) !== undefined ? Number.POSITIVE_INFINITY : now + pause
    const isNews = was?.code !== code || was.message !== message
    return isNews && (isQuarantined || code === 'UNKNOWN_TOPIC')
  }

  /** The partition copies again. */
  end(): void {
    this.current = undefined
  }

  /** The partition has made progress: the next failure is the first in a row. */
  over(): void {
    if (this.#reported === undefined) return
    this.#reported = undefined
    this.attempts = 0
  }

  /** Why a retry cannot fix the failure; undefined if it can, or if there is no failure. */
  get finality(): ReturnType<typeof finalityOf> {
    return this.current && finalityOf(this.current.code)
  }

  /** A batch was acknowledged. */
  resetBackoff(): void {
    this.attempts = 0
  }

  /** Retries as soon as possible. */
  retryNow(): void {
    this.retryAt = 0
  }
}

/** Whether a failure stops its partition until a user has acted. */
export function isQuarantine(failure: Failure): boolean {
  return failures[failure.code].verdict === 'quarantine'
}
