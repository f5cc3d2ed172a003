// Joins small uncompressed batches of one partition into one: a Produce request takes one batch per partition, so the
// size of batches decides the speed. Of each record only the length and the two deltas are written anew; the rest is
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
 * True for a batch whose records can be joined with others': format 2, uncompressed, without holes, no control batch.
 * Ask passageOf first: a batch of append times may only be merged where they need not be kept.
 */
export function isMergeable(b: Buffer, at: number): boolean {
  return (
    magicOf(b, at) === 2 &&
    (uint16(b, at + ATTRIBUTES_AT) & (CODEC_BITS | CONTROL)) === 0 &&
    int32(b, at + COUNT_AT) === int32(b, at + LAST_OFFSET_DELTA_AT) + 1
  )
}

/** One batch in the making; begin, then add while it fits, then finish. Made to be used again. */
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
  /** all records up to here were joined in one stretch of single ones; -1 when they were not */
  #summedUpTo = -1
  /** the register of their checksum */
  #summed = 0

  /** Records joined so far. */
  get records(): number {
    return this.#records
  }

  /** The latest timestamp so far, ms since the epoch, not exact beyond 2^53; -1 when there is none. */
  get maxTimestamp(): number {
    return this.#maxHigh * 0x1_0000_0000 + this.#maxLow
  }

  /** Starts a batch at `at` of `out`, of at most `limit` bytes. What was not finished is forgotten. */
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

  /** True when the records of this batch surely fit behind those joined so far. */
  fits(b: Buffer, at: number, size: number): boolean {
    return this.fitsBody(b, at, size - HEAD_BYTES)
  }

  /** The same for records that have `bytes` bytes when they are decompressed. */
  fitsBody(b: Buffer, at: number, bytes: number): boolean {
    return this.#at + bytes + int32(b, at + COUNT_AT) * GROWTH <= this.#end
  }

  /**
   * Joins the records of a batch that is mergeable and fits, and whose checksum was verified. False, and nothing
   * joined, when they do not lie as its header says: brokers do not compare the inner offset deltas of uncompressed
   * batches, so a defective producer's batch may have others than 0, 1, 2..., and a target would store it corrupt.
   */
  add(b: Buffer, at: number, size: number): boolean {
    return this.#add(b, at, b, at + HEAD_BYTES, at + size)
  }

  /** The same for a batch whose records were decompressed into `body`; `at` is where its header lies in `b`. */
  addBody(b: Buffer, at: number, body: Buffer): boolean {
    return this.#add(b, at, body, 0, body.length)
  }

  /**
   * Joins batches of one record each from `at` on, as far as they follow each other and fit, and verifies their checksums.
   * @param next no batch below this source offset is joined
   * @param runs takes the source offsets
   * @returns the place behind the last one, `at` when the first is another; -1, and nothing joined, when one of them is damaged
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

  /** Source offset behind the records of the last addSingles. */
  get behindSingles(): number {
    return this.#singles.next
  }

  /**
   * Writes header and checksum; at least one batch must have been added.
   * @param sequence of the first record; ignored without a stamp
   * @returns bytes of the batch
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

  /** Of bytes that Singles has summed up nothing but the head is read. */
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

  /** Writes the records of [start, end) behind what is there; gives the place behind them, -1 when they are not sound. */
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
