// The periodic tasks of a flow, from its three connectors: heartbeats, offset syncs, checkpoints, groups, configs, ACLs.
import { newReplicationPolicy } from '../../mirror/replication-policy.ts'
import type { PeriodicTaskSettings, PolicySettings, TaskSchedule } from '../../model/flow-settings.ts'
import { connectorDefinitions } from '../definitions.ts'
import type { ScopedProblems } from '../problems.ts'
import type { NameOf, Setting } from '../setting.ts'
import { aliasesOf, type FlowInput, nameFilter } from './names.ts'
import { Reader } from './reader.ts'

/** Compiles the periodic tasks. Problems are added to `input.problems`; the settings must not be used then. */
export function compilePeriodicTasks(input: FlowInput, naming: PolicySettings): PeriodicTaskSettings {
  return { ...heartbeatTask(input), ...sourceTasks(input, naming), ...checkpointTasks(input, naming) }
}

function heartbeatTask({ connector, problems }: FlowInput): Pick<PeriodicTaskSettings, 'heartbeats'> {
  const reader = new Reader(connector, connectorDefinitions.MirrorHeartbeatConnector)
  const topic = { name: 'heartbeats', ...reader.factor('heartbeats.topic.replication.factor') }
  return { heartbeats: { ...schedule(reader, 'emit.heartbeats', problems), topic } }
}

type SourceTasks = Pick<PeriodicTaskSettings, 'offsetSyncs' | 'refreshTopics' | 'syncTopicConfigs' | 'syncTopicAcls'>

function sourceTasks({ connector, pair, problems }: FlowInput, naming: PolicySettings): SourceTasks {
  const reader = new Reader(connector, connectorDefinitions.MirrorSourceConnector)
  const { sourceAlias, targetAlias } = aliasesOf(connector, pair)
  const location = reader.text('offset-syncs.topic.location')
  const other = location === 'source' ? targetAlias : sourceAlias
  return {
    offsetSyncs: {
      enabled: reader.boolean('emit.offset-syncs.enabled'),
      location,
      topic: {
        name: newReplicationPolicy(naming, sourceAlias).offsetSyncsTopic(other),
        ...reader.factor('offset-syncs.topic.replication.factor'),
      },
      maxLag: reader.number('offset.lag.max'),
    },
    refreshTopics: schedule(reader, 'refresh.topics', problems),
    syncTopicConfigs: schedule(reader, 'sync.topic.configs', problems),
    syncTopicAcls: schedule(reader, 'sync.topic.acls', problems),
  }
}

type CheckpointTasks = Pick<PeriodicTaskSettings, 'groups' | 'refreshGroups' | 'checkpoints' | 'syncGroupOffsets'>

function checkpointTasks(input: FlowInput, naming: PolicySettings): CheckpointTasks {
  const { connector, pair, problems } = input
  const reader = new Reader(connector, connectorDefinitions.MirrorCheckpointConnector)
  const { sourceAlias } = aliasesOf(connector, pair)
  return {
    groups: nameFilter(input, reader, { key: 'groups' }, { key: 'groups.exclude', former: 'groups.blacklist' }),
    refreshGroups: schedule(reader, 'refresh.groups', problems),
    checkpoints: {
      ...schedule(reader, 'emit.checkpoints', problems),
      topic: {
        name: newReplicationPolicy(naming, sourceAlias).checkpointsTopic(sourceAlias),
        ...reader.factor('checkpoints.topic.replication.factor'),
      },
    },
    syncGroupOffsets: schedule(reader, 'sync.group.offsets', problems),
  }
}

/** The task whose interval is one of these settings. */
type TaskOf<Name extends string> = Name extends `${infer Task}.interval.seconds` ? Task : never

/** Whether and how often a periodic task runs: a negative interval disables it, zero makes MM2's scheduler fail. */
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
