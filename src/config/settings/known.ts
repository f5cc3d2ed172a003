// Which keys belong to which of Kafka's definitions: the sets that precedence, validation and suggestions ask for.
import type { Setting } from '../define.ts'
import { adminSettings } from './admin.ts'
import { checkpointSettings } from './checkpoint.ts'
import { clientsSettings } from './clients.ts'
import { clusterSettings } from './cluster.ts'
import { connectorSettings } from './connector.ts'
import { consumerSettings } from './consumer.ts'
import { heartbeatSettings } from './heartbeat.ts'
import { producerSettings } from './producer.ts'
import { sourceSettings } from './source.ts'
import { topSettings } from './top.ts'
import { workerSettings } from './worker.ts'

/** A definition: its settings by key. */
export type Definition = ReadonlyMap<string, Setting>

const definition = (...tables: (readonly Setting[])[]): Definition =>
  new Map(tables.flat().map((setting) => [setting.key, setting]))

/** Connection settings without the addresses: what Kafka adds to nearly every definition. */
const security = clusterSettings.filter(({ key }) => key !== 'bootstrap.servers')
const configProviders = topSettings.filter(({ key }) => key === 'config.providers')
const reporters = connectorSettings.filter(({ key }) => key === 'metric.reporters')
const restServer = topSettings.filter(({ key }) => key !== 'clusters' && !key.startsWith('dedicated.'))

/** What MM2 parses when it reads the file (MirrorMakerConfig). */
export const topDefinition = definition(topSettings, security)

/** What each connector validates. */
export const connectorDefinitions = {
  MirrorSourceConnector: definition(connectorSettings, sourceSettings, security, configProviders),
  MirrorHeartbeatConnector: definition(
    connectorSettings.filter(({ key }) => key !== 'consumer.poll.timeout.ms' && key !== 'metric.names.formats'),
    heartbeatSettings,
    security,
    configProviders,
  ),
  MirrorCheckpointConnector: definition(
    connectorSettings,
    checkpointSettings,
    sourceSettings.filter(({ key }) => key === 'topic.filter.class' || key === 'offset-syncs.topic.location'),
    security,
    configProviders,
  ),
} as const satisfies Record<string, Definition>

const without = (settings: readonly Setting[], ...keys: string[]) => settings.filter(({ key }) => !keys.includes(key))

/** What every client knows, as the consumer has it. */
const anyClient = [...clientsSettings, ...clusterSettings, ...configProviders, ...reporters]

/** What a worker parses (DistributedConfig); the converters there have their own defaults. */
export const workerDefinition = definition(
  without(anyClient, 'default.api.timeout.ms', 'enable.metrics.push', 'security.providers'),
  connectorSettings.filter(({ key }) => key.includes('converter')),
  restServer,
  workerSettings,
)

export const consumerDefinition = definition(anyClient, consumerSettings)
export const producerDefinition = definition(without(anyClient, 'default.api.timeout.ms'), producerSettings)
export const adminDefinition = definition(anyClient, adminSettings)

/** Keys that may stand bare for all flows: those of any of the three connectors. */
export const connectorKeys: ReadonlySet<string> = new Set(
  Object.values(connectorDefinitions).flatMap((settings) => [...settings.keys()]),
)

const clientKeys = new Set(clusterSettings.map(({ key }) => key))

/** Whether a key is a connection key, which a cluster inherits from the bare one. */
export const isClientKey = (key: string): boolean => clientKeys.has(key)
