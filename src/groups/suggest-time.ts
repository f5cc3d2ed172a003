// Chooses the time to reset a target group to, from its committed offsets on the source: not later than any record it has not read, so
// that nothing is skipped.
import { counted, plural } from '../base/counted.ts'
import { mapConcurrently } from '../base/in-turns.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { CommittedOffset } from '../kafka/groups.ts'
import type { OffsetLookup } from './offset-lookup.ts'
import { datetimeText } from './reset-times.ts'
import type { ClusterSide } from './side.ts'

export interface Suggestion {
  /** ms since the epoch */
  readonly at: number
  readonly why: string
  /** records that the group would read again, in source offsets */
  readonly again: number
}

/** Partitions that are read at the same time. */
const AT_ONCE = 8

interface Seen extends CommittedOffset {
  readonly time: number
}

/**
 * The latest time that skips nothing. Undefined when the group has committed nothing that the flow copies.
 * @param committed offsets of the group on the source @throws Failure
 */
export async function suggestTime(
  lookup: OffsetLookup,
  source: ClusterSide,
  committed: readonly CommittedOffset[],
): Promise<Suggestion | undefined> {
  const copied = new Set(lookup.copiedTopics)
  const own = committed.filter(({ topic, offset }) => copied.has(topic) && offset >= 0)
  const next = await timesAt(lookup, own)
  const earliest = next.toSorted((a, b) => a.time - b.time)[0]
  const chosen = earliest ?? (await newestRead(lookup, source, own))
  if (!chosen) return undefined
  const where = `${topicPartitionKey(chosen.topic, chosen.partition)} on cluster ${source.alias}`
  const why = earliest
    ? `the next record it reads, at offset ${chosen.offset} of ${where}, has this timestamp, and no unread record of its other partitions is older`
    : `it has read everything, and the last record it read, in ${where}, has this timestamp`
  return { at: chosen.time, why, again: await readAgain(source, own, chosen.time) }
}

async function timesAt(lookup: OffsetLookup, partitions: readonly CommittedOffset[]): Promise<Seen[]> {
  const seen = await mapConcurrently(partitions, AT_ONCE, async (one) => {
    const time = await lookup.timeOf(one.topic, one.partition, one.offset)
    return time === undefined ? [] : [{ ...one, time }]
  })
  return seen.flat()
}

/** The newest of the last records read: an older time would read more records again. */
async function newestRead(
  lookup: OffsetLookup,
  source: ClusterSide,
  partitions: readonly CommittedOffset[],
): Promise<Seen | undefined> {
  const starts = await source.offsets(partitions, 'earliest')
  const last = partitions.flatMap((one) => {
    const start = starts.get(topicPartitionKey(one.topic, one.partition)) ?? 0
    return one.offset > start ? [{ ...one, offset: one.offset - 1 }] : []
  })
  return (await timesAt(lookup, last)).toSorted((a, b) => b.time - a.time)[0]
}

async function readAgain(source: ClusterSide, partitions: readonly CommittedOffset[], at: number): Promise<number> {
  const found = await source.offsets(partitions, at)
  return partitions.reduce((sum, { topic, partition, offset }) => {
    return sum + Math.max(0, offset - (found.get(topicPartitionKey(topic, partition)) ?? offset))
  }, 0)
}

/** The message for a suggestion. */
export function suggestionText(group: string, { at, why, again }: Suggestion): string {
  const more =
    again === 0 ? 'nothing is read again' : `about ${counted(again, 'record')} ${plural(again, 'is', 'are')} read again`
  return `group ${group}: --to-datetime ${datetimeText(at)} skips nothing: ${why}; ${more}`
}
