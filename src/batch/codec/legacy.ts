// Converts messages of formats 0 and 1 to records of format 2. Only old brokers wrote them, but newer ones still return them.
// A message: offset, length, CRC-32, magic, attributes, [timestamp in format 1], key, value. A compressed one contains a message set.
import { Failure } from '../../base/failure.ts'
import { baseOffsetOf, codecOf, isLogAppendTime, LENGTH_OVERHEAD, magicOf, sizeOf } from '../header.ts'
import { int32 } from './bytes.ts'
import { decompress, NONE } from './compression.ts'
import type { PlainBatch } from './record-cursor.ts'
import { putExactVarlong, putVarint } from './varint.ts'

const TIMESTAMP_AT = 18
/** position of the key length in a message, by format */
const KEY_AT = [18, 26] as const
/**
 * Maximum growth of a message (bytes): length, attributes, timestamp delta, offset delta, two lengths and the header count at their
 * longest, less the two int32 lengths.
 */
const GROWTH = 5 + 1 + 10 + 5 + 5 + 5 + 1 - 8

/**
 * The records of one message, or of the message set in a compressed one.
 * @param limit maximum decompressed size (bytes)
 * @throws Failure CORRUPT_BATCH
 */
export function upConvert(b: Buffer, at: number, size: number, limit: number): PlainBatch {
  const offset = baseOffsetOf(b, at)
  const codec = codecOf(b, at)
  const [set, positions] = codec === NONE ? [b, [at]] : unwrap(b, at, size, limit)
  const first = positions[0] ?? at
  // In format 1 inner offsets are relative and the wrapper has the offset of the last record; in format 0 they are absolute.
  const shift = codec !== NONE && magicOf(b, at) === 1 ? offset - baseOffsetOf(set, positions.at(-1) ?? 0) : 0
  const baseOffset = baseOffsetOf(set, first) + shift
  const baseTimestamp = timestampOf(set, first)
  const bytes = positions.reduce((sum, position) => sum + sizeOf(set, position) + GROWTH, 0)
  const body = Buffer.allocUnsafeSlow(bytes)
  let end = 0
  for (const position of positions) {
    const delta = baseOffsetOf(set, position) + shift - baseOffset
    end = putRecord(body, end, set, position, delta, timestampOf(set, position) - baseTimestamp)
  }
  return {
    body,
    start: 0,
    end,
    count: positions.length,
    baseOffset,
    lastOffset: offset,
    baseTimestamp,
    // Inner messages keep their create times; the wrapper has the append time.
    appendTime: codec !== NONE && isLogAppendTime(b, at) ? timestampOf(b, at) : undefined,
  }
}

/** The message set in the value of a compressed message, and the positions of its messages. */
function unwrap(b: Buffer, at: number, size: number, limit: number): [Buffer, number[]] {
  const magic = magicOf(b, at)
  const valueAt = endOfField(b, at + keyAt(magic), at + size)
  const end = endOfField(b, valueAt, at + size)
  if (end < valueAt + 4 || int32(b, valueAt) < 0) throw damaged(b, at, 'it is compressed but has no value')
  const set = decompress(codecOf(b, at), b.subarray(valueAt + 4, end), limit)
  const positions: number[] = []
  for (let position = 0; position < set.length; position += sizeOf(set, position)) {
    if (set.length - position < keyAt(magic) + 8 || sizeOf(set, position) > set.length - position)
      throw damaged(b, at, 'a message in it is cut off')
    if (sizeOf(set, position) <= LENGTH_OVERHEAD || magicOf(set, position) !== magic || codecOf(set, position) !== NONE)
      throw damaged(b, at, 'a message in it has another format')
    positions.push(position)
  }
  if (positions.length === 0) throw damaged(b, at, 'it is compressed but contains no message')
  return [set, positions]
}

/** Writes one message as a record of format 2; returns the position after it. */
function putRecord(out: Buffer, at: number, b: Buffer, from: number, offsetDelta: number, delta: bigint): number {
  const end = from + sizeOf(b, from)
  const keyLengthAt = from + keyAt(magicOf(b, from))
  const valueLengthAt = endOfField(b, keyLengthAt, end)
  if (endOfField(b, valueLengthAt, end) !== end) throw damaged(b, from, 'its key and value do not fill it')
  // The length comes first and is not known yet: the record is written after five free bytes, then moved up.
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

/** The position after a field with a four-byte length (-1: no bytes); greater than `end` if the field does not fit. */
function endOfField(b: Buffer, at: number, end: number): number {
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
