// What every look at a flow before a run starts from: both clusters, the topics it copies, and what it has stored of them.
import { Failure } from '../../base/failure.ts'
import type { Flow } from '../../config/model.ts'
import { type StoredTopics, storedTopics } from '../../engine/stored-lag.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import { newReplicationPolicy, type ReplicationPolicy } from '../../mirror/replication-policy.ts'
import { shouldReplicate } from '../../mirror/topic-selection.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { type Extent, type Inventory, type Part, readInventory } from './inventory.ts'
import type { TopicFacts } from './topics.ts'

/** A topic that is to be copied. */
export interface PlannedPair {
  readonly topic: TopicFacts
  readonly targetName: string
  /** absent where the target has no topic of that name */
  readonly there?: TopicFacts
}

export interface FlowBasis {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  /** ordered by the name on the source */
  readonly pairs: readonly PlannedPair[]
  /** absent where the cluster cannot be asked; the source of a flow that is not enabled is not asked either */
  readonly source: Inventory | undefined
  readonly target: Inventory | undefined
  /** why they cannot be asked */
  readonly failures: Readonly<Partial<Record<'source' | 'target', Failure>>>
}

/** Both clusters of a flow, as those who administer them. */
export interface Clusters {
  readonly source: Cluster
  readonly target: Cluster
}

/**
 * Reads both clusters; one that cannot be asked keeps nothing back of the other. Never throws a Failure.
 * @param parts what is read of each cluster; everything when absent
 */
export async function readBasis(
  settings: FlowSettings,
  clusters: Clusters,
  parts?: readonly Part[],
): Promise<FlowBasis> {
  const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
  const remoteName = (topic: string) => policy.formatRemoteTopic(settings.sourceAlias, topic)
  const selects = (topic: string) => shouldReplicate(topic, settings, policy).replicate
  const read = (cluster: Cluster, one: Extent['selects']) => attempt(cluster, { selects: one, ...(parts && { parts }) })
  const here = settings.enabled ? await read(clusters.source, selects) : {}
  const selected = [...(here.inventory?.topics.values() ?? [])]
    .filter(({ name }) => selects(name))
    // Brokers list topics in an order of their own. Findings and plans are easier to compare when the order is always the same.
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const names = new Set([...selected.map(({ name }) => remoteName(name)), settings.offsetStorage.name])
  const there = await read(clusters.target, (topic) => names.has(topic))
  return {
    ...{ settings, policy, source: here.inventory, target: there.inventory },
    pairs: selected.map((topic) => pairOf(topic, remoteName(topic.name), there.inventory)),
    failures: { ...(here.failure && { source: here.failure }), ...(there.failure && { target: there.failure }) },
  }
}

function pairOf(topic: TopicFacts, targetName: string, target: Inventory | undefined): PlannedPair {
  const there = target?.topics.get(targetName)
  return { topic, targetName, ...(there && { there }) }
}

async function attempt(cluster: Cluster, extent: Extent): Promise<{ inventory?: Inventory; failure?: Failure }> {
  try {
    return { inventory: await readInventory(cluster, extent) }
  } catch (error) {
    if (error instanceof Failure) return { failure: error }
    throw error
  }
}

/**
 * What the flow has stored of the source's topics. Reads the metadata of both clusters again, as a flow that runs may have created
 * topics since.
 * @throws Failure when a cluster does not answer, or what is stored cannot be read
 */
export async function readStored(
  { settings, targetCluster }: Pick<Flow, 'settings' | 'targetCluster'>,
  { source, target }: Clusters,
): Promise<StoredTopics> {
  const [here, there] = await Promise.all([source.metadata(), target.metadata()])
  return storedTopics(settings, { target, targetCluster }, { here, there })
}
