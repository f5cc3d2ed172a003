// Compares the records of two batches in place: whole batches as bytes, else record by record without decoding them.

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

/** Up to this size (bytes) a loop is faster than a call into native code. */
const LOOP_UP_TO = 24

/**
 * Whether two batches have the same codec, base timestamp and record bytes, so that their records are equal. False does not mean that
 * the records differ: equal records can be encoded differently.
 * @param withTime false to ignore timestamps of the header
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

/** Iterates over the records of one batch of any format; call `next` first. */
export class RecordWalk {
  readonly #batch: PlainBatch
  readonly #cursor: RecordCursor
  readonly #baseTime: number
  readonly #appendTime: number | undefined

  /**
   * @param at position of a batch with a valid header (problemOfHead)
   * @param scratch may be used for the decompressed records
   * @throws Failure CORRUPT_BATCH if it cannot be decompressed
   */
  constructor(b: Buffer, at: number, size: number, scratch?: { buffer: Buffer }) {
    this.#batch = plainBatch(b, at, size, scratch)
    this.#cursor = new RecordCursor(this.#batch)
    const { baseTimestamp, appendTime } = this.#batch
    this.#baseTime = Number(baseTimestamp)
    this.#appendTime = appendTime === undefined ? undefined : Number(appendTime)
  }

  /** The offset of the current record. */
  get offset(): number {
    return this.#cursor.offset
  }

  /** Moves to the next record; false after the last. @throws Failure CORRUPT_BATCH if it is invalid */
  next(): boolean {
    return this.#cursor.next()
  }

  /** Whether both current records have the same key, value, headers and, with `withTime`, timestamp. */
  sameAs(other: RecordWalk, withTime: boolean): boolean {
    if (withTime && !this.#sameTime(other)) return false
    const [mine, theirs] = [this.#cursor, other.#cursor]
    const [a, b] = [this.#batch.body, other.#batch.body]
    const length = mine.end - mine.restAt
    if (length === theirs.end - theirs.restAt && sameBytes(a, mine.restAt, b, theirs.restAt, length)) return true
    return sameFields(a, mine.restAt, b, theirs.restAt)
  }

  /** The buffer that contains the current record: positions refer to it, so that no views are created. */
  get bytes(): Buffer {
    return this.#batch.body
  }

  /** Position of the key; its length is `keyBytes`. */
  get keyAt(): number {
    const { restAt } = this.#cursor
    return restAt + varintBytes(this.#batch.body, restAt)
  }

  /** Length of the key; -1 if it is null. */
  get keyBytes(): number {
    return readVarint(this.#batch.body, this.#cursor.restAt)
  }

  /** Position of the value length; value and headers end at `end`. */
  get valueAt(): number {
    return this.keyAt + Math.max(0, this.keyBytes)
  }

  get end(): number {
    return this.#cursor.end
  }

  /** Whether the value is null. */
  get isTombstone(): boolean {
    return readVarint(this.#batch.body, this.valueAt) < 0
  }

  /** The timestamp that a consumer sees, ms since the epoch; NaN beyond 2^53. */
  get time(): number {
    return this.#time()
  }

  #sameTime(other: RecordWalk): boolean {
    const [mine, theirs] = [this.#time(), other.#time()]
    return Number.isNaN(mine) || Number.isNaN(theirs) ? this.#exactTime() === other.#exactTime() : mine === theirs
  }

  /** NaN if it is not exact as a number. */
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

/** Whether key, value and headers are equal, even if their lengths are encoded in more bytes than needed. */
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

/** The number of records of a batch of any format. @throws Failure CORRUPT_BATCH if a compressed message cannot be decompressed */
export function countRecords(b: Buffer, at: number, size: number): number {
  const count = recordCountOf(b, at)
  if (magicOf(b, at) === 2 || codecOf(b, at) === 0) return count
  return plainBatch(b, at, size).count
}

/** CRC-32C of bytes [from, to), unsigned. */
export function checksumOf(bytes: Buffer, from: number, to: number): number {
  return crc32c(bytes, from, to)
}
