// Control connections of one cluster, one per broker, made when first needed: never those of fetch and produce.
import { apiVersionsV0, Connection, type ConnectionOptions } from '@platformatic/kafka'
import type { ClusterSettings } from '../cluster-settings.ts'
import { tlsOptions } from '../security.ts'
import { failureOfLibraryError, type Versions } from './library-calls.ts'

export interface ControlConnection {
  readonly connection: Connection
  readonly versions: Versions
}

export class ControlConnections {
  readonly #settings: ClusterSettings
  readonly #open = new Map<string, Promise<ControlConnection>>()
  #closed = false

  constructor(settings: ClusterSettings) {
    this.#settings = settings
  }

  /** @param address host:port @throws Failure of the connection or the authentication */
  async to(address: string): Promise<ControlConnection> {
    const known = this.#open.get(address)
    if (known) {
      const control = await known.catch(() => undefined)
      if (control?.connection.isConnected()) return control
      if (this.#open.get(address) === known) this.#open.delete(address)
    }
    const again = this.#open.get(address)
    if (again) return again
    const opening = this.#connect(address)
    this.#open.set(address, opening)
    return opening
  }

  /** Forgets a connection that misbehaved. */
  async drop(address: string): Promise<void> {
    const known = this.#open.get(address)
    this.#open.delete(address)
    const control = await known?.catch(() => undefined)
    await control?.connection.close().catch(() => {})
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#open.keys()].map((address) => this.drop(address)))
  }

  async #connect(address: string): Promise<ControlConnection> {
    const { host, port } = splitAddress(address)
    const connection = new Connection(this.#settings.clientId, this.#options(host))
    const where = { cluster: this.#settings.alias, broker: address }
    // Errors reach whoever waits for an answer; without a listener Node would end the process.
    connection.on('error', () => {})
    try {
      await connection.connect(host, port)
      const answer = await apiVersionsV0.api.async(connection, '', '')
      if (this.#closed) throw new Error('closed')
      return {
        connection,
        versions: new Map(answer.apiKeys.map((api) => [api.apiKey, { min: api.minVersion, max: api.maxVersion }])),
      }
    } catch (error) {
      await connection.close().catch(() => {})
      throw failureOfLibraryError(error, where)
    }
  }

  #options(host: string): ConnectionOptions {
    const { protocol, sasl, connectTimeoutMs, requestTimeoutMs } = this.#settings
    return {
      connectTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      maxInflights: 20,
      ...(protocol.endsWith('SSL') && { tls: tlsOptions(this.#settings, host) }),
      ...(protocol.startsWith('SASL') &&
        sasl && { sasl: { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password.reveal() } }),
    }
  }
}

/** `host:port`, also `[v6]:port`. */
export function splitAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(address.slice(at + 1)) }
}
