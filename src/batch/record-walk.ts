// Compares the records of two batches where they lie: whole batches as bytes, else record by record without taking them apart.

import { crc32c } from './codec/crc32c.ts'
import { plainBatch } from './codec/plain-batch.ts'
import { type PlainBatch, RecordCursor } from './codec/record-cursor.ts'
import { readExactVarlong, readVarint, readVarlong, varintBytes } from './codec/varint.ts'
import {
  BASE_TIMESTAMP_AT,
  codecOf,
  HEAD_BYTES,
  isLogAppendTime,
  MAX_TIMESTAMP_AT,
  magicOf,
  recordCountOf,
} from './header.ts'

/** Up to here a loop is faster than the call into native code (bytes). */
const LOOP_UP_TO = 24

/**
 * True when both batches certainly hold the same records with the same times: their bytes behind the head are the same, whatever
 * the codec, and so is what these count from. False says nothing: the same records may have been written otherwise.
 * @param withTime false where times are not to be compared
 */
export function sameBatchBytes(
  a: Buffer,
  aAt: number,
  aSize: number,
  b: Buffer,
  bAt: number,
  withTime: boolean,
): boolean {
  if (magicOf(a, aAt) !== 2 || magicOf(b, bAt) !== 2) return false
  if (codecOf(a, aAt) !== codecOf(b, bAt) || recordCountOf(a, aAt) !== recordCountOf(b, bAt)) return false
  if (withTime && !haveSameTimes(a, aAt, b, bAt)) return false
  return a.compare(b, bAt + HEAD_BYTES, bAt + aSize, aAt + HEAD_BYTES, aAt + aSize) === 0
}

function haveSameTimes(a: Buffer, aAt: number, b: Buffer, bAt: number): boolean {
  const appended = isLogAppendTime(a, aAt)
  if (appended !== isLogAppendTime(b, bAt)) return false
  const field = appended ? MAX_TIMESTAMP_AT : BASE_TIMESTAMP_AT
  for (let i = field; i < field + 8; i++) if (a[aAt + i] !== b[bAt + i]) return false
  return true
}

/** Goes through the records of one batch of any format; `next` first. */
export class RecordWalk {
  readonly #batch: PlainBatch
  readonly #cursor: RecordCursor
  readonly #baseTime: number
  readonly #appendTime: number | undefined

  /**
   * @param at of a batch whose header has no problem (problemOfHead)
   * @param scratch what it decompresses to may lie in it
   * @throws Failure CORRUPT_BATCH when it cannot be decompressed
   */
  constructor(b: Buffer, at: number, size: number, scratch?: { buffer: Buffer }) {
    this.#batch = plainBatch(b, at, size, scratch)
    this.#cursor = new RecordCursor(this.#batch)
    const { baseTimestamp, appendTime } = this.#batch
    this.#baseTime = Number(baseTimestamp)
    this.#appendTime = appendTime === undefined ? undefined : Number(appendTime)
  }

  /** The partition's offset of the present record. */
  get offset(): number {
    return this.#cursor.offset
  }

  /** Goes to the next record; false behind the last. @throws Failure CORRUPT_BATCH when it is not sound */
  next(): boolean {
    return this.#cursor.next()
  }

  /** Whether both present records have the same key, value, headers and, with `withTime`, time. */
  sameAs(other: RecordWalk, withTime: boolean): boolean {
    if (withTime && !this.#sameTime(other)) return false
    const [mine, theirs] = [this.#cursor, other.#cursor]
    const [a, b] = [this.#batch.body, other.#batch.body]
    const length = mine.end - mine.restAt
    if (length === theirs.end - theirs.restAt && sameBytes(a, mine.restAt, b, theirs.restAt, length)) return true
    return sameFields(a, mine.restAt, b, theirs.restAt)
  }

  /** Where key and the rest of the present record lie. Views are not made: `bytes` holds both. */
  get bytes(): Buffer {
    return this.#batch.body
  }

  /** Where the key begins; its length is `keyBytes`. */
  get keyAt(): number {
    const { restAt } = this.#cursor
    return restAt + varintBytes(this.#batch.body, restAt)
  }

  /** -1 for a record without key. */
  get keyBytes(): number {
    return readVarint(this.#batch.body, this.#cursor.restAt)
  }

  /** Where the length of the value stands; value and headers reach from there to `end`. */
  get valueAt(): number {
    return this.keyAt + Math.max(0, this.keyBytes)
  }

  get end(): number {
    return this.#cursor.end
  }

  /** True for a record whose value is null. */
  get isTombstone(): boolean {
    return readVarint(this.#batch.body, this.valueAt) < 0
  }

  /** ms since the epoch as a reader sees it; NaN beyond 2^53 */
  get time(): number {
    return this.#time()
  }

  #sameTime(other: RecordWalk): boolean {
    const [mine, theirs] = [this.#time(), other.#time()]
    return Number.isNaN(mine) || Number.isNaN(theirs) ? this.#exactTime() === other.#exactTime() : mine === theirs
  }

  /** NaN where a number is not exact. */
  #time(): number {
    const time = this.#appendTime ?? this.#baseTime + readVarlong(this.#batch.body, this.#cursor.timestampAt)
    return Number.isSafeInteger(time) ? time : Number.NaN
  }

  #exactTime(): bigint {
    const { appendTime, baseTimestamp, body } = this.#batch
    return appendTime ?? baseTimestamp + readExactVarlong(body, this.#cursor.timestampAt)
  }
}

function sameBytes(a: Buffer, aAt: number, b: Buffer, bAt: number, length: number): boolean {
  if (length > LOOP_UP_TO) return a.compare(b, bAt, bAt + length, aAt, aAt + length) === 0
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return false
  return true
}

/** The same contents though their lengths were written with more bytes than they need. */
function sameFields(a: Buffer, aAt: number, b: Buffer, bAt: number): boolean {
  const at = { a: aAt, b: bAt }
  const field = () => {
    const length = readVarint(a, at.a)
    if (length !== readVarint(b, at.b)) return false
    const size = Math.max(0, length)
    const [from, to] = [at.a + varintBytes(a, at.a), at.b + varintBytes(b, at.b)]
    at.a = from + size
    at.b = to + size
    return sameBytes(a, from, b, to, size)
  }
  if (!field() || !field()) return false
  const headers = readVarint(a, at.a)
  if (headers !== readVarint(b, at.b)) return false
  at.a += varintBytes(a, at.a)
  at.b += varintBytes(b, at.b)
  for (let left = headers * 2; left > 0; left--) if (!field()) return false
  return true
}

/** How many records a batch of any format holds. @throws Failure CORRUPT_BATCH when a compressed old one cannot be opened */
export function countRecords(b: Buffer, at: number, size: number): number {
  const count = recordCountOf(b, at)
  if (magicOf(b, at) === 2 || codecOf(b, at) === 0) return count
  return plainBatch(b, at, size).count
}

/** CRC-32C of bytes [from, to), unsigned. */
export function checksumOf(bytes: Buffer, from: number, to: number): number {
  return crc32c(bytes, from, to)
}
