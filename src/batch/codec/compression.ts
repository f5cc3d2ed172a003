// The five codecs of a record batch, as Kafka frames them: gzip, snappy in xerial's framing, lz4 frames, zstd (KIP-110).
// zlib and zstd come with Node, snappy and lz4 from a WebAssembly library that the Kafka client uses too.
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { lz4Compress, lz4Decompress, snappyCompress, snappyDecompress } from '@platformatic/wasm-utils'
import { Failure } from '../../base/failure.ts'

export const NONE = 0
const GZIP = 1
const SNAPPY = 2
const LZ4 = 3
const ZSTD = 4

const names = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEAD = 16
const XERIAL_BLOCK = 32 * 1024

/**
 * The bytes behind a codec.
 * @param limit more than this many bytes are refused: a small batch must not fill the memory
 * @throws Failure CORRUPT_BATCH when the bytes are not what the codec writes, or exceed the limit
 */
export function decompress(codec: number, bytes: Buffer, limit: number): Buffer {
  try {
    const plain = open(codec, bytes, limit)
    if (plain.length <= limit) return plain
  } catch (cause) {
    throw new Failure('CORRUPT_BATCH', `the ${names[codec] ?? codec} data of a batch cannot be decompressed`, { cause })
  }
  throw new Failure('CORRUPT_BATCH', `a batch decompresses to more than ${limit} bytes`)
}

/** Compresses as Java's clients would, at each codec's default level. */
export function compress(codec: number, bytes: Buffer): Buffer {
  switch (codec) {
    case NONE:
      return bytes
    case GZIP:
      return gzipSync(bytes)
    case SNAPPY:
      return xerial(bytes)
    case LZ4:
      return lz4Compress(bytes)
    case ZSTD:
      return zstdCompressSync(bytes)
    default:
      throw new Failure('CORRUPT_BATCH', `codec ${codec} is not known`)
  }
}

function open(codec: number, bytes: Buffer, limit: number): Buffer {
  switch (codec) {
    case NONE:
      return bytes
    case GZIP:
      return gunzipSync(bytes, { maxOutputLength: limit })
    case SNAPPY:
      return bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)
        ? openXerial(bytes, limit)
        : openSnappy(bytes, limit)
    case LZ4:
      return lz4Decompress(bytes)
    case ZSTD:
      return zstdDecompressSync(bytes, { maxOutputLength: limit })
    default:
      throw new Failure('CORRUPT_BATCH', `codec ${codec} is not known`)
  }
}

/** Raw snappy begins with its uncompressed length, which is believed only within the limit. */
function openSnappy(bytes: Buffer, limit: number): Buffer {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = bytes[i] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) break
  }
  if (length > limit) throw new RangeError(`snappy block of ${length} bytes`)
  return Buffer.from(snappyDecompress(bytes))
}

function openXerial(bytes: Buffer, limit: number): Buffer {
  const blocks: Buffer[] = []
  let total = 0
  for (let at = XERIAL_HEAD; at < bytes.length; ) {
    const size = bytes.readInt32BE(at)
    if (size < 0 || at + 4 + size > bytes.length) throw new RangeError('a snappy block is cut off')
    const block = openSnappy(bytes.subarray(at + 4, at + 4 + size), limit - total)
    blocks.push(block)
    total += block.length
    at += 4 + size
  }
  return Buffer.concat(blocks, total)
}

function xerial(bytes: Buffer): Buffer {
  const head = Buffer.alloc(XERIAL_HEAD)
  XERIAL_MAGIC.copy(head)
  head.writeInt32BE(1, 8)
  head.writeInt32BE(1, 12)
  const parts: Buffer[] = [head]
  for (let at = 0; at < bytes.length; at += XERIAL_BLOCK) {
    const block = Buffer.from(snappyCompress(bytes.subarray(at, at + XERIAL_BLOCK)))
    const size = Buffer.alloc(4)
    size.writeInt32BE(block.length)
    parts.push(size, block)
  }
  return Buffer.concat(parts)
}
