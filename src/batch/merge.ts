// Merges small uncompressed batches of one partition into one: a Produce request takes one batch per partition, so
// throughput depends on the batch size. Only the length and the two deltas of each record are rewritten; the rest is
// copied. Nothing is allocated per record or per batch.
import { int32, putInt16, putInt32, uint16, uint32 } from './codec/bytes.ts'
import { crc32c, shiftByBytes } from './codec/crc32c.ts'
import { isWholeRecord } from './codec/record-shape.ts'
import { readVarint, readVarlong, varintBytes } from './codec/varint.ts'
import {
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  CODEC_BITS,
  CONTROL,
  COUNT_AT,
  CRC_AT,
  HEAD_BYTES,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  LENGTH_AT,
  LENGTH_OVERHEAD,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  magicOf,
  type ProducerStamp,
  writeProducer,
} from './header.ts'
import { GROWTH, isExactDelta, putRecordHead, putRest } from './joined-record.ts'
import type { Runs } from './runs.ts'
import { Singles } from './singles.ts'

const NOTHING: Buffer = Buffer.alloc(0)

/**
 * Whether a batch can be merged with others: format 2, uncompressed, without gaps, not a control batch.
 * Check passageOf first: a batch with append times may only be merged if they need not be kept.
 */
export function isMergeable(b: Buffer, at: number): boolean {
  return (
    magicOf(b, at) === 2 &&
    (uint16(b, at + ATTRIBUTES_AT) & (CODEC_BITS | CONTROL)) === 0 &&
    int32(b, at + COUNT_AT) === int32(b, at + LAST_OFFSET_DELTA_AT) + 1
  )
}

/** Builder of a merged batch: begin, then add while batches fit, then finish. Reusable. */
export class Merge {
  #out: Buffer = NOTHING
  #start = 0
  #end = 0
  #at = 0
  #records = 0
  #baseHigh = 0
  #baseLow = 0
  #maxHigh = 0
  #maxLow = 0
  readonly #singles = new Singles()
  /** end of the records whose CRC register is known from addSingles; -1 if unknown */
  #summedUpTo = -1
  /** CRC register of these records */
  #summed = 0

  /** Number of records so far. */
  get records(): number {
    return this.#records
  }

  /** The latest timestamp so far, ms since the epoch, not exact beyond 2^53; -1 if there is none. */
  get maxTimestamp(): number {
    return this.#maxHigh * 0x1_0000_0000 + this.#maxLow
  }

  /** Starts a batch at `at` of `out`, of at most `limit` bytes. Discards an unfinished one. */
  begin(out: Buffer, at: number, limit: number): void {
    this.#out = out
    this.#start = at
    this.#end = Math.min(out.length, at + limit)
    this.#at = at + HEAD_BYTES
    this.#records = 0
    this.#maxHigh = -1
    this.#maxLow = 0xffff_ffff
    this.#summedUpTo = -1
  }

  /** Whether the records of this batch fit, even with maximum growth. */
  fits(b: Buffer, at: number, size: number): boolean {
    return this.fitsBody(b, at, size - HEAD_BYTES)
  }

  /** As `fits`, for records with a decompressed size of `bytes`. */
  fitsBody(b: Buffer, at: number, bytes: number): boolean {
    return this.#at + bytes + int32(b, at + COUNT_AT) * GROWTH <= this.#end
  }

  /**
   * Adds the records of a batch that is mergeable, fits, and has a verified checksum. False, and nothing is added, if the records do not
   * match the header: brokers do not validate the offset deltas of uncompressed batches, so a defective producer can write others than
   * 0, 1, 2..., and the target would store the batch corrupted.
   */
  add(b: Buffer, at: number, size: number): boolean {
    return this.#add(b, at, b, at + HEAD_BYTES, at + size)
  }

  /** As `add`, for a batch whose records were decompressed into `body`; `at` is the position of its header in `b`. */
  addBody(b: Buffer, at: number, body: Buffer): boolean {
    return this.#add(b, at, body, 0, body.length)
  }

  /**
   * Adds consecutive batches with one record each from `at` on, as long as they fit, and verifies their checksums.
   * @param next batches below this source offset are not added
   * @param runs receives the source offsets
   * @returns the position after the last one; `at` if the first is not such a batch; -1, and nothing added, if one of them is damaged
   */
  addSingles(b: Buffer, at: number, end: number, next: number, runs: Runs): number {
    const one = this.#singles
    if (this.#records === 0) this.#beginTime(b, at)
    one.to = this.#at
    one.limit = this.#end
    one.records = this.#records
    one.baseHigh = this.#baseHigh
    one.baseLow = this.#baseLow
    one.maxHigh = this.#maxHigh
    one.maxLow = this.#maxLow
    one.next = next
    const known = runs.length
    const behind = one.join(b, at, end, this.#out, runs)
    if (behind < 0) runs.length = known
    if (behind <= at) return behind
    if (this.#records === 0) {
      this.#summedUpTo = one.to
      this.#summed = one.register
    }
    this.#at = one.to
    this.#records = one.records
    this.#keepMax(one.maxHigh, one.maxLow)
    return behind
  }

  /** The source offset after the records of the last addSingles. */
  get behindSingles(): number {
    return this.#singles.next
  }

  /**
   * Writes the header and the checksum; at least one batch must have been added.
   * @param sequence of the first record; ignored without a stamp
   * @returns size of the batch (bytes)
   */
  finish(stamp: ProducerStamp | undefined, sequence: number): number {
    const out = this.#out
    const at = this.#start
    putInt32(out, at, 0)
    putInt32(out, at + 4, 0)
    putInt32(out, at + LENGTH_AT, this.#at - at - LENGTH_OVERHEAD)
    putInt32(out, at + LEADER_EPOCH_AT, -1)
    out[at + MAGIC_AT] = 2
    putInt16(out, at + ATTRIBUTES_AT, 0)
    putInt32(out, at + LAST_OFFSET_DELTA_AT, this.#records - 1)
    putInt32(out, at + BASE_TIMESTAMP_AT, this.#baseHigh)
    putInt32(out, at + BASE_TIMESTAMP_AT + 4, this.#baseLow)
    putInt32(out, at + MAX_TIMESTAMP_AT, this.#maxHigh)
    putInt32(out, at + MAX_TIMESTAMP_AT + 4, this.#maxLow)
    writeProducer(out, at, stamp, sequence)
    putInt32(out, at + COUNT_AT, this.#records)
    putInt32(out, at + CRC_AT, this.#checksum())
    return this.#at - at
  }

  /** Only reads the header if the CRC register of the records is known from Singles. */
  #checksum(): number {
    const from = this.#start + ATTRIBUTES_AT
    if (this.#summedUpTo !== this.#at) return crc32c(this.#out, from, this.#at)
    const body = this.#start + HEAD_BYTES
    const head = ~crc32c(this.#out, from, body)
    return ~(shiftByBytes(head, this.#at - body) ^ this.#summed) >>> 0
  }

  #beginTime(b: Buffer, at: number): void {
    this.#baseHigh = int32(b, at + BASE_TIMESTAMP_AT)
    this.#baseLow = uint32(b, at + BASE_TIMESTAMP_AT + 4)
  }

  #add(b: Buffer, at: number, body: Buffer, start: number, end: number): boolean {
    if (this.#records === 0) this.#beginTime(b, at)
    const later =
      (int32(b, at + BASE_TIMESTAMP_AT) - this.#baseHigh) * 0x1_0000_0000 +
      (uint32(b, at + BASE_TIMESTAMP_AT + 4) - this.#baseLow)
    const count = int32(b, at + COUNT_AT)
    const behind = this.#join(body, start, end, count, later)
    if (behind < 0) return false
    this.#at = behind
    this.#records += count
    this.#keepMax(int32(b, at + MAX_TIMESTAMP_AT), uint32(b, at + MAX_TIMESTAMP_AT + 4))
    return true
  }

  /** Appends the records of [start, end); returns the position after them, or -1 if they are invalid. */
  #join(b: Buffer, start: number, end: number, count: number, later: number): number {
    const out = this.#out
    let from = start
    let to = this.#at
    for (let index = 0; index < count; index++) {
      const length = readVarint(b, from)
      from += varintBytes(b, from)
      const recordEnd = from + length
      if (length < 0 || recordEnd > end) return -1
      const attributes = b[from] as number
      const delta = readVarlong(b, ++from) + later
      from += varintBytes(b, from)
      if (!isExactDelta(delta) || readVarint(b, from) !== index) return -1
      from += varintBytes(b, from)
      if (!isWholeRecord(b, from, recordEnd)) return -1
      to = putRecordHead(out, to, attributes, delta, this.#records + index, recordEnd - from)
      to = putRest(out, to, b, from, recordEnd)
      from = recordEnd
    }
    return from === end ? to : -1
  }

  #keepMax(high: number, low: number): void {
    if (high < this.#maxHigh || (high === this.#maxHigh && low <= this.#maxLow)) return
    this.#maxHigh = high
    this.#maxLow = low
  }
}
