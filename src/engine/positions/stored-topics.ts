// The stored state of a flow's source topics, for commands before a run: which topics a run would continue, and which it would refuse.
import type { Failure } from '../../base/failure.ts'
import { silentLogger } from '../../base/logger.ts'
import type { Cluster, ClusterMetadata, TopicMetadata } from '../../kafka/cluster.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import { newReplicationPolicy } from '../../mirror/replication-policy.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { recreated, renamed, targetDeleted } from '../../replicate/topic-failures.ts'
import { openStoredProgress } from '../../state/open-state.ts'
import type { StoredProgress } from '../../state/stored-progress.ts'
import { nameOfOneOf } from '../target-topics.ts'

export interface StoredTopics {
  /** source topics with a position, by godwit or by Connect */
  readonly known: ReadonlySet<string>
  /** those, and source topics whose positions were forgotten since: the flow has copied something of them */
  readonly copied: ReadonlySet<string>
  /** source topics of which a run copies nothing, and what it says about them */
  readonly refused: ReadonlyMap<string, Failure>
}

/** Checks all topics of the source metadata. @throws Failure when the stored state cannot be read */
export async function storedTopics(
  settings: FlowSettings,
  access: { readonly target: Cluster; readonly targetCluster: ClusterSettings },
  read: { readonly here: ClusterMetadata; readonly there: ClusterMetadata },
): Promise<StoredTopics> {
  const state = openStoredProgress({ settings, ...access, log: silentLogger }, 'look')
  try {
    await state.load()
    const known = new Set<string>()
    const refused = new Map<string, Failure>()
    for (const topic of read.here.topics.values()) {
      const { name, topicId, partitions } = topic
      if (partitions.some(({ index }) => state.nextOffset(name, index, topicId) !== undefined)) known.add(name)
      const failure = refusalOf(state, topic, settings, read.there)
      if (failure) refused.set(name, failure)
    }
    return { known, copied: new Set([...known, ...state.everStoredTopics]), refused }
  } finally {
    await state.close()
  }
}

/** Why a run would refuse the stored positions of a topic: they belong to a topic that was deleted, recreated or renamed. */
function refusalOf(
  state: StoredProgress,
  { name, topicId, partitions }: TopicMetadata,
  settings: FlowSettings,
  there: ClusterMetadata,
): Failure | undefined {
  const { policy, sourceAlias } = settings
  const targetTopic = newReplicationPolicy(policy, sourceAlias).formatRemoteTopic(sourceAlias, name)
  const names = { topic: name, targetTopic }
  const copy = there.topics.get(targetTopic)
  const indexes = partitions.map(({ index }) => index)
  const was = () => nameOfOneOf(state.targetIdsOf(name, indexes), there)
  if (!copy) {
    if (!state.knows(name, partitions.length)) return undefined
    const other = was()
    return other === undefined ? targetDeleted(name, targetTopic, settings) : renamed(names, other, settings)
  }
  const ids = { source: topicId, target: copy.topicId }
  const side = indexes.map((index) => state.recreatedSince(name, index, ids)).find((one) => one)
  if (side === 'source') return recreated(side, names, settings)
  if (side === undefined) return undefined
  const other = was()
  return other === undefined ? recreated(side, names, settings) : renamed(names, other, settings)
}
