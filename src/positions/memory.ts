// Reads the stored positions of a flow, and compares them with both clusters: whether they still belong to the current topics.
import { Failure } from '../base/failure.ts'
import { silentLogger } from '../base/logger.ts'
import { type TopicPartition, topicPartitionKey } from '../base/topic-partition.ts'
import { Admin } from '../kafka/admin.ts'
import { Cluster, type ClusterMetadata } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { newReplicationPolicy } from '../mirror/replication-policy.ts'
import { shouldReplicate } from '../mirror/topic-selection.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import { type StoredPosition, StoredPositions } from '../state/open-state.ts'

/**
 * How a topic relates to the stored position. same: it is still that topic; new: no stored position names it; recreated: it was deleted
 * and created again; gone: the topic (or partition) no longer exists
 */
export type TopicStanding = 'same' | 'new' | 'recreated' | 'gone'

/** The stored position of one partition, and the current state of its topics. */
export interface PartitionPositions extends TopicPartition {
  readonly targetTopic: string
  readonly stored: StoredPosition
  /** whether a record of it is stored, readable or not */
  readonly isStored: boolean
  /** next source offset by the stored position; undefined: nothing is stored */
  readonly next: number | undefined
  readonly sourceStanding: TopicStanding
  readonly targetStanding: TopicStanding
  /** the target topic of the position, if it is not the one of the current configuration */
  readonly otherTargetTopic?: string
  /** current offsets of the source; undefined if the partition does not exist or has no leader */
  readonly sourceStart: number | undefined
  readonly sourceEnd: number | undefined
}

/** The stored positions of a flow. */
export interface FlowPositions {
  readonly targetClusterId: string
  /** sorted; those that the flow selects, and those that have a stored position */
  readonly partitions: readonly PartitionPositions[]
  /** ids of source topics by name, '' if the cluster has none */
  readonly sourceIds: ReadonlyMap<string, string>
  /** records that could not be read */
  readonly unreadable: readonly Failure[]
}

export interface FlowClustersParts {
  readonly settings: FlowSettings
  readonly sourceAdmin: ClusterSettings
  readonly targetAdmin: ClusterSettings
  /** connection for reading and writing records on the target */
  readonly targetCluster: ClusterSettings
}

/** Both clusters of a flow, open for as long as a command needs them. */
export class FlowClusters implements AsyncDisposable {
  readonly parts: FlowClustersParts
  readonly source: Cluster
  readonly target: Cluster

  constructor(parts: FlowClustersParts) {
    this.parts = parts
    this.source = new Cluster(parts.sourceAdmin, silentLogger)
    this.target = new Cluster(parts.targetAdmin, silentLogger)
  }

  /** Arguments for opening the flow's state. */
  get state() {
    const { settings, targetCluster } = this.parts
    return { settings, targetCluster, target: this.target, log: silentLogger }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.source.close(), this.target.close()])
  }
}

/** Reads all stored positions. @throws Failure when a cluster does not answer, or a topic has the wrong cleanup policy */
export async function readFlowPositions(clusters: FlowClusters): Promise<FlowPositions> {
  const { settings } = clusters.parts
  await using stored = await StoredPositions.open(clusters.state, 'look')
  const [here, there] = await Promise.all([clusters.source.metadata(), clusters.target.metadata()])
  const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
  const places = placesOf(stored, here, (topic) => shouldReplicate(topic, settings, policy).replicate)
  const ranges = await rangesOf(clusters, places, here)
  const known = new Set(stored.partitions.map(({ topic, partition }) => topicPartitionKey(topic, partition)))
  const partitions = places.map((place) => {
    const targetTopic = policy.formatRemoteTopic(settings.sourceAlias, place.topic)
    const own = stored.of(place.topic, place.partition)
    const isStored = known.has(topicPartitionKey(place.topic, place.partition))
    return {
      ...place,
      targetTopic,
      stored: own,
      isStored,
      ...standingOf(place, targetTopic, own, { here, there }),
      ...ranges(place),
    }
  })
  const sourceIds = new Map([...here.topics.values()].map(({ name, topicId }) => [name, topicId]))
  return { targetClusterId: there.clusterId, partitions, sourceIds, unreadable: stored.unreadable }
}

/**
 * Offsets of the first records with this time or a later one (ms since the epoch), by `topic-partition`; partitions without such a
 * record are left out. @throws Failure when offsets of a partition cannot be read
 */
export async function offsetsAtTime(
  clusters: FlowClusters,
  partitions: readonly TopicPartition[],
  at: number,
): Promise<ReadonlyMap<string, number>> {
  const asked = partitions.map(({ topic, partition }) => ({ topic, partition, at }))
  const found = await new Admin(clusters.source).listOffsets(asked, 'read_uncommitted')
  const offsets = new Map<string, number>()
  for (const [key, one] of found) {
    if (one instanceof Failure) throw one
    if (one.offset >= 0) offsets.set(key, one.offset)
  }
  return offsets
}

function placesOf(stored: StoredPositions, here: ClusterMetadata, isSelected: (topic: string) => boolean) {
  const found = new Map<string, TopicPartition>()
  for (const place of stored.partitions) found.set(topicPartitionKey(place.topic, place.partition), place)
  for (const { name: topic, error, partitions } of here.topics.values()) {
    if (error !== 0 || !isSelected(topic)) continue
    for (const { index: partition } of partitions) found.set(topicPartitionKey(topic, partition), { topic, partition })
  }
  return [...found.values()].sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  )
}

async function rangesOf(clusters: FlowClusters, partitions: readonly TopicPartition[], here: ClusterMetadata) {
  const existing = partitions.filter(({ topic, partition }) => isThere(here, topic, partition))
  const admin = new Admin(clusters.source)
  const ask = (at: 'earliest' | 'latest') =>
    admin.listOffsets(
      existing.map(({ topic, partition }) => ({ topic, partition, at })),
      'read_uncommitted',
    )
  const [starts, ends] =
    existing.length > 0 ? await Promise.all([ask('earliest'), ask('latest')]) : [new Map(), new Map()]
  const offset = (of: typeof starts, { topic, partition }: TopicPartition): number | undefined => {
    const found: { offset: number } | Failure | undefined = of.get(topicPartitionKey(topic, partition))
    return found === undefined || found instanceof Failure ? undefined : found.offset
  }
  return (place: TopicPartition) => ({ sourceStart: offset(starts, place), sourceEnd: offset(ends, place) })
}

type Standing = Pick<PartitionPositions, 'next' | 'sourceStanding' | 'targetStanding' | 'otherTargetTopic'>

function standingOf(
  { topic, partition }: TopicPartition,
  targetTopic: string,
  { position, beginning, mm2Offset }: StoredPosition,
  { here, there }: { readonly here: ClusterMetadata; readonly there: ClusterMetadata },
): Standing {
  const anchor = position ?? beginning
  const behind = mm2Offset === undefined ? undefined : mm2Offset + 1
  const next = anchor ? Math.max(anchor.sourceNext, behind ?? 0) : behind
  const sourceStanding = isThere(here, topic, partition) ? topicStanding(anchor?.sourceTopicId, here, topic) : 'gone'
  const targetStanding = topicStanding(position?.targetTopicId, there, targetTopic)
  const other = targetStanding === 'same' || !position ? undefined : nameOf(there, position.targetTopicId)
  return { next, sourceStanding, targetStanding, ...(other !== undefined && { otherTargetTopic: other }) }
}

function topicStanding(id: string | undefined, at: ClusterMetadata, topic: string): TopicStanding {
  const known = at.topics.get(topic)
  if (known?.error !== 0) return 'gone'
  if (id === undefined) return 'new'
  return id === '' || known.topicId === '' || id === known.topicId ? 'same' : 'recreated'
}

/** The name of the topic with this id; ids are never used again. */
function nameOf(at: ClusterMetadata, id: string): string | undefined {
  return id === '' ? undefined : [...at.topics.values()].find(({ topicId }) => topicId === id)?.name
}

const isThere = (at: ClusterMetadata, topic: string, partition: number): boolean =>
  at.topics.get(topic)?.partitions.some(({ index }) => index === partition) === true
