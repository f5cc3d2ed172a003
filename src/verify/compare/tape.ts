// The records of one partition on one cluster, in order: fetched bytes are fed in, visible records are taken out as whole batches or one by one.
import { Failure } from '../../base/failure.ts'
import { AbortedFilter, type AbortedTransaction } from '../../batch/aborted.ts'
import { verifiedUntil } from '../../batch/checksums.ts'
import { baseOffsetOf, CRC_AT, magicOf, nextOffsetOf, problemOfHead, recordCountOf } from '../../batch/header.ts'
import { countRecords, RecordWalk } from '../../batch/record-walk.ts'
import { wholeBatchSize } from '../../batch/walk.ts'
import { RollingDigest } from './rolling-digest.ts'

const NOTHING: Buffer = Buffer.alloc(0)

/** The record bytes of one partition in one Fetch response. */
export interface Slice {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly aborted: readonly AbortedTransaction[]
}

export class RecordStream {
  /** everything below this offset was taken, or is invisible to consumers */
  next: number
  /** next offset to fetch */
  fetchNext: number
  /** end of the compared range: records at or after it do not belong to it */
  limit: number
  readonly digest: RollingDigest
  bytes = NOTHING
  /** index in `bytes` of the current batch; -1 when there is none */
  batchAt = -1
  batchSize = 0
  /** the records of the current batch, when it is taken record by record */
  walk: RecordWalk | undefined
  #at = 0
  #end = 0
  #filter = new AbortedFilter([])
  /** decompression buffer: one batch is opened at a time */
  readonly #scratch = { buffer: NOTHING }

  constructor(from: number, limit = Number.POSITIVE_INFINITY, digest = new RollingDigest()) {
    this.next = from
    this.fetchNext = from
    this.limit = limit
    this.digest = digest
  }

  /** Whether the whole compared range was taken. */
  get ended(): boolean {
    return this.next >= this.limit
  }

  /**
   * Adds what was fetched from `fetchNext` on; everything fed before must have been taken. Every checksum is verified.
   * @returns whether it contained a whole batch
   * @throws Failure CORRUPT_BATCH with the offset of the damaged batch
   */
  feed({ bytes, start, end, aborted }: Slice): boolean {
    let at = start
    let verified = start
    for (let size = wholeBatchSize(bytes, at, end); size > 0; size = at < end ? wholeBatchSize(bytes, at, end) : 0) {
      const problem = problemOfHead(bytes, at, end)
      if (problem !== undefined) throw damaged(bytes, at, problem)
      if (at >= verified) verified = verifiedUntil(bytes, at, end)
      if (at >= verified) throw damaged(bytes, at, 'its checksum does not match its bytes')
      this.fetchNext = Math.max(this.fetchNext, nextOffsetOf(bytes, at))
      at += size
    }
    this.bytes = bytes
    this.#at = start
    this.#end = at
    this.#filter = new AbortedFilter(aborted)
    this.batchAt = -1
    this.walk = undefined
    return at > start
  }

  /** Moves to the next visible record; false when more bytes are needed or the stream has ended. @throws Failure CORRUPT_BATCH */
  ready(): boolean {
    while (this.walk === undefined && this.batchAt < 0) {
      if (this.ended) return false
      if (this.#at < this.#end) this.#nextBatch()
      else {
        // There are no records between the last batch and the limit: the log cleaner has removed them.
        if (this.fetchNext >= this.limit) this.next = Math.max(this.next, this.limit)
        return false
      }
    }
    return !this.ended
  }

  /** Whether the current batch can be taken as a whole. */
  get isWhole(): boolean {
    const { bytes, batchAt } = this
    return this.walk === undefined && magicOf(bytes, batchAt) === 2 && nextOffsetOf(bytes, batchAt) <= this.limit
  }

  /** Moves past the current batch; returns its number of records. */
  takeBatch(): number {
    const records = recordCountOf(this.bytes, this.batchAt)
    this.#leaveBatch()
    return records
  }

  /** Opens the current batch; afterwards the stream is at one of its records, or past the batch. @throws Failure CORRUPT_BATCH */
  open(): void {
    if (this.walk !== undefined || this.batchAt < 0) return
    const walk = new RecordWalk(this.bytes, this.batchAt, this.batchSize, this.#scratch)
    this.walk = walk
    while (walk.next()) if (walk.offset >= this.next) return this.#moveTo(walk.offset)
    this.#leaveBatch()
  }

  /** Moves past the current record of an opened batch. @throws Failure CORRUPT_BATCH */
  takeRecord(): void {
    const { walk } = this
    if (walk === undefined) return
    this.next = walk.offset + 1
    if (walk.next()) this.#moveTo(walk.offset)
    else this.#leaveBatch()
  }

  /** Continues at `offset`; fetched bytes are discarded. */
  seek(offset: number): void {
    this.next = offset
    this.fetchNext = offset
    this.batchAt = -1
    this.walk = undefined
    this.#end = this.#at
  }

  /** Moves past the current batch; returns its number of records within the range. @throws Failure CORRUPT_BATCH */
  countBatch(): number {
    const { bytes, batchAt, batchSize } = this
    if (nextOffsetOf(bytes, batchAt) <= this.limit && baseOffsetOf(bytes, batchAt) >= this.next) {
      const records = countRecords(bytes, batchAt, batchSize)
      this.#leaveBatch()
      return records
    }
    let records = 0
    for (this.open(); this.walk !== undefined && !this.ended; records++) this.takeRecord()
    return records
  }

  /** Whether all records of the current batch can be read; used to find out which side is damaged. */
  isSound(): boolean {
    if (this.batchAt < 0) return true
    try {
      const walk = new RecordWalk(this.bytes, this.batchAt, this.batchSize)
      while (walk.next());
      return true
    } catch {
      return false
    }
  }

  /** Skips a gap before the record: nothing in it has to be compared. */
  #moveTo(offset: number): void {
    this.next = Math.max(this.next, offset)
  }

  #nextBatch(): void {
    const { bytes } = this
    const at = this.#at
    const size = wholeBatchSize(bytes, at, this.#end)
    this.#at += size
    const isHidden = this.#filter.drops(bytes, at) || recordCountOf(bytes, at) === 0
    const last = nextOffsetOf(bytes, at)
    if (isHidden || last <= this.next) {
      this.next = Math.max(this.next, last)
      return
    }
    this.batchAt = at
    this.batchSize = size
    // The batch begins before `next`: only some of its records are left.
    if (magicOf(bytes, at) < 2 || baseOffsetOf(bytes, at) < this.next) this.open()
  }

  #leaveBatch(): void {
    const { bytes, batchAt } = this
    if (magicOf(bytes, batchAt) === 2) this.digest.add(bytes, batchAt, CRC_AT)
    this.next = Math.max(this.next, nextOffsetOf(bytes, batchAt))
    this.batchAt = -1
    this.walk = undefined
  }
}

function damaged(bytes: Buffer, at: number, problem: string): Failure {
  const offset = bytes.readBigInt64BE(at)
  return new Failure('CORRUPT_BATCH', `the record batch at offset ${offset} is damaged: ${problem}`, { offset })
}
