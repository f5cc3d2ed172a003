// One connection for control requests to one broker: godwit's own socket, with requests and responses of the client library.
import { Failure } from '../../base/failure.ts'
import type { ClusterSettings } from '../cluster-settings.ts'
import { RawConnection } from '../raw-connection.ts'
import { splitAddress } from './address.ts'
import { type ApiName, callApi } from './library-calls.ts'

export class ControlConnection {
  readonly address: string
  readonly #settings: ClusterSettings
  #raw: RawConnection | undefined
  #inFlight = 0
  #hasAnswered = false
  #retired = false

  constructor(settings: ClusterSettings, address: string) {
    this.#settings = settings
    this.address = address
  }

  /** The API versions of the broker, by API key; empty until the connection is open. */
  get versions(): ReadonlyMap<number, { readonly min: number; readonly max: number }> {
    return this.#raw?.versions ?? new Map()
  }

  /** The remaining time for which the broker throttles this connection (ms). */
  get mutedForMs(): number {
    return this.#raw?.mutedForMs ?? 0
  }

  /** Connects, authenticates and reads the API versions of the broker. Call it once. @throws Failure, and closes the connection */
  async open(): Promise<this> {
    const raw = await RawConnection.open(this.#settings, { id: -1, ...splitAddress(this.address) })
    this.#raw = raw
    if (!this.#retired) return this
    raw.close()
    throw this.#closed()
  }

  /** Whether a new call may use it: it is connected, and its SASL session has not expired. */
  get usable(): boolean {
    return this.#raw?.usable === true && !this.#retired
  }

  /** Sends a request and returns the response; error codes in the response are left to the caller. @throws Failure */
  async call<Answer>(name: ApiName, args: readonly unknown[], timeoutMs: number): Promise<Answer> {
    if (!this.#raw) throw this.#closed()
    this.#inFlight++
    try {
      const where = { cluster: this.#settings.alias, broker: this.address }
      const answer = await callApi<Answer>(this.#raw, name, args, timeoutMs, where)
      this.#hasAnswered = true
      return answer
    } catch (error) {
      throw this.#hasAnswered ? error : this.#asLoginRequired(error)
    } finally {
      this.#inFlight--
      if (this.#retired && this.#inFlight === 0) this.close()
    }
  }

  /** Accepts no more calls; closes when the pending ones have ended. */
  retire(): void {
    this.#retired = true
    if (this.#inFlight === 0) this.close()
  }

  /** Closes it immediately, even while it is being opened; pending calls fail with CONNECTION_LOST. */
  close(): void {
    this.#retired = true
    this.#raw?.close()
  }

  /** A SASL listener answers ApiVersions without a login and closes the connection on the next request. */
  #asLoginRequired(error: unknown): unknown {
    const { alias: cluster, protocol } = this.#settings
    const hungUp = error instanceof Failure && error.code === 'CONNECTION_LOST' && !this.#retired
    if (!hungUp || protocol.startsWith('SASL')) return error
    const sentence = `broker ${this.address} of cluster ${cluster} closed the connection on the first request`
    const wanted = protocol === 'SSL' ? 'SASL_SSL' : 'SASL_PLAINTEXT'
    const remedy = `if it persists, the listener requires SASL: set ${cluster}.security.protocol to ${wanted} (now ${protocol}), with ${cluster}.sasl.mechanism and ${cluster}.sasl.jaas.config`
    return new Failure('BROKER_UNREACHABLE', sentence, { cluster, broker: this.address, remedy, cause: error })
  }

  #closed(): Failure {
    const { alias: cluster } = this.#settings
    const sentence = `the connection to broker ${this.address} of cluster ${cluster} was closed`
    return new Failure('CONNECTION_LOST', sentence, { cluster, broker: this.address })
  }
}
