// FlowSettings of one enabled pair, from its source connector and its worker.
import type { FlowSettings, IncrementalAlter, StorageTopic } from '../../model/flow-settings.ts'
import { connectorDefinitions, consumerDefinition, producerDefinition, workerDefinition } from '../definitions.ts'
import { javaTrim } from '../parse.ts'
import { below, type Entries, flowName } from '../resolve.ts'
import { incrementalAlter } from '../review/former-keys.ts'
import type { RowOf } from '../setting.ts'
import { compileGodwit } from './godwit.ts'
import {
  aliasesOf,
  compilePolicy,
  excludedConfigs,
  type FlowInput,
  formerEntry,
  leftOut,
  patterns,
  topicFilter,
} from './names.ts'
import { compilePeriodicTasks } from './periodic-tasks.ts'
import { Reader } from './reader.ts'

/** Compiles the settings. Problems are added to `input.problems`; the settings must not be used then. */
export function compileFlow(input: FlowInput): FlowSettings {
  const { pair, path, connector, problems } = input
  const source = new Reader(connector, connectorDefinitions.MirrorSourceConnector)
  const policy = compilePolicy(source, problems)
  return {
    file: path,
    source: pair.source,
    target: pair.target,
    ...aliasesOf(connector, pair),
    name: flowName(pair),
    enabled: source.boolean('enabled'),
    policy,
    topics: topicFilter(input, source),
    leftOut: leftOut(input, source),
    heartbeatsReplicationEnabled: source.boolean('heartbeats.replication.enabled'),
    configProperties: {
      exclude: [patterns(input, source, excludedConfigs)],
      defaultsFromSource: connector.get('use.defaults.from')?.text === 'source',
      incrementalAlter: compileIncrementalAlter(input),
    },
    ...source.factor('replication.factor'),
    ...compilePeriodicTasks(input, policy),
    connectorName: pair.connectorName,
    adminTimeoutMs: source.number('admin.timeout.ms'),
    ...compileWorker(input.worker),
    ...compileReading(input),
    produce: compileWriting(new Reader(input.producer, producerDefinition)),
    ...compileGodwit(input),
  }
}

/** A key of MM2 3.5 to 3.9. Kafka 4 ignores it with any value, so an unknown value is only a warning. */
function compileIncrementalAlter(input: FlowInput): IncrementalAlter {
  const { name, choices, default: fallback } = incrementalAlter
  const value = javaTrim(formerEntry(input, name)?.text ?? fallback)
  const chosen = choices.find((choice) => choice === value)
  if (chosen === undefined) {
    const reason = `must be requested, required or never, not ${JSON.stringify(value)}`
    input.problems.warning(name, reason, 'remove the line')
  }
  return chosen ?? fallback
}

type WorkerSettings = Pick<FlowSettings, 'offsetStorage' | 'offsetFlushIntervalMs' | 'groupId' | 'sessionTimeoutMs'>

function compileWorker(entries: Entries): WorkerSettings {
  const worker = new Reader(entries, workerDefinition)
  return {
    offsetStorage: storageTopic(worker),
    offsetFlushIntervalMs: worker.number('offset.flush.interval.ms'),
    groupId: worker.text('group.id'),
    sessionTimeoutMs: worker.number('session.timeout.ms'),
  }
}

function storageTopic(worker: Reader<RowOf<typeof workerDefinition>>): StorageTopic {
  const taken = new Set(['topic', 'partitions', 'replication.factor'])
  const configs = below(worker.entries, 'offset.storage.').filter(([key]) => !taken.has(key))
  return {
    name: worker.text('offset.storage.topic'),
    partitions: worker.number('offset.storage.partitions'),
    ...worker.factor('offset.storage.replication.factor'),
    configs: Object.fromEntries(configs.map(([key, { text }]) => [key, text])),
  }
}

type Reading = Pick<FlowSettings, 'isolation' | 'autoOffsetReset' | 'fetch'>

function compileReading(input: FlowInput): Reading {
  const consumer = new Reader(input.consumer, consumerDefinition)
  return {
    isolation: consumer.text('isolation.level'),
    autoOffsetReset: offsetReset(consumer.text('auto.offset.reset'), input),
    fetch: {
      maxBytes: consumer.number('fetch.max.bytes'),
      maxPartitionBytes: consumer.number('max.partition.fetch.bytes'),
      minBytes: consumer.number('fetch.min.bytes'),
      maxWaitMs: consumer.number('fetch.max.wait.ms'),
      rack: consumer.text('client.rack'),
    },
  }
}

/** Where to start. An unsupported value is a problem. */
function offsetReset(written: string, { problems }: FlowInput): FlowSettings['autoOffsetReset'] {
  if (written === 'earliest' || written === 'latest' || written === 'none') return written
  const [reason, remedy] = written.startsWith('by_duration')
    ? [`is ${written}, which is not supported yet`, 'write earliest, latest or none']
    : [`must be earliest, latest or none, not ${JSON.stringify(written)}`, 'write earliest']
  problems.error('auto.offset.reset', reason, remedy)
  return 'none'
}

function compileWriting(producer: Reader<RowOf<typeof producerDefinition>>): FlowSettings['produce'] {
  return {
    maxRequestBytes: Math.max(Number(producer.defaultText('max.request.size')), producer.number('max.request.size')),
    inFlight: 4,
    timeoutMs: producer.number('request.timeout.ms'),
  }
}
