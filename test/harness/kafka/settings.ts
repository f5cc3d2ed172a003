// The server.properties of a test broker (KRaft, broker and controller in one process).
import { join } from 'node:path'

export type ListenerProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'

/** The ports of one node. */
export interface NodePlace {
  readonly id: number
  readonly port: number
  readonly controllerPort: number
  /** ports of additional listeners, by name */
  readonly listeners: Readonly<Record<string, number>>
  /** the port that clients receive instead of `port` */
  readonly advertised: number
  readonly logFolders: readonly string[]
  readonly folder: string
}

/** The listener that bypasses a proxy, used between brokers and by the tests' own tools. */
export const DIRECT = 'DIRECT'

/**
 * @param node the node of these settings
 * @param all the nodes of the cluster
 * @param protocols of additional listeners, by name
 * @param own settings that override the harness's own
 */
export function brokerSettings(
  node: NodePlace,
  all: readonly NodePlace[],
  protocols: Readonly<Record<string, ListenerProtocol>>,
  own: Readonly<Record<string, string>>,
): string {
  const replicas = String(Math.min(3, all.length))
  const further = Object.entries(node.listeners).map(([name, port]) => `,${name}://127.0.0.1:${port}`)
  const settings: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': String(node.id),
    'controller.quorum.voters': all.map((one) => `${one.id}@127.0.0.1:${one.controllerPort}`).join(','),
    listeners: `PLAINTEXT://127.0.0.1:${node.port}${further.join('')},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${node.advertised}${further.join('')}`,
    'listener.security.protocol.map': Object.entries({ ...known, ...protocols })
      .map(([name, protocol]) => `${name}:${protocol}`)
      .join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': DIRECT in node.listeners ? DIRECT : 'PLAINTEXT',
    'log.dirs': node.logFolders.join(','),
    'metadata.log.dir': join(node.folder, 'log'),
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // After kill -9, a broker can register again only when its previous session has expired; 9 s by default.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.num.partitions': '5',
    ...own,
  }
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('')
}

const known: Record<string, ListenerProtocol> = {
  PLAINTEXT: 'PLAINTEXT',
  CONTROLLER: 'PLAINTEXT',
  [DIRECT]: 'PLAINTEXT',
  SASL_PLAINTEXT: 'SASL_PLAINTEXT',
  SASL_SSL: 'SASL_SSL',
  SSL: 'SSL',
}
