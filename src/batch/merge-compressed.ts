// Joins small compressed batches of one partition into one of the same codec: decompressed, merged, compressed again.
//
// When it pays. CPU time per source batch, joined up to 400 kB of plain records (JSON, Node 24, a busy 2-core machine):
//   records x bytes    snappy    lz4       zstd      gzip      size before -> after (lz4)
//   1 x 200            2 us      2 us      18 us     11 us     216 -> 67 bytes a batch
//   1 x 1024           10 us     7 us      31 us     21 us     455 -> 230
//   16 x 1000          65 us     100 us    115 us    180 us    3708 -> 3505
//   60 x 1000          240 us    350 us    280 us    650 us    13.3 kB -> 13.1 kB
// A batch that travels alone costs about 16 us in this process, far more in the target broker, and one round trip of its
// partition (26 MB/s of one-record batches against 200 MB/s merged). So one-record batches are worth it under every
// codec: much faster, a third of the bytes on the target, and with snappy and lz4 less CPU too. From a few kB on the
// codec costs more than it saves and nothing becomes smaller: MERGE_COMPRESSED_BELOW.
import { Failure } from '../base/failure.ts'
import { int32, uint16 } from './codec/bytes.ts'
import { decompress } from './codec/compression.ts'
import { seal } from './codec/seal.ts'
import {
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  CODEC_BITS,
  CONTROL,
  COUNT_AT,
  HEAD_BYTES,
  LAST_OFFSET_DELTA_AT,
  MAX_TIMESTAMP_AT,
  magicOf,
  type ProducerStamp,
} from './header.ts'
import { Merge } from './merge.ts'

/** Compressed batches of up to this many bytes are worth joining (figures above). */
export const MERGE_COMPRESSED_BELOW = 1024

/** A batch that was checked (header, checksum) and lies at `at` of `bytes`. */
export interface BatchPlace {
  readonly bytes: Buffer
  readonly at: number
  readonly size: number
}

interface CompressedMergeOptions {
  /** of the result, 1 to 4; the sources' own codec is read from them */
  readonly codec: number
  /** holds the records while they are not compressed; its size bounds the merge. Used only during the call. */
  readonly scratch: Buffer
  /** the result is not larger than this (bytes) */
  readonly maxBytes: number
  readonly stamp?: ProducerStamp | undefined
  readonly sequence?: number | undefined
}

interface CompressedMerge {
  readonly bytes: Buffer
  /** how many of the batches, from the first on, are in it */
  readonly batches: number
  readonly records: number
  /** ms since the epoch, -1 for none */
  readonly maxTimestamp: number
}

const merge = new Merge()

/**
 * True for a batch that mergeCompressed may join with others of the same codec: format 2, compressed, without holes,
 * no control batch.
 */
export function isCompressedMergeable(b: Buffer, at: number): boolean {
  if (magicOf(b, at) !== 2) return false
  const attributes = uint16(b, at + ATTRIBUTES_AT)
  return (
    (attributes & CODEC_BITS) !== 0 &&
    (attributes & CONTROL) === 0 &&
    int32(b, at + COUNT_AT) === int32(b, at + LAST_OFFSET_DELTA_AT) + 1
  )
}

/**
 * Joins as many of the batches (isCompressedMergeable), from the first on, as fit and are sound. Undefined when that
 * are none: the first is then for transcode, which says what is wrong with it, or must be forwarded alone because it
 * is too large.
 */
export function mergeCompressed(
  batches: readonly BatchPlace[],
  options: CompressedMergeOptions,
): CompressedMerge | undefined {
  const { scratch } = options
  merge.begin(scratch, 0, Math.min(scratch.length, options.maxBytes))
  let joined = 0
  for (const batch of batches) {
    if (!join(batch, scratch.length)) break
    joined++
  }
  const [first] = batches
  if (first === undefined || joined === 0) return undefined
  const { records, maxTimestamp } = merge
  const end = merge.finish(undefined, 0)
  const bytes = seal(scratch, end, {
    codec: options.codec,
    records,
    baseTimestamp: scratch.readBigInt64BE(BASE_TIMESTAMP_AT),
    maxTimestamp: scratch.readBigInt64BE(MAX_TIMESTAMP_AT),
    stamp: options.stamp,
    sequence: options.sequence,
  })
  // What cannot be compressed further may even have grown.
  return bytes.length <= options.maxBytes ? { bytes, batches: joined, records, maxTimestamp } : undefined
}

function join({ bytes, at, size }: BatchPlace, limit: number): boolean {
  try {
    const codec = uint16(bytes, at + ATTRIBUTES_AT) & CODEC_BITS
    const body = decompress(codec, bytes.subarray(at + HEAD_BYTES, at + size), limit)
    return merge.fitsBody(bytes, at, body.length) && merge.addBody(bytes, at, body)
  } catch (error) {
    if (error instanceof Failure) return false
    throw error
  }
}
