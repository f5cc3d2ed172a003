// Iterates over the uncompressed records of a batch, in the layout of format 2, without decoding them.
import { Failure } from '../../base/failure.ts'
import { isWholeRecord } from './record-shape.ts'
import { readVarint, varintBytes } from './varint.ts'

/** A decompressed batch: its records, and the base values of their deltas. */
export interface PlainBatch {
  /** contains the records; may be the buffer that contains the batch */
  readonly body: Buffer
  readonly start: number
  readonly end: number
  readonly count: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly baseTimestamp: bigint
  /** if set, the timestamp that consumers see for all records */
  readonly appendTime: bigint | undefined
}

/** Iterates over records. The fields are positions of the current record in the body of the batch. */
export class RecordCursor {
  readonly #batch: PlainBatch
  readonly #dense: boolean
  index = -1
  /** source offset */
  offset = -1
  at = 0
  attributesAt = 0
  timestampAt = 0
  offsetDeltaAt = 0
  /** position of the key length */
  restAt = 0
  end: number

  constructor(batch: PlainBatch) {
    this.#batch = batch
    this.#dense = batch.count === batch.lastOffset - batch.baseOffset + 1
    this.end = batch.start
  }

  /**
   * Moves to the next record; false after the last.
   * @throws Failure CORRUPT_BATCH if the records do not match the header
   */
  next(): boolean {
    const { body, count, end } = this.#batch
    if (this.index + 1 >= count) {
      if (this.end !== end) throw this.#damaged(`${end - this.end} bytes follow its last record`)
      return false
    }
    this.at = this.end
    this.index++
    const length = readVarint(body, this.at)
    this.attributesAt = this.at + varintBytes(body, this.at)
    this.end = this.attributesAt + length
    if (length < 0 || this.end > end) throw this.#damaged(`its record ${this.index} ends after the batch`)
    this.timestampAt = this.attributesAt + 1
    this.offsetDeltaAt = this.timestampAt + varintBytes(body, this.timestampAt)
    this.restAt = this.offsetDeltaAt + varintBytes(body, this.offsetDeltaAt)
    if (!isWholeRecord(body, this.restAt, this.end)) throw this.#damaged(`its record ${this.index} is malformed`)
    this.offset = this.#offset(readVarint(body, this.offsetDeltaAt))
    return true
  }

  /** Moves back to earlier values of `at` and `index`, so that `next` returns that record again. */
  rewind(at: number, index: number): void {
    this.end = at
    this.index = index - 1
    this.offset = -1
  }

  /**
   * In a batch without gaps (by its header) the index determines the offset, because brokers do not correct wrong deltas of a defective
   * producer. In a batch with gaps (compaction) the offset deltas do, and must increase.
   */
  #offset(delta: number): number {
    const { baseOffset, lastOffset } = this.#batch
    if (this.#dense) return baseOffset + this.index
    const offset = baseOffset + delta
    if (offset <= this.offset || offset < baseOffset || offset > lastOffset)
      throw this.#damaged(`its record ${this.index} has the wrong offset ${offset}`)
    return offset
  }

  #damaged(problem: string): Failure {
    const { baseOffset } = this.#batch
    return new Failure('CORRUPT_BATCH', `the record batch at offset ${baseOffset} is damaged: ${problem}`, {
      offset: BigInt(baseOffset),
    })
  }
}
