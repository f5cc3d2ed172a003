// What a flow has to deliver, listed from the source at one moment: the selected topics, their partitions and end offsets.
import { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { Admin, ListedOffset } from '../kafka/admin.ts'
import type { ClusterMetadata, TopicMetadata } from '../kafka/cluster.ts'
import { errorCodes } from '../kafka/wire-errors.ts'
import type { ReplicationPolicy } from '../mirror/replication-policy.ts'
import { namesIn, selectsAny, shouldReplicate } from '../mirror/topic-selection.ts'
import type { FlowSettings } from '../model/flow-settings.ts'

export interface ListedPartition {
  readonly topic: string
  /** uuid text; '' where the cluster has no topic ids */
  readonly topicId: string
  readonly partition: number
  /** log start; undefined where it was not requested */
  readonly start: number | undefined
  /** high watermark: everything below it was on the source */
  readonly end: number
  /** last stable offset; the same as `end` under read_uncommitted, or where no transaction is open */
  readonly stableEnd: number
  /** why its end offset is unknown; `end` is -1 then */
  readonly failure?: Failure
  /** it was copied, and the source no longer lists it */
  readonly isGone?: true
}

export interface SourceListing {
  /** start of the listing, ms since the epoch: it includes all records that the source acknowledged before */
  readonly at: number
  /** whether the flow's lists select any topic; heartbeats do not count, they are copied anyway */
  readonly selectsTopic: boolean
  readonly partitions: readonly ListedPartition[]
}

interface ListingParts {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  /** source metadata, requested after this call */
  readonly metadata: () => Promise<ClusterMetadata>
  /** metadata of these topics, which includes an error for topics that the user may not describe */
  readonly metadataOf: (topics: readonly string[]) => Promise<ClusterMetadata>
  readonly sourceAdmin: Pick<Admin, 'listOffsets'>
  /** whether the log start of a partition is needed */
  readonly needsStart: (topic: TopicMetadata, partition: number) => boolean
}

/** The topics of the source metadata that the flow has to deliver. */
export function selectedTopics(
  metadata: ClusterMetadata,
  settings: FlowSettings,
  policy: ReplicationPolicy,
): TopicMetadata[] {
  return [...metadata.topics.values()].filter(({ name }) => shouldReplicate(name, settings, policy).replicate)
}

/**
 * Lists the source now: topics by the selection of the flow, end offsets by its isolation level. A partition whose leader does not
 * answer has a failure instead of its end offset.
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
  // The last stable offsets afterwards, so that records committed in between do not count as held back.
  const stable = settings.isolation === 'read_committed' ? await ask(places, 'latest', 'read_committed') : ends
  const partitions = places.map(({ topic, partition }) => {
    const key = topicPartitionKey(topic.name, partition)
    return listed(topic, partition, { end: ends.get(key), stable: stable.get(key), start: starts.get(key) })
  })
  const hidden = await hiddenTopics(metadata, parts)
  const isAny = selectsAny(
    topics.map(({ name }) => name),
    settings,
    policy,
  )
  return { at, selectsTopic: hidden.length > 0 || isAny, partitions: [...partitions, ...hidden] }
}

/** Topics that the file names and the user may not describe: a listing of all topics leaves them out without an error. */
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
  const base = { topic, topicId, partition }
  const failure = [end, stable, start].find((one) => one instanceof Failure)
  if (failure instanceof Failure || !end || end instanceof Failure || !stable || stable instanceof Failure)
    return { ...base, start: undefined, end: -1, stableEnd: -1, failure: failureOf(failure, topic, partition) }
  return {
    ...base,
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
