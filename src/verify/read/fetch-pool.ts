// Reads partitions of one cluster over one connection per broker. Read requests for the same leader are combined into one Fetch
// request; each caller gets its part of the response in its own buffer.
import { Failure, verdictOf } from '../../base/failure.ts'
import { backoff, sleep } from '../../base/retry.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { BrokerAddress } from '../../kafka/raw-connection.ts'
import { type FetchedPartition, readOnce } from '../../kafka/raw-fetch.ts'
import type { Topology } from '../../kafka/topology.ts'
import { failureOfCode } from '../../kafka/wire-errors.ts'
import { BrokerConnections } from '../../records/broker-connections.ts'
import type { Slice } from '../compare/tape.ts'

/** A response may end within a batch, which is then fetched again. Larger responses make this rarer (bytes). */
const PARTITION_BYTES = 2 * 1024 * 1024
const ANSWER_BYTES = 8 * 1024 * 1024
const HEADROOM = 64 * 1024
/** How long a Fetch waits for new records, its `max_wait_ms` (ms). */
const WAIT_MS = 100
/** A larger buffer, needed for one large batch, is not kept (bytes). */
const KEEP_UP_TO = 4 * 1024 * 1024

interface BatchingReaderParts {
  /** alias, for messages */
  readonly cluster: string
  readonly settings: ClusterSettings
  readonly topology: Topology
  readonly readCommitted: boolean
  /** how long a partition may be unreadable before reading it fails (ms) */
  readonly patienceMs: number
  readonly signal: AbortSignal
}

/** A buffer that one caller reuses for all its reads; it is replaced when it is too small. */
export interface ReusableBuffer {
  buffer: Buffer
}

export interface Fetched extends Slice {
  /** end of the records that are visible at this isolation level: last stable offset or high watermark */
  readonly logEnd: number
  readonly logStart: number
}

interface ReadRequest {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly reused: ReusableBuffer
  readonly resolve: (fetched: Fetched) => void
  readonly reject: (error: unknown) => void
}

export class BatchingReader {
  readonly #parts: BatchingReaderParts
  readonly #connections: BrokerConnections
  readonly #waiting = new Map<number, ReadRequest[]>()
  readonly #busy = new Set<number>()
  readonly #frames = new Map<number, Buffer>()
  /** total bytes of record batches received */
  bytes = 0

  constructor(parts: BatchingReaderParts) {
    this.#parts = parts
    this.#connections = new BrokerConnections(parts.settings)
  }

  get cluster(): string {
    return this.#parts.cluster
  }

  /**
   * The bytes of a partition from `offset` on; none if the log ends there. Retries after leader changes and lost connections for
   * `patienceMs`.
   * @throws Failure, OFFSET_OUT_OF_RANGE when `offset` is before the start or after the end of the log
   */
  async read(topic: string, partition: number, offset: number, reused: ReusableBuffer): Promise<Fetched> {
    const until = Date.now() + this.#parts.patienceMs
    for (let attempt = 0; ; attempt++) {
      this.#failIfStopped(topic, partition)
      try {
        return await this.#within(this.#request({ topic, partition, offset, reused }), until, topic, partition)
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

  #failIfStopped(topic: string, partition: number): void {
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

  /** Waits for the response until `until`. @throws Failure REQUEST_TIMED_OUT */
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

  #request(read: Omit<ReadRequest, 'resolve' | 'reject'>): Promise<Fetched> {
    const { topic, partition } = read
    const leader = this.#parts.topology.leaderOf(topic, partition)
    if (!leader) {
      const sentence = `${topic}-${partition} on cluster ${this.#parts.cluster} has no leader`
      const remedy = 'bring its broker back, or elect another leader (kafka-leader-election.sh)'
      throw new Failure('LEADER_MOVED', sentence, { cluster: this.#parts.cluster, topic, partition, remedy })
    }
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(leader.broker.id) ?? []
      queue.push({ ...read, resolve, reject })
      this.#waiting.set(leader.broker.id, queue)
      void this.#serve(leader.broker)
    })
  }

  async #serve(broker: BrokerAddress): Promise<void> {
    if (this.#busy.has(broker.id)) return
    this.#busy.add(broker.id)
    // Reads that are requested in the same turn of the event loop go into the same Fetch.
    await new Promise((resolve) => setImmediate(resolve))
    for (let requests = this.#take(broker.id); requests.length > 0; requests = this.#take(broker.id)) {
      try {
        await this.#fetch(broker, requests)
      } catch (error) {
        for (const request of requests) request.reject(error)
      }
    }
    this.#busy.delete(broker.id)
  }

  #take(broker: number): ReadRequest[] {
    const requests = this.#waiting.get(broker) ?? []
    this.#waiting.delete(broker)
    return requests
  }

  async #fetch(broker: BrokerAddress, requests: readonly ReadRequest[]): Promise<void> {
    const connection = await this.#connections.to(broker)
    const frame = this.#frames.get(broker.id) ?? Buffer.allocUnsafeSlow(ANSWER_BYTES + HEADROOM)
    this.#frames.set(broker.id, frame)
    const topics = [...Map.groupBy(requests, ({ topic }) => topic)].map(([topic, partitions]) => ({
      topic,
      partitions,
    }))
    const sizes = { partitionBytes: PARTITION_BYTES, maxBytes: ANSWER_BYTES, maxWaitMs: WAIT_MS }
    const { readCommitted } = this.#parts
    const answer = await readOnce(connection, { topics, ...sizes, readCommitted }, frame)
    if (answer.error !== 0) throw failureOfCode(answer.error, { cluster: this.#parts.cluster, right: 'Read' })
    for (const request of requests) this.#deliver(request, answer.bytes, answer.partitions)
  }

  #deliver(request: ReadRequest, bytes: Buffer, partitions: readonly FetchedPartition[]): void {
    const { topic, partition } = request
    const { cluster, readCommitted } = this.#parts
    const found = partitions.find((one) => one.topicKey === topic && one.partition === partition)
    const where = { cluster, topic, partition, right: 'Read' }
    if (!found)
      return request.reject(
        new Failure('BROKER_BUSY', `cluster ${cluster} did not return ${topic}-${partition}`, where),
      )
    if (found.error !== 0) return request.reject(failureOfCode(found.error, where))
    const size = found.end - found.start
    const { reused } = request
    const isOdd = reused.buffer.length > KEEP_UP_TO && size <= KEEP_UP_TO
    if (reused.buffer.length < size || isOdd) reused.buffer = Buffer.allocUnsafeSlow(Math.max(size, PARTITION_BYTES))
    bytes.copy(reused.buffer, 0, found.start, found.end)
    this.bytes += size
    request.resolve({
      ...{ bytes: reused.buffer, start: 0, end: size, aborted: found.aborted, logStart: found.logStart },
      logEnd: readCommitted && found.lastStableOffset >= 0 ? found.lastStableOffset : found.highWatermark,
    })
  }
}
