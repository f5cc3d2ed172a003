// The compression codecs of record batches in Kafka's framing: none, gzip, snappy (xerial), lz4 frames, zstd (KIP-110).
// Decompression has a size limit and is safe for any bytes; the Java clients can read the compressed output.
import { createRequire } from 'node:module'
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { lz4Compress, snappyCompress } from '@platformatic/wasm-utils'
import { Failure, sentenceOf } from '../../base/failure.ts'
import type { Scratch } from './copying.ts'
import { readLz4Frame } from './lz4.ts'
import { readSnappy, XERIAL_HEAD } from './snappy.ts'

export const NONE = 0
const GZIP = 1
const SNAPPY = 2
const LZ4 = 3
const ZSTD = 4
/** Encoders of lz4 and snappy, loaded for the first such batch: most runs write none, and loading takes 30 ms of CPU time. */
let loaded: { lz4Compress: typeof lz4Compress; snappyCompress: typeof snappyCompress } | undefined
const load = createRequire(import.meta.url)
const writers = () => (loaded ??= load('@platformatic/wasm-utils') as NonNullable<typeof loaded>)
const names = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** Block size of Java's SnappyOutputStream (bytes). */
const XERIAL_BLOCK = 32 * 1024
/** Limits for the size of zlib's output chunks (bytes). */
const SMALLEST_PIECE = 1024
const LARGEST_PIECE = 256 * 1024
const USUAL_RATIO = 4

/**
 * Decompresses `bytes`; codec 0 returns them unchanged.
 * @param limit maximum size of the result (bytes); larger results fail before memory is allocated
 * @param scratch may be used for the result
 * @throws Failure CORRUPT_BATCH if the bytes are not valid for the codec, or the result exceeds `limit`
 */
export function decompress(codec: number, bytes: Buffer, limit: number, scratch?: Scratch): Buffer {
  try {
    return open(codec, bytes, limit, scratch)
  } catch (cause) {
    const name = names[codec] ?? `codec ${codec}`
    const sentence = `the ${name} data of a record batch cannot be read: ${sentenceOf(cause)}`
    throw new Failure('CORRUPT_BATCH', sentence, { cause })
  }
}

/**
 * Compresses `bytes`; codec 0 returns them unchanged.
 * @param codec 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd
 * @param bytes at least one byte
 */
export function compress(codec: number, bytes: Buffer): Buffer {
  switch (codec) {
    case GZIP:
      return gzipSync(bytes, { chunkSize: pieceOf(bytes.length) })
    case SNAPPY:
      return xerial(bytes)
    case LZ4:
      return writers().lz4Compress(bytes)
    case ZSTD:
      return zstdCompressSync(bytes, { chunkSize: pieceOf(bytes.length) })
    default:
      return bytes
  }
}

function open(codec: number, bytes: Buffer, limit: number, scratch: Scratch | undefined): Buffer {
  switch (codec) {
    case NONE:
      return bytes
    case GZIP:
      return gunzipSync(bytes, bounds(bytes, limit))
    case SNAPPY:
      return readSnappy(bytes, limit, scratch)
    case LZ4:
      return readLz4Frame(bytes, limit, scratch)
    case ZSTD:
      return openZstd(bytes, limit)
    default:
      throw new RangeError(`codec ${codec} is unknown`)
  }
}

/** Decompresses all frames: a call of zlib stops after the first one. zlib rejects windows above 128 MiB by default. */
function openZstd(bytes: Buffer, limit: number): Buffer {
  const frames: Buffer[] = []
  let total = 0
  for (let at = 0; at < bytes.length; ) {
    const { buffer, engine } = openFrame(bytes.subarray(at), limit - total)
    frames.push(buffer)
    total += buffer.length
    if (engine.bytesWritten <= 0) throw new RangeError('zstd does not accept its bytes')
    at += engine.bytesWritten
  }
  const [first] = frames
  return first !== undefined && frames.length === 1 ? first : Buffer.concat(frames, total)
}

/** With `info` zlib also returns the engine with the number of consumed bytes, which is missing in its type declarations. */
function openFrame(bytes: Buffer, limit: number): { buffer: Buffer; engine: { bytesWritten: number } } {
  const result: unknown = zstdDecompressSync(bytes, { ...bounds(bytes, limit), info: true })
  return result as { buffer: Buffer; engine: { bytesWritten: number } }
}

function bounds(bytes: Buffer, limit: number): { maxOutputLength: number; chunkSize: number } {
  return { maxOutputLength: Math.max(1, limit), chunkSize: pieceOf(bytes.length * USUAL_RATIO) }
}

function pieceOf(expected: number): number {
  return Math.min(LARGEST_PIECE, Math.max(SMALLEST_PIECE, expected))
}

function xerial(bytes: Buffer): Buffer {
  const parts: Buffer[] = [XERIAL_HEAD]
  for (let at = 0; at < bytes.length; at += XERIAL_BLOCK) {
    const block = writers().snappyCompress(bytes.subarray(at, at + XERIAL_BLOCK))
    const size = Buffer.allocUnsafe(4)
    size.writeInt32BE(block.length)
    parts.push(size, block)
  }
  return Buffer.concat(parts)
}
