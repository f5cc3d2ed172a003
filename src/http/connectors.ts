// The connectors of a running godwit in Kafka Connect's REST API: their names, and the JSON of each response (Kafka 4.3).
import { type Connector, connectorsOf } from '../metrics/connectors.ts'
import type { ConnectorName, FlowStatus } from '../model/flow-status.ts'

type Properties = Readonly<Record<string, string>>

/** A connector with its name in the request. */
export interface NamedConnector {
  readonly name: string
  readonly connector: Connector
  readonly config: Properties
}

/** Gives the properties of a connector as in MM2, secrets masked; undefined if MM2 creates no such connector. */
export type ConfigOf = (flow: string, connector: ConnectorName) => Properties | undefined

/** All connectors, with the names used in the list of connectors. */
export function listedConnectors(flows: readonly FlowStatus[], configOf: ConfigOf): NamedConnector[] {
  const named = flows.flatMap((flow) => namesOf(flow, flows, configOf))
  return named.map(({ names, ...rest }) => ({ ...rest, name: names[0] ?? '' }))
}

/** The connector with that name, listed or alternative; undefined if there is none. */
export function connectorNamed(
  name: string,
  flows: readonly FlowStatus[],
  configOf: ConfigOf,
): NamedConnector | undefined {
  for (const flow of flows) {
    for (const { names, ...rest } of namesOf(flow, flows, configOf)) if (names.includes(name)) return { ...rest, name }
  }
  return undefined
}

interface Named {
  /** the first one is used in the list of connectors */
  readonly names: readonly string[]
  readonly connector: Connector
  readonly config: Properties
}

/**
 * Names of the connectors of a flow: always Strimzi's `A->B.MirrorSourceConnector`, and if it is the only flow that copies also
 * MM2's `MirrorSourceConnector`, which is then the listed name unless the connector is configured with Strimzi's name.
 */
function namesOf(flow: FlowStatus, flows: readonly FlowStatus[], configOf: ConfigOf): Named[] {
  const copying = flows.filter(({ heartbeatsOnly }) => !heartbeatsOnly)
  const isOnly = copying.length === 1 && copying[0] === flow
  return connectorsOf(flow).flatMap((connector) => {
    const properties = configOf(flow.flow, connector.connector)
    if (!properties) return []
    const names = isOnly ? [connector.connector, connector.name] : [connector.name]
    if (properties['name'] !== connector.connector) names.reverse()
    const config = { ...properties, name: names[0] ?? connector.name }
    return [{ names, connector, config }]
  })
}

/** Connect's `status`. `worker` is the HTTP address of this process. */
export function statusJson({ name, connector }: NamedConnector, worker: string, version: string): object {
  const { state, trace, taskState, taskTrace } = connector
  const one = { worker_id: worker, version }
  const task = { state: taskState, ...one, ...(taskTrace !== undefined && { trace: taskTrace }) }
  const tasks = Array.from({ length: connector.tasks }, (_, id) => ({ id, ...task }))
  return { name, connector: { state, ...one, ...(trace !== undefined && { trace }) }, tasks, type: 'source' }
}

/** Connect's `info`. */
export function infoJson({ name, connector, config }: NamedConnector): object {
  const tasks = Array.from({ length: connector.tasks }, (_, task) => ({ connector: name, task }))
  return { name, config: { ...config, name }, tasks, type: 'source' }
}

/** Connect's `tasks`: the configuration of the only task. */
export function tasksJson({ name, connector, config }: NamedConnector): object[] {
  const taskClass = `org.apache.kafka.connect.mirror.${connector.connector.replace(/Connector$/, 'Task')}`
  const own = { name, 'task.class': taskClass, ...assignments(connector) }
  return Array.from({ length: connector.tasks }, (_, task) => ({
    id: { connector: name, task },
    config: { ...config, ...own },
  }))
}

/** The work that MM2 divides among tasks; here one task has all of it. */
function assignments({ connector, flow }: Connector): Properties {
  if (connector === 'MirrorSourceConnector') {
    const partitions = flow.topics.flatMap(({ topic, partitions: all }) =>
      all.map(({ partition }) => `${topic}-${partition}`),
    )
    return { 'task.index': '0', 'task.assigned.partitions': partitions.join(',') }
  }
  if (connector === 'MirrorCheckpointConnector')
    return { 'task.index': '0', 'task.assigned.groups': (flow.groups ?? []).map(({ group }) => group).join(',') }
  return {}
}

/**
 * Connect's `offsets` (KIP-875): the offset of the last copied record of each partition. Checkpoints and heartbeats have no
 * source offset; MM2 stores 0 for them.
 */
export function offsetsJson({ connector: { connector, flow } }: NamedConnector): object {
  return { offsets: offsetsOf[connector](flow) }
}

const offsetsOf: Readonly<Record<ConnectorName, (flow: FlowStatus) => object[]>> = {
  MirrorSourceConnector: ({ source, aliases, topics }) =>
    topics.flatMap(({ topic, partitions }) =>
      partitions
        .filter(({ position }) => position > 0)
        .map(({ partition, position }) => ({
          partition: { cluster: aliases?.source ?? source, partition, topic },
          offset: { offset: position - 1 },
        })),
    ),
  MirrorCheckpointConnector: ({ groups = [] }) =>
    groups.flatMap(({ group, partitions }) =>
      partitions
        .filter(({ downstream }) => downstream >= 0)
        .map(({ targetTopic: topic, partition }) => ({
          partition: { group, partition, topic },
          offset: { offset: 0 },
        })),
    ),
  MirrorHeartbeatConnector: ({ source, target, aliases = { source, target }, periodicTasks }) =>
    periodicTasks
      .filter(({ task, runs, failures }) => task === 'heartbeats' && runs > failures)
      .map(() => ({
        partition: { sourceClusterAlias: aliases.source, targetClusterAlias: aliases.target },
        offset: { offset: 0 },
      })),
}

/** Connect's `topics`: the topics on the target that the connector writes to. */
export function topicsJson({ name, connector: { connector, flow } }: NamedConnector): object {
  const topics = connector === 'MirrorSourceConnector' ? flow.topics.map(({ targetTopic }) => targetTopic) : []
  return { [name]: { topics } }
}
