// One socket to one broker. Responses are returned as bytes, and can be read directly into a buffer of the caller.
// Several requests can be in flight; Kafka responds in order. Fetch, Produce and control requests never share a connection.
import { connect as connectTcp, type Socket, type TcpNetConnectOpts } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Failure } from '../base/failure.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import { joinAddress } from './connection/address.ts'
import {
  type ConnectionPhase,
  failureOfConnection,
  NO_ANSWER,
  SPOKE_HTTP,
  slowBrokerRemedy,
} from './connection/connection-failure.ts'
import { Mute } from './connection/mute.ts'
import { throttleKindOf } from './connection/throttle.ts'
import { RequestWriter } from './request-writer.ts'
import { authenticate, tlsOptions } from './security.ts'
import { ResponseReader } from './wire/response-reader.ts'
import { errorCodes, failureOfAnswer, failureOfCode } from './wire-errors.ts'

const API_VERSIONS = 18
const SASL_HANDSHAKE = 17
const SASL_AUTHENTICATE = 36
/** Brokers that support this version of ApiVersions respond before they throttle (KIP-219, Kafka 2.0). */
const ANSWERS_FIRST = 2
/** First byte of the response of a TLS listener to a plaintext request. */
const TLS_RECORD_TYPES = new Set([0x14, 0x15, 0x16, 0x17])
/** "HTTP", read as the size of a response. */
const HTTP = 0x48545450
/** Larger responses are rejected before memory is allocated for them (bytes). */
const MAX_ANSWER = 256 * 1024 * 1024

export interface BrokerAddress {
  readonly id: number
  readonly host: string
  readonly port: number
}

interface Pending {
  readonly correlation: number
  readonly into: Buffer | undefined
  readonly timeoutMs: number
  /** ms since the epoch */
  deadline: number
  readonly resolve: (answer: Buffer) => void
  readonly reject: (failure: Failure) => void
}

/** A connection to one broker. After a failure it is closed and rejects all requests; open a new one. */
export class RawConnection {
  readonly broker: BrokerAddress
  readonly #settings: ClusterSettings
  readonly #socket: Socket
  readonly #pending: Pending[] = []
  readonly #sizeField = Buffer.alloc(4)
  #sizeFill = 0
  #answer: Buffer | undefined
  #answerFill = 0
  #correlation = 0
  #phase: ConnectionPhase = 'connecting'
  #failure: Failure | undefined
  #versions: ReadonlyMap<number, { min: number; max: number }> = new Map()
  #watch: NodeJS.Timeout | undefined
  readonly #mute = new Mute({
    write: (parts, written) => this.#write(parts, written),
    tooLong: (leftMs) => this.#fail(this.#mutedTooLong(leftMs)),
  })
  /** when this connection should be replaced because its SASL session expires (KIP-368), ms since the epoch; Infinity if it never does */
  expiresAt = Number.POSITIVE_INFINITY

  private constructor(settings: ClusterSettings, broker: BrokerAddress) {
    this.#settings = settings
    this.broker = broker
    this.#socket = this.#open()
    this.#watch = setInterval(() => this.#checkDeadlines(), 500)
    this.#watch.unref()
  }

  /**
   * Connects, authenticates and reads the API versions of the broker.
   * @throws Failure BROKER_UNREACHABLE, TLS_FAILED, AUTHENTICATION_FAILED, REQUEST_TIMED_OUT
   */
  static async open(settings: ClusterSettings, broker: BrokerAddress): Promise<RawConnection> {
    const connection = new RawConnection(settings, broker)
    try {
      await connection.#connected()
      connection.#phase = 'greeting'
      await connection.#readVersions()
      if (settings.protocol.startsWith('SASL')) await connection.#authenticate()
      connection.#phase = 'serving'
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  get usable(): boolean {
    return this.#failure === undefined && Date.now() < this.expiresAt
  }

  get inFlight(): number {
    return this.#pending.length
  }

  /** The remaining time for which the broker throttles this connection because of a quota (ms). */
  get mutedForMs(): number {
    return this.#mute.leftMs
  }

  /**
   * Processes the throttle time of a response (ms): until it has passed nothing is written, and the deadlines of pending
   * requests are extended by it.
   */
  throttled(apiKey: number, throttleMs: number): void {
    const { alias: cluster, onThrottle } = this.#settings
    onThrottle?.({ kind: throttleKindOf(apiKey), cluster, broker: this.#address(), throttleMs })
    // Older brokers wait before they respond.
    if (throttleMs <= 0 || (this.#versions.get(API_VERSIONS)?.max ?? ANSWERS_FIRST) < ANSWERS_FIRST) return
    if (this.#failure || !this.#mute.begin(throttleMs)) return
    const { until } = this.#mute
    for (const pending of this.#pending) pending.deadline = Math.max(pending.deadline, until + pending.timeoutMs)
  }

  /** The API versions of the broker, by API key. */
  get versions(): ReadonlyMap<number, { readonly min: number; readonly max: number }> {
    return this.#versions
  }

  /**
   * The highest version of a request that both sides support.
   * @throws Failure UNSUPPORTED_VERSION
   */
  version(apiKey: number, ours: { min: number; max: number }): number {
    const theirs = this.#versions.get(apiKey)
    const version = Math.min(ours.max, theirs?.max ?? -1)
    if (theirs && version >= Math.max(ours.min, theirs.min)) return version
    throw new Failure(
      'UNSUPPORTED_VERSION',
      `${this.#name()} supports no version of request ${apiKey} that godwit supports`,
      {
        ...this.#where(),
        remedy: 'godwit needs Apache Kafka 0.11 or newer on both sides',
      },
    )
  }

  /**
   * Sends one request, given as bytes in `parts`, which must not change until `written` is called.
   * Resolves with the response after its correlation id: a view into `into` if it fits, else a new buffer.
   * @throws Failure of the connection, which closes it
   */
  send(
    parts: readonly Buffer[],
    correlation: number,
    options: { into?: Buffer; timeoutMs?: number; written?: () => void } = {},
  ): Promise<Buffer> {
    if (this.#failure) {
      options.written?.()
      return Promise.reject(this.#failure)
    }
    return new Promise((resolve, reject) => {
      const timeoutMs = options.timeoutMs ?? this.#settings.requestTimeoutMs
      const deadline = Math.max(Date.now(), this.#mute.until) + timeoutMs
      this.#pending.push({ correlation, into: options.into, timeoutMs, deadline, resolve, reject })
      this.#mute.write(parts, options.written)
    })
  }

  /** Begins a request in `writer` with the size field and the header; returns the correlation id. */
  begin(writer: RequestWriter, apiKey: number, version: number, flexible: boolean): number {
    const correlation = this.#correlation
    this.#correlation = (correlation + 1) & 0x7fffffff
    writer.reset().int32(0).int16(apiKey).int16(version).int32(correlation).string(this.#settings.clientId)
    if (flexible) writer.uvarint(0)
    return correlation
  }

  close(reason?: Failure): void {
    this.#fail(reason ?? new Failure('CONNECTION_LOST', `the connection to ${this.#name()} was closed`, this.#where()))
  }

  #mutedTooLong(leftMs: number): Failure {
    const sentence = `${this.#name()} throttles this connection for another ${Math.ceil(leftMs / 1000)} s (quota); godwit opens a new connection`
    return new Failure('BROKER_BUSY', sentence, { ...this.#where(), wireCode: errorCodes.THROTTLING_QUOTA_EXCEEDED })
  }

  #write(parts: readonly Buffer[], written: (() => void) | undefined): void {
    const last = parts.length - 1
    this.#socket.cork()
    for (let i = 0; i < last; i++) this.#socket.write(parts[i] as Buffer)
    this.#socket.write(parts[last] as Buffer, () => written?.())
    this.#socket.uncork()
  }

  #open(): Socket {
    const { protocol } = this.#settings
    const { host, port } = this.broker
    if (protocol === 'SSL' || protocol === 'SASL_SSL') {
      const socket = connectTls({ ...tlsOptions(this.#settings, host), host, port })
      socket.setNoDelay(true)
      socket.on('data', (chunk: Buffer) => this.#copyIn(chunk))
      return this.#watchOver(socket)
    }
    const onread = { buffer: () => this.#room(), callback: (size: number) => this.#received(size) }
    return this.#watchOver(connectTcp({ host, port, noDelay: true, onread } as TcpNetConnectOpts))
  }

  #watchOver(socket: Socket): Socket {
    socket.on('error', (cause) => this.#fail(this.#broken(cause)))
    socket.on('close', () => this.#fail(this.#broken(errorWithCode('the connection was closed', 'ECONNRESET'))))
    return socket
  }

  #connected(): Promise<void> {
    const event = this.#settings.protocol.endsWith('SSL') ? 'secureConnect' : 'connect'
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail(this.#broken(errorWithCode('no connection in time', NO_ANSWER))),
        this.#settings.connectTimeoutMs,
      )
      this.#socket.once(event, () => {
        clearTimeout(timer)
        resolve()
      })
      this.#socket.once('close', () => {
        clearTimeout(timer)
        reject(this.#failure ?? this.#broken(errorWithCode('the connection was closed', 'ECONNRESET')))
      })
    })
  }

  async #readVersions(): Promise<void> {
    const writer = new RequestWriter()
    const correlation = this.begin(writer, API_VERSIONS, 1, false)
    const reader = new ResponseReader(await this.send([finish(writer)], correlation))
    const error = reader.int16()
    if (error !== 0) throw failureOfCode(error, this.#where())
    const versions = new Map<number, { min: number; max: number }>()
    for (let left = reader.int32(); left > 0; left--)
      versions.set(reader.int16(), { min: reader.int16(), max: reader.int16() })
    this.#versions = versions
    this.throttled(API_VERSIONS, reader.int32())
  }

  async #authenticate(): Promise<void> {
    const mechanism = this.#settings.sasl?.mechanism ?? ''
    const writer = new RequestWriter()
    const correlation = this.begin(writer, SASL_HANDSHAKE, 1, false)
    writer.string(mechanism)
    const reader = new ResponseReader(await this.send([finish(writer)], correlation))
    const error = reader.int16()
    if (error !== 0) {
      const offered: (string | null)[] = []
      for (let left = reader.int32(); left > 0; left--) offered.push(reader.string())
      const remedy = offered.length > 0 && {
        remedy: `set sasl.mechanism to one the broker offers: ${offered.join(', ')}`,
      }
      throw failureOfCode(error, { ...this.#where(), ...remedy })
    }
    await authenticate(this.#settings, (_mechanism, bytes) => this.#saslStep(bytes))
  }

  async #saslStep(bytes: Buffer): Promise<Buffer> {
    const version = Math.min(1, this.#versions.get(SASL_AUTHENTICATE)?.max ?? 0)
    const writer = new RequestWriter()
    const correlation = this.begin(writer, SASL_AUTHENTICATE, version, false)
    writer.int32(bytes.length).raw(bytes)
    const reader = new ResponseReader(await this.send([finish(writer)], correlation))
    const error = reader.int16()
    const message = reader.string()
    if (error !== 0) throw failureOfAnswer(error, message, this.#where())
    const size = Math.max(0, reader.int32())
    const at = reader.skip(size)
    const answer = Buffer.from(reader.bytes.subarray(at, at + size))
    const lifetime = version >= 1 ? reader.int64() : 0
    // As the Java client, replace the session before the broker ends it: at 85 to 95 percent of its lifetime (KIP-368).
    if (lifetime > 0) this.expiresAt = Date.now() + lifetime * (0.85 + Math.random() * 0.1)
    return answer
  }

  /** Where the next bytes from the socket are stored: the size field, then the response. */
  #room(): Buffer {
    if (this.#answer) return this.#answer.subarray(this.#answerFill)
    return this.#sizeField.subarray(this.#sizeFill)
  }

  #received(size: number): boolean {
    if (this.#answer) this.#answerFill += size
    else this.#sizeFill += size
    this.#advance()
    return true
  }

  #copyIn(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.#failure) {
      const room = this.#room()
      const size = Math.min(room.length, chunk.length - at)
      room.set(chunk.subarray(at, at + size))
      at += size
      this.#received(size)
    }
  }

  #advance(): void {
    if (!this.#answer && this.#sizeFill === 4) this.#beginAnswer()
    if (this.#answer && this.#answerFill === this.#answer.length) this.#endAnswer(this.#answer)
  }

  #beginAnswer(): void {
    const size = this.#sizeField.readInt32BE(0)
    const into = this.#pending[0]?.into
    if (size < 4 || size > MAX_ANSWER || this.#pending.length === 0) {
      this.#answer = Buffer.alloc(1 << 16)
      return this.#fail(this.#malformed(size))
    }
    this.#answer = into && into.length >= size ? into.subarray(0, size) : Buffer.allocUnsafeSlow(size)
    this.#answerFill = 0
  }

  #malformed(size: number): Failure {
    if (size === HTTP) return this.#broken(errorWithCode('its response is HTTP', SPOKE_HTTP))
    const broken = this.#broken(errorWithCode('its response is malformed', 'ECONNRESET'))
    if (broken.code === 'TLS_FAILED') return broken
    const sentence = `${this.#name()} sent a response with an invalid size: ${size} bytes`
    return new Failure('CONNECTION_LOST', sentence, this.#where())
  }

  #endAnswer(answer: Buffer): void {
    this.#answer = undefined
    this.#sizeFill = 0
    const pending = this.#pending.shift()
    const correlation = answer.readInt32BE(0)
    if (!pending) return
    if (pending.correlation === correlation) return pending.resolve(answer.subarray(4))
    const failure = new Failure(
      'CONNECTION_LOST',
      `${this.#name()} responded to request ${correlation} instead of ${pending.correlation}`,
      this.#where(),
    )
    pending.reject(failure)
    this.#fail(failure)
  }

  #checkDeadlines(): void {
    const oldest = this.#pending[0]
    if (!oldest || Date.now() < oldest.deadline) return
    const where = this.#where()
    const remedy = slowBrokerRemedy(where.broker ?? '')
    this.#fail(new Failure('REQUEST_TIMED_OUT', `${this.#name()} did not respond in time`, { ...where, remedy }))
  }

  #fail(failure: Failure): void {
    if (this.#failure) return
    this.#failure = failure
    clearInterval(this.#watch)
    this.#mute.end()
    this.#socket.destroy()
    for (const pending of this.#pending.splice(0)) pending.reject(failure)
  }

  #broken(cause: Error): Failure {
    const { alias: cluster, protocol } = this.#settings
    const [first = 0, second = 0] = this.#sizeField
    const spokeTls = !protocol.endsWith('SSL') && TLS_RECORD_TYPES.has(first) && second === 3
    return failureOfConnection(cause, { cluster, broker: this.#address(), protocol, phase: this.#phase, spokeTls })
  }

  #address(): string {
    return joinAddress(this.broker.host, this.broker.port)
  }

  #name(): string {
    return `broker ${this.#address()} of cluster ${this.#settings.alias}`
  }

  #where(): { cluster: string; broker: string } {
    return { cluster: this.#settings.alias, broker: this.#address() }
  }
}

/** Sets the size field of the request in `writer` and returns a copy of its bytes. @param more bytes that follow outside of `writer` */
export function finish(writer: RequestWriter, more = 0): Buffer {
  writer.patchInt32(0, writer.length - 4 + more)
  return writer.copy()
}

function errorWithCode(message: string, code: string): Error {
  return Object.assign(new Error(message), { code })
}
