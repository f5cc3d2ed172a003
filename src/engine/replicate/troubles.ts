// What a partition in trouble is told apart by: since when, whether it was said already, and when it is tried again.
import { Failure, failures } from '../../base/failure.ts'
import { backoff } from '../../base/retry.ts'
import { errorCodes } from '../../kafka/wire-errors.ts'
import type { PartitionCopy } from './partition-copy.ts'

/** A quarantined partition is looked at again and again, at first soon, then after this long: a person may have mended what was wrong (ms). */
const QUARANTINE_MS = 30_000
/** What no retry mends: it needs a decision. */
const FINAL = new Set(['TOPIC_RECREATED', 'TARGET_RENAMED', 'SOURCE_TRUNCATED', 'TARGET_TRUNCATED'])

/** A connection was given up because a quota muted it for too long: its broker can be reached. */
export function isThrottled(error: unknown): boolean {
  return error instanceof Failure && error.circumstances.wireCode === errorCodes.THROTTLING_QUOTA_EXCEEDED
}

export class Troubles {
  readonly #known = new Map<PartitionCopy, { code: string; message: string; since: number }>()

  /**
   * Stops the partition and notes why, since when, and when to try again. True when a person should hear of it: it will
   * not mend itself and was not said yet. @param now ms since the epoch
   */
  begin(copy: PartitionCopy, failure: Failure, now: number): boolean {
    const { code, message } = failure
    const quarantined = failures[code].verdict === 'quarantine'
    copy.abandon(quarantined ? 'quarantined' : 'settling')
    const known = this.#known.get(copy)
    const since = known?.code === code ? known.since : now
    this.#known.set(copy, { code, message, since })
    copy.failedSince = since
    copy.failure = failure
    // Whatever is wrong with a follower, the leader knows better.
    copy.nearReplica = undefined
    copy.attempts++
    const pause = quarantined ? backoff(copy.attempts, 1000, QUARANTINE_MS) : backoff(copy.attempts, 25, 3000)
    copy.retryAt = FINAL.has(code) ? Number.POSITIVE_INFINITY : now + pause
    const isNews = known?.code !== code || known.message !== message
    return isNews && (quarantined || code === 'UNKNOWN_TOPIC')
  }

  /** The partition makes progress again. */
  over(copy: PartitionCopy): void {
    if (this.#known.size > 0 && this.#known.delete(copy)) copy.attempts = 0
  }
}
