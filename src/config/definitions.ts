// Which settings belong to which of Kafka's definitions, for precedence, validation and suggestions.
import { type Definition, defaultOf, definition, type NameOf, only, type RowOf, without } from './setting.ts'
import { checkpointSettings } from './settings/checkpoint.ts'
import { adminSettings, clientsSettings } from './settings/clients.ts'
import { clusterSettings } from './settings/cluster.ts'
import { connectorSettings } from './settings/connector.ts'
import { consumerSettings } from './settings/consumer.ts'
import { filterSettings, flowOnlySettings } from './settings/flow-only.ts'
import { godwitSettings, processSettings } from './settings/godwit.ts'
import { heartbeatSettings } from './settings/heartbeat.ts'
import { producerSettings } from './settings/producer.ts'
import { sourceSettings } from './settings/source.ts'
import { topSettings } from './settings/top.ts'
import { workerSettings } from './settings/worker.ts'

/** Connection settings without the addresses, which Kafka adds to nearly every definition. */
const security = without(clusterSettings, 'bootstrap.servers')
const configProviders = only(topSettings, 'config.providers')

/** What MM2 parses when it reads the file (MirrorMakerConfig). */
export const topDefinition = definition(topSettings, security)

/** What each connector validates. */
export const connectorDefinitions = {
  MirrorSourceConnector: definition(connectorSettings, sourceSettings, security, configProviders),
  MirrorHeartbeatConnector: definition(
    without(connectorSettings, 'consumer.poll.timeout.ms', 'metric.names.formats'),
    heartbeatSettings,
    security,
    configProviders,
  ),
  MirrorCheckpointConnector: definition(
    connectorSettings,
    checkpointSettings,
    only(sourceSettings, 'topic.filter.class', 'offset-syncs.topic.location'),
    security,
    configProviders,
  ),
} as const satisfies Record<string, Definition>

/** Keys that are valid only under a flow. */
export const flowOnlyDefinition = definition(flowOnlySettings)

/** Every key that has an effect only with the name of a flow as its prefix: those of Connect, and those of MM2's filters. */
export const flowOnlyKeys: ReadonlySet<string> = new Set(definition(filterSettings, flowOnlySettings).keys())

/** Settings of every client, with the consumer's defaults. */
const anyClient = [
  ...clientsSettings,
  ...clusterSettings,
  ...configProviders,
  ...only(connectorSettings, 'metric.reporters'),
]

/** Settings that only the worker defines. The rest of its definition is that of every client. */
export const workerOnlyDefinition = definition(workerSettings)

/** What a worker parses (DistributedConfig). Its converters have their own defaults. */
export const workerDefinition = definition(
  without(anyClient, 'default.api.timeout.ms', 'enable.metrics.push', 'security.providers'),
  only(
    connectorSettings,
    'key.converter',
    'key.converter.plugin.version',
    'value.converter',
    'value.converter.plugin.version',
    'header.converter',
    'header.converter.plugin.version',
  ),
  without(topSettings, 'clusters', 'dedicated.mode.enable.internal.rest'),
  workerSettings,
)

export const consumerDefinition = definition(anyClient, consumerSettings)
export const producerDefinition = definition(without(anyClient, 'default.api.timeout.ms'), producerSettings)
export const adminDefinition = definition(anyClient, adminSettings)

/** The settings of one kind of client. */
export type ClientDefinition = typeof consumerDefinition | typeof producerDefinition | typeof adminDefinition

/** godwit's own settings: of a flow, and of the whole process. */
export const godwitDefinition = definition(godwitSettings)
export const processDefinition = definition(processSettings)

type Connectors = typeof connectorDefinitions

/** The default of a connector's setting as text; empty if there is none. */
export function connectorDefault<Name extends keyof Connectors>(
  connector: Name,
  setting: NameOf<RowOf<Connectors[Name]>>,
): string {
  return defaultOf(connectorDefinitions[connector].values(), setting)
}

/** Keys that may be written without prefix for all flows: those of any of the three connectors. */
export const connectorKeys: ReadonlySet<string> = new Set(
  Object.values(connectorDefinitions).flatMap((settings) => [...settings.keys()]),
)

const clientDefinition = definition(clusterSettings)

/** Whether a key is a connection key, which a cluster inherits from the key without prefix. */
export const isClientKey = (key: string): boolean => clientDefinition.has(key)

/** Whether a key concerns the process rather than a flow. */
export const isOfProcess = (key: string): boolean => processDefinition.has(key)

/** The settings of the three connectors together, each name once. */
export const anyConnectorDefinition: Definition = new Map(
  Object.values(connectorDefinitions).flatMap((settings) => [...settings]),
)
