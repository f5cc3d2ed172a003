// The periodic tasks of a flow, from its three connectors: heartbeats, offset syncs, checkpoints, groups, configs, ACLs.

import { newReplicationPolicy } from '../../mirror/replication-policy.ts'
import type { PeriodicTaskSettings, PolicySettings, TaskSchedule } from '../../model/flow-settings.ts'
import { connectorDefinitions } from '../definitions.ts'
import type { ScopedProblems } from '../problems.ts'
import type { NameOf, Setting } from '../setting.ts'
import { aliasesOf, type FlowInput, nameFilter } from './names.ts'
import { Reader } from './reader.ts'

/** Compiles the periodic tasks; what is wrong goes to `input.problems`, and the settings are then not to be used. */
export function compilePeriodicTasks(input: FlowInput, naming: PolicySettings): PeriodicTaskSettings {
  const { connector, pair } = input
  const { sourceAlias, targetAlias } = aliasesOf(connector, pair)
  const source = new Reader(connector, connectorDefinitions.MirrorSourceConnector)
  const checkpoint = new Reader(connector, connectorDefinitions.MirrorCheckpointConnector)
  const heartbeat = new Reader(connector, connectorDefinitions.MirrorHeartbeatConnector)
  const policy = newReplicationPolicy(naming, sourceAlias)
  const location = source.text('offset-syncs.topic.location')
  return {
    heartbeats: {
      ...schedule(heartbeat, 'emit.heartbeats', input.problems),
      topic: { name: 'heartbeats', ...heartbeat.factor('heartbeats.topic.replication.factor') },
    },
    offsetSyncs: {
      enabled: source.boolean('emit.offset-syncs.enabled'),
      location,
      topic: {
        name: policy.offsetSyncsTopic(location === 'source' ? targetAlias : sourceAlias),
        ...source.factor('offset-syncs.topic.replication.factor'),
      },
      maxLag: source.number('offset.lag.max'),
    },
    groups: nameFilter(input, checkpoint, { key: 'groups' }, { key: 'groups.exclude', former: 'groups.blacklist' }),
    refreshGroups: schedule(checkpoint, 'refresh.groups', input.problems),
    checkpoints: {
      ...schedule(checkpoint, 'emit.checkpoints', input.problems),
      topic: {
        name: policy.checkpointsTopic(sourceAlias),
        ...checkpoint.factor('checkpoints.topic.replication.factor'),
      },
    },
    syncGroupOffsets: schedule(checkpoint, 'sync.group.offsets', input.problems),
    refreshTopics: schedule(source, 'refresh.topics', input.problems),
    syncTopicConfigs: schedule(source, 'sync.topic.configs', input.problems),
    syncTopicAcls: schedule(source, 'sync.topic.acls', input.problems),
  }
}

/** The task whose interval is one of these settings. */
type TaskOf<Name extends string> = Name extends `${infer Task}.interval.seconds` ? Task : never

/** Whether and how often a periodic task runs: a negative interval switches it off, zero makes MM2's scheduler fail. */
function schedule<Row extends Setting>(
  reader: Reader<Row>,
  task: TaskOf<NameOf<Row, 'long'>>,
  problems: ScopedProblems,
): TaskSchedule {
  const [key, switchKey] = [`${task}.interval.seconds`, `${task}.enabled`]
  const seconds = reader.number(key as NameOf<Row, 'long'>)
  const enabled = reader.boolean(switchKey as NameOf<Row, 'boolean'>) && seconds >= 0
  if (enabled && seconds === 0)
    problems.error(key, 'is 0, which MM2 cannot start with', 'write 1 or more, or switch the periodic task off')
  return { enabled, intervalMs: Math.max(0, seconds) * 1000 }
}
