// What a flow does beside the records, from its three connectors: heartbeats, offset syncs, checkpoints, groups, configs, ACLs.

import { newReplicationPolicy } from '../../mirror/replication-policy.ts'
import type { NameFilter, PeriodicTaskSettings, PolicySettings, TaskSchedule } from '../../model/flow-settings.ts'
import { connectorDefinitions } from '../settings/known.ts'
import type { Complaints } from './complaints.ts'
import { aliasesOf, type FlowMaterial, nameFilter } from './names.ts'
import { Reader } from './reader.ts'

/** Compiles the periodic tasks; what is wrong goes to `complaints`, and the settings are then not to be used. */
export function compilePeriodicTasks(
  material: FlowMaterial,
  naming: PolicySettings,
  complaints: Complaints,
): PeriodicTaskSettings {
  const { connector, pair } = material
  const { sourceAlias, targetAlias } = aliasesOf(connector, pair)
  const source = new Reader(connector, connectorDefinitions.MirrorSourceConnector)
  const checkpoint = new Reader(connector, connectorDefinitions.MirrorCheckpointConnector)
  const heartbeat = new Reader(connector, connectorDefinitions.MirrorHeartbeatConnector)
  const policy = newReplicationPolicy(naming, sourceAlias)
  const location = source.text('offset-syncs.topic.location') === 'target' ? 'target' : 'source'
  return {
    heartbeats: {
      ...schedule(heartbeat, 'emit.heartbeats', complaints),
      topic: { name: 'heartbeats', ...heartbeat.factor('heartbeats.topic.replication.factor') },
    },
    offsetSyncs: {
      enabled: source.flag('emit.offset-syncs.enabled'),
      location,
      topic: {
        name: policy.offsetSyncsTopic(location === 'source' ? targetAlias : sourceAlias),
        ...source.factor('offset-syncs.topic.replication.factor'),
      },
      maxLag: source.number('offset.lag.max'),
    },
    groups: groupFilter(material, checkpoint, complaints),
    refreshGroups: schedule(checkpoint, 'refresh.groups', complaints),
    checkpoints: {
      ...schedule(checkpoint, 'emit.checkpoints', complaints),
      topic: {
        name: policy.checkpointsTopic(sourceAlias),
        ...checkpoint.factor('checkpoints.topic.replication.factor'),
      },
    },
    syncGroupOffsets: schedule(checkpoint, 'sync.group.offsets', complaints),
    refreshTopics: schedule(source, 'refresh.topics', complaints),
    syncTopicConfigs: schedule(source, 'sync.topic.configs', complaints),
    syncTopicAcls: schedule(source, 'sync.topic.acls', complaints),
  }
}

function groupFilter(material: FlowMaterial, checkpoint: Reader, complaints: Complaints): NameFilter {
  const [include, exclude] = [{ key: 'groups' }, { key: 'groups.exclude', former: 'groups.blacklist' }]
  return nameFilter(material, checkpoint, include, exclude, complaints)
}

/** Whether and how often a periodic task runs: a negative interval switches it off, zero makes MM2's scheduler fail. */
function schedule(reader: Reader, name: string, complaints: Complaints): TaskSchedule {
  const key = `${name}.interval.seconds`
  const seconds = reader.number(key)
  const enabled = reader.flag(`${name}.enabled`) && seconds >= 0
  if (enabled && seconds === 0)
    complaints.error(key, 'is 0, which MM2 cannot start with', 'write 1 or more, or switch the periodic task off')
  return { enabled, intervalMs: Math.max(0, seconds) * 1000 }
}
