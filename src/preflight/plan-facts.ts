// Reads from both clusters what a plan is made of; changes nothing, makes no topic.
import { Failure } from '../base/failure.ts'
import { silentLogger } from '../base/logger.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import { storedTopics } from '../engine/stored-lag.ts'
import { travelling } from '../engine/target-topics.ts'
import { topicAclsIfAny } from '../kafka/acls.ts'
import { Admin, type ConfigEntry as DescribedEntry } from '../kafka/admin.ts'
import { Cluster, type ClusterMetadata } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { Groups } from '../kafka/groups.ts'
import { newReplicationPolicy, type ReplicationPolicy } from '../mirror/replication-policy.ts'
import type { TopicAcl } from '../mirror/topic-acls.ts'
import { shouldReplicate } from '../mirror/topic-selection.ts'
import { type FlowSettings, factorFor } from '../model/flow-settings.ts'
import { offsetMapsTopic } from '../state/offset-maps.ts'
import { positionsTopic } from '../state/positions.ts'
import { type OffsetFacts, offsetsOf } from './facts/offsets.ts'
import { type Facts, type InternalFacts, type Plan, planOf, type SideFacts, type TopicFacts } from './plan.ts'

export interface FlowPlaces {
  readonly settings: FlowSettings
  readonly sourceAdmin: ClusterSettings
  readonly targetAdmin: ClusterSettings
}

/** The plan of one flow as things stand now. @throws Failure when a cluster cannot be asked */
export async function readPlan({ settings, sourceAdmin, targetAdmin }: FlowPlaces): Promise<Plan> {
  await using source = new Cluster(sourceAdmin, silentLogger)
  await using target = new Cluster(targetAdmin, silentLogger)
  const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
  return planOf(settings, policy, await readFacts(settings, policy, { source, target }))
}

interface Clusters {
  readonly source: Cluster
  readonly target: Cluster
}

async function readFacts(settings: FlowSettings, policy: ReplicationPolicy, clusters: Clusters): Promise<Facts> {
  const { source, target } = clusters
  const [here, there] = await Promise.all([source.metadata(), target.metadata()])
  const selected = [...here.topics.keys()].filter((topic) => shouldReplicate(topic, settings, policy).replicate)
  const remote = selected.map((topic) => policy.formatRemoteTopic(settings.sourceAlias, topic))
  const [mine, theirs, acls, known] = await Promise.all([
    topicFacts(source, here, selected, settings.isolation),
    topicFacts(
      target,
      there,
      remote.filter((topic) => there.topics.has(topic)),
      settings.isolation,
    ),
    readAcls(settings, clusters),
    storedTopics(settings, { target, targetCluster: target.settings }, { here, there }),
  ])
  const groups = await groupNames(settings, source)
  for (const name of here.topics.keys()) {
    if (!mine.has(name)) mine.set(name, { name, partitions: 0, records: 0, configs: [] })
  }
  return {
    source: side(source, here, mine, acls?.source),
    target: side(target, there, theirs, acls?.target),
    internal: internalTopics(settings, here, there),
    ...known,
    ...(groups && { groups }),
  }
}

function side(
  { alias }: Cluster,
  { clusterId, brokers }: ClusterMetadata,
  topics: ReadonlyMap<string, TopicFacts>,
  acls: readonly TopicAcl[] | undefined,
): SideFacts {
  return { alias, clusterId, brokers: brokers.size, topics, ...(acls && { acls }) }
}

async function topicFacts(
  cluster: Cluster,
  metadata: ClusterMetadata,
  names: readonly string[],
  isolation: FlowSettings['isolation'],
): Promise<Map<string, TopicFacts>> {
  const admin = new Admin(cluster)
  const found = names.flatMap((name) => metadata.topics.get(name) ?? [])
  const [configs, offsets] = await Promise.all([admin.describeTopicConfigs(names), offsetsOf(admin, found)])
  const readable = ({ stable, latest }: OffsetFacts) => (isolation === 'read_committed' ? stable : latest)
  return new Map(
    found.map(({ name, partitions }) => {
      const records = partitions
        .map(({ index }) => offsets.get(topicPartitionKey(name, index)))
        .reduce((sum, one) => sum + (one ? readable(one) - one.earliest : 0), 0)
      return [name, { name, partitions: partitions.length, records, configs: entriesOf(configs.get(name)) }]
    }),
  )
}

function entriesOf(found: DescribedEntry[] | Failure | undefined): TopicFacts['configs'] {
  if (Array.isArray(found)) return found.map(travelling)
  return found ?? new Failure('UNKNOWN_TOPIC', 'the topic is not there any more')
}

async function readAcls(
  { syncTopicAcls }: FlowSettings,
  { source, target }: Clusters,
): Promise<{ source: TopicAcl[]; target: TopicAcl[] } | undefined> {
  if (!syncTopicAcls.enabled) return undefined
  const [mine, theirs] = await Promise.all([topicAclsIfAny(source), topicAclsIfAny(target)])
  return mine && { source: mine, target: theirs ?? [] }
}

/** Names of the source's groups, where the file lists any; undefined where they cannot be listed, or nobody asks for them. */
async function groupNames({ groups, checkpoints, syncGroupOffsets }: FlowSettings, source: Cluster) {
  if (!groups.written || !(checkpoints.enabled || syncGroupOffsets.enabled)) return undefined
  const { found, failures } = await new Groups(source).list()
  // A user who may not see groups is told of none.
  return failures.length > 0 || found.size === 0 ? undefined : [...found.keys()]
}

/** The internal topics that this flow will use, in the order in which a run meets them. */
function internalTopics(settings: FlowSettings, here: ClusterMetadata, there: ClusterMetadata): InternalFacts[] {
  const { source, target, offsetStorage, offsetSyncs, checkpoints, heartbeats, syncGroupOffsets } = settings
  const stored = [offsetStorage, positionsTopic(source, offsetStorage), offsetMapsTopic(source, offsetStorage)]
  const one = { partitions: 1, cluster: target }
  const syncs = { ...offsetSyncs.topic, partitions: 1, cluster: offsetSyncs.location === 'source' ? source : target }
  const ofFlow = (what: string) => ({ key: `${settings.name}.${what}.topic.replication.factor` })
  const wanted = [
    ...stored.map((topic) => ({ ...topic, cluster: target, key: 'offset.storage.replication.factor' })),
    ...(offsetSyncs.enabled ? [{ ...syncs, ...ofFlow('offset-syncs') }] : []),
    ...(checkpoints.enabled || syncGroupOffsets.enabled
      ? [{ ...checkpoints.topic, ...one, ...ofFlow('checkpoints') }]
      : []),
    ...(heartbeats.enabled ? [{ ...heartbeats.topic, ...one, ...ofFlow('heartbeats') }] : []),
  ]
  return wanted.map(({ name, partitions, cluster, key, ...factor }) => {
    const { topics, brokers } = cluster === target ? there : here
    const replicationFactor = factorFor(factor, brokers.size)
    return { name, partitions, replicationFactor, key, cluster, exists: topics.has(name) }
  })
}
