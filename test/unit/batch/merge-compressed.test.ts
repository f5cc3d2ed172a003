import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { codecOf, maxTimestampOf, problemOfHead, producerIdOf, verifyChecksum } from '../../../src/batch/header.ts'
import { type BatchPlace, isCompressedMergeable, mergeCompressed } from '../../../src/batch/merge-compressed.ts'
import { decodeBatch, encodeBatch } from '../../../src/batch/records.ts'
import { changed, contents, record, STORED, someRecords, TIME } from './batches.ts'

const scratch = Buffer.alloc(100_000)

function places(batches: readonly Buffer[]): BatchPlace[] {
  const bytes = Buffer.concat(batches)
  let behind = 0
  return batches.map((batch) => {
    behind += batch.length
    return { bytes, at: behind - batch.length, size: batch.length }
  })
}

test('compressed batches become one with the same records, under every codec', () => {
  fc.assert(
    fc.property(
      fc.array(someRecords, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(1, 2, 3, 4),
      fc.constantFrom(1, 2, 3, 4),
      (parts, from, codec) => {
        const stamp = { idHigh: 0, idLow: 7, epoch: 1 }
        const sources = places(parts.map((records) => encodeBatch(records, { codec: from })))
        const merged = mergeCompressed(sources, { codec, scratch, maxBytes: 90_000, stamp, sequence: 3 })
        assert.ok(merged)
        const { bytes } = merged
        const records = decodeBatch(bytes, 0, bytes.length)
        assert.deepEqual(contents(records), parts.flatMap(contents))
        assert.equal(problemOfHead(bytes, 0, bytes.length), undefined)
        assert.ok(verifyChecksum(bytes, 0, bytes.length))
        assert.deepEqual([codecOf(bytes, 0), producerIdOf(bytes, 0)], [codec, 7n])
        assert.deepEqual([merged.batches, merged.records], [parts.length, records.length])
        assert.deepEqual(
          [merged.maxTimestamp, maxTimestampOf(bytes, 0)],
          Array(2).fill(Math.max(...records.map(({ timestamp }) => timestamp))),
        )
      },
    ),
    { numRuns: 50 },
  )
})

const one = (value: Buffer, codec = 3) => encodeBatch([record({ value })], { codec })

test('as many batches as fit are merged, and no more', () => {
  const sources = places(Array.from({ length: 50 }, (_, i) => one(Buffer.alloc(1000, i))))
  const merged = mergeCompressed(sources, { codec: 3, scratch, maxBytes: 10_000 })
  assert.equal(merged?.batches, 9)
  const rest = mergeCompressed(sources.slice(9), { codec: 3, scratch: scratch.subarray(0, 4200), maxBytes: 10_000 })
  assert.equal(rest?.batches, 4)
})

test('merging stops before an invalid batch, and returns nothing if it is the first', () => {
  const damaged = changed(one(Buffer.alloc(500)), (b) => b.fill(0xff, 70, 80))
  const notDense = changed(encodeBatch([record(), record()]), (b) => b.writeUInt8(0, 61 + 7 + 3))
  for (const unsound of [damaged, notDense]) {
    const sources = places([one(Buffer.from('a')), one(Buffer.from('b')), unsound, one(Buffer.from('c'))])
    const merged = mergeCompressed(sources, { codec: 4, scratch, maxBytes: 10_000 })
    assert.equal(merged?.batches, 2)
    assert.deepEqual(
      decodeBatch(merged.bytes, 0, merged.bytes.length).map(({ value }) => String(value)),
      ['a', 'b'],
    )
    assert.equal(mergeCompressed(sources.slice(2), { codec: 4, scratch, maxBytes: 10_000 }), undefined)
  }
  assert.equal(mergeCompressed([], { codec: 4, scratch, maxBytes: 10_000 }), undefined)
})

test('only compressed, dense data batches of format 2 can be merged', () => {
  const mergeable = (change: (b: Buffer) => void) => isCompressedMergeable(changed(STORED, change), 0)
  assert.ok(mergeable((b) => b.writeInt16BE(0x13, 21)))
  assert.ok(!mergeable(() => {}), 'not compressed')
  assert.ok(!mergeable((b) => b.writeInt16BE(0x23, 21)), 'control')
  assert.ok(!mergeable((b) => b.writeInt16BE(3, 21) && b.writeInt32BE(9, 23)), 'holes')
  assert.ok(!mergeable((b) => b.writeInt16BE(3, 21) && b.writeInt8(1, 16)), 'format 1')
})

test('timestamps stay exact', () => {
  const late = changed(one(Buffer.alloc(3)), (b) => {
    b.writeBigInt64BE(BigInt(TIME) * 1_000_000n + 1n, 27)
    b.writeBigInt64BE(BigInt(TIME) * 1_000_000n + 1n, 35)
  })
  const merged = mergeCompressed(places([late, late]), { codec: 3, scratch, maxBytes: 10_000 })
  assert.equal(merged?.bytes.readBigInt64BE(27), BigInt(TIME) * 1_000_000n + 1n)
  assert.equal(merged?.bytes.readBigInt64BE(35), BigInt(TIME) * 1_000_000n + 1n)
})
