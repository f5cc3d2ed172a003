// What becomes of the batch at the head of a partition's queue: decided here, from plain values; take-next.ts acts on it.
import type { Failure } from '../../base/failure.ts'
import type { Passage } from '../../batch/forward.ts'

/** Half of producer.id.expiration.ms' default: older records leave no producer state behind that would catch a hole (ms). */
export const OLD_MS = 12 * 3600 * 1000

/**
 * How a batch may be joined with those after it: 'singles' are batches of one record each, verified by the same pass
 * that joins them; 'plain' is copied in place; 'compressed' is opened, joined and compressed again.
 */
export type JoinKind = 'singles' | 'plain' | 'compressed'

/** What an inspection tells of a batch. */
export interface BatchHead {
  /** bytes */
  readonly size: number
  /** why nothing of it may be copied: it is damaged, or the flow in the opposite direction wrote it */
  readonly refusal: Failure | undefined
  readonly passage: Passage
  /** undefined: it is sent alone */
  readonly join: JoinKind | undefined
  /** nothing lies behind it in its segment */
  readonly isLast: boolean
  /** ms since the epoch */
  readonly maxTimestamp: number
}

/** How the partition stands when the fate of a batch is decided. */
export interface Situation {
  /** records that the target has already are still to be counted past */
  readonly isCounting: boolean
  /** a batch is in flight */
  readonly isBusy: boolean
  /** the last one in flight is so old that the target forgets its producer state */
  readonly isLastOld: boolean
  /** since when the target knows our producer in this partition, ms since the epoch; 0 when that is not sure */
  readonly knownSince: number
  /** ms since the epoch */
  readonly now: number
}

/**
 * - skip: nothing of it goes to the target (a marker, aborted, empty, or copied already)
 * - count: records that the target has already are counted past
 * - forward: as it lies, with a new head
 * - join: with those behind it, into one batch
 * - transcode: its records are decoded and encoded again
 * - wait: not before what is in flight is acknowledged
 * - refuse: the partition stops in front of it
 */
export type Fate = 'skip' | 'count' | 'forward' | 'join' | 'transcode' | 'wait' | 'refuse'

/** The fate of a batch; of equal heads in equal situations always the same. */
export function decide(head: BatchHead, situation: Situation): Fate {
  if (head.refusal) return situation.isBusy ? 'wait' : 'refuse'
  if (head.passage === 'skip') return 'skip'
  if (situation.isCounting) return 'count'
  if (mustWait(head.maxTimestamp, situation)) return 'wait'
  if (head.passage === 'transcode') return 'transcode'
  return head.join !== undefined && !head.isLast ? 'join' : 'forward'
}

/** Whether a batch may be joined to uncompressed ones before it. */
export function mayFollow({ refusal, passage, join }: BatchHead): boolean {
  return refusal === undefined && passage === 'forward' && join === 'plain'
}

/**
 * Records dated long ago leave no producer state on the target after its next check, so nothing would notice
 * that a batch went missing before its successor: they are sent one at a time. So does the first batch of all,
 * and the first after a long time: if it were refused, its successor would be taken for the first of an unknown producer.
 */
export function mustWait(maxTimestamp: number, { isBusy, isLastOld, knownSince, now }: Situation): boolean {
  return isBusy && (isLastOld || maxTimestamp < now - OLD_MS || knownSince < now - OLD_MS)
}
