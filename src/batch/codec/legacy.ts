// Messages of formats 0 and 1, which only old brokers wrote but newer ones still hand out, made into records of format 2.
// A message: offset, length, CRC-32, magic, attributes, [timestamp in format 1], key, value; a compressed one wraps a set.
import { Failure } from '../../base/failure.ts'
import { baseOffsetOf, codecOf, isLogAppendTime, LENGTH_OVERHEAD, magicOf, sizeOf } from '../header.ts'
import { int32 } from './bytes.ts'
import { decompress, NONE } from './compression.ts'
import type { PlainBatch } from './record-cursor.ts'
import { putExactVarlong, putVarint } from './varint.ts'

const TIMESTAMP_AT = 18
/** where the length of the key stands */
const KEY_AT = [18, 26] as const
/**
 * length, attributes, timestamp delta, offset delta, two lengths and the header count at their longest, less the two
 * int32
 */
const GROWTH = 5 + 1 + 10 + 5 + 5 + 5 + 1 - 8

/**
 * The records of one message, unwrapped when it is compressed.
 * @param limit the most bytes that may come out of it
 * @throws Failure CORRUPT_BATCH
 */
export function upConvert(b: Buffer, at: number, size: number, limit: number): PlainBatch {
  const offset = baseOffsetOf(b, at)
  const codec = codecOf(b, at)
  const [set, places] = codec === NONE ? [b, [at]] : unwrap(b, at, size, limit)
  const first = places[0] ?? at
  // Format 1 counts inner offsets from the first record and gives the wrapper the last one's; format 0 has them absolute.
  const shift = codec !== NONE && magicOf(b, at) === 1 ? offset - baseOffsetOf(set, places.at(-1) ?? 0) : 0
  const baseOffset = baseOffsetOf(set, first) + shift
  const baseTimestamp = timestampOf(set, first)
  const bytes = places.reduce((sum, place) => sum + sizeOf(set, place) + GROWTH, 0)
  const body = Buffer.allocUnsafeSlow(bytes)
  let end = 0
  for (const place of places) {
    const delta = baseOffsetOf(set, place) + shift - baseOffset
    end = putRecord(body, end, set, place, delta, timestampOf(set, place) - baseTimestamp)
  }
  return {
    body,
    start: 0,
    end,
    count: places.length,
    baseOffset,
    lastOffset: offset,
    baseTimestamp,
    // Wrapped messages keep their create times; the wrapper has the append time.
    appendTime: codec !== NONE && isLogAppendTime(b, at) ? timestampOf(b, at) : undefined,
  }
}

/** The set in a compressed message's value, and where its messages begin. */
function unwrap(b: Buffer, at: number, size: number, limit: number): [Buffer, number[]] {
  const magic = magicOf(b, at)
  const valueAt = behindField(b, at + keyAt(magic), at + size)
  const end = behindField(b, valueAt, at + size)
  if (end < valueAt + 4 || int32(b, valueAt) < 0) throw damaged(b, at, 'it is compressed but has no value')
  const set = decompress(codecOf(b, at), b.subarray(valueAt + 4, end), limit)
  const places: number[] = []
  for (let place = 0; place < set.length; place += sizeOf(set, place)) {
    if (set.length - place < keyAt(magic) + 8 || sizeOf(set, place) > set.length - place)
      throw damaged(b, at, 'a message in it is cut off')
    if (sizeOf(set, place) <= LENGTH_OVERHEAD || magicOf(set, place) !== magic || codecOf(set, place) !== NONE)
      throw damaged(b, at, 'a message in it has another format')
    places.push(place)
  }
  if (places.length === 0) throw damaged(b, at, 'it is compressed but contains no message')
  return [set, places]
}

/** Writes one message as a record of format 2; gives the place behind it. */
function putRecord(out: Buffer, at: number, b: Buffer, from: number, offsetDelta: number, delta: bigint): number {
  const end = from + sizeOf(b, from)
  const keyLengthAt = from + keyAt(magicOf(b, from))
  const valueLengthAt = behindField(b, keyLengthAt, end)
  if (behindField(b, valueLengthAt, end) !== end) throw damaged(b, from, 'its key and value do not fill it')
  // The length stands in front, so the record is written behind five free bytes and then moved up.
  let next = at + 5
  out[next++] = 0
  next = putExactVarlong(out, next, delta)
  next = putVarint(out, next, offsetDelta)
  next = putField(out, next, b, keyLengthAt)
  next = putField(out, next, b, valueLengthAt)
  out[next++] = 0
  const start = putVarint(out, at, next - at - 5)
  out.copyWithin(start, at + 5, next)
  return start + next - at - 5
}

function putField(out: Buffer, at: number, b: Buffer, lengthAt: number): number {
  const length = int32(b, lengthAt)
  const next = putVarint(out, at, Math.max(-1, length))
  return length > 0 ? next + b.copy(out, next, lengthAt + 4, lengthAt + 4 + length) : next
}

/** The place behind a length of four bytes and its bytes (none for -1); beyond `end` when it is not inside. */
function behindField(b: Buffer, at: number, end: number): number {
  if (at + 4 > end) return end + 1
  const next = at + 4 + Math.max(0, int32(b, at))
  return next > end ? end + 1 : next
}

function keyAt(magic: number): number {
  return magic === 0 ? KEY_AT[0] : KEY_AT[1]
}

function timestampOf(b: Buffer, at: number): bigint {
  return magicOf(b, at) === 1 ? b.readBigInt64BE(at + TIMESTAMP_AT) : -1n
}

function damaged(b: Buffer, at: number, problem: string): Failure {
  const offset = b.readBigInt64BE(at)
  return new Failure('CORRUPT_BATCH', `the message at offset ${offset} is damaged: ${problem}`, { offset })
}
