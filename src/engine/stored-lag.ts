// The lag of a flow without running it: compares the positions stored on the target with the source listing. Read-only. Also which
// stored topics a run would refuse.
import { Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import { lagOf } from '../completeness/assess.ts'
import { type ListedPartition, listSource } from '../completeness/source-listing.ts'
import { Admin } from '../kafka/admin.ts'
import { Cluster, type ClusterMetadata } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { newReplicationPolicy, type ReplicationPolicy } from '../mirror/replication-policy.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import { openStoredProgress } from '../state/open-state.ts'
import type { StoredProgress } from '../state/stored-progress.ts'

export { type StoredTopics, storedTopics } from './positions/stored-topics.ts'

export interface StoredLag {
  readonly topic: string
  readonly partition: number
  /** next source offset to copy; undefined: nothing is stored, copying has not started */
  readonly position: number | undefined
  /** end of the partition on the source: its high watermark; -1 while unknown */
  readonly end: number
  /** source offsets still to copy; null while unknown */
  readonly lag: number | null
  /** why the lag cannot be relied on; undefined where it can */
  readonly why?: string
}

export interface StoredLags {
  /** whether the flow selects any source topic */
  readonly selectsTopic: boolean
  readonly partitions: readonly StoredLag[]
}

export interface StoredLagParts {
  readonly settings: FlowSettings
  readonly sourceAdmin: ClusterSettings
  readonly targetAdmin: ClusterSettings
  /** settings to read and write records on the target */
  readonly targetCluster: ClusterSettings
  readonly log: Logger
}

/**
 * The lag of every source partition that the flow has to deliver, by the positions that godwit, or MirrorMaker 2 before it, stored
 * last; about a second old while godwit runs.
 * @throws Failure when a cluster does not answer, or the stored state cannot be read
 */
export async function storedLag(parts: StoredLagParts): Promise<StoredLags> {
  await using source = new Cluster(parts.sourceAdmin, parts.log)
  await using target = new Cluster(parts.targetAdmin, parts.log)
  const { settings } = parts
  const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
  const [listing, state, there] = await Promise.all([
    listSource({
      ...{ settings, policy, sourceAdmin: new Admin(source) },
      metadata: () => source.metadata(),
      metadataOf: (topics) => source.metadata(topics),
      needsStart: () => true,
    }),
    loadedState(parts, target),
    target.metadata(),
  ])
  const ends = await targetEnds(listing.partitions, { policy, settings, there, target })
  const partitions = listing.partitions.map((listed) => {
    const targetTopic = policy.formatRemoteTopic(settings.sourceAlias, listed.topic)
    const position = state.nextOffset(listed.topic, listed.partition, listed.topicId)
    const { topic, partition, end, start = 0 } = listed
    const why = whyUnknown(listed, { position, targetTopic, state, there, ends })
    const lag = lagOf(listed, position ?? start) ?? null
    return { topic, partition, position, end, lag, ...(why !== undefined && { why }) }
  })
  return { selectsTopic: listing.selectsTopic, partitions }
}

function whyUnknown(
  { topic, partition, failure }: ListedPartition,
  found: {
    readonly position: number | undefined
    readonly targetTopic: string
    readonly state: StoredProgress
    readonly there: ClusterMetadata
    readonly ends: Ends
  },
): string | undefined {
  const { position, targetTopic, state, there, ends } = found
  if (failure) return `the source did not return the end offset of partition ${partition}: ${failure.message}`
  const copy = there.topics.get(targetTopic)
  if (!copy) return `target topic ${targetTopic} does not exist${position === undefined ? ' yet' : ' any more'}`
  if (partition >= copy.partitions.length) return `target topic ${targetTopic} has no partition ${partition} yet`
  if (position === undefined) return `copying of partition ${partition} has not started`
  if (state.isOtherTarget(topic, partition, copy.topicId))
    return `target topic ${targetTopic} was recreated after records were copied into it`
  const [had, end] = [state.targetEnd(topic, partition), ends.get(topicPartitionKey(targetTopic, partition))]
  if (end instanceof Failure)
    return `the target did not return the end offset of partition ${partition}: ${end.message}`
  if (had !== undefined && end && end.offset < had)
    return `target partition ${targetTopic}-${partition} ends at ${end.offset}, but had reached ${had}: it has lost records`
  return undefined
}

type Ends = Awaited<ReturnType<Admin['listOffsets']>>

/** End offsets of the existing target partitions, read after the stored positions: they can only have grown since. */
function targetEnds(
  partitions: readonly ListedPartition[],
  parts: {
    readonly policy: ReplicationPolicy
    readonly settings: FlowSettings
    readonly there: ClusterMetadata
    readonly target: Cluster
  },
): Promise<Ends> {
  const { policy, settings, there, target } = parts
  const wanted = partitions
    .map(({ topic, partition }) => ({ topic: policy.formatRemoteTopic(settings.sourceAlias, topic), partition }))
    .filter(({ topic, partition }) => partition < (there.topics.get(topic)?.partitions.length ?? 0))
  return new Admin(target).listOffsets(
    wanted.map((one) => ({ ...one, at: 'latest' as const })),
    'read_uncommitted',
    there,
  )
}

async function loadedState({ settings, targetCluster, log }: StoredLagParts, target: Cluster): Promise<StoredProgress> {
  const state = openStoredProgress({ settings, target, targetCluster, log }, 'look')
  try {
    await state.load()
  } finally {
    await state.close()
  }
  return state
}
