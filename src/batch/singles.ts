// Merges batches with one uncompressed record each, as producers without linger write them. Each byte is read once, written once and
// checksummed once. The expected checksum of the merged records is derived from the stored checksums of the batches and from the
// removed and added bytes. If the written bytes have that checksum, all batches were undamaged.
import { int32, int64, uint16, uint32 } from './codec/bytes.ts'
import { crc32c, linearRun, shiftByBytes } from './codec/crc32c.ts'
import { isWholeRecord } from './codec/record-shape.ts'
import { readVarint, readVarlong, varintBytes } from './codec/varint.ts'
import {
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  COUNT_AT,
  CRC_AT,
  HEAD_BYTES,
  hasExactOffset,
  hasPossibleProducer,
  LAST_OFFSET_DELTA_AT,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  SMALLEST_RECORD,
  sizeOf,
} from './header.ts'
import { GROWTH, isExactDelta, MERGE_UP_TO, putRecordHead, putRest } from './joined-record.ts'
import { addRun, type Runs } from './runs.ts'

const SMALLEST = HEAD_BYTES + SMALLEST_RECORD

/**
 * The size of the batch at this position (bytes), if it has a valid header and a single record that can be merged: format 2,
 * uncompressed, not a control batch, not transactional, with create time. Else 0.
 */
export function singleSize(b: Buffer, at: number, end: number): number {
  if (end - at < SMALLEST || b[at + MAGIC_AT] !== 2 || uint16(b, at + ATTRIBUTES_AT) !== 0) return 0
  if (int32(b, at + COUNT_AT) !== 1 || int32(b, at + LAST_OFFSET_DELTA_AT) !== 0) return 0
  const size = sizeOf(b, at)
  if (size < SMALLEST || size > MERGE_UP_TO || size > end - at) return 0
  return hasExactOffset(b, at) && hasPossibleProducer(b, at) ? size : 0
}

/** Merges a run of such batches. The caller sets the fields before `join` and reads them afterwards. */
export class Singles {
  /** position of the next record, and the limit for its end */
  to = 0
  limit = 0
  /** number of records of the merged batch so far */
  records = 0
  /** base timestamp of the merged batch */
  baseHigh = 0
  baseLow = 0
  /** latest timestamp so far */
  maxHigh = 0
  maxLow = 0
  /** records below this source offset are not merged */
  next = 0
  /** CRC register over the bytes written by the last `join`, started at 0 */
  register = 0

  /**
   * Merges batches from `at` on, up to the first that is not such a batch or does not fit.
   * @returns the position after the last one; -1 if one of them is damaged: then the fields are invalid
   */
  join(b: Buffer, at: number, end: number, out: Buffer, runs: Runs): number {
    const start = this.to
    this.register = 0
    let from = at
    for (let size = singleSize(b, from, end); size > 0; size = singleSize(b, from, end)) {
      if (this.to + size - HEAD_BYTES + GROWTH > this.limit || !this.#one(b, from, from + size, out, runs)) break
      from += size
    }
    if (from === at) return at
    const claimed = ~(shiftByBytes(-1, this.to - start) ^ this.register) >>> 0
    return crc32c(out, start, this.to) === claimed ? from : -1
  }

  #one(b: Buffer, at: number, end: number, out: Buffer, runs: Runs): boolean {
    const base = int64(b, at)
    if (base < this.next) return false
    const record = at + HEAD_BYTES
    const length = readVarint(b, record)
    const attributesAt = record + varintBytes(b, record)
    if (length < 0 || attributesAt + length !== end) return false
    const high = int32(b, at + BASE_TIMESTAMP_AT)
    const low = uint32(b, at + BASE_TIMESTAMP_AT + 4)
    const delta = readVarlong(b, attributesAt + 1) + (high - this.baseHigh) * 0x1_0000_0000 + (low - this.baseLow)
    const offsetAt = attributesAt + 1 + varintBytes(b, attributesAt + 1)
    const rest = offsetAt + 1
    if (!isExactDelta(delta) || b[offsetAt] !== 0 || !isWholeRecord(b, rest, end)) return false
    const behind = putRecordHead(out, this.to, b[attributesAt] as number, delta, this.records, end - rest)
    // Combines the CRC of the added and removed bytes before the rest, shifted to its end; the stored checksum covers the rest.
    const apart = linearRun(this.register, out, this.to, behind) ^ linearRun(-1, b, at + ATTRIBUTES_AT, rest)
    this.register = shiftByBytes(apart, end - rest) ^ ~int32(b, at + CRC_AT)
    this.to = putRest(out, behind, b, rest, end)
    this.#keepMax(int32(b, at + MAX_TIMESTAMP_AT), uint32(b, at + MAX_TIMESTAMP_AT + 4))
    if (base !== this.next || this.records === 0) addRun(runs, this.records, base)
    this.next = base + 1
    this.records++
    return true
  }

  #keepMax(high: number, low: number): void {
    if (high < this.maxHigh || (high === this.maxHigh && low <= this.maxLow)) return
    this.maxHigh = high
    this.maxLow = low
  }
}
