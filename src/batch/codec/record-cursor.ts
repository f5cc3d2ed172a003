// Goes through the uncompressed records of a batch, in the layout of format 2, without taking them apart.
import { Failure } from '../../base/failure.ts'
import { isWholeRecord } from './record-shape.ts'
import { readVarint, varintBytes } from './varint.ts'

/** A batch opened: its records, and what their deltas count from. */
export interface PlainBatch {
  /** holds the records; may be the buffer the batch lies in */
  readonly body: Buffer
  readonly start: number
  readonly end: number
  readonly count: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly baseTimestamp: bigint
  /** when set, the time readers see for every record */
  readonly appendTime: bigint | undefined
}

/** Goes from record to record; the fields are those of the present one, positions in the batch's body. */
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
  /** where the length of the key stands */
  restAt = 0
  end: number

  constructor(batch: PlainBatch) {
    this.#batch = batch
    this.#dense = batch.count === batch.lastOffset - batch.baseOffset + 1
    this.end = batch.start
  }

  /**
   * Goes to the next record; false behind the last.
   * @throws Failure CORRUPT_BATCH when the records do not lie as the header says
   */
  next(): boolean {
    const { body, count, end } = this.#batch
    if (this.index + 1 >= count) {
      if (this.end !== end) throw this.#unsound(`${end - this.end} bytes follow its last record`)
      return false
    }
    this.at = this.end
    this.index++
    const length = readVarint(body, this.at)
    this.attributesAt = this.at + varintBytes(body, this.at)
    this.end = this.attributesAt + length
    if (length < 0 || this.end > end) throw this.#unsound(`its record ${this.index} ends after the batch`)
    this.timestampAt = this.attributesAt + 1
    this.offsetDeltaAt = this.timestampAt + varintBytes(body, this.timestampAt)
    this.restAt = this.offsetDeltaAt + varintBytes(body, this.offsetDeltaAt)
    if (!isWholeRecord(body, this.restAt, this.end)) throw this.#unsound(`its record ${this.index} is malformed`)
    this.offset = this.#offset(readVarint(body, this.offsetDeltaAt))
    return true
  }

  /** Goes back to where `at` and `index` once were, so that `next` finds that record again. */
  rewind(at: number, index: number): void {
    this.end = at
    this.index = index - 1
    this.offset = -1
  }

  /**
   * Where the header says that there are no holes, position alone gives the offset: brokers keep what a defective
   * producer wrote inside. Elsewhere (compaction) the deltas do, and must rise.
   */
  #offset(delta: number): number {
    const { baseOffset, lastOffset } = this.#batch
    if (this.#dense) return baseOffset + this.index
    const offset = baseOffset + delta
    if (offset <= this.offset || offset < baseOffset || offset > lastOffset)
      throw this.#unsound(`its record ${this.index} has the wrong offset ${offset}`)
    return offset
  }

  #unsound(problem: string): Failure {
    const { baseOffset } = this.#batch
    return new Failure('CORRUPT_BATCH', `the record batch at offset ${baseOffset} is damaged: ${problem}`, {
      offset: BigInt(baseOffset),
    })
  }
}
