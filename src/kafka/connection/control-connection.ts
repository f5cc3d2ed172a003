// One connection for control requests to one broker: our own socket, the client library's requests and answers.
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

  /** What the broker speaks, by request key; empty until it is open. */
  get versions(): ReadonlyMap<number, { readonly min: number; readonly max: number }> {
    return this.#raw?.versions ?? new Map()
  }

  /** For how long the broker throttles it (ms). */
  get mutedForMs(): number {
    return this.#raw?.mutedForMs ?? 0
  }

  /** Connects, logs in and learns the broker's versions; once. @throws Failure; nothing stays open then */
  async open(): Promise<this> {
    const raw = await RawConnection.open(this.#settings, { id: -1, ...splitAddress(this.address) })
    this.#raw = raw
    if (!this.#retired) return this
    raw.close()
    throw this.#closed()
  }

  /** Whether another call may be begun: connected, and the login has not run out. */
  get usable(): boolean {
    return this.#raw?.usable === true && !this.#retired
  }

  /** One request and its answer, error codes inside left in place. @throws Failure */
  async call<Answer>(name: ApiName, args: readonly unknown[], timeoutMs: number): Promise<Answer> {
    if (!this.#raw) throw this.#closed()
    this.#inFlight++
    try {
      const where = { cluster: this.#settings.alias, broker: this.address }
      const answer = await callApi<Answer>(this.#raw, name, args, timeoutMs, where)
      this.#hasAnswered = true
      return answer
    } catch (error) {
      throw this.#hasAnswered ? error : this.#unwelcome(error)
    } finally {
      this.#inFlight--
      if (this.#retired && this.#inFlight === 0) this.close()
    }
  }

  /** Takes no more calls; closes when those under way have ended. */
  retire(): void {
    this.#retired = true
    if (this.#inFlight === 0) this.close()
  }

  /** Ends it at once, also while it is being opened; calls under way fail with CONNECTION_LOST. */
  close(): void {
    this.#retired = true
    this.#raw?.close()
  }

  /** A listener that wants a login answers the greeting and hangs up at the first real request. */
  #unwelcome(error: unknown): unknown {
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
