// One connection of the client library to one broker, with what the library lacks: a time limit for each call,
// our own login (its re-login lets requests slip in between), and the real reason when a connection breaks.
import { apiVersionsV0, Connection, type ConnectionOptions, type SASLCustomAuthenticator } from '@platformatic/kafka'
import { Failure, sentenceOf } from '../../base/failure.ts'
import type { ClusterSettings } from '../cluster-settings.ts'
import { authenticate, tlsOptions } from '../security.ts'
import { failureOfLibraryError, type Phase } from './connection-failure.ts'
import { type ApiName, callApi, type Versions } from './library-calls.ts'

/** The library's own time limit counts for a whole connection; ours count for each call, so its is never reached. */
const NEVER_MS = 2 ** 31 - 1
const TLS_RECORD_TYPES = new Set([0x14, 0x15, 0x16, 0x17])

export class ControlConnection {
  readonly address: string
  versions: Versions = new Map()
  readonly #settings: ClusterSettings
  readonly #library: Connection
  #lastError: unknown
  #spokeTls = false
  #inFlight = 0
  #retired = false
  /** when the broker ends this login (KIP-368), less a margin; ms of the monotonic clock */
  #expiresAt = Number.POSITIVE_INFINITY

  constructor(settings: ClusterSettings, address: string) {
    this.#settings = settings
    this.address = address
    const { host } = splitAddress(address)
    this.#library = new Connection(settings.clientId, this.#options(host))
    // Without a listener an error event would end the process; whoever waits for an answer hears of it there.
    this.#library.on('error', (error) => {
      this.#lastError = error
    })
  }

  /** Connects, logs in and learns the broker's versions; once. @throws Failure; nothing stays open then */
  async open(): Promise<this> {
    let phase: Phase = 'connecting'
    try {
      await this.#connect()
      phase = 'greeting'
      const greeting = apiVersionsV0.api.async(this.#library, '', '')
      const answer = await this.#within(greeting, this.#settings.connectTimeoutMs)
      this.versions = new Map(answer.apiKeys.map((api) => [api.apiKey, { min: api.minVersion, max: api.maxVersion }]))
      return this
    } catch (error) {
      this.close()
      throw this.#failure(error, phase)
    }
  }

  /** Whether another call may be begun: connected, and the login has not run out. */
  get usable(): boolean {
    return this.#library.isConnected() && !this.#retired && performance.now() < this.#expiresAt
  }

  /** One request and its answer, error codes inside left in place. @throws Failure */
  async call<Answer>(name: ApiName, args: readonly unknown[], timeoutMs: number): Promise<Answer> {
    this.#inFlight++
    try {
      const where = { cluster: this.#settings.alias, broker: this.address }
      return await this.#within(callApi<Answer>(this.#library, this.versions, name, args, where), timeoutMs)
    } catch (error) {
      throw this.#failure(error, 'serving')
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
    // The library's close() alone waits for what is still to be written, which a dead peer never takes.
    this.#library.close().catch(() => {})
    const socket: { destroy(): void } | undefined = this.#library.socket
    socket?.destroy()
  }

  async #connect(): Promise<void> {
    const { host, port } = splitAddress(this.address)
    const connecting = this.#library.connect(host, port)
    if (!this.#settings.protocol.endsWith('SSL')) {
      this.#library.socket.once('data', (chunk: Buffer) => {
        this.#spokeTls = TLS_RECORD_TYPES.has(chunk[0] ?? 0) && chunk[1] === 3
      })
    }
    await connecting
  }

  /** The answer, or REQUEST_TIMED_OUT; the connection is of no use then, as answers come in order. */
  async #within<Answer>(answer: Promise<Answer>, timeoutMs: number): Promise<Answer> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      this.close()
    }, timeoutMs)
    try {
      return await answer
    } catch (error) {
      if (!isLate) throw error
      const { alias: cluster } = this.#settings
      const sentence = `broker ${this.address} of cluster ${cluster} did not answer within ${timeoutMs} ms`
      throw new Failure('REQUEST_TIMED_OUT', sentence, { cluster, broker: this.address, cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  #failure(error: unknown, phase: Phase): Failure {
    const { alias: cluster, protocol } = this.#settings
    const place = { cluster, broker: this.address, protocol, phase, spokeTls: this.#spokeTls }
    if (error instanceof Failure || this.#lastError === undefined || this.#lastError === error)
      return failureOfLibraryError(error, place)
    // The waiting call only hears that the connection closed; the reason went to the error event.
    return failureOfLibraryError(new Error(sentenceOf(error), { cause: this.#lastError }), place)
  }

  #options(host: string): ConnectionOptions {
    const { protocol, sasl, connectTimeoutMs } = this.#settings
    return {
      connectTimeout: connectTimeoutMs,
      requestTimeout: NEVER_MS,
      maxInflights: 20,
      ...(protocol.endsWith('SSL') && { tls: tlsOptions(this.#settings, host) }),
      ...(protocol.startsWith('SASL') && sasl && { sasl: { mechanism: sasl.mechanism, authenticate: this.#logIn } }),
    }
  }

  /** The library has shaken hands; the rest is ours. It is told of no lifetime, so it never logs in anew by itself. */
  readonly #logIn: SASLCustomAuthenticator = (_mechanism, connection, send, _user, _password, _token, callback) => {
    let lifetimeMs = 0
    const exchange = async (_name: string, bytes: Buffer): Promise<Buffer> => {
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
      send(connection, bytes, (error, answer) => {
        if (error || !answer) return reject(error ?? new Error('no answer'))
        lifetimeMs = Number(answer.sessionLifetimeMs)
        resolve(answer.authBytes)
      })
      return promise
    }
    authenticate(this.#settings, exchange).then(
      () => {
        // Like Java, leave at 85 to 95 percent of its life.
        if (lifetimeMs > 0) this.#expiresAt = performance.now() + lifetimeMs * (0.85 + Math.random() * 0.1)
        const authBytes = Buffer.alloc(0)
        callback(null, {
          throttleTimeMs: 0,
          errorCode: 0,
          errorMessage: null,
          authBytes,
          sessionLifetimeMs: 0n,
        } as never)
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    )
  }
}

/** `host:port`, also `[v6]:port`. */
export function splitAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(address.slice(at + 1)) }
}

/** The other way round. */
export function joinAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
