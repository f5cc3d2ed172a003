// One side of a partition as it is compared: fetched bytes come in, visible records are taken off in their order, as whole batches or one by one.
import { Failure } from '../../base/failure.ts'
import { AbortedFilter, type AbortedTransaction } from '../../batch/aborted.ts'
import { verifiedUntil } from '../../batch/checksums.ts'
import { baseOffsetOf, CRC_AT, magicOf, nextOffsetOf, problemOfHead, recordCountOf } from '../../batch/header.ts'
import { countRecords, RecordWalk } from '../../batch/record-walk.ts'
import { wholeBatchSize } from '../../batch/walk.ts'
import { RollingDigest } from './rolling-digest.ts'

const NOTHING: Buffer = Buffer.alloc(0)

/** The record bytes of one partition in one Fetch answer. */
export interface Slice {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly aborted: readonly AbortedTransaction[]
}

export class Tape {
  /** everything below this offset was taken, or is nothing that a consumer sees */
  next: number
  /** where to read on */
  fetchNext: number
  /** records at or behind it do not belong to what is compared */
  limit: number
  readonly digest: RollingDigest
  bytes = NOTHING
  /** of the batch it stands at; -1 when it stands at none */
  batchAt = -1
  batchSize = 0
  /** the records of that batch, when it is taken record by record */
  walk: RecordWalk | undefined
  #at = 0
  #end = 0
  #filter = new AbortedFilter([])
  /** one batch is opened at a time */
  readonly #scratch = { buffer: NOTHING }

  constructor(from: number, limit = Number.POSITIVE_INFINITY, digest = new RollingDigest()) {
    this.next = from
    this.fetchNext = from
    this.limit = limit
    this.digest = digest
  }

  /** Nothing that belongs to what is compared is left. */
  get ended(): boolean {
    return this.next >= this.limit
  }

  /**
   * Takes in what was fetched from `fetchNext` on; what was in before must have been taken. Every checksum is verified.
   * @returns whether there was a whole batch in it
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

  /** Stands at a record afterwards; false when it needs more bytes, or has ended. @throws Failure CORRUPT_BATCH */
  ready(): boolean {
    while (this.walk === undefined && this.batchAt < 0) {
      if (this.ended) return false
      if (this.#at < this.#end) this.#nextBatch()
      else {
        // What lies between the last batch and the limit is nothing: offsets of what was cleaned away.
        if (this.fetchNext >= this.limit) this.next = Math.max(this.next, this.limit)
        return false
      }
    }
    return !this.ended
  }

  /** The whole batch may be taken as it stands. */
  get isWhole(): boolean {
    const { bytes, batchAt } = this
    return this.walk === undefined && magicOf(bytes, batchAt) === 2 && nextOffsetOf(bytes, batchAt) <= this.limit
  }

  /** Passes over the whole batch; gives how many records it holds. */
  takeBatch(): number {
    const records = recordCountOf(this.bytes, this.batchAt)
    this.#leaveBatch()
    return records
  }

  /** Opens the batch it stands at; afterwards it stands at one of its records, or at no batch. @throws Failure CORRUPT_BATCH */
  open(): void {
    if (this.walk !== undefined || this.batchAt < 0) return
    const walk = new RecordWalk(this.bytes, this.batchAt, this.batchSize, this.#scratch)
    this.walk = walk
    while (walk.next()) if (walk.offset >= this.next) return this.#standAt(walk.offset)
    this.#leaveBatch()
  }

  /** Passes over the record it stands at, in an opened batch. @throws Failure CORRUPT_BATCH */
  takeRecord(): void {
    const { walk } = this
    if (walk === undefined) return
    this.next = walk.offset + 1
    if (walk.next()) this.#standAt(walk.offset)
    else this.#leaveBatch()
  }

  /** Passes over everything below `offset` and goes on there; what was fetched is forgotten. */
  seek(offset: number): void {
    this.next = offset
    this.fetchNext = offset
    this.batchAt = -1
    this.walk = undefined
    this.#end = this.#at
  }

  /** The records of the batch it stands at, for counting. @throws Failure CORRUPT_BATCH */
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

  /** Whether the records of the batch it stands at can be read to their end; for telling which side is damaged. */
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

  /** A hole in front of the record is nothing to wait for. */
  #standAt(offset: number): void {
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
    // Begins before the place: only some of its records are left to take.
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
