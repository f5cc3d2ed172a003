// Why one partition stands still: since when, whether it was reported already, and when it is tried again.
import { Failure, failures, finalityOf } from '../../base/failure.ts'
import { backoff } from '../../base/retry.ts'
import { errorCodes } from '../../kafka/wire-errors.ts'

/** A quarantined partition is tried again and again, at first soon, then after this long: a person may have fixed what was wrong (ms). */
const QUARANTINE_MS = 30_000

/** A connection was given up because a quota muted it for too long: its broker can be reached. */
export function isThrottled(error: unknown): boolean {
  return error instanceof Failure && error.circumstances.wireCode === errorCodes.THROTTLING_QUOTA_EXCEEDED
}

/** Written by its own methods; everyone else reads. */
export class PartitionFailures {
  /** why it stands still; undefined while it copies */
  current: Failure | undefined
  /** since when it has failed with that code, ms since the epoch */
  since = 0
  /** failures in a row, for the backoff; progress ends the row */
  attempts = 0
  /** when it is tried again, ms since the epoch; infinity when that needs a person's decision */
  retryAt = 0
  /** what was reported last; undefined once the partition has advanced */
  #reported: { readonly code: string; readonly message: string } | undefined

  /** Notes why the partition stops, and when to try again. @param now ms since the epoch @returns whether it is to be logged: it will not pass by itself, and was not reported yet */
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

  /** The partition has advanced: the next failure is the first of a row. */
  over(): void {
    if (this.#reported === undefined) return
    this.#reported = undefined
    this.attempts = 0
  }

  /** Why no retry fixes what is wrong now; undefined where one may, or nothing is wrong. */
  get finality(): ReturnType<typeof finalityOf> {
    return this.current && finalityOf(this.current.code)
  }

  /** A batch was acknowledged. */
  resetBackoff(): void {
    this.attempts = 0
  }

  /** Tries again as soon as there is time. */
  retryNow(): void {
    this.retryAt = 0
  }
}

/** Whether a failure stops its partition until a person has acted. */
export function isQuarantine(failure: Failure): boolean {
  return failures[failure.code].verdict === 'quarantine'
}
