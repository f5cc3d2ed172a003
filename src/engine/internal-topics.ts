// MM2's internal topics of one flow, each on its cluster.
import { Admin } from '../kafka/admin.ts'
import type { Cluster } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { FlowSettings, InternalTopic as TopicSettings } from '../mirror/flow-settings.ts'
import { InternalTopic } from '../state/internal-topic.ts'
import { TopicRecordLog } from '../state/topic-record-log.ts'

/** A cluster, and how its records are read and written. */
export interface Place {
  readonly cluster: Cluster
  readonly settings: ClusterSettings
}

export function heartbeatsTopic(settings: FlowSettings, target: Place): InternalTopic {
  return open(settings.heartbeats.topic, `${settings.name}.heartbeats.topic.replication.factor`, target)
}

export function checkpointsTopic(settings: FlowSettings, target: Place): InternalTopic {
  return open(settings.checkpoints.topic, `${settings.name}.checkpoints.topic.replication.factor`, target)
}

/** @param place of the cluster that offset-syncs.topic.location names */
export function offsetSyncsTopic(settings: FlowSettings, place: Place): InternalTopic {
  return open(settings.offsetSyncs.topic, `${settings.name}.offset-syncs.topic.replication.factor`, place)
}

function open(topic: TopicSettings, replicationKey: string, { cluster, settings }: Place): InternalTopic {
  const log = new TopicRecordLog({ topic: topic.name, cluster, admin: new Admin(cluster), settings })
  return new InternalTopic({ log, topic, replicationKey })
}
