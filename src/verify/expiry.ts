// Oldest records that the target has deleted: not a difference if the source is about to delete them as well.
import { moreSevere, type OffsetRange, type PartitionOutcome } from './outcome.ts'
import type { PartitionSide } from './read/side.ts'

interface ExpiryParts {
  readonly source: PartitionSide
  /** retention.ms of the source; undefined: no time limit, or not known */
  readonly retentionMs: number | undefined
}

/**
 * The first source offset whose record is younger than the source's retention.ms; the source may delete earlier ones at any time.
 * 0 if records do not expire, Infinity if all have expired. @throws Failure when the source does not answer
 */
export async function firstKept({ source, retentionMs }: ExpiryParts): Promise<number> {
  if (retentionMs === undefined) return 0
  return (await source.since(Date.now() - retentionMs)) ?? Number.POSITIVE_INFINITY
}

/** Adds to the outcome that the target has deleted the copies of these source offsets. @throws Failure when the source does not answer */
export async function noteDeleted(
  parts: ExpiryParts,
  outcome: PartitionOutcome,
  { from, to }: OffsetRange,
  targetStart: number,
): Promise<void> {
  const kept = Math.max(from, await firstKept(parts))
  if (kept > from)
    outcome.notes.push(
      `source offsets ${from} to ${Math.min(kept, to) - 1} cannot be compared: the target has deleted them; they are older than retention.ms=${parts.retentionMs} of the source`,
    )
  if (kept >= to) return
  outcome.differences.push({
    ...{ kind: 'deleted', sourceOffset: kept, records: to - kept },
    sentence: `source offsets ${kept} to ${to - 1} are not on the target any more: its log begins at offset ${targetStart}, so retention or a deletion has removed their copies`,
  })
  outcome.verdict = moreSevere(outcome.verdict, 'different')
}
