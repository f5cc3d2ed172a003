// Topics of a cluster: partitions, configs, where the logs begin and end, how old their records are.
import { Failure } from '../../base/failure.ts'
import { topicPartitionKey } from '../../base/topic-partition.ts'
import type { Admin, ConfigEntry, ListedOffset } from '../../kafka/admin.ts'
import type { TopicMetadata } from '../../kafka/cluster.ts'

/** What ListOffsets takes for the record with the greatest timestamp (KIP-734). */
const MAX_TIMESTAMP = -3

interface PartitionOffsets {
  readonly earliest: number
  /** the high watermark */
  readonly latest: number
  /** the last stable offset: read_committed consumers cannot read beyond it while a transaction is open */
  readonly stable: number
  /** timestamp of the first record, ms since the epoch; -1 without records, or without timestamps */
  readonly oldestAt: number
  /** greatest timestamp of all records, ms since the epoch; -1 as above. Brokers before 3.0 tell a smaller one */
  readonly newestAt: number
}

/** Offsets are absent where the topic was not selected, or the leader does not answer. */
export interface PartitionFacts extends Partial<PartitionOffsets> {
  readonly index: number
  readonly replicas: readonly number[]
  /** size of the leader's replica; absent where the brokers do not tell */
  readonly bytes?: number
}

export interface TopicFacts {
  readonly name: string
  readonly partitions: readonly PartitionFacts[]
  /** absent where the topic was not selected, or its configs cannot be read */
  readonly configs?: readonly ConfigEntry[]
  /** why its configs cannot be read */
  readonly configsFailure?: Failure
}

/** What was read about the partitions and configs of topics, beside the metadata; a part that is absent was not read. */
interface TopicReadings {
  /** by topic */
  readonly configs?: ReadonlyMap<string, readonly ConfigEntry[] | Failure> | undefined
  /** by `topic-partition` */
  readonly offsets?: ReadonlyMap<string, PartitionOffsets> | undefined
  /** bytes of the leader's replica, by `topic-partition` */
  readonly bytes?: ReadonlyMap<string, number> | undefined
}

/** Puts together what is known of a topic. */
export function topicFacts({ name, partitions }: TopicMetadata, readings: TopicReadings): TopicFacts {
  const configs = readings.configs?.get(name)
  return {
    name,
    ...(configs instanceof Failure ? { configsFailure: configs } : configs && { configs }),
    partitions: partitions.map(({ index, replicas }) => {
      const key = topicPartitionKey(name, index)
      const bytes = readings.bytes?.get(key)
      return { index, replicas, ...readings.offsets?.get(key), ...(bytes !== undefined && { bytes }) }
    }),
  }
}

/** The value of a config, whether it was set or is a default; undefined where it is not known. */
export function configOf(configs: readonly ConfigEntry[] | undefined, name: string): string | undefined {
  return configs?.find((entry) => entry.name === name)?.value ?? undefined
}

/**
 * Reads the offsets of these topics.
 * @returns by `topic-partition`; partitions whose leader does not answer are left out
 * @throws Failure when no broker gives metadata
 */
export async function readOffsets(
  admin: Pick<Admin, 'listOffsets'>,
  topics: readonly TopicMetadata[],
): Promise<Map<string, PartitionOffsets>> {
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
  const found = new Map<string, PartitionOffsets>()
  for (const { topic, partition } of places) {
    const key = topicPartitionKey(topic, partition)
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
