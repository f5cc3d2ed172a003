// Compares where both sides of a partition end with what is stored for the flow; no record is read.
import { sleep } from '../base/retry.ts'
import { graver, type PartitionOutcome } from './outcome.ts'
import type { FixedRange } from './partition-check.ts'
import type { Side } from './read/side.ts'
import type { StoredPlace } from './stored.ts'

export interface OffsetCheckParts {
  readonly range: FixedRange
  readonly outcome: PartitionOutcome
  readonly target: Side
  /** uuid texts; empty where a cluster has none */
  readonly ids: { readonly source: string; readonly target: string }
  readonly waitMs: number
  readonly stored: () => Promise<StoredPlace | undefined>
  /** whether what lies between the stored place and the end is nothing that a consumer sees; undefined when nothing is stored */
  readonly isCopied: () => Promise<boolean | undefined>
  readonly signal: AbortSignal
}

/** Waits until what is stored has reached the end of the range, else says how far it is. @throws Failure when it cannot be read */
export async function checkOffsets(parts: OffsetCheckParts): Promise<void> {
  const { range, outcome, waitMs, signal } = parts
  const until = Date.now() + waitMs
  outcome.source = { from: range.sourceStart, to: range.sourceEnd }
  outcome.target = { from: range.targetStart, to: range.targetEnd }
  if (range.sourceStart === range.sourceEnd && range.targetStart === range.targetEnd) return
  while ((await parts.isCopied()) !== true && Date.now() < until && !signal.aborted) await sleep(200, signal)
  const place = await parts.stored()
  if (!place) return late(outcome, 'nothing is stored of this partition: neither godwit nor MirrorMaker 2 has begun it')
  if ((await parts.isCopied()) !== true)
    late(outcome, `copied up to source offset ${place.sourceNext}, of ${range.sourceEnd}`)
  if (place.by === 'godwit') comparePosition(parts, place, await parts.target.end())
}

function comparePosition(
  { outcome, ids }: OffsetCheckParts,
  { position }: StoredPlace & { by: 'godwit' },
  end: number,
): void {
  const { targetNext, sourceTopicId, targetTopicId } = position
  if (end < targetNext)
    different(outcome, `the target ends at offset ${end}, but had reached ${targetNext}: acknowledged records are gone`)
  if (sourceTopicId !== '' && ids.source !== '' && sourceTopicId !== ids.source)
    different(outcome, 'the source topic was deleted and made anew since it was copied')
  if (targetTopicId !== '' && ids.target !== '' && targetTopicId !== ids.target)
    different(outcome, 'the target topic was deleted and made anew since it was filled')
}

function late(outcome: PartitionOutcome, note: string): void {
  outcome.verdict = graver(outcome.verdict, 'notYet')
  outcome.late = note
}

function different(outcome: PartitionOutcome, sentence: string): void {
  outcome.differences.push({ kind: 'truncated', sentence })
  outcome.verdict = 'different'
}
