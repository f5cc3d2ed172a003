// A look into one partition of a cluster: the records from an offset on, as a consumer would see them, and where it begins.
import { Failure } from '../../base/failure.ts'
import { AbortedFilter } from '../../batch/aborted.ts'
import { baseOffsetOf, isControl, lastOffsetDeltaOf, magicOf } from '../../batch/header.ts'
import { type BatchRecord, decodeBatch } from '../../batch/records.ts'
import { wholeBatchSize } from '../../batch/walk.ts'
import type { Admin } from '../../kafka/admin.ts'
import { type FetchedPartition, fetchVersion, rawFetch } from '../../kafka/raw-fetch.ts'
import { RequestWriter } from '../../kafka/request-writer.ts'
import type { Topology } from '../../kafka/topology.ts'
import { errorCodes, failureOfCode } from '../../kafka/wire-errors.ts'
import type { BrokerConnections } from '../../records/broker-connections.ts'

const READ_BYTES = 1024 * 1024

/** Records in order, and the offset to go on from; `next` is the offset asked for when there is nothing behind it (yet). */
export interface Seen {
  readonly records: readonly BatchRecord[]
  readonly next: number
}

/** One partition to look into. */
export interface Log {
  /** @throws Failure; an offset below the log start reads from the log start */
  read(offset: number): Promise<Seen>
  start(): Promise<number>
  /** offset of the first record at least as young as `timestamp` (ms since the epoch); undefined when there is none */
  since(timestamp: number): Promise<number | undefined>
}

export interface LogPeekParts {
  readonly cluster: string
  readonly admin: Admin
  readonly topology: Topology
  readonly connections: BrokerConnections
  readonly readCommitted: boolean
}

export class LogPeek implements Log {
  readonly #parts: LogPeekParts
  readonly #topic: string
  readonly #partition: number

  constructor(parts: LogPeekParts, topic: string, partition: number) {
    this.#parts = parts
    this.#topic = topic
    this.#partition = partition
  }

  async read(offset: number): Promise<Seen> {
    const { connections, readCommitted } = this.#parts
    const connection = await connections.to(this.#leader())
    const partition = { partition: this.#partition, leaderEpoch: -1, fetchOffset: offset, lastFetchedEpoch: -1 }
    const answer = await rawFetch(
      connection,
      fetchVersion(connection, false),
      {
        ...{
          maxWaitMs: 50,
          minBytes: 1,
          maxBytes: READ_BYTES,
          readCommitted,
          rack: '',
          sessionId: 0,
          sessionEpoch: -1,
        },
        topics: [{ topic: this.#topic, topicId: '', partitions: [{ ...partition, maxBytes: READ_BYTES }] }],
        forgotten: [],
      },
      new RequestWriter(),
    )
    const fetched = answer.partitions[0]
    if (fetched?.error === errorCodes.OFFSET_OUT_OF_RANGE) {
      const start = await this.start()
      return start > offset ? this.read(start) : { records: [], next: offset }
    }
    if (answer.error !== 0 || !fetched || fetched.error !== 0) throw this.#refused(fetched?.error ?? answer.error)
    return visible(answer.bytes, fetched, offset)
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

  #refused(error: number): Failure {
    const { cluster } = this.#parts
    return failureOfCode(error, { cluster, topic: this.#topic, partition: this.#partition, right: 'Read' })
  }
}

/** Records that a consumer sees: no markers, and under read_committed none of an aborted transaction. */
function visible(bytes: Buffer, fetched: FetchedPartition, from: number): Seen {
  const filter = new AbortedFilter(fetched.aborted)
  const records: BatchRecord[] = []
  let next = from
  for (let at = fetched.start, size = 0; at < fetched.end; at += size) {
    size = wholeBatchSize(bytes, at, fetched.end)
    if (size === 0) break
    const isNew = magicOf(bytes, at) === 2
    const isDropped = filter.drops(bytes, at) || (isNew && isControl(bytes, at))
    if (!isDropped) records.push(...decodeBatch(bytes, at, size).filter(({ offset }) => offset >= from))
    next = Math.max(next, baseOffsetOf(bytes, at) + (isNew ? lastOffsetDeltaOf(bytes, at) : 0) + 1)
  }
  return { records, next }
}
