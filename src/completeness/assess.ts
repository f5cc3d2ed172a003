// Compares what a flow has to deliver with what is on the target. Completeness is decided here and nowhere else.
import { counted, plural } from '../base/counted.ts'
import { type Failure, failures } from '../base/failure.ts'
import type { CompletenessVerdict } from '../model/flow-status.ts'
import type { ListedPartition, SourceListing } from './source-listing.ts'

/**
 * How far a partition has been copied.
 * copied: everything below `next` is on the target; not-begun: nothing has been copied, copying will begin at `next`, -1 while
 * unknown; stopped: copying has stopped with a failure, everything below `next` was copied
 */
export type Progress =
  | { readonly kind: 'copied'; readonly next: number }
  | { readonly kind: 'not-begun'; readonly next: number; readonly reason: string }
  | { readonly kind: 'stopped'; readonly next: number; readonly failure: Failure }

type ProgressOf = (partition: ListedPartition) => Progress

/** A partition of which something is missing on the target. */
interface MissingPartition {
  readonly listed: ListedPartition
  /**
   * copying: records are being copied; not-begun: it waits, e.g. for its topic to be created; open-transaction: only records behind an open
   * transaction are left; stopped: an operator has to act, or a retry has to succeed; unknown: the source did not return its end offset
   */
  readonly why: 'copying' | 'not-begun' | 'open-transaction' | 'stopped' | 'unknown'
  /** source offsets still to copy; undefined while unknown */
  readonly lag: number | undefined
  readonly reason: string
  readonly failure?: Failure
}

export interface Assessment {
  /** when the source was listed, ms since the epoch */
  readonly asOf: number
  readonly verdict: Exclude<CompletenessVerdict, 'unknown'>
  readonly partitions: number
  readonly missing: readonly MissingPartition[]
}

/** Assesses which partitions of a listing have arrived completely. */
export function assess(listing: SourceListing, progressOf: ProgressOf): Assessment {
  const missing = listing.partitions.flatMap((listed) => missingOf(listed, progressOf(listed)) ?? [])
  return assessmentOf(listing, missing)
}

/** Assesses the missing partitions of an earlier assessment again. */
export function reassess(was: Assessment, listing: SourceListing, progressOf: ProgressOf): Assessment {
  const missing = was.missing.flatMap(({ listed }) => missingOf(listed, progressOf(listed)) ?? [])
  return assessmentOf(listing, missing)
}

/** Whether everything that was missing has arrived since. */
export function hasArrived({ missing }: Assessment, progressOf: ProgressOf): boolean {
  return missing.every(({ listed }) => missingOf(listed, progressOf(listed)) === undefined)
}

function assessmentOf(
  { at, selectsTopic, partitions }: SourceListing,
  missing: readonly MissingPartition[],
): Assessment {
  const verdict = !selectsTopic ? 'nothing-selected' : missing.length === 0 ? 'complete' : 'missing'
  return { asOf: at, verdict, partitions: partitions.length, missing }
}

/** Source offsets still to copy of a partition whose next offset to copy is `next`; undefined while unknown. */
export function lagOf({ start, end, failure }: ListedPartition, next: number): number | undefined {
  if (failure) return undefined
  if (next >= 0) return Math.max(0, end - Math.max(start ?? 0, next))
  return start === end ? 0 : undefined
}

function missingOf(listed: ListedPartition, progress: Progress): MissingPartition | undefined {
  const { next } = progress
  const lag = lagOf(listed, next)
  if (progress.kind === 'stopped')
    return { listed, why: 'stopped', lag, reason: progress.failure.message, failure: progress.failure }
  if (listed.failure)
    return { listed, why: 'unknown', lag: undefined, reason: listed.failure.message, failure: listed.failure }
  if (progress.kind === 'not-begun') return { listed, why: 'not-begun', lag, reason: progress.reason }
  if (next >= listed.end) return undefined
  const reason = `copied up to offset ${next} of ${listed.end}`
  return { listed, why: next >= listed.stableEnd ? 'open-transaction' : 'copying', lag, reason }
}

/** Whether a partition needs a manual action: retries do not help. */
function needsPerson({ listed, why, failure }: MissingPartition): boolean {
  if (listed.isGone) return true
  if (why !== 'stopped' || !failure) return false
  const { verdict } = failures[failure.code]
  return verdict === 'quarantine' || verdict === 'halt'
}

/** Whether only partitions that need a manual action are left. */
export function isStuck({ missing }: Pick<Assessment, 'missing'>): boolean {
  return missing.length > 0 && missing.every(needsPerson)
}

const words: Readonly<Record<MissingPartition['why'], string>> = {
  copying: 'being copied',
  'not-begun': 'waiting',
  'open-transaction': 'behind an open transaction of the source',
  stopped: 'stopped by a problem',
  unknown: 'without a known end on the source',
}

/** The reason for a flow that selects no topic. */
export const nothingSelected = 'the flow selects no topic of the source'

/** Why an assessment is not complete: one message per kind, with an example. */
export function reasonsOf({ verdict, missing }: Assessment): string[] {
  if (verdict === 'nothing-selected') return [nothingSelected]
  return [...Map.groupBy(missing, ({ why }) => why)].map(([why, all]) => {
    const [first] = all
    const example = first ? ` (${first.listed.topic}-${first.listed.partition}: ${first.reason})` : ''
    return `${counted(all.length, 'partition')} ${plural(all.length, 'is', 'are')} ${words[why]}${example}`
  })
}

/** Result of a check. */
export interface Checked {
  readonly listing: SourceListing
  readonly assessment: Assessment
  /** listed partitions by `topic-partition` */
  readonly listed: ReadonlyMap<string, ListedPartition>
  /** partitions with records after the last stable offset, and since when that offset has not changed (ms since the epoch) */
  readonly heldBack: ReadonlyMap<string, { readonly offset: number; readonly since: number }>
}
