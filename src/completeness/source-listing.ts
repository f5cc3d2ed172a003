// What a flow has to deliver, by the source's own listing at one moment: the topics it selects, their partitions and where each ends.
import { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { Admin, ListedOffset } from '../kafka/admin.ts'
import type { ClusterMetadata, TopicMetadata } from '../kafka/cluster.ts'
import { errorCodes } from '../kafka/wire-errors.ts'
import type { ReplicationPolicy } from '../mirror/replication-policy.ts'
import { namesIn, shouldReplicate } from '../mirror/topic-selection.ts'
import type { FlowSettings } from '../model/flow-settings.ts'

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
  /** whether the lists of the flow take any topic; heartbeats are copied whatever they say, and prove nothing */
  readonly selectsTopic: boolean
  readonly partitions: readonly ListedPartition[]
}

interface ListingParts {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  /** a reading of the source's metadata that was begun after the question was put */
  readonly metadata: () => Promise<ClusterMetadata>
  /** that of these topics, which tells of topics that the login may not see too */
  readonly metadataOf: (topics: readonly string[]) => Promise<ClusterMetadata>
  readonly sourceAdmin: Pick<Admin, 'listOffsets'>
  /** whether the log start of a partition is needed too */
  readonly needsStart: (topic: TopicMetadata, partition: number) => boolean
}

/** The topics of a reading of the source that the flow has to deliver. */
export function selectedTopics(
  metadata: ClusterMetadata,
  settings: FlowSettings,
  policy: ReplicationPolicy,
): TopicMetadata[] {
  return [...metadata.topics.values()].filter(({ name }) => shouldReplicate(name, settings, policy).replicate)
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
  const topics = selectedTopics(metadata, settings, policy)
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
  const hidden = await hiddenTopics(metadata, parts)
  const isIncluded = ({ name }: TopicMetadata) => shouldReplicate(name, settings, policy).why === 'included'
  return { at, selectsTopic: hidden.length > 0 || topics.some(isIncluded), partitions: [...partitions, ...hidden] }
}

/** Topics that the file names and the login may not describe: a listing of all topics leaves them out without a word. */
async function hiddenTopics(
  metadata: ClusterMetadata,
  { settings, policy, metadataOf }: ListingParts,
): Promise<ListedPartition[]> {
  const absent = namesIn(settings.topics).filter(
    (name) => !metadata.topics.has(name) && shouldReplicate(name, settings, policy).replicate,
  )
  if (absent.length === 0) return []
  const { topics } = await metadataOf(absent)
  return absent
    .filter((topic) => topics.get(topic)?.error === errorCodes.TOPIC_AUTHORIZATION_FAILED)
    .map((topic) => ({
      ...{ topic, topicId: '', partition: 0, start: undefined, end: -1, stableEnd: -1 },
      failure: new Failure(
        'NOT_AUTHORIZED',
        `the login of cluster ${settings.source} may not describe topic ${topic}`,
        {
          ...{ cluster: settings.source, topic },
          remedy: `grant it Describe, DescribeConfigs and Read on topic ${topic}, or take ${topic} out of topics`,
        },
      ),
    }))
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
  return new Failure('LEADER_MOVED', `the source did not return the end offset of ${topic}-${partition}`, {
    topic,
    partition,
  })
}
