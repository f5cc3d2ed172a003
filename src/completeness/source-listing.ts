// What a flow has to deliver, by the source's own listing at one moment: the topics it selects, their partitions and where each ends.
import { Failure } from '../base/failure.ts'
import type { Admin, ListedOffset } from '../kafka/admin.ts'
import type { ClusterMetadata, TopicMetadata } from '../kafka/cluster.ts'
import type { FlowSettings } from '../mirror/flow-settings.ts'
import type { ReplicationPolicy } from '../mirror/replication-policy.ts'
import { topicPartitionKey } from '../mirror/topic-partition.ts'
import { shouldReplicate } from '../mirror/topic-selection.ts'

export interface ListedPartition {
  readonly topic: string
  /** uuid text; '' where the cluster has no topic ids */
  readonly topicId: string
  readonly partition: number
  /** log start; undefined where it was not asked for */
  readonly start: number | undefined
  /** high watermark: everything below it was on the source */
  readonly end: number
  /** last stable offset; the same as `end` under read_uncommitted, or where no transaction is open */
  readonly stableEnd: number
  /** why its end is unknown; `end` is -1 then */
  readonly failure?: Failure
  /** it was copied, and the source does not list it any more */
  readonly isGone?: true
}

export interface SourceListing {
  /** when it was begun, ms since the epoch: records acknowledged by the source before are in it */
  readonly at: number
  readonly partitions: readonly ListedPartition[]
  /** whether the topic lists choose any topic at all; heartbeats are copied whatever they say, and do not count */
  readonly isSelecting: boolean
}

export interface ListingParts {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  /** a reading of the source's metadata that was begun after the question was put */
  readonly metadata: () => Promise<ClusterMetadata>
  readonly sourceAdmin: Pick<Admin, 'listOffsets'>
  /** whether the log start of a partition is needed too */
  readonly needsStart: (topic: TopicMetadata, partition: number) => boolean
}

/**
 * Lists the source now: topics by the selection of the flow, ends by its isolation level. A partition whose leader does not
 * answer has a failure in place of its end.
 * @throws Failure when no broker of the source answers
 */
export async function listSource(parts: ListingParts): Promise<SourceListing> {
  const { settings, policy, sourceAdmin } = parts
  const at = Date.now()
  const metadata = await parts.metadata()
  const selected = [...metadata.topics.values()]
    .map((topic) => ({ topic, selection: shouldReplicate(topic.name, settings, policy) }))
    .filter(({ selection }) => selection.replicate)
  const topics = selected.map(({ topic }) => topic)
  const places = topics.flatMap((topic) =>
    Array.from({ length: Math.max(1, topic.partitions.length) }, (_, partition) => ({ topic, partition })),
  )
  const ask = (wanted: typeof places, which: 'earliest' | 'latest', isolation: FlowSettings['isolation']) =>
    sourceAdmin.listOffsets(
      wanted.map(({ topic, partition }) => ({ topic: topic.name, partition, at: which })),
      isolation,
      metadata,
    )
  const [ends, starts] = await Promise.all([
    ask(places, 'latest', 'read_uncommitted'),
    ask(
      places.filter(({ topic, partition }) => parts.needsStart(topic, partition)),
      'earliest',
      'read_uncommitted',
    ),
  ])
  // The stable ends behind them: what is committed meanwhile must not look as if a transaction held it back.
  const stable = settings.isolation === 'read_committed' ? await ask(places, 'latest', 'read_committed') : ends
  const partitions = places.map(({ topic, partition }) => {
    const key = topicPartitionKey(topic.name, partition)
    return listed(topic, partition, { end: ends.get(key), stable: stable.get(key), start: starts.get(key) })
  })
  return { at, partitions, isSelecting: selected.some(({ selection }) => selection.why === 'included') }
}

type Found = ListedOffset | Failure | undefined

function listed(
  { name: topic, topicId }: TopicMetadata,
  partition: number,
  { end, stable, start }: { end: Found; stable: Found; start: Found },
): ListedPartition {
  const place = { topic, topicId, partition }
  const failure = [end, stable, start].find((one) => one instanceof Failure)
  if (failure instanceof Failure || !end || end instanceof Failure || !stable || stable instanceof Failure)
    return { ...place, start: undefined, end: -1, stableEnd: -1, failure: failureOf(failure, topic, partition) }
  return {
    ...place,
    start: start instanceof Failure ? undefined : start?.offset,
    end: end.offset,
    stableEnd: Math.min(end.offset, stable.offset),
  }
}

function failureOf(failure: unknown, topic: string, partition: number): Failure {
  if (failure instanceof Failure) return failure
  return new Failure('LEADER_MOVED', `the source does not say where ${topic}-${partition} ends`, { topic, partition })
}
