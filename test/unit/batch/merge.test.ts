import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { attributesOf, maxTimestampOf, problemOfHead, producerIdOf, verifyChecksum } from '../../../src/batch/header.ts'
import { isMergeable, Merge } from '../../../src/batch/merge.ts'
import { decodeBatch, encodeBatch, type NewRecord } from '../../../src/batch/records.ts'
import { changed, contents, record, resealed, STORED, someRecords, TIME } from './batches.ts'

const merge = new Merge()

/** Merges all batches into the middle of a buffer. @returns the merged batch */
function joined(batches: readonly Buffer[], sequence = 5): Buffer {
  const out = Buffer.alloc(300_000, 0xee)
  merge.begin(out, 100, out.length - 200)
  for (const batch of batches) {
    assert.ok(isMergeable(batch, 0))
    assert.ok(merge.fits(batch, 0, batch.length))
    assert.ok(merge.add(batch, 0, batch.length))
  }
  const size = merge.finish({ idHigh: 1, idLow: 2, epoch: 3 }, sequence)
  assert.ok(
    out.subarray(0, 100).every((byte) => byte === 0xee),
    'nothing is written before it',
  )
  assert.ok(
    out.subarray(100 + size).every((byte) => byte === 0xee),
    'nothing is written after it',
  )
  return Buffer.from(out.subarray(100, 100 + size))
}

test('a merged batch has the records of its parts, one after the other', () => {
  fc.assert(
    fc.property(fc.array(someRecords, { minLength: 1, maxLength: 12 }), (parts) => {
      const batches = parts.map((records) => encodeBatch(records))
      const batch = joined(batches)
      const records = decodeBatch(batch, 0, batch.length)
      assert.deepEqual(contents(records), parts.flatMap(contents))
      assert.deepEqual(
        records.map(({ offset }) => offset),
        records.map((_, index) => index),
      )
      assert.equal(problemOfHead(batch, 0, batch.length), undefined)
      assert.ok(verifyChecksum(batch, 0, batch.length))
      assert.equal(producerIdOf(batch, 0), (1n << 32n) | 2n)
      assert.equal(maxTimestampOf(batch, 0), Math.max(...records.map(({ timestamp }) => timestamp)))
      assert.deepEqual([merge.records, merge.maxTimestamp], [records.length, maxTimestampOf(batch, 0)])
    }),
  )
})

test('merged records have the same bytes as encoded records', () => {
  const records = Array.from({ length: 300 }, (_, i) =>
    record({ timestamp: TIME + i, key: Buffer.from(`k${i}`), value: Buffer.alloc(i % 90, i) }),
  )
  const batch = joined(records.map((one) => encodeBatch([one])))
  const expected = encodeBatch(records, { stamp: { idHigh: 1, idLow: 2, epoch: 3 }, sequence: 5 })
  assert.equal(batch.toString('hex'), expected.toString('hex'))
})

test('a batch is merged whatever its offset, producer, transaction bit and delete horizon', () => {
  const batch = joined([STORED, STORED])
  assert.equal(attributesOf(batch, 0), 0)
  const once = contents(decodeBatch(STORED, 0, 97))
  assert.deepEqual(contents(decodeBatch(batch, 0, batch.length)), [...once, ...once])
})

test('timestamps that are far apart or beyond 2^53 stay exact', () => {
  const nanoseconds = 1_700_000_000_123_456_789n
  const first = changed(encodeBatch([record(), record({ timestamp: TIME + 5 })]), (b) => {
    b.writeBigInt64BE(nanoseconds, 27)
    b.writeBigInt64BE(nanoseconds + 5n, 35)
  })
  const second = changed(first, (b) => {
    b.writeBigInt64BE(nanoseconds + 1_000_000_007n, 27)
    b.writeBigInt64BE(nanoseconds + 1_000_000_012n, 35)
  })
  const batch = joined([first, second])
  assert.equal(batch.readBigInt64BE(27), nanoseconds)
  assert.equal(batch.readBigInt64BE(35), nanoseconds + 1_000_000_012n)
  const apart = changed(batch, (b) => b.writeBigInt64BE(0n, 27))
  assert.deepEqual(
    decodeBatch(apart, 0, apart.length).map(({ timestamp }) => timestamp),
    [0, 5, 1_000_000_007, 1_000_000_012],
  )
})

test('batches with timestamps too far apart for exact arithmetic are not merged', () => {
  const first = encodeBatch([record({ timestamp: 0 })])
  const far = changed(first, (b) => b.writeBigInt64BE(1_700_000_000_123_456_789n, 27))
  merge.begin(Buffer.alloc(1000), 0, 1000)
  assert.ok(merge.add(first, 0, first.length))
  assert.ok(!merge.add(far, 0, far.length))
  assert.equal(merge.records, 1)
})

test('only uncompressed, dense data batches of format 2 can be merged', () => {
  const mergeable = (change: (b: Buffer) => void) => isMergeable(changed(STORED, change), 0)
  assert.ok(mergeable(() => {}))
  assert.ok(!mergeable((b) => b.writeInt16BE(3, 21)), 'compressed')
  assert.ok(!mergeable((b) => b.writeInt16BE(0x20, 21)), 'control')
  assert.ok(!mergeable((b) => b.writeInt32BE(7, 23)), 'holes')
  assert.ok(!mergeable((b) => b.writeInt8(1, 16)), 'format 1')
})

/** Batches of three records with a valid header but invalid records. */
const unsound: [what: string, batch: Buffer][] = [
  ['an inner offset delta that is not the next', changed(STORED, (b) => b.writeUInt8(6, 61 + 14 + 3))],
  ['offset deltas of zero', changed(STORED, (b) => b.writeUInt8(0, 61 + 14 + 3))],
  ['a record that is longer than the batch', changed(STORED, (b) => b.writeUInt8(0x70, 61 + 28))],
  ['a record that is too short', changed(STORED, (b) => b.writeUInt8(0x18, 61))],
  ['a record of negative length', changed(STORED, (b) => b.writeUInt8(1, 61))],
  ['a key that is longer than its record', changed(STORED, (b) => b.writeUInt8(0x40, 65))],
  ['a key of length -2', changed(STORED, (b) => b.writeUInt8(3, 65))],
  ['headers that are not there', changed(STORED, (b) => b.writeUInt8(8, 74))],
  ['a negative number of headers', changed(STORED, (b) => b.writeUInt8(1, 74))],
  [
    'more bytes than records',
    resealed(Buffer.concat([STORED, Buffer.from([0])].map((b) => Buffer.from(b))).fill(86, 11, 12)),
  ],
  [
    'fewer records than it claims',
    changed(STORED, (b) => {
      b.writeInt32BE(4, 57)
      b.writeInt32BE(3, 23)
    }),
  ],
  ['a length that never ends', changed(STORED, (b) => b.fill(0xff, 61))],
]
for (const [what, batch] of unsound) {
  test(`a batch with ${what} is not merged and writes nothing`, () => {
    const out = Buffer.alloc(4096)
    merge.begin(out, 0, 4096)
    assert.equal(problemOfHead(batch, 0, batch.length), undefined)
    assert.ok(isMergeable(batch, 0))
    assert.ok(!merge.add(batch, 0, batch.length))
    assert.equal(merge.records, 0)
    assert.ok(merge.add(STORED, 0, 97))
    const size = merge.finish(undefined, 0)
    const clean = joined([STORED])
    assert.deepEqual(decodeBatch(out, 0, size), decodeBatch(clean, 0, clean.length))
    merge.begin(out, 0, 4096)
    assert.ok(merge.add(STORED, 0, 97))
    assert.ok(!merge.add(batch, 0, batch.length))
    assert.deepEqual([merge.records, merge.finish(undefined, 0)], [3, size])
    assert.ok(verifyChecksum(out, 0, size))
  })
}

test('merged batches never exceed the size limit, and nearly reach it', () => {
  const someTimes = fc.array(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(someTimes, fc.integer({ min: 0, max: 100 }), (later, length) => {
      const out = Buffer.alloc(5000, 0xee)
      const limit = 3000
      merge.begin(out, 7, limit)
      const parts: NewRecord[] = []
      for (const ms of later) {
        const one = record({ timestamp: TIME + ms, value: Buffer.alloc(length) })
        const batch = encodeBatch([one])
        if (!merge.fits(batch, 0, batch.length)) break
        assert.ok(merge.add(batch, 0, batch.length))
        parts.push(one)
      }
      const size = merge.finish(undefined, 0)
      assert.ok(size <= limit)
      assert.ok(size > limit - length - 40 || parts.length === later.length)
      assert.ok(out.subarray(7 + size).every((byte) => byte === 0xee))
      assert.deepEqual(contents(decodeBatch(out, 7, size)), parts)
    }),
  )
})
