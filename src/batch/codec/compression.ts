// The five codecs of a record batch as Kafka frames them: gzip, snappy in xerial's framing, lz4 frames, zstd (KIP-110).
// Reading is bounded and safe on any bytes; what is written is what Java's clients can read.
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
/** Writers of lz4 and snappy, loaded when the first such batch is written: most runs write none, and it takes 30 ms of CPU. */
let loaded: { lz4Compress: typeof lz4Compress; snappyCompress: typeof snappyCompress } | undefined
const load = createRequire(import.meta.url)
const writers = () => (loaded ??= load('@platformatic/wasm-utils') as NonNullable<typeof loaded>)
const names = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** Java's SnappyOutputStream cuts at this many bytes. */
const XERIAL_BLOCK = 32 * 1024
/** zlib hands out its output in pieces of this size (bytes). */
const SMALLEST_PIECE = 1024
const LARGEST_PIECE = 256 * 1024
const USUAL_RATIO = 4

/**
 * The bytes behind a codec; with codec 0 the same bytes.
 * @param limit more bytes than this are refused before they take memory
 * @param scratch what comes out may lie in it
 * @throws Failure CORRUPT_BATCH when the bytes are not what the codec writes, or become more than `limit`
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
 * @param codec 0 to 4
 * @param bytes one byte at least
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

/** One frame after the other: zlib's call stops behind the first. Windows above 128 MiB are refused by default. */
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

/** With `info` zlib also gives the engine, which counts the bytes it took; its type declarations do not know that. */
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
