// Decides from plain values how the batch at the head of a partition's queue is handled. take-next.ts executes the decision.
import type { Failure } from '../../base/failure.ts'
import type { Passage } from '../../batch/forward.ts'

/**
 * Half of the default of producer.id.expiration.ms: after older timestamps the target may keep no producer state to detect a
 * missing batch (ms).
 */
export const OLD_MS = 12 * 3600 * 1000

/**
 * How a batch may be joined with later ones: 'singles' are batches of one record each, verified while they are joined; 'plain' is
 * copied; 'compressed' is decompressed, joined and compressed again.
 */
export type JoinKind = 'singles' | 'plain' | 'compressed'

/** The result of inspecting a batch. */
export interface BatchHead {
  /** bytes */
  readonly size: number
  /** why it must not be copied: it is damaged, or was written by a flow in the opposite direction */
  readonly refusal: Failure | undefined
  readonly passage: Passage
  /** undefined: it is sent alone */
  readonly join: JoinKind | undefined
  /** it is the last batch of its segment */
  readonly isLast: boolean
  /** ms since the epoch */
  readonly maxTimestamp: number
}

/** The state of the partition when a batch is decided. */
export interface Situation {
  /** records that the target already has are still to be counted */
  readonly isCounting: boolean
  /** a batch is in flight */
  readonly isBusy: boolean
  /** the last one in flight has such old timestamps that the target may drop its producer state */
  readonly isLastOld: boolean
  /** since when the target has producer state for us in this partition, ms since the epoch; 0 if that is not certain */
  readonly knownSince: number
  /** ms since the epoch */
  readonly now: number
}

/**
 * - skip: nothing of it is sent (a marker, aborted, empty, or copied before)
 * - count: its records that the target already has are counted
 * - forward: unchanged, with a new header
 * - join: with later ones, into one batch
 * - transcode: its records are decoded and encoded again
 * - wait: until everything in flight is acknowledged
 * - refuse: the partition stops before it
 */
export type Fate = 'skip' | 'count' | 'forward' | 'join' | 'transcode' | 'wait' | 'refuse'

/** How to handle a batch. It depends only on the arguments. */
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
 * After old timestamps the target may drop its producer state, so that it would not detect that a batch is missing before the
 * next one: such batches are sent one at a time. The same applies to the first batch, and to the first after a long time: if it
 * were refused, the target would accept the next one as the first of an unknown producer.
 */
export function mustWait(maxTimestamp: number, { isBusy, isLastOld, knownSince, now }: Situation): boolean {
  return isBusy && (isLastOld || maxTimestamp < now - OLD_MS || knownSince < now - OLD_MS)
}
