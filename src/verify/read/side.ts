// One partition on one cluster: feeds a RecordStream, reads ahead from any offset, and finds the start and end of the log.
import { Failure } from '../../base/failure.ts'
import { AbortedFilter } from '../../batch/aborted.ts'
import { nextOffsetOf } from '../../batch/header.ts'
import { type BatchRecord, decodeBatch } from '../../batch/records.ts'
import { wholeBatchSize } from '../../batch/walk.ts'
import type { Admin } from '../../kafka/admin.ts'
import type { RecordStream } from '../compare/tape.ts'
import type { BatchingReader, Fetched, ReusableBuffer } from './fetch-pool.ts'

const OUT_OF_RANGE = 1
/** After this many consecutive responses without a whole batch, although the log continues, reading the partition fails. */
const EMPTY_ANSWERS = 300

/** One partition of a cluster, and the clients that read it. */
interface PartitionSideParts {
  readonly reader: BatchingReader
  readonly admin: Admin
  readonly topic: string
  readonly partition: number
}

/** Called for each record, which is valid only during the call; false stops the reading. */
export type OnRecord = (record: BatchRecord) => boolean

export class PartitionSide {
  readonly #parts: PartitionSideParts
  readonly #fillBuffer: ReusableBuffer = { buffer: Buffer.alloc(0) }
  readonly #lookBuffer: ReusableBuffer = { buffer: Buffer.alloc(0) }
  #empty = 0
  /** end of the log at the last read; -1 before the first */
  logEnd = -1

  constructor(parts: PartitionSideParts) {
    this.#parts = parts
  }

  get cluster(): string {
    return this.#parts.reader.cluster
  }

  get topic(): string {
    return this.#parts.topic
  }

  get partition(): number {
    return this.#parts.partition
  }

  /**
   * Reads on from `fetchNext` of the stream. Returns `moved` when batches were read, `end` at the current end of the log, and
   * `deleted` when the log now begins after that offset; then nothing was read.
   * @throws Failure CORRUPT_BATCH, or the reason why the partition cannot be read
   */
  async fill(stream: RecordStream): Promise<'moved' | 'end' | 'deleted'> {
    const fetched = await this.#read(stream.fetchNext, this.#fillBuffer)
    if (fetched instanceof Failure) {
      if ((await this.start()) > stream.fetchNext) return 'deleted'
      throw fetched
    }
    if (stream.feed(fetched) || fetched.logEnd > stream.fetchNext) {
      this.#failIfStuck(fetched.end > fetched.start, stream.fetchNext)
      return 'moved'
    }
    return 'end'
  }

  /**
   * Passes visible records from `offset` on to `onRecord`, at most to the current end of the log.
   * @returns whether the end was reached, and the offset at which reading stopped @throws Failure when it cannot be read
   */
  async look(offset: number, onRecord: OnRecord): Promise<{ ended: boolean; next: number }> {
    for (let next = offset; ; ) {
      const before = next
      const fetched = await this.#read(next, this.#lookBuffer)
      if (fetched instanceof Failure) return { ended: true, next }
      const seen = show(fetched, offset, onRecord)
      if (seen.stoppedAt !== undefined) return { ended: false, next: seen.stoppedAt }
      next = Math.max(next, seen.next)
      if (next >= fetched.logEnd) return { ended: true, next }
      this.#failIfStuck(next > before, next)
    }
  }

  /** The current log start offset. @throws Failure when the cluster does not answer */
  async start(): Promise<number> {
    return (await this.#offset('earliest')) ?? 0
  }

  /** The current end of the log, records of open transactions included. @throws Failure when the cluster does not answer */
  async end(): Promise<number> {
    return (await this.#offset('latest')) ?? 0
  }

  /** The first offset with this timestamp or a later one (ms since the epoch), if any. @throws Failure when the cluster does not answer */
  since(timestamp: number): Promise<number | undefined> {
    return this.#offset(timestamp)
  }

  /** @throws Failure BROKER_BUSY when too many responses in a row had no whole batch although the log continues */
  #failIfStuck(moved: boolean, offset: number): void {
    this.#empty = moved ? 0 : this.#empty + 1
    if (this.#empty < EMPTY_ANSWERS) return
    const { cluster, topic, partition } = this
    const sentence = `${topic}-${partition} on cluster ${cluster} returns no record batch from offset ${offset} on, although its log continues`
    throw new Failure('BROKER_BUSY', sentence, { cluster, topic, partition, offset: BigInt(offset) })
  }

  /** Returns the failure, instead of throwing it, when `offset` is out of range. */
  async #read(offset: number, reused: ReusableBuffer): Promise<Fetched | Failure> {
    const { reader, topic, partition } = this.#parts
    try {
      const fetched = await reader.read(topic, partition, offset, reused)
      this.logEnd = fetched.logEnd
      return fetched
    } catch (error) {
      if (error instanceof Failure && error.circumstances.wireCode === OUT_OF_RANGE) return error
      throw error
    }
  }

  async #offset(at: 'earliest' | 'latest' | number): Promise<number | undefined> {
    const { admin, topic, partition } = this.#parts
    const found = (await admin.listOffsets([{ topic, partition, at }], 'read_uncommitted')).get(`${topic}-${partition}`)
    if (found instanceof Failure) throw found
    return found === undefined || found.offset < 0 ? undefined : found.offset
  }
}

/** Passes the visible records of a response from offset `from` on to `onRecord`; `stoppedAt` is the record that stopped it. */
function show({ bytes, start, end, aborted }: Fetched, from: number, onRecord: OnRecord) {
  const filter = new AbortedFilter(aborted)
  let next = 0
  for (let at = start, size = 0; at < end; at += size) {
    size = wholeBatchSize(bytes, at, end)
    if (size === 0) break
    const records = filter.drops(bytes, at) ? [] : decodeBatch(bytes, at, size)
    const last = records.find((record) => record.offset >= from && !onRecord(record))
    if (last) return { next, stoppedAt: last.offset }
    next = nextOffsetOf(bytes, at)
  }
  return { next, stoppedAt: undefined }
}
