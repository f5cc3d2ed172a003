// A TCP proxy in front of one broker that injects network faults: delays, low bandwidth, silence, cut connections at any byte or
// request. The broker must advertise the proxy's port (`proxied` of startCluster); otherwise clients bypass the proxy.
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { freePorts } from './ports.ts'
import { Lane } from './proxy/lane.ts'
import { type CutPoint, type CutRule, Link } from './proxy/link.ts'

export type Direction = 'requests' | 'answers'

/** A proxy in front of one broker. It has no faults until a test requests one. */
export class FaultProxy implements AsyncDisposable {
  readonly port: number
  readonly #brokerPort: number
  readonly #lanes = { requests: new Lane(), answers: new Lane() }
  readonly #links = new Set<Link>()
  readonly #requests = new Map<number, number>()
  #rules: CutRule[] = []
  #server: Server | undefined
  #connections = 0

  private constructor(port: number, brokerPort: number) {
    this.port = port
    this.#brokerPort = brokerPort
  }

  /** Starts to listen on a free port of 127.0.0.1. */
  static async to(brokerPort: number): Promise<FaultProxy> {
    const [port = 0] = await freePorts(1)
    const proxy = new FaultProxy(port, brokerPort)
    await proxy.#listen()
    return proxy
  }

  /** Bytes that reached the broker or the clients. */
  bytes(direction: Direction): number {
    return this.#lanes[direction].passed
  }

  /** Number of connections made so far, and of those open now. */
  get connections(): { readonly made: number; readonly open: number } {
    return { made: this.#connections, open: this.#links.size }
  }

  /** Number of requests of this kind so far (not under TLS). */
  requests(apiKey: number): number {
    return this.#requests.get(apiKey) ?? 0
  }

  /** Adds this round-trip time, half of it in each direction (ms). */
  delay(roundTripMs: number): void {
    for (const lane of this.#all(undefined)) lane.delayMs = roundTripMs / 2
  }

  /** Limits the total bandwidth of all connections, in one direction or in both. */
  throttle(bytesPerSecond: number, direction?: Direction): void {
    for (const lane of this.#all(direction)) lane.bytesPerSecond = bytesPerSecond
  }

  /** Holds back all bytes, in one direction or in both, and closes no connection. `removeFaults` forwards the bytes held back. */
  blackhole(direction?: Direction): void {
    for (const lane of this.#all(direction)) lane.held = true
  }

  /** Resets all connections now. */
  cut(): void {
    for (const link of this.#links) link.sever()
  }

  /** Forwards this many more bytes in one direction, then cuts all connections. Resolves at the cut. */
  cutAfter(bytes: number, direction: Direction): Promise<void> {
    return new Promise((resolve) => {
      const reached = () => {
        this.#lanes[direction].limit = undefined
        this.cut()
        resolve()
      }
      this.#lanes[direction].limit = { bytes, reached }
    })
  }

  /** Cuts the connection of the next request of this kind. Resolves at the cut. Not under TLS. */
  cutAtRequest(apiKey: number, point: CutPoint): Promise<void> {
    return new Promise((done) => this.#rules.push({ apiKey, point, done }))
  }

  /** Refuses new connections. Open connections stay. */
  refuse(): void {
    this.#server?.close()
    this.#server = undefined
  }

  /** Removes all faults: no delay, no limit, no hold, no cuts. */
  async removeFaults(): Promise<void> {
    this.#rules = []
    for (const lane of this.#all(undefined)) lane.removeFaults()
    for (const link of this.#links) link.run()
    if (!this.#server) await this.#listen()
  }

  /** Closes all connections and stops listening. */
  async close(): Promise<void> {
    this.refuse()
    this.cut()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #all(direction: Direction | undefined): Lane[] {
    return direction ? [this.#lanes[direction]] : Object.values(this.#lanes)
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))
      this.#server = server
      server.once('error', reject)
      server.listen(this.port, '127.0.0.1', resolve)
    })
  }

  #accept(client: Socket): void {
    this.#connections++
    const broker = createConnection({ host: '127.0.0.1', port: this.#brokerPort, allowHalfOpen: true, noDelay: true })
    const link = new Link(client, broker, this.#lanes, {
      asked: (apiKey) => this.#asked(apiKey),
      closed: () => this.#links.delete(link),
    })
    this.#links.add(link)
  }

  #asked(apiKey: number): CutRule | undefined {
    this.#requests.set(apiKey, this.requests(apiKey) + 1)
    const rule = this.#rules.find((one) => one.apiKey === apiKey)
    this.#rules = this.#rules.filter((one) => one !== rule)
    return rule
  }
}
