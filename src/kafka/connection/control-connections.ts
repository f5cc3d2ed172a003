// Control connections of one cluster, made when first needed: never those of fetch and produce.
import { Failure } from '../../base/failure.ts'
import type { ClusterSettings } from '../cluster-settings.ts'
import { ControlConnection } from './control-connection.ts'

/**
 * A broker answers the requests of one connection one after the other, so whatever may take long has a connection of its own:
 * a pending JoinGroup holds up everything behind it for seconds, a large CreateTopics or the offsets of thousands of groups too.
 * Heartbeats go with none of them.
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
   * The connection to `address` (host:port), opened if there is none that can be used; callers at the same time share it.
   * @throws Failure of the network, of TLS, of the login; CONNECTION_LOST after close()
   */
  async to(address: string, lane: Lane): Promise<ControlConnection> {
    const key = `${lane} ${address}`
    for (;;) {
      if (this.#closed) throw this.#over()
      const known = this.#open.get(key)
      if (!known) return this.#connect(key, address)
      const connection = await known.ready
      if (connection.usable) return connection
      connection.retire()
      if (this.#open.get(key) === known) this.#open.delete(key)
    }
  }

  /** Those that are made or in the making. */
  get count(): number {
    return this.#open.size
  }

  /** Whether there is a connection to `address` that is made or in the making. */
  has(address: string, lane: Lane): boolean {
    return this.#open.has(`${lane} ${address}`)
  }

  /** For how long the broker at `address` throttles the connection (ms). */
  mutedForMs(address: string, lane: Lane): number {
    return this.#open.get(`${lane} ${address}`)?.connection.mutedForMs ?? 0
  }

  /** Ends all connections of a lane; calls under way fail. */
  closeLane(lane: Lane): void {
    for (const key of this.#open.keys()) if (key.startsWith(`${lane} `)) this.#drop(key)
  }

  /** Ends all connections; calls under way fail. */
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

  #over(): Failure {
    const { alias: cluster } = this.#settings
    return new Failure('CONNECTION_LOST', `the connections to cluster ${cluster} were closed`, { cluster })
  }
}
