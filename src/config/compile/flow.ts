// FlowSettings of one enabled pair, from its source connector and its worker.
import type { FlowSettings, IncrementalAlter, StorageTopic } from '../../model/flow-settings.ts'
import { javaTrim, parseSetting } from '../define.ts'
import { below, type Entries, type Entry, flowName } from '../resolve.ts'
import { godwitSettings } from '../settings/godwit.ts'
import { connectorDefinitions, consumerDefinition, producerDefinition, workerDefinition } from '../settings/known.ts'
import type { Complaints } from './complaints.ts'
import {
  aliasesOf,
  compilePolicy,
  excludedConfigs,
  type FlowMaterial,
  formerEntry,
  leftOut,
  patterns,
  topicFilter,
} from './names.ts'
import { compilePeriodicTasks } from './periodic-tasks.ts'
import { Reader } from './reader.ts'
import { startRules } from './start.ts'

/** Compiles the settings; what is wrong goes to `complaints`, and the settings are then not to be used. */
export function compileFlow(material: FlowMaterial, complaints: Complaints): FlowSettings {
  const { pair } = material
  const source = new Reader(material.connector, connectorDefinitions.MirrorSourceConnector)
  const worker = new Reader(material.worker, workerDefinition)
  const policy = compilePolicy(source, complaints)
  return {
    file: material.path,
    source: pair.source,
    target: pair.target,
    ...aliasesOf(material.connector, pair),
    name: flowName(pair),
    enabled: source.flag('enabled'),
    policy,
    topics: topicFilter(material, source, complaints),
    leftOut: leftOut(material, source),
    heartbeatsReplicationEnabled: source.flag('heartbeats.replication.enabled'),
    configProperties: {
      exclude: [patterns(material, source, excludedConfigs, complaints)],
      defaultsFromSource: material.connector.get('use.defaults.from')?.text === 'source',
      incrementalAlter: incrementalAlter(material, complaints),
    },
    ...source.factor('replication.factor'),
    ...compilePeriodicTasks(material, policy, complaints),
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

/** A key of MM2 3.5 to 3.9. Kafka 4 ignores it whatever it says, so a value nobody knows is only warned of. */
function incrementalAlter(material: FlowMaterial, complaints: Complaints): IncrementalAlter {
  const key = 'use.incremental.alter.configs'
  const value = javaTrim(formerEntry(material, key)?.text ?? 'requested')
  if (value === 'requested' || value === 'required' || value === 'never') return value
  complaints.warning(key, `must be requested, required or never, not ${JSON.stringify(value)}`, 'remove the line')
  return 'requested'
}

function storageTopic(worker: Reader, entries: Entries): StorageTopic {
  const taken = new Set(['topic', 'partitions', 'replication.factor'])
  const configs = below(entries, 'offset.storage.').filter(([key]) => !taken.has(key))
  return {
    name: worker.text('offset.storage.topic'),
    partitions: worker.number('offset.storage.partitions'),
    ...worker.factor('offset.storage.replication.factor'),
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

type Own = Pick<
  FlowSettings,
  'memoryBytes' | 'onDoubt' | 'onGap' | 'translation' | 'start' | 'newPartitions' | 'allowLoops' | 'allowRecopy'
>

/** godwit's own keys: at the flow, else at the target, else bare. */
function own({ pair, file }: FlowMaterial, complaints: Complaints): Own {
  const entryOf = (key: string) =>
    [`${flowName(pair)}.`, `${pair.target}.`, ''].map((prefix) => file.get(prefix + key)).find(Boolean)
  const values = godwitSettings.map((setting) => ownValue(setting, entryOf(setting.key), complaints))
  const [memory, doubt, gap, translation, loops, recopy, start, newPartitions] = values
  const startKey = entryOf('godwit.start')?.key ?? 'godwit.start'
  return {
    memoryBytes: Number(memory),
    onDoubt: doubt === 'stop' ? 'stop' : 'at-least-once',
    onGap: gap === 'stop' ? 'stop' : 'continue',
    translation: translation === 'mm2' ? 'mm2' : 'exact',
    allowLoops: loops === true,
    allowRecopy: recopy === true,
    start: Array.isArray(start) ? startRules(start, startKey, complaints) : [],
    newPartitions: newPartitions === 'as-configured' ? 'as-configured' : 'earliest',
  }
}

function ownValue(setting: (typeof godwitSettings)[number], entry: Entry | undefined, complaints: Complaints) {
  const parsed = parseSetting(setting, entry?.text ?? setting.fallback ?? '', 'dropped')
  if (parsed.ok) return parsed.value
  complaints.error(entry?.key ?? setting.key, parsed.reason, parsed.remedy)
  return setting.fallback
}
