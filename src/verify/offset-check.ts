// Compares where both sides of a partition end with what is stored for the flow. A record is read only where offsets do not settle it.
import { sleep } from '../base/retry.ts'
import { graver, type PartitionOutcome } from './outcome.ts'
import type { Side } from './read/side.ts'
import type { FixedRange } from './scope/ranges.ts'
import { nothingStored, type StoredPlace } from './scope/stored.ts'
import { lastCopied } from './start-together.ts'

interface OffsetCheckParts {
  readonly range: FixedRange
  readonly outcome: PartitionOutcome
  readonly source: Side
  readonly target: Side
  readonly withTime: boolean
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
  outcome.source = { ...outcome.source, to: range.sourceEnd }
  outcome.target = { ...outcome.target, to: range.targetEnd }
  if (range.start.by === 'unknown') unknownStart(outcome)
  if (range.sourceStart === range.sourceEnd && range.targetStart === range.targetEnd) return
  while ((await parts.isCopied()) !== true && Date.now() < until && !signal.aborted) await sleep(200, signal)
  const place = await parts.stored()
  if (!place) return late(outcome, nothingStored)
  if ((await parts.isCopied()) !== true)
    return late(outcome, `copied up to source offset ${place.sourceNext} of ${range.sourceEnd}`)
  if (!isAsMany(range, place)) await lastMustBeThere(parts)
}

/** Both sides hold as many offsets of the copy, by the position: nothing can be missing. */
function isAsMany({ start, sourceStart, targetStart }: FixedRange, place: StoredPlace): boolean {
  if (place.by !== 'godwit' || start.by === 'unknown' || targetStart > start.target) return false
  const { sourceNext, targetNext } = place.position
  // Where the log of the source began at that time is stored, or is its very beginning.
  const isKnown = start.by === 'stored' || sourceStart === 0
  return isKnown && targetNext - start.target === sourceNext - start.source
}

/** What is stored says that everything was copied, but the offsets do not bear it out by themselves. */
async function lastMustBeThere(parts: OffsetCheckParts): Promise<void> {
  const { range, outcome, target } = parts
  const { start, sourceStart, sourceEnd, targetStart } = range
  const from = { source: Math.max(sourceStart, start.source), target: Math.max(targetStart, start.target) }
  const last = await lastCopied(parts, from, sourceEnd, (await target.end()) - 1)
  if (last === 'none') return
  if (last !== 'missing') {
    outcome.target = { ...outcome.target, to: Math.max(outcome.target.to, last.targetOffset + 1) }
    return
  }
  const sentence = `the stored position says that everything before source offset ${sourceEnd} was copied, but the last record before it is not on the target`
  outcome.differences.push({ kind: 'missing', sentence })
  outcome.verdict = 'different'
}

function unknownStart(outcome: PartitionOutcome): void {
  outcome.verdict = graver(outcome.verdict, 'incomplete')
  outcome.notes.push(
    'where copying of this partition began is not stored and does not follow from the configuration: whether the first records had to be copied is not known',
  )
}

function late(outcome: PartitionOutcome, note: string): void {
  outcome.verdict = graver(outcome.verdict, 'notYet')
  outcome.late = note
}
