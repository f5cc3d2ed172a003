// How far a flow is behind, told without running it: what is stored on the target against the ends of the source. Changes nothing.
import { Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { Admin } from '../kafka/admin.ts'
import { Cluster, type TopicMetadata } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { FlowSettings } from '../mirror/flow-settings.ts'
import { newReplicationPolicy } from '../mirror/replication-policy.ts'
import { startAtOf, startTime } from '../mirror/start.ts'
import { topicPartitionKey } from '../mirror/topic-partition.ts'
import { shouldReplicate } from '../mirror/topic-selection.ts'
import { openFlowState } from './open-state.ts'

export interface StoredLag {
  readonly topic: string
  readonly partition: number
  /** next source offset to copy; undefined: nothing is stored, it would begin where the configuration says */
  readonly position: number | undefined
  /** end of the source as the flow reads it: high watermark, or last stable offset */
  readonly end: number
  /** source offsets still to copy */
  readonly lag: number
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
 * The lag of every partition the flow would copy, as of what godwit, or MirrorMaker 2 before it, has stored last: about a second
 * ago while godwit runs. @throws Failure when a cluster does not answer, a partition has no leader, or what is stored cannot be read
 */
export async function storedLag(parts: StoredLagParts): Promise<StoredLag[]> {
  await using source = new Cluster(parts.sourceAdmin, parts.log)
  await using target = new Cluster(parts.targetAdmin, parts.log)
  const [metadata, stored] = await Promise.all([source.metadata(), placesStored(parts, target)])
  const policy = newReplicationPolicy(parts.settings.policy, parts.settings.source)
  const topics = [...metadata.topics.values()].filter(
    ({ name, error }) => error === 0 && shouldReplicate(name, parts.settings, policy).replicate,
  )
  const ranges = await rangesOf(topics, new Admin(source), parts.settings)
  return topics.flatMap((topic) =>
    topic.partitions.map(({ index }) => {
      const { start, end, begin } = ranges(topic.name, index)
      const position = stored(topic, index)
      const lag = Math.max(0, end - Math.max(start, position ?? begin))
      return { topic: topic.name, partition: index, position, end, lag }
    }),
  )
}

type Places = (topic: TopicMetadata, partition: number) => number | undefined

async function placesStored({ settings, targetCluster, log }: StoredLagParts, target: Cluster): Promise<Places> {
  const state = openFlowState({ settings, target, targetCluster, log }, 'look')
  try {
    await state.load()
  } finally {
    await state.close()
  }
  return ({ name, topicId }, partition) => state.nextOffset(name, partition, topicId)
}

/** Log start, end, and where a partition begins that has no position. */
async function rangesOf(topics: readonly TopicMetadata[], admin: Admin, settings: FlowSettings) {
  const now = Date.now()
  const timeOf = (topic: string) => startTime(startAtOf(settings, topic), now)
  const asked = (at: (topic: string) => 'earliest' | 'latest' | number | undefined) =>
    admin.listOffsets(
      topics.flatMap(({ name, partitions }) => {
        const wanted = at(name)
        return wanted === undefined
          ? []
          : partitions.map(({ index }) => ({ topic: name, partition: index, at: wanted }))
      }),
      settings.isolation,
    )
  const [starts, ends, times] = await Promise.all([asked(() => 'earliest'), asked(() => 'latest'), asked(timeOf)])
  const offset = (of: Awaited<typeof starts>, topic: string, partition: number) => {
    const found = of.get(topicPartitionKey(topic, partition))
    if (found instanceof Failure) throw found
    return found?.offset ?? 0
  }
  return (topic: string, partition: number) => {
    const [start, end] = [offset(starts, topic, partition), offset(ends, topic, partition)]
    const at = startAtOf(settings, topic)
    if (at.kind === 'earliest' || at.kind === 'none') return { start, end, begin: start }
    const found = at.kind === 'latest' ? -1 : offset(times, topic, partition)
    return { start, end, begin: found < 0 ? end : found }
  }
}
