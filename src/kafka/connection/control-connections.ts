// The control connections of one cluster, opened when first needed. Fetch and Produce use other connections.
import { Failure } from '../../base/failure.ts'
import type { ClusterSettings } from '../cluster-settings.ts'
import { ControlConnection } from './control-connection.ts'

/**
 * A broker processes the requests of one connection one after the other. So requests that may take long have a connection of their
 * own: JoinGroup, a large CreateTopics, or the offsets of thousands of groups can block later requests for seconds.
 * Heartbeats have their own connection as well.
 */
export type Lane = 'control' | 'change' | 'group' | 'heartbeat' | 'offsets'

interface Opened {
  readonly connection: ControlConnection
  readonly ready: Promise<ControlConnection>
}

export class ControlConnections {
  readonly #settings: ClusterSettings
  readonly #open = new Map<string, Opened>()
  #closed = false

  constructor(settings: ClusterSettings) {
    this.#settings = settings
  }

  /**
   * The connection to `address` (host:port), opened if there is no usable one; concurrent callers share it.
   * @throws Failure of the network, TLS or authentication; CONNECTION_LOST after close()
   */
  async to(address: string, lane: Lane): Promise<ControlConnection> {
    const key = `${lane} ${address}`
    for (;;) {
      if (this.#closed) throw this.#closedFailure()
      const known = this.#open.get(key)
      if (!known) return this.#connect(key, address)
      const connection = await known.ready
      if (connection.usable) return connection
      connection.retire()
      if (this.#open.get(key) === known) this.#open.delete(key)
    }
  }

  /** Number of connections that are open or being opened. */
  get count(): number {
    return this.#open.size
  }

  /** Whether a connection to `address` is open or being opened. */
  has(address: string, lane: Lane): boolean {
    return this.#open.has(`${lane} ${address}`)
  }

  /** The remaining time for which the broker at `address` throttles the connection (ms). */
  mutedForMs(address: string, lane: Lane): number {
    return this.#open.get(`${lane} ${address}`)?.connection.mutedForMs ?? 0
  }

  /** Closes all connections of a lane; pending calls fail. */
  closeLane(lane: Lane): void {
    for (const key of this.#open.keys()) if (key.startsWith(`${lane} `)) this.#drop(key)
  }

  /** Closes all connections; pending calls fail. */
  close(): void {
    this.#closed = true
    for (const key of this.#open.keys()) this.#drop(key)
  }

  #connect(key: string, address: string): Promise<ControlConnection> {
    const connection = new ControlConnection(this.#settings, address)
    const opened = { connection, ready: connection.open() }
    this.#open.set(key, opened)
    opened.ready.catch(() => {
      if (this.#open.get(key) === opened) this.#open.delete(key)
    })
    return opened.ready
  }

  #drop(key: string): void {
    this.#open.get(key)?.connection.close()
    this.#open.delete(key)
  }

  #closedFailure(): Failure {
    const { alias: cluster } = this.#settings
    return new Failure('CONNECTION_LOST', `the connections to cluster ${cluster} were closed`, { cluster })
  }
}
