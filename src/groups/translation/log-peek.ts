// Reads one partition of a cluster: records from an offset on, as a consumer sees them, and its log start.
import { expectedFailure, Failure } from '../../base/failure.ts'
import { AbortedFilter } from '../../batch/aborted.ts'
import { isControl, magicOf, nextOffsetOf } from '../../batch/header.ts'
import { type BatchRecord, decodeBatch } from '../../batch/records.ts'
import { eachBatch } from '../../batch/walk.ts'
import type { Admin } from '../../kafka/admin.ts'
import type { FetchedPartition } from '../../kafka/raw-fetch.ts'
import type { Topology } from '../../kafka/topology.ts'
import type { BrokerConnections } from '../../records/broker-connections.ts'
import { PartitionReader } from '../../records/partition-reader.ts'

/** Maximum size of one read (bytes). */
const READ_BYTES = 1024 * 1024
/** How long a read waits for records that do not exist yet (ms). */
const WAIT_MS = 50

/** Records in order, and the offset to continue from; `next` is the requested offset when there is nothing after it yet. */
interface Seen {
  readonly records: readonly BatchRecord[]
  readonly next: number
}

/** One partition to read. */
export interface Log {
  /** Reads records from `offset` on, or from the log start if that is higher. @throws Failure */
  read(offset: number): Promise<Seen>
  start(): Promise<number>
  /** offset of the first record with this timestamp or a later one (ms since the epoch); undefined when there is none */
  since(timestamp: number): Promise<number | undefined>
}

interface PartitionLogParts {
  readonly cluster: string
  readonly admin: Admin
  readonly topology: Topology
  readonly connections: BrokerConnections
  readonly readCommitted: boolean
}

export class PartitionLog implements Log {
  readonly #parts: PartitionLogParts
  readonly #reader: PartitionReader
  readonly #topic: string
  readonly #partition: number

  constructor(parts: PartitionLogParts, topic: string, partition: number) {
    this.#parts = parts
    this.#reader = new PartitionReader({ ...parts, maxBytes: READ_BYTES, maxWaitMs: WAIT_MS, right: 'Read' })
    this.#topic = topic
    this.#partition = partition
  }

  async read(offset: number): Promise<Seen> {
    try {
      const { bytes, fetched } = await this.#reader.read(this.#leader(), this.#topic, this.#partition, offset)
      return visible(bytes, fetched, offset)
    } catch (error) {
      if (expectedFailure(error).code !== 'OFFSET_OUT_OF_RANGE') throw error
      const start = await this.start()
      return start > offset ? this.read(start) : { records: [], next: offset }
    }
  }

  async start(): Promise<number> {
    return (await this.#offset('earliest')) ?? 0
  }

  since(timestamp: number): Promise<number | undefined> {
    return this.#offset(timestamp)
  }

  async #offset(at: 'earliest' | number): Promise<number | undefined> {
    const [topic, partition] = [this.#topic, this.#partition]
    const found = await this.#parts.admin.listOffsets([{ topic, partition, at }], 'read_uncommitted')
    const one = found.get(`${topic}-${partition}`)
    if (one instanceof Failure) throw one
    return one === undefined || one.offset < 0 ? undefined : one.offset
  }

  #leader() {
    const leader = this.#parts.topology.leaderOf(this.#topic, this.#partition)
    if (leader) return leader.broker
    const sentence = `${this.#topic}-${this.#partition} on cluster ${this.#parts.cluster} has no leader`
    throw new Failure('LEADER_MOVED', sentence, { cluster: this.#parts.cluster, topic: this.#topic })
  }
}

/** The records that a consumer sees: no markers, and under read_committed no aborted records. */
function visible(bytes: Buffer, fetched: FetchedPartition, from: number): Seen {
  const filter = new AbortedFilter(fetched.aborted)
  const records: BatchRecord[] = []
  let next = from
  eachBatch(bytes, fetched.start, fetched.end, (at, size) => {
    const isDropped = filter.drops(bytes, at) || (magicOf(bytes, at) === 2 && isControl(bytes, at))
    if (!isDropped) records.push(...decodeBatch(bytes, at, size).filter(({ offset }) => offset >= from))
    next = Math.max(next, nextOffsetOf(bytes, at))
  })
  return { records, next }
}
