// Where the logs of partitions begin and end, how far read_committed readers get, and how old their records are.
import { Failure } from '../../base/failure.ts'
import type { Admin, ListedOffset } from '../../kafka/admin.ts'
import type { TopicMetadata } from '../../kafka/cluster.ts'

/** What ListOffsets takes for the record with the greatest timestamp (KIP-734). */
const MAX_TIMESTAMP = -3

export interface OffsetFacts {
  readonly earliest: number
  /** the high watermark */
  readonly latest: number
  /** the last stable offset: open transactions hide what lies behind it from read_committed */
  readonly stable: number
  /** timestamp of the first record, ms since the epoch; -1 without records, or without timestamps */
  readonly oldestAt: number
  /** greatest timestamp of all records, ms since the epoch; -1 as above. Brokers before 3.0 tell a smaller one */
  readonly newestAt: number
}

/** Key: `topic-partition`; partitions whose leader does not answer are left out. @throws Failure when no broker gives metadata */
export async function offsetsOf(
  admin: Pick<Admin, 'listOffsets'>,
  topics: readonly TopicMetadata[],
): Promise<Map<string, OffsetFacts>> {
  const places = topics.flatMap(({ name: topic, partitions }) =>
    partitions.filter(({ leader }) => leader >= 0).map(({ index: partition }) => ({ topic, partition })),
  )
  const at = (time: 'earliest' | 'latest' | number) => places.map((place) => ({ ...place, at: time }))
  const [earliest, latest, stable, oldest, newest] = await Promise.all([
    admin.listOffsets(at('earliest'), 'read_uncommitted'),
    admin.listOffsets(at('latest'), 'read_uncommitted'),
    admin.listOffsets(at('latest'), 'read_committed'),
    // The first record that is not older than 1970.
    admin.listOffsets(at(0), 'read_uncommitted'),
    admin.listOffsets(at(MAX_TIMESTAMP), 'read_uncommitted'),
  ])
  const found = new Map<string, OffsetFacts>()
  for (const { topic, partition } of places) {
    const key = `${topic}-${partition}`
    const [first, end, seen] = [earliest.get(key), latest.get(key), stable.get(key)]
    if (!isListed(first) || !isListed(end) || !isListed(seen)) continue
    const [oldestAt, newestAt] = [timeOf(oldest.get(key)), timeOf(newest.get(key))]
    found.set(key, { earliest: first.offset, latest: end.offset, stable: seen.offset, oldestAt, newestAt })
  }
  return found
}

function timeOf(one: ListedOffset | Failure | undefined): number {
  return isListed(one) && one.offset >= 0 ? one.timestamp : -1
}

function isListed(one: ListedOffset | Failure | undefined): one is ListedOffset {
  return one !== undefined && !(one instanceof Failure)
}
