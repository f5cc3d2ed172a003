// How far a flow is behind, without running it: what is stored on the target against the source's own listing. Changes nothing.
import type { Logger } from '../base/logger.ts'
import { lagOf } from '../completeness/assess.ts'
import { type ListedPartition, listSource } from '../completeness/source-listing.ts'
import { Admin } from '../kafka/admin.ts'
import { Cluster, type ClusterMetadata } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { FlowSettings } from '../mirror/flow-settings.ts'
import { newReplicationPolicy } from '../mirror/replication-policy.ts'
import type { FlowState } from './flow-state.ts'
import { openFlowState } from './open-state.ts'

export interface StoredLag {
  readonly topic: string
  readonly partition: number
  /** next source offset to copy; undefined: nothing is stored, it has not been begun */
  readonly position: number | undefined
  /** end of the partition on the source: its high watermark; -1 while unknown */
  readonly end: number
  /** source offsets still to copy; null while unknown */
  readonly lag: number | null
  /** why nothing can be claimed of it; undefined where it can */
  readonly why?: string
}

export interface StoredLagParts {
  readonly settings: FlowSettings
  readonly sourceAdmin: ClusterSettings
  readonly targetAdmin: ClusterSettings
  /** the target, as the one who reads and writes records */
  readonly targetCluster: ClusterSettings
  readonly log: Logger
}

/**
 * The lag of every partition that the source lists now and the flow has to deliver, as of what godwit, or MirrorMaker 2 before it,
 * has stored last: about a second ago while godwit runs.
 * @throws Failure when a cluster does not answer, or what is stored cannot be read
 */
export async function storedLag(parts: StoredLagParts): Promise<StoredLag[]> {
  await using source = new Cluster(parts.sourceAdmin, parts.log)
  await using target = new Cluster(parts.targetAdmin, parts.log)
  const { settings } = parts
  const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
  const [listing, state, there] = await Promise.all([
    listSource({
      ...{ settings, policy, sourceAdmin: new Admin(source) },
      metadata: () => source.metadata(),
      needsStart: () => true,
    }),
    loadedState(parts, target),
    target.metadata(),
  ])
  return listing.partitions.map((listed) => {
    const targetTopic = policy.formatRemoteTopic(settings.sourceAlias, listed.topic)
    const position = state.nextOffset(listed.topic, listed.partition, listed.topicId)
    const { topic, partition, end, start = 0 } = listed
    const why = whyUnknown(listed, { position, targetTopic, state, there })
    const lag = lagOf(listed, position ?? start) ?? null
    return { topic, partition, position, end, lag, ...(why !== undefined && { why }) }
  })
}

function whyUnknown(
  { topic, partition, failure }: ListedPartition,
  found: {
    readonly position: number | undefined
    readonly targetTopic: string
    readonly state: FlowState
    readonly there: ClusterMetadata
  },
): string | undefined {
  const { position, targetTopic, state, there } = found
  if (failure) return `the source does not say where partition ${partition} ends: ${failure.message}`
  const copy = there.topics.get(targetTopic)
  if (!copy) return `target topic ${targetTopic} does not exist${position === undefined ? ' yet' : ' any more'}`
  if (partition >= copy.partitions.length) return `target topic ${targetTopic} has no partition ${partition} yet`
  if (position === undefined) return `partition ${partition} has not been begun`
  if (state.isOtherTarget(topic, partition, copy.topicId))
    return `target topic ${targetTopic} was recreated since it was copied into`
  return undefined
}

async function loadedState({ settings, targetCluster, log }: StoredLagParts, target: Cluster): Promise<FlowState> {
  const state = openFlowState({ settings, target, targetCluster, log }, 'look')
  try {
    await state.load()
  } finally {
    await state.close()
  }
  return state
}
