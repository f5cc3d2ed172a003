// MM2's internal topics of a flow, and the replication factor of every topic that the flow creates.
import type { Logger } from '../base/logger.ts'
import { Admin } from '../kafka/admin.ts'
import type { Cluster } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import {
  type FlowSettings,
  factorFor,
  type StorageTopic,
  type InternalTopicSettings as TopicSettings,
  type WantedFactor,
} from '../model/flow-settings.ts'
import { InternalTopic } from '../records/internal-topic.ts'
import { TopicRecordLog } from '../records/topic-record-log.ts'
import { offsetMapsTopic } from './offset-maps.ts'
import { positionsTopic } from './positions.ts'

/** A cluster, and the settings to read and write records there. */
export interface ClusterAccess {
  readonly cluster: Cluster
  readonly settings: ClusterSettings
}

/** The flow's heartbeats topic on the target. */
export function heartbeatsTopic(settings: FlowSettings, target: ClusterAccess): InternalTopic {
  return open(settings.heartbeats.topic, `${settings.name}.heartbeats.topic.replication.factor`, target)
}

/** The flow's checkpoints topic on the target. */
export function checkpointsTopic(settings: FlowSettings, target: ClusterAccess): InternalTopic {
  return open(settings.checkpoints.topic, `${settings.name}.checkpoints.topic.replication.factor`, target)
}

/** The flow's offset-syncs topic. @param host the cluster that offset-syncs.topic.location names */
export function offsetSyncsTopic(settings: FlowSettings, host: ClusterAccess): InternalTopic {
  return open(settings.offsetSyncs.topic, `${settings.name}.offset-syncs.topic.replication.factor`, host)
}

function open(topic: TopicSettings, replicationKey: string, { cluster, settings }: ClusterAccess): InternalTopic {
  const log = new TopicRecordLog({ topic: topic.name, cluster, admin: new Admin(cluster), settings })
  return new InternalTopic({ log, topic, replicationKey })
}

/** A topic that a flow creates beside the copies of the source's topics. */
interface FlowTopic extends WantedFactor {
  readonly name: string
  readonly partitions: number
  readonly side: 'source' | 'target'
  /** key of the file that sets its replication factor, as it is written for this flow */
  readonly key: string
}

/** The topics on the target that hold where a flow stands: MM2's own, and the two of godwit. All are to be compacted. */
export function stateTopics({ source, offsetStorage }: FlowSettings): StorageTopic[] {
  return [offsetStorage, positionsTopic(source, offsetStorage), offsetMapsTopic(source, offsetStorage)]
}

/** The internal topics of a flow, in the order in which a run creates them; a flow that is not enabled has that of its heartbeats only. */
export function internalTopics(settings: FlowSettings): FlowTopic[] {
  const { name, enabled, heartbeats, checkpoints, offsetSyncs } = settings
  const internal = (kind: string, topic: TopicSettings, side: FlowTopic['side']): FlowTopic[] => [
    { ...topic, partitions: 1, side, key: `${name}.${kind}.topic.replication.factor` },
  ]
  const beats = heartbeats.enabled ? internal('heartbeats', heartbeats.topic, 'target') : []
  if (!enabled) return beats
  // The bare key of the worker beats the one at its cluster.
  const key = 'offset.storage.replication.factor'
  return [
    ...stateTopics(settings).map((topic) => ({ ...topic, side: 'target' as const, key })),
    ...(offsetSyncs.enabled ? internal('offset-syncs', offsetSyncs.topic, offsetSyncs.location) : []),
    ...(checkpoints.enabled ? internal('checkpoints', checkpoints.topic, 'target') : []),
    ...beats,
  ]
}

/** A replication factor of the file, with what is created with it. */
interface TopicFactor extends WantedFactor {
  readonly key: string
  readonly side: 'source' | 'target'
  /** names of internal topics; none: the copies of the source's topics */
  readonly topics: readonly string[]
}

/** The replication factors of all that a flow creates, one for each key of the file; that of the copies first, if it copies. */
export function topicFactors(settings: FlowSettings): TopicFactor[] {
  const copies: TopicFactor = {
    ...{ key: `${settings.name}.replication.factor`, side: 'target', topics: [] },
    ...wantedFactor(settings),
  }
  const byKey = [...Map.groupBy(internalTopics(settings), ({ key }) => key)]
  const internal = byKey.flatMap(([key, all]) => {
    const [first] = all
    return first ? [{ key, side: first.side, topics: all.map(({ name }) => name), ...wantedFactor(first) }] : []
  })
  return [...(settings.enabled ? [copies] : []), ...internal]
}

const wantedFactor = ({ replicationFactor, factorIsDefault }: WantedFactor): WantedFactor => ({
  replicationFactor,
  ...(factorIsDefault !== undefined && { factorIsDefault }),
})

/** Whether a topic that is created with this factor would have more replicas than the cluster has brokers, so that it is refused. */
export function hasTooFewBrokers(wanted: WantedFactor, brokers: number): boolean {
  return brokers > 0 && factorFor(wanted, brokers) > brokers
}

/** Logs, one line per cluster, the default factors that exceed its number of brokers. @param brokers by side; absent: unknown */
export function reportLowered(
  settings: FlowSettings,
  brokers: Readonly<Partial<Record<'source' | 'target', number>>>,
  log: Logger,
): void {
  for (const side of ['source', 'target'] as const) {
    const count = brokers[side] ?? 0
    const lowered = topicFactors(settings).filter(
      (one) => one.side === side && factorFor(one, count) < one.replicationFactor,
    )
    if (lowered.length === 0) continue
    const keys = lowered.map(({ key, replicationFactor }) => `${key} = ${replicationFactor}`)
    log.info('topics are created with fewer replicas than the defaults ask for: the cluster has fewer brokers', {
      ...{ cluster: settings[side], brokers: count, replicationFactor: count, defaults: keys.join(', ') },
    })
  }
}
