import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import {
  codecOf,
  maxTimestampOf,
  problemOfHead,
  producerIdOf,
  recordCountOf,
  verifyChecksum,
} from '../../../src/batch/header.ts'
import { isMergeable } from '../../../src/batch/merge.ts'
import { decodeBatch, encodeBatch } from '../../../src/batch/records.ts'
import { type TranscodedBatch, type TranscodeOptions, transcode } from '../../../src/batch/transcode.ts'
import { bytesOf, changed, contents, record, resealed, STORED, someCodec, someRecords, TIME } from './batches.ts'

const usual: TranscodeOptions = { fromOffset: 0, appendTime: 'keep', maxBytes: 1e6 }

/** Transcodes, and checks that every resulting batch is dense, valid and without producer stamp. */
function made(batch: Buffer, options: Partial<TranscodeOptions> = {}): readonly TranscodedBatch[] {
  const before = Buffer.from(batch)
  const { batches } = transcode(batch, 0, batch.length, { ...usual, ...options })
  assert.deepEqual(batch, before, 'the source is not changed')
  for (const { bytes, records, maxTimestamp } of batches) {
    assert.equal(problemOfHead(bytes, 0, bytes.length), undefined)
    assert.ok(verifyChecksum(bytes, 0, bytes.length))
    assert.equal(recordCountOf(bytes, 0), records)
    assert.equal(maxTimestampOf(bytes, 0), maxTimestamp)
    assert.equal(producerIdOf(bytes, 0), -1n)
    const plain = encodeBatch(decodeBatch(bytes, 0, bytes.length))
    assert.ok(isMergeable(plain, 0))
    assert.deepEqual(
      decodeBatch(bytes, 0, bytes.length).map(({ offset }) => offset),
      Array.from({ length: records }, (_, index) => index),
    )
  }
  return batches
}

function recordsOf(batches: readonly TranscodedBatch[]) {
  return batches.flatMap(({ bytes }) => contents(decodeBatch(bytes, 0, bytes.length)))
}

/** Twenty records from offset 1000 on, of which the cleaner removed all but every third. */
function sparse(): Buffer {
  const records = Array.from({ length: 20 }, (_, i) =>
    record({ timestamp: TIME - i, key: Buffer.from(`k${i}`), value: Buffer.alloc(i % 50, i) }),
  )
  return changed(encodeBatch(records), (b) => {
    b.writeBigInt64BE(1000n, 0)
    b.writeInt32BE(65, 23)
    // All numbers here have one byte: length, attributes, timestamp delta, offset delta.
    for (let i = 0, at = 61; i < 20; at += 1 + (b.readUInt8(at) >> 1), i++) b.writeUInt8(2 * 3 * i, at + 3)
  })
}

test('offset gaps are closed, and the remaining records stay unchanged', () => {
  const batch = sparse()
  const batches = made(batch)
  assert.equal(batches.length, 1)
  assert.deepEqual(recordsOf(batches), contents(decodeBatch(batch, 0, batch.length)))
  assert.equal(batches[0]?.lastOffset, 1057)
})

test('records before the first requested offset are left out, also with offset gaps', () => {
  const batch = sparse()
  const all = decodeBatch(batch, 0, batch.length)
  for (const fromOffset of [0, 1000, 1001, 1003, 1056, 1057, 1058, 5000]) {
    const batches = made(batch, { fromOffset })
    assert.deepEqual(recordsOf(batches), contents(all.filter(({ offset }) => offset >= fromOffset)))
    assert.equal(batches.length, fromOffset > 1057 ? 0 : 1)
  }
})

test('a dense batch is resumed at a record within it', () => {
  const batches = made(STORED, { fromOffset: 123456790 })
  assert.deepEqual(recordsOf(batches), contents(decodeBatch(STORED, 0, 97)).slice(1))
  assert.deepEqual([batches[0]?.lastOffset, batches[0]?.maxTimestamp], [123456791, TIME + 12])
})

test('under every codec records stay unchanged wherever they are cut, and no batch exceeds the limit', () => {
  fc.assert(
    fc.property(
      fc.array(someRecords, { minLength: 1, maxLength: 6 }),
      someCodec,
      someCodec,
      fc.integer({ min: 900, max: 4000 }),
      fc.nat({ max: 80 }),
      (parts, from, codec, maxBytes, skipped) => {
        const records = parts.flat()
        const batch = changed(encodeBatch(records, { codec: from }), (b) => b.writeBigInt64BE(5000n, 0))
        const batches = made(batch, { codec, maxBytes, fromOffset: 5000 + skipped })
        assert.deepEqual(recordsOf(batches), contents(records.slice(skipped)))
        let last = 5000 + Math.min(skipped, records.length) - 1
        for (const one of batches) {
          assert.ok(one.bytes.length <= maxBytes)
          assert.equal(codecOf(one.bytes, 0), codec)
          last += one.records
          assert.equal(one.lastOffset, last)
        }
        assert.equal(last, 5000 + records.length - 1)
      },
    ),
  )
})

test('an uncompressed batch is split into batches as full as possible', () => {
  const records = Array.from({ length: 100 }, () => record({ value: Buffer.alloc(91) }))
  const batches = made(encodeBatch(records), { maxBytes: 1061 })
  // 99 or 100 bytes each
  assert.deepEqual(
    batches.map((one) => one.records),
    [10, 10, 10, 10, 10, 10, 10, 10, 10, 10],
  )
})

test('a compressed batch is split into few batches', () => {
  const records = Array.from({ length: 2000 }, (_, i) =>
    record({ value: Buffer.from(`${(i * 7919) % 10007}`.repeat(9)) }),
  )
  for (const codec of [1, 2, 3, 4]) {
    const batch = encodeBatch(records, { codec })
    const batches = made(batch, { maxBytes: Math.ceil(batch.length / 2.5) })
    assert.ok(batches.length <= 5, `${batches.length} batches`)
    assert.deepEqual(recordsOf(batches), contents(records))
  }
})

test('a single record above the limit is a failure that names its offset and size', () => {
  const records = [record(), record({ value: Buffer.alloc(2000) }), record()]
  const batch = changed(encodeBatch(records), (b) => b.writeBigInt64BE(70n, 0))
  assert.throws(
    () => made(batch, { maxBytes: 1000 }),
    (error) =>
      error instanceof Failure &&
      error.code === 'TOO_LARGE' &&
      error.circumstances.offset === 71n &&
      /offset 71 takes 207\d bytes/.test(error.message) &&
      /207\d or more/.test(error.remedy ?? ''),
  )
})

test('a single record above the limit only under the wanted codec keeps the codec of the source', () => {
  const batch = encodeBatch([record({ value: Buffer.alloc(2000) })], { codec: 4 })
  const batches = made(batch, { maxBytes: 1000, codec: 0 })
  assert.deepEqual([batches.length, codecOf(batches[0]?.bytes ?? batch, 0)], [1, 4])
})

const appendTime = changed(STORED, (b) => {
  b.writeInt16BE(8, 21)
  b.writeBigInt64BE(BigInt(TIME + 999_999), 35)
})

test('LogAppendTime is written into the records if it must be kept', () => {
  const batches = made(appendTime)
  assert.deepEqual(recordsOf(batches), contents(decodeBatch(appendTime, 0, 97)))
  assert.ok(recordsOf(batches).every(({ timestamp }) => timestamp === TIME + 999_999))
  assert.equal(batches[0]?.maxTimestamp, TIME + 999_999)
})

test("the producer's timestamps are kept if LogAppendTime need not be kept", () => {
  const batches = made(appendTime, { appendTime: 'create' })
  assert.deepEqual(
    recordsOf(batches).map(({ timestamp }) => timestamp),
    contents(decodeBatch(STORED, 0, 97)).map(({ timestamp }) => timestamp),
  )
  assert.equal(batches[0]?.maxTimestamp, TIME + 12)
})

test('timestamps beyond 2^53 stay exact', () => {
  const nanoseconds = 1_700_000_000_123_456_789n
  const batch = changed(encodeBatch([record(), record({ timestamp: TIME + 5 })]), (b) => {
    b.writeBigInt64BE(nanoseconds, 27)
    b.writeBigInt64BE(nanoseconds + 5n, 35)
  })
  const { batches } = transcode(batch, 0, batch.length, { ...usual, fromOffset: 1 })
  assert.equal(batches[0]?.bytes.readBigInt64BE(27), nanoseconds)
  assert.equal(batches[0]?.bytes.readBigInt64BE(35), nanoseconds + 5n)
})

test('invalid offset deltas of a faulty producer are renumbered', () => {
  const defective = changed(encodeBatch([record({ key: Buffer.from('a') }), record({ key: Buffer.from('b') })]), (b) =>
    b.writeUInt8(0x40, 61 + 8 + 3),
  )
  assert.deepEqual(recordsOf(made(defective)), contents(decodeBatch(defective, 0, defective.length)))
})

test('a control batch and an empty batch result in no batches', () => {
  assert.deepEqual(made(changed(STORED, (b) => b.writeInt16BE(0x30, 21))), [])
  const empty = resealed(Buffer.from(STORED.subarray(0, 61)))
  empty.writeInt32BE(49, 8)
  empty.writeInt32BE(0, 57)
  assert.deepEqual(made(resealed(empty)), [])
})

test('a message of format 0 becomes a batch without timestamps', () => {
  const message = bytesOf('00000000000003e8 00000015 9e2d3c4e 00 00 00000002 6b30 00000005 68656c6c6f')
  const batches = made(message)
  assert.deepEqual(recordsOf(batches), [record({ timestamp: -1, key: Buffer.from('k0'), value: Buffer.from('hello') })])
  assert.equal(batches[0]?.lastOffset, 1000)
})
