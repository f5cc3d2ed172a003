// Arbitrary bytes from a source cause only Failures, within limits of time and memory.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import { AbortedFilter } from '../../../src/batch/aborted.ts'
import { decompress } from '../../../src/batch/codec/compression.ts'
import { passageOf } from '../../../src/batch/forward.ts'
import { problemOfHead, verifyChecksum } from '../../../src/batch/header.ts'
import { isMergeable, Merge } from '../../../src/batch/merge.ts'
import { decodeBatch, encodeBatch } from '../../../src/batch/records.ts'
import { transcode } from '../../../src/batch/transcode.ts'
import { wholeBatchSize } from '../../../src/batch/walk.ts'
import { bytesOf, changed, record, STORED, someCodec } from './batches.ts'

/** Runs the work. It may throw only Failures about a batch. */
function tolerate(work: () => unknown): void {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof Failure, String(error))
    assert.ok(error.code === 'CORRUPT_BATCH' || error.code === 'TOO_LARGE', error.code)
  }
}

const merge = new Merge()
const out = Buffer.alloc(1 << 16)

/** What godwit does with a Fetch answer except the checksum, which invalid bytes may match. */
function digest(bytes: Buffer): void {
  const filter = new AbortedFilter([{ producerId: 4711n, firstOffset: 0 }])
  for (let at = 0, size = 0; at < bytes.length; at += size) {
    size = wholeBatchSize(bytes, at, bytes.length)
    if (size === 0 || problemOfHead(bytes, at, bytes.length) !== undefined) return
    verifyChecksum(bytes, at, size)
    filter.drops(bytes, at)
    passageOf(bytes, at, size, { fromOffset: 0, maxBytes: 300, keepAppendTime: true })
    tolerate(() => decodeBatch(bytes, at, size))
    tolerate(() => transcode(bytes, at, size, { fromOffset: 0, appendTime: 'keep', maxBytes: 300 }))
    merge.begin(out, 0, out.length)
    if (isMergeable(bytes, at) && merge.fits(bytes, at, size) && merge.add(bytes, at, size)) merge.finish(undefined, 0)
  }
}

test('arbitrary bytes cause only Failures', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => tolerate(() => digest(Buffer.from(bytes)))))
})

const samples = [
  STORED,
  Buffer.concat([STORED, STORED]),
  ...[0, 1, 2, 3, 4].map((codec) =>
    encodeBatch(
      Array.from({ length: 9 }, (_, i) =>
        record({
          key: Buffer.from(`k${i}`),
          value: Buffer.from('pizza '.repeat(i * 3)),
          headers: [{ key: 'h', value: null }],
        }),
      ),
      { codec },
    ),
  ),
  bytesOf('00000000000003e8 00000015 9e2d3c4e 00 00 00000002 6b30 00000005 68656c6c6f'),
  // format 1, gzip, with invalid content
  bytesOf('0000000000000001 0000001d 00000000 01 01 0000018bcfe56800 ffffffff 00000007 1f8b0800000000'),
]

test('valid batches with a few wrong bytes cause only Failures', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(fc.constantFrom(...samples), damage, (sample, changes) => {
      const bytes = Buffer.from(sample)
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      tolerate(() => digest(bytes))
    }),
    { numRuns: 500 },
  )
})

test('truncated batches cause only Failures', () => {
  for (const sample of samples) {
    for (let length = 62; length < sample.length; length++) {
      const cut = Buffer.from(sample.subarray(0, length))
      cut.writeInt32BE(length - 12, 8)
      tolerate(() => digest(cut))
    }
  }
})

test('arbitrary bytes under every codec cause a Failure or stay within the limit', () => {
  const starts = [[], [0x1f, 0x8b, 8, 0], [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0], [4, 0x22, 0x4d, 0x18, 0x40]]
  fc.assert(
    fc.property(someCodec, fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }), (codec, start, rest) => {
      tolerate(() => {
        const bytes = Buffer.from([...start, ...rest])
        assert.ok(decompress(codec, bytes, 500).length <= Math.max(500, codec === 0 ? bytes.length : 0))
      })
    }),
    { numRuns: 500 },
  )
})

/** Small inputs that decompress to very large outputs. */
const bombs: [name: string, codec: number, bytes: Buffer][] = [
  ['gzip', 1, gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 1 })],
  ['snappy that claims 4 GB', 2, bytesOf('ffffffff0f 00 61')],
  ['xerial that claims 2 GB in small blocks', 2, xerialBomb()],
  ['lz4', 3, lz4Bomb()],
  ['zstd', 4, zstdCompressSync(Buffer.alloc(64 * 1024 * 1024))],
]

function xerialBomb(): Buffer {
  const block = bytesOf('00000007 ffffff1f 00 61 00')
  return Buffer.concat([bytesOf('82534e4150505900 00000001 00000001'), ...Array.from({ length: 30 }, () => block)])
}

/** Blocks of 4 MiB: one literal, then a match that repeats it. */
function lz4Bomb(): Buffer {
  const more = Buffer.alloc(16000, 0xff)
  const block = Buffer.concat([bytesOf('1f 61 0100'), more, bytesOf('00')])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(block.length)
  return Buffer.concat([bytesOf('04224d18 60 70 73'), ...Array.from({ length: 50 }, () => [size, block]).flat()])
}

for (const [name, codec, bytes] of bombs) {
  test(`a decompression bomb is refused before it takes memory: ${name}`, () => {
    const before = process.memoryUsage().arrayBuffers
    assert.throws(
      () => decompress(codec, bytes, 8 * 1024 * 1024),
      (error) =>
        error instanceof Failure && error.code === 'CORRUPT_BATCH' && /(larger|more) than|allowed/.test(error.message),
    )
    const taken = process.memoryUsage().arrayBuffers - before
    assert.ok(taken < 40 * 1024 * 1024, `${taken} bytes`)
  })
}

test('a decompression bomb within a batch causes a Failure', () => {
  const bomb = zstdCompressSync(Buffer.alloc(70 * 1024 * 1024))
  const batch = Buffer.concat([changed(STORED, (b) => b.writeInt16BE(4, 21)).subarray(0, 61), bomb])
  batch.writeInt32BE(batch.length - 12, 8)
  assert.equal(problemOfHead(batch, 0, batch.length), undefined)
  assert.throws(() => decodeBatch(batch, 0, batch.length), Failure)
})
