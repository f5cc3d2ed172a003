// The connections of one record log: one per broker, opened when needed and replaced when lost.
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { type BrokerAddress, RawConnection } from '../kafka/raw-connection.ts'

/** The leaders of a topic by partition number: as last read (known), or read again after a failure (fresh). @throws Failure */
export type Leaders = (which: 'known' | 'fresh') => Promise<readonly BrokerAddress[]>

export class BrokerConnections {
  readonly #settings: ClusterSettings
  readonly #connections = new Map<number, Promise<RawConnection>>()

  constructor(settings: ClusterSettings) {
    this.#settings = settings
  }

  /**
   * A usable connection to this broker.
   * @throws Failure as RawConnection.open
   */
  async to(broker: BrokerAddress): Promise<RawConnection> {
    const known = await this.#connections.get(broker.id)?.catch(() => undefined)
    if (known?.usable && known.broker.host === broker.host && known.broker.port === broker.port) return known
    known?.close()
    const opening = RawConnection.open(this.#settings, broker)
    this.#connections.set(broker.id, opening)
    return opening
  }

  /** Closes all connections; a later `to` opens new ones. */
  async close(): Promise<void> {
    const connections = [...this.#connections.values()]
    this.#connections.clear()
    for (const connection of connections) (await connection.catch(() => undefined))?.close()
  }
}
