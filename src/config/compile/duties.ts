// What a flow does beside the records, from its three connectors: heartbeats, offset syncs, checkpoints, groups, configs, ACLs.
import type { Duty, DutySettings, NameFilter, PolicySettings } from '../../mirror/flow-settings.ts'
import { newReplicationPolicy } from '../../mirror/replication-policy.ts'
import { connectorDefinitions } from '../settings/known.ts'
import type { Complaints } from './complaints.ts'
import { aliasesOf, type FlowMaterial, nameFilter } from './names.ts'
import { Reader } from './reader.ts'

/** Compiles the duties; what is wrong goes to `complaints`, and the settings are then not to be used. */
export function compileDuties(material: FlowMaterial, naming: PolicySettings, complaints: Complaints): DutySettings {
  const { connector, pair } = material
  const { sourceAlias, targetAlias } = aliasesOf(connector, pair)
  const source = new Reader(connector, connectorDefinitions.MirrorSourceConnector)
  const checkpoint = new Reader(connector, connectorDefinitions.MirrorCheckpointConnector)
  const heartbeat = new Reader(connector, connectorDefinitions.MirrorHeartbeatConnector)
  const policy = newReplicationPolicy(naming, sourceAlias)
  const location = source.text('offset-syncs.topic.location') === 'target' ? 'target' : 'source'
  return {
    heartbeats: {
      ...duty(heartbeat, 'emit.heartbeats', complaints),
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
    refreshGroups: duty(checkpoint, 'refresh.groups', complaints),
    checkpoints: {
      ...duty(checkpoint, 'emit.checkpoints', complaints),
      topic: {
        name: policy.checkpointsTopic(sourceAlias),
        ...checkpoint.factor('checkpoints.topic.replication.factor'),
      },
    },
    syncGroupOffsets: duty(checkpoint, 'sync.group.offsets', complaints),
    refreshTopics: duty(source, 'refresh.topics', complaints),
    syncTopicConfigs: duty(source, 'sync.topic.configs', complaints),
    syncTopicAcls: duty(source, 'sync.topic.acls', complaints),
  }
}

function groupFilter(material: FlowMaterial, checkpoint: Reader, complaints: Complaints): NameFilter {
  const [include, exclude] = [{ key: 'groups' }, { key: 'groups.exclude', former: 'groups.blacklist' }]
  return nameFilter(material, checkpoint, include, exclude, complaints)
}

/** A job and its interval: negative switches it off, zero makes MM2's scheduler fail. */
function duty(reader: Reader, name: string, complaints: Complaints): Duty {
  const key = `${name}.interval.seconds`
  const seconds = reader.number(key)
  const enabled = reader.flag(`${name}.enabled`) && seconds >= 0
  if (enabled && seconds === 0)
    complaints.error(key, 'is 0, which MM2 cannot start with', 'write 1 or more, or switch the job off')
  return { enabled, intervalMs: Math.max(0, seconds) * 1000 }
}
