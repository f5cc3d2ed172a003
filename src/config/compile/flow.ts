// FlowSettings of one enabled pair, from its source connector and its worker.
import { Failure } from '../../base/failure.ts'
import { compileJavaPatterns } from '../../base/java-pattern.ts'
import type { Duty, FlowSettings, NameFilter, PolicySettings, StorageTopic } from '../../mirror/flow-settings.ts'
import { parseSetting } from '../define.ts'
import { below, type Entries, type Entry, flowName, javaBoolean, type Pair } from '../resolve.ts'
import { formerKeys } from '../settings/filters.ts'
import { godwitSettings } from '../settings/godwit.ts'
import { connectorDefinitions, consumerDefinition, producerDefinition, workerDefinition } from '../settings/known.ts'
import type { Complaints } from './complaints.ts'
import { Reader } from './reader.ts'

/** The resolved maps a flow is made of. */
export interface FlowMaterial {
  readonly pair: Pair & { readonly connectorName: string }
  /** the whole file, for the flow's keys of older versions and godwit's own */
  readonly file: Entries
  readonly connector: Entries
  readonly worker: Entries
  readonly consumer: Entries
  readonly producer: Entries
}

/** Compiles the settings; what is wrong goes to `complaints`, and the settings are then not to be used. */
export function compileFlow(material: FlowMaterial, complaints: Complaints): FlowSettings {
  const { pair } = material
  const source = new Reader(material.connector, connectorDefinitions.MirrorSourceConnector)
  const worker = new Reader(material.worker, workerDefinition)
  return {
    source: pair.source,
    target: pair.target,
    name: flowName(pair),
    enabled: true,
    policy: compilePolicy(source, complaints),
    topics: topicFilter(material, source, complaints),
    heartbeatsReplicationEnabled: source.flag('heartbeats.replication.enabled'),
    configProperties: {
      exclude: [patterns(material, source, 'config.properties.exclude', 'config.properties.blacklist', complaints)],
      defaultsFromSource: material.connector.get('use.defaults.from')?.text === 'source',
    },
    replicationFactor: source.number('replication.factor'),
    refreshTopics: duty(source, 'refresh.topics', complaints),
    syncTopicConfigs: duty(source, 'sync.topic.configs', complaints),
    offsetStorage: storageTopic(worker, material.worker),
    connectorName: pair.connectorName,
    offsetFlushIntervalMs: worker.isSet('offset.flush.interval.ms') ? worker.number('offset.flush.interval.ms') : 5000,
    groupId: worker.text('group.id'),
    sessionTimeoutMs: worker.number('session.timeout.ms'),
    adminTimeoutMs: source.number('admin.timeout.ms'),
    ...reading(new Reader(material.consumer, consumerDefinition), complaints),
    produce: writing(new Reader(material.producer, producerDefinition)),
    ...own(material, complaints),
  }
}

const policies: Readonly<Record<string, PolicySettings['kind']>> = {
  'org.apache.kafka.connect.mirror.DefaultReplicationPolicy': 'default',
  'org.apache.kafka.connect.mirror.IdentityReplicationPolicy': 'identity',
  'io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy': 'identity',
}

/** Policies read their keys raw: a blank behind the separator belongs to it, and `true ` is not true. */
function compilePolicy(source: Reader, complaints: Complaints): PolicySettings {
  const className = source.text('replication.policy.class')
  const kind = policies[className]
  if (kind === undefined) {
    complaints.error(
      'replication.policy.class',
      `is ${className}, which is not known`,
      `use one of ${Object.keys(policies).join(', ')}`,
    )
  }
  const separator = source.raw('replication.policy.separator')
  const everywhere = source.raw('replication.policy.internal.topic.separator.enabled')
  const isInternal = separator !== undefined && (everywhere === undefined || javaBoolean(everywhere))
  return { kind: kind ?? 'default', separator: separator ?? '.', internalSeparator: isInternal ? separator : '.' }
}

function topicFilter(material: FlowMaterial, source: Reader, complaints: Complaints): NameFilter {
  return {
    include: [patterns(material, source, 'topics', undefined, complaints)],
    exclude: [patterns(material, source, 'topics.exclude', 'topics.blacklist', complaints)],
  }
}

/** One pattern for the whole list. A list under its old name counts where the new one is not given: else it would stop excluding. */
function patterns(
  { pair, file, connector }: FlowMaterial,
  source: Reader,
  key: string,
  former: string | undefined,
  complaints: Complaints,
): RegExp {
  const old =
    former === undefined
      ? undefined
      : (connector.get(former) ?? file.get(`${flowName(pair)}.${former}`) ?? file.get(former))
  const isOld = former !== undefined && old !== undefined && !source.isSet(key)
  const setting = connectorDefinitions.MirrorSourceConnector.get(key)
  const items = isOld && setting ? parseSetting(setting, old.text, 'dropped') : undefined
  try {
    return compileJavaPatterns(items?.ok && Array.isArray(items.value) ? (items.value as string[]) : source.list(key))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    complaints.error(isOld ? former : key, `: ${error.message}`, error.remedy ?? '')
    return /(?!)/
  }
}

/** Old names whose lists still count, for the warning that says so. */
export const honouredFormerKeys = Object.keys(formerKeys).filter((key) => key.endsWith('.blacklist'))

/** A job and its interval: negative switches it off, zero makes MM2's scheduler fail. */
function duty(source: Reader, name: string, complaints: Complaints): Duty {
  const key = `${name}.interval.seconds`
  const seconds = source.number(key)
  const enabled = source.flag(`${name}.enabled`) && seconds >= 0
  if (enabled && seconds === 0)
    complaints.error(key, 'is 0, which MM2 cannot start with', 'write 1 or more, or switch the job off')
  return { enabled, intervalMs: Math.max(0, seconds) * 1000 }
}

function storageTopic(worker: Reader, entries: Entries): StorageTopic {
  const taken = new Set(['topic', 'partitions', 'replication.factor'])
  const configs = below(entries, 'offset.storage.').filter(([key]) => !taken.has(key))
  return {
    name: worker.text('offset.storage.topic'),
    partitions: worker.number('offset.storage.partitions'),
    replicationFactor: worker.number('offset.storage.replication.factor'),
    configs: Object.fromEntries(configs.map(([key, { text }]) => [key, text])),
  }
}

type Reading = Pick<FlowSettings, 'isolation' | 'autoOffsetReset' | 'fetch'>

/** The consumer's settings; MM2 sets earliest where nobody says where to begin. */
function reading(consumer: Reader, complaints: Complaints): Reading {
  const reset = consumer.isSet('auto.offset.reset') ? consumer.text('auto.offset.reset') : 'earliest'
  if (reset.startsWith('by_duration')) {
    complaints.error('auto.offset.reset', `is ${reset}, which is not supported yet`, 'write earliest, latest or none')
  } else if (!/^(?:earliest|latest|none)$/.test(reset)) {
    complaints.error(
      'auto.offset.reset',
      `must be earliest, latest or none, not ${JSON.stringify(reset)}`,
      'write earliest',
    )
  }
  return {
    isolation: consumer.text('isolation.level') === 'read_committed' ? 'read_committed' : 'read_uncommitted',
    autoOffsetReset: reset === 'latest' || reset === 'none' ? reset : 'earliest',
    fetch: {
      maxBytes: consumer.isSet('fetch.max.bytes') ? consumer.number('fetch.max.bytes') : 8388608,
      maxPartitionBytes: consumer.number('max.partition.fetch.bytes'),
      minBytes: consumer.number('fetch.min.bytes'),
      maxWaitMs: consumer.number('fetch.max.wait.ms'),
      rack: consumer.text('client.rack'),
    },
  }
}

function writing(producer: Reader): FlowSettings['produce'] {
  return {
    maxRequestBytes: Math.max(4194304, producer.number('max.request.size')),
    inFlight: 4,
    timeoutMs: producer.number('request.timeout.ms'),
  }
}

type Own = Pick<FlowSettings, 'memoryBytes' | 'onDoubt' | 'onGap'>

/** godwit's own keys: at the flow, else at the target, else bare. */
function own({ pair, file }: FlowMaterial, complaints: Complaints): Own {
  const values = godwitSettings.map((setting) => {
    const entry = [`${flowName(pair)}.`, `${pair.target}.`, '']
      .map((prefix) => file.get(prefix + setting.key))
      .find(Boolean)
    return ownValue(setting, entry, complaints)
  })
  const [memory, doubt, gap] = values
  return {
    memoryBytes: Number(memory),
    onDoubt: doubt === 'stop' ? 'stop' : 'at-least-once',
    onGap: gap === 'stop' ? 'stop' : 'continue',
  }
}

function ownValue(setting: (typeof godwitSettings)[number], entry: Entry | undefined, complaints: Complaints) {
  const parsed = parseSetting(setting, entry?.text ?? setting.fallback ?? '', 'dropped')
  if (parsed.ok) return parsed.value
  complaints.error(entry?.key ?? setting.key, parsed.reason, parsed.remedy)
  return setting.fallback
}
