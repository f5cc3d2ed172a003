// Decompresses a batch of any format and converts it to the record layout of format 2, for the slow path.
import {
  BASE_TIMESTAMP_AT,
  baseOffsetOf,
  codecOf,
  HEAD_BYTES,
  isLogAppendTime,
  lastOffsetDeltaOf,
  MAX_TIMESTAMP_AT,
  magicOf,
  recordCountOf,
} from '../header.ts'
import { decompress, NONE } from './compression.ts'
import type { Scratch } from './copying.ts'
import { upConvert } from './legacy.ts'
import type { PlainBatch } from './record-cursor.ts'

/** Maximum decompressed size of a batch (bytes), or twenty times its size if that is more. */
const LIMIT_BYTES = 64 * 1024 * 1024
const LIMIT_RATIO = 20

/**
 * Decompresses the batch at `at`, whose header is valid (problemOfHead).
 * @param scratch may be used for the records
 * @throws Failure CORRUPT_BATCH if it cannot be decompressed, or becomes too large
 */
export function plainBatch(b: Buffer, at: number, size: number, scratch?: Scratch): PlainBatch {
  const limit = Math.max(LIMIT_BYTES, size * LIMIT_RATIO)
  if (magicOf(b, at) < 2) return upConvert(b, at, size, limit)
  const baseOffset = baseOffsetOf(b, at)
  const codec = codecOf(b, at)
  const body = codec === NONE ? b : decompress(codec, b.subarray(at + HEAD_BYTES, at + size), limit, scratch)
  return {
    body,
    start: codec === NONE ? at + HEAD_BYTES : 0,
    end: codec === NONE ? at + size : body.length,
    count: recordCountOf(b, at),
    baseOffset,
    lastOffset: baseOffset + lastOffsetDeltaOf(b, at),
    baseTimestamp: b.readBigInt64BE(at + BASE_TIMESTAMP_AT),
    appendTime: isLogAppendTime(b, at) ? b.readBigInt64BE(at + MAX_TIMESTAMP_AT) : undefined,
  }
}
