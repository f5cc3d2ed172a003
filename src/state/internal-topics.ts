// MM2's internal topics of a flow, and the replication factor of every topic that the flow creates.
import type { Logger } from '../base/logger.ts'
import { Admin } from '../kafka/admin.ts'
import type { Cluster } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import {
  type FlowSettings,
  factorFor,
  type InternalTopic as TopicSettings,
  type WantedFactor,
} from '../model/flow-settings.ts'
import { InternalTopic } from '../records/internal-topic.ts'
import { TopicRecordLog } from '../records/topic-record-log.ts'
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

interface TopicFactor extends WantedFactor {
  /** configuration key, as written for this flow */
  readonly key: string
  /** name of the topic; undefined: all target topics */
  readonly topic?: string
  readonly side: 'source' | 'target'
}

/** The replication factors of all topics that the flow creates; a disabled flow creates only the heartbeats topic. */
export function topicFactors(settings: FlowSettings): TopicFactor[] {
  const { source, enabled, heartbeats, checkpoints, offsetSyncs, offsetStorage } = settings
  const { replicationFactor, factorIsDefault } = settings
  const ofFlow = (key: string) => `${settings.name}.${key}`
  const ofTopic = (key: string, wanted: WantedFactor & { readonly name: string }, side: TopicFactor['side']) => ({
    ...{ key, side, topic: wanted.name, replicationFactor: wanted.replicationFactor },
    ...(wanted.factorIsDefault !== undefined && { factorIsDefault: wanted.factorIsDefault }),
  })
  const beats = ofTopic(ofFlow('heartbeats.topic.replication.factor'), heartbeats.topic, 'target')
  const found: TopicFactor[] = heartbeats.enabled ? [beats] : []
  if (!enabled) return found
  const copies = { replicationFactor, ...(factorIsDefault !== undefined && { factorIsDefault }) }
  found.unshift({ key: ofFlow('replication.factor'), side: 'target', ...copies })
  // The key without a prefix takes precedence over the one with the cluster alias.
  found.push(ofTopic('offset.storage.replication.factor', positionsTopic(source, offsetStorage), 'target'))
  if (checkpoints.enabled)
    found.push(ofTopic(ofFlow('checkpoints.topic.replication.factor'), checkpoints.topic, 'target'))
  if (offsetSyncs.enabled)
    found.push(ofTopic(ofFlow('offset-syncs.topic.replication.factor'), offsetSyncs.topic, offsetSyncs.location))
  return found
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
