// Reads partitions of one cluster over one connection per broker: whoever wants to read on is gathered into the next Fetch to
// the leader of his partition, and gets his part of the answer in a buffer of his own.
import { Failure, verdictOf } from '../../base/failure.ts'
import { backoff, sleep } from '../../base/retry.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { BrokerAddress } from '../../kafka/raw-connection.ts'
import { type FetchedPartition, readOnce } from '../../kafka/raw-fetch.ts'
import type { Topology } from '../../kafka/topology.ts'
import { failureOfCode } from '../../kafka/wire-errors.ts'
import { BrokerConnections } from '../../records/broker-connections.ts'
import type { Slice } from '../compare/tape.ts'

/** An answer ends anywhere in a batch, which is then read again: the more at a time, the less of that. */
const PARTITION_BYTES = 2 * 1024 * 1024
const ANSWER_BYTES = 8 * 1024 * 1024
const HEADROOM = 64 * 1024
/** How long a fetch waits for records that are not there yet (ms). */
const WAIT_MS = 100
/** A buffer that one large batch has made large is not kept (bytes). */
const KEEP_UP_TO = 4 * 1024 * 1024

interface FetchPoolParts {
  /** alias, for messages */
  readonly cluster: string
  readonly settings: ClusterSettings
  readonly topology: Topology
  readonly readCommitted: boolean
  /** a partition that cannot be read for so long is given up (ms) */
  readonly patienceMs: number
  readonly signal: AbortSignal
}

/** A buffer that is used again and again by one reader. */
export interface Lent {
  buffer: Buffer
}

export interface Fetched extends Slice {
  /** where records that a reader may see end at present */
  readonly logEnd: number
  readonly logStart: number
}

interface Ask {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly lent: Lent
  readonly resolve: (fetched: Fetched) => void
  readonly reject: (error: unknown) => void
}

export class FetchPool {
  readonly #parts: FetchPoolParts
  readonly #connections: BrokerConnections
  readonly #waiting = new Map<number, Ask[]>()
  readonly #busy = new Set<number>()
  readonly #frames = new Map<number, Buffer>()
  /** bytes of records that came */
  bytes = 0

  constructor(parts: FetchPoolParts) {
    this.#parts = parts
    this.#connections = new BrokerConnections(parts.settings)
  }

  get cluster(): string {
    return this.#parts.cluster
  }

  /**
   * The bytes of a partition from `offset` on, none where nothing is behind it yet. Follows leaders that move and connections that
   * end for as long as the patience lasts.
   * @throws Failure, OFFSET_OUT_OF_RANGE where the log begins later (or ends before)
   */
  async read(topic: string, partition: number, offset: number, lent: Lent): Promise<Fetched> {
    const until = Date.now() + this.#parts.patienceMs
    for (let attempt = 0; ; attempt++) {
      this.#mustGoOn(topic, partition)
      try {
        return await this.#within(this.#ask({ topic, partition, offset, lent }), until, topic, partition)
      } catch (error) {
        const verdict = verdictOf(error)
        if ((verdict !== 'retry' && verdict !== 'refresh') || Date.now() > until) throw error
        await sleep(backoff(attempt, 50, 1000), this.#parts.signal)
        await this.#refresh(until)
      }
    }
  }

  async close(): Promise<void> {
    await this.#connections.close()
  }

  #mustGoOn(topic: string, partition: number): void {
    if (!this.#parts.signal.aborted) return
    throw new Failure('CONNECTION_LOST', 'verify was stopped before everything was read', { topic, partition })
  }

  async #refresh(until: number): Promise<void> {
    try {
      await this.#parts.topology.refresh()
    } catch (error) {
      if (Date.now() > until) throw error
    }
  }

  /** A broker that says nothing any more is not waited for longer than the patience lasts. */
  async #within(asked: Promise<Fetched>, until: number, topic: string, partition: number): Promise<Fetched> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const { cluster } = this.#parts
    const timer = setTimeout(
      () =>
        reject(
          new Failure('REQUEST_TIMED_OUT', `cluster ${cluster} did not answer in time`, { cluster, topic, partition }),
        ),
      Math.max(1, until - Date.now()) + WAIT_MS,
    )
    asked.catch(() => {})
    try {
      return await Promise.race([asked, late])
    } finally {
      clearTimeout(timer)
    }
  }

  #ask(wish: Omit<Ask, 'resolve' | 'reject'>): Promise<Fetched> {
    const { topic, partition } = wish
    const leader = this.#parts.topology.leaderOf(topic, partition)
    if (!leader) {
      const sentence = `${topic}-${partition} on cluster ${this.#parts.cluster} has no leader`
      const remedy = 'bring its broker back, or elect another leader (kafka-leader-election.sh)'
      throw new Failure('LEADER_MOVED', sentence, { cluster: this.#parts.cluster, topic, partition, remedy })
    }
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(leader.broker.id) ?? []
      queue.push({ ...wish, resolve, reject })
      this.#waiting.set(leader.broker.id, queue)
      void this.#serve(leader.broker)
    })
  }

  async #serve(broker: BrokerAddress): Promise<void> {
    if (this.#busy.has(broker.id)) return
    this.#busy.add(broker.id)
    // Others that ask in the same turn go into the same request.
    await new Promise((resolve) => setImmediate(resolve))
    for (let asks = this.#take(broker.id); asks.length > 0; asks = this.#take(broker.id)) {
      try {
        await this.#fetch(broker, asks)
      } catch (error) {
        for (const ask of asks) ask.reject(error)
      }
    }
    this.#busy.delete(broker.id)
  }

  #take(broker: number): Ask[] {
    const asks = this.#waiting.get(broker) ?? []
    this.#waiting.delete(broker)
    return asks
  }

  async #fetch(broker: BrokerAddress, asks: readonly Ask[]): Promise<void> {
    const connection = await this.#connections.to(broker)
    const frame = this.#frames.get(broker.id) ?? Buffer.allocUnsafeSlow(ANSWER_BYTES + HEADROOM)
    this.#frames.set(broker.id, frame)
    const topics = [...Map.groupBy(asks, ({ topic }) => topic)].map(([topic, partitions]) => ({ topic, partitions }))
    const sizes = { partitionBytes: PARTITION_BYTES, maxBytes: ANSWER_BYTES, maxWaitMs: WAIT_MS }
    const { readCommitted } = this.#parts
    const answer = await readOnce(connection, { topics, ...sizes, readCommitted }, frame)
    if (answer.error !== 0) throw failureOfCode(answer.error, { cluster: this.#parts.cluster, right: 'Read' })
    for (const ask of asks) this.#hand(ask, answer.bytes, answer.partitions)
  }

  #hand(ask: Ask, bytes: Buffer, partitions: readonly FetchedPartition[]): void {
    const { topic, partition } = ask
    const { cluster, readCommitted } = this.#parts
    const found = partitions.find((one) => one.topicKey === topic && one.partition === partition)
    const where = { cluster, topic, partition, right: 'Read' }
    if (!found)
      return ask.reject(new Failure('BROKER_BUSY', `cluster ${cluster} did not return ${topic}-${partition}`, where))
    if (found.error !== 0) return ask.reject(failureOfCode(found.error, where))
    const size = found.end - found.start
    const { lent } = ask
    const isOdd = lent.buffer.length > KEEP_UP_TO && size <= KEEP_UP_TO
    if (lent.buffer.length < size || isOdd) lent.buffer = Buffer.allocUnsafeSlow(Math.max(size, PARTITION_BYTES))
    bytes.copy(lent.buffer, 0, found.start, found.end)
    this.bytes += size
    ask.resolve({
      ...{ bytes: lent.buffer, start: 0, end: size, aborted: found.aborted, logStart: found.logStart },
      logEnd: readCommitted && found.lastStableOffset >= 0 ? found.lastStableOffset : found.highWatermark,
    })
  }
}
