// Compares the ends of both sides of a partition with the stored position of the flow. Records are read only if offsets are not conclusive.
import { sleep } from '../base/retry.ts'
import { moreSevere, type PartitionOutcome } from './outcome.ts'
import type { PartitionSide } from './read/side.ts'
import type { FixedRange } from './scope/ranges.ts'
import { type CopyPosition, nothingStored } from './scope/stored.ts'
import { lastCopied } from './start-together.ts'

interface OffsetCheckParts {
  readonly range: FixedRange
  readonly outcome: PartitionOutcome
  readonly source: PartitionSide
  readonly target: PartitionSide
  readonly withTime: boolean
  readonly waitMs: number
  readonly stored: () => Promise<CopyPosition | undefined>
  /** whether no record visible to consumers is between the stored position and the end; undefined when no position is stored */
  readonly isCopied: () => Promise<boolean | undefined>
  readonly signal: AbortSignal
}

/** Waits until the stored position has reached the end of the range, else notes how far it is. @throws Failure when it cannot be read */
export async function checkOffsets(parts: OffsetCheckParts): Promise<void> {
  const { range, outcome, waitMs, signal } = parts
  const until = Date.now() + waitMs
  outcome.source = { ...outcome.source, to: range.sourceEnd }
  outcome.target = { ...outcome.target, to: range.targetEnd }
  if (range.start.by === 'unknown') unknownStart(outcome)
  if (range.sourceStart === range.sourceEnd && range.targetStart === range.targetEnd) return
  while ((await parts.isCopied()) !== true && Date.now() < until && !signal.aborted) await sleep(200, signal)
  const copyPosition = await parts.stored()
  if (!copyPosition) return late(outcome, nothingStored)
  if ((await parts.isCopied()) !== true)
    return late(outcome, `copied up to source offset ${copyPosition.sourceNext} of ${range.sourceEnd}`)
  if (!hasSameOffsetCount(range, copyPosition)) await lastMustBeThere(parts)
}

/** Both sides have the same number of offsets between the start and the stored position, so nothing can be missing. */
function hasSameOffsetCount({ start, sourceStart, targetStart }: FixedRange, copyPosition: CopyPosition): boolean {
  if (copyPosition.by !== 'godwit' || start.by === 'unknown' || targetStart > start.target) return false
  const { sourceNext, targetNext } = copyPosition.position
  // The start is exact only if it is stored, or if the source log still begins at offset 0.
  const isKnown = start.by === 'stored' || sourceStart === 0
  return isKnown && targetNext - start.target === sourceNext - start.source
}

/** By the stored position everything was copied, but offsets alone do not prove it: looks for the last record on the target. */
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
  outcome.verdict = moreSevere(outcome.verdict, 'incomplete')
  outcome.notes.push(
    'where copying of this partition began is not stored and does not follow from the configuration: whether the first records had to be copied is not known',
  )
}

function late(outcome: PartitionOutcome, note: string): void {
  outcome.verdict = moreSevere(outcome.verdict, 'notYet')
  outcome.late = note
}
