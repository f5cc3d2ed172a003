// A TCP proxy in front of one broker, for faults of the network: delays, slowness, silence, connections cut at any byte or request.
// A broker must advertise the proxy's port (startCluster's `proxied`), or its clients go past it.
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { freePorts } from './ports.ts'
import { Lane } from './proxy/lane.ts'
import { type CutPoint, type CutRule, Link } from './proxy/link.ts'

export type Direction = 'requests' | 'answers'

/** In front of one broker; without faults until one is asked for. */
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

  /** Listens on a free port of 127.0.0.1. */
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

  /** Connections made so far, and those open now. */
  get connections(): { readonly made: number; readonly open: number } {
    return { made: this.#connections, open: this.#links.size }
  }

  /** How many requests of this kind came by (not under TLS). */
  requests(apiKey: number): number {
    return this.#requests.get(apiKey) ?? 0
  }

  /** Every byte takes half of this round trip, in ms, each way. */
  delay(roundTripMs: number): void {
    for (const lane of this.#all(undefined)) lane.delayMs = roundTripMs / 2
  }

  /** All connections together get this many bytes per second, each way or one way. */
  throttle(bytesPerSecond: number, direction?: Direction): void {
    for (const lane of this.#all(direction)) lane.bytesPerSecond = bytesPerSecond
  }

  /** Nothing gets through any more, both ways or one way, and no connection ends; `heal` lets go on what waited. */
  blackhole(direction?: Direction): void {
    for (const lane of this.#all(direction)) lane.held = true
  }

  /** Resets all connections now. */
  cut(): void {
    for (const link of this.#links) link.sever()
  }

  /** Lets this many further bytes through in one direction, then cuts all connections. Resolves when that happened. */
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

  /** Cuts the connection of the next request of this kind. Resolves when that happened. Not under TLS. */
  cutAtRequest(apiKey: number, point: CutPoint): Promise<void> {
    return new Promise((done) => this.#rules.push({ apiKey, point, done }))
  }

  /** Refuses new connections; those there are stay. */
  refuse(): void {
    this.#server?.close()
    this.#server = undefined
  }

  /** Undoes everything: fast, open, no cuts to come. */
  async heal(): Promise<void> {
    this.#rules = []
    for (const lane of this.#all(undefined)) lane.heal()
    for (const link of this.#links) link.run()
    if (!this.#server) await this.#listen()
  }

  /** Ends all connections, and listens no more. */
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
