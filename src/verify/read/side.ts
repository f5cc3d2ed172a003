// One partition on one side: fills a tape, looks ahead from any offset, and knows where the log begins and ends.
import { Failure } from '../../base/failure.ts'
import { AbortedFilter } from '../../batch/aborted.ts'
import { nextOffsetOf } from '../../batch/header.ts'
import { type BatchRecord, decodeBatch } from '../../batch/records.ts'
import { wholeBatchSize } from '../../batch/walk.ts'
import type { Admin } from '../../kafka/admin.ts'
import type { Tape } from '../compare/tape.ts'
import type { Fetched, FetchPool, Lent } from './fetch-pool.ts'

const OUT_OF_RANGE = 1
/** So many answers in a row without a whole batch, though there are some behind, and the partition is given up. */
const EMPTY_ANSWERS = 300

/** One partition of a cluster, and how it is read. */
interface SideParts {
  readonly pool: FetchPool
  readonly admin: Admin
  readonly topic: string
  readonly partition: number
}

/** Records are lent for the call; false ends the looking. */
export type OnRecord = (record: BatchRecord) => boolean

export class Side {
  readonly #parts: SideParts
  readonly #lent: Lent = { buffer: Buffer.alloc(0) }
  readonly #peeked: Lent = { buffer: Buffer.alloc(0) }
  #empty = 0
  /** where the log ended when it was last read; -1 before */
  logEnd = -1

  constructor(parts: SideParts) {
    this.#parts = parts
  }

  get cluster(): string {
    return this.#parts.pool.cluster
  }

  get topic(): string {
    return this.#parts.topic
  }

  get partition(): number {
    return this.#parts.partition
  }

  /**
   * Reads on from where the tape needs it. Gives `moved` when there was something, `end` at the present end of the log, and
   * `deleted` when the log begins later by now: then nothing was read.
   * @throws Failure CORRUPT_BATCH, or why it cannot be read
   */
  async fill(tape: Tape): Promise<'moved' | 'end' | 'deleted'> {
    const fetched = await this.#read(tape.fetchNext, this.#lent)
    if (fetched instanceof Failure) {
      if ((await this.start()) > tape.fetchNext) return 'deleted'
      throw fetched
    }
    if (tape.feed(fetched) || fetched.logEnd > tape.fetchNext) {
      this.#mustMove(fetched.end > fetched.start, tape.fetchNext)
      return 'moved'
    }
    return 'end'
  }

  /**
   * Shows visible records from `offset` on, to the present end of the log at most. Gives whether the end was reached, and where.
   * @throws Failure
   */
  async look(offset: number, onRecord: OnRecord): Promise<{ ended: boolean; next: number }> {
    for (let next = offset; ; ) {
      const before = next
      const fetched = await this.#read(next, this.#peeked)
      if (fetched instanceof Failure) return { ended: true, next }
      const seen = show(fetched, offset, onRecord)
      if (seen.stoppedAt !== undefined) return { ended: false, next: seen.stoppedAt }
      next = Math.max(next, seen.next)
      if (next >= fetched.logEnd) return { ended: true, next }
      this.#mustMove(next > before, next)
    }
  }

  /** Where the log begins now. @throws Failure */
  async start(): Promise<number> {
    return (await this.#offset('earliest')) ?? 0
  }

  /** Where the log ends now, records of open transactions included. @throws Failure */
  async end(): Promise<number> {
    return (await this.#offset('latest')) ?? 0
  }

  /** The first offset at least as young as `timestamp` (ms since the epoch), if any. @throws Failure */
  since(timestamp: number): Promise<number | undefined> {
    return this.#offset(timestamp)
  }

  /** @throws Failure BROKER_BUSY when nothing comes for too long though there is something */
  #mustMove(moved: boolean, offset: number): void {
    this.#empty = moved ? 0 : this.#empty + 1
    if (this.#empty < EMPTY_ANSWERS) return
    const { cluster, topic, partition } = this
    const sentence = `${topic}-${partition} on cluster ${cluster} returns no record batch from offset ${offset} on, although its log continues`
    throw new Failure('BROKER_BUSY', sentence, { cluster, topic, partition, offset: BigInt(offset) })
  }

  /** Gives the failure where the log does not reach to `offset`. */
  async #read(offset: number, lent: Lent): Promise<Fetched | Failure> {
    const { pool, topic, partition } = this.#parts
    try {
      const fetched = await pool.read(topic, partition, offset, lent)
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

/** Shows the visible records of an answer at or behind `from`; `stoppedAt` is the record that ended it. */
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
