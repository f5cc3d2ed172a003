import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import { codecOf, problemOfHead, verifyChecksum } from '../../../src/batch/header.ts'
import { decodeBatch, encodeBatch } from '../../../src/batch/records.ts'
import { bytesOf, changed, contents, record, STORED, someCodec, someRecords, TIME } from './batches.ts'

test('three empty records are encoded as brokers store them', () => {
  const batch = encodeBatch([record(), record(), record()])
  assert.equal(batch.length, 82)
  assert.equal(batch.readUInt32BE(17), 0x17929449)
  assert.equal(batch.subarray(61).toString('hex'), '0c0000000101000c0000020101000c000004010100')
})

test('two tombstones of a producer are encoded as brokers store them', () => {
  const tombstone = record({ key: bytesOf('0066') })
  const batch = encodeBatch([tombstone, tombstone], { stamp: { idHigh: 0, idLow: 2000001, epoch: 0 }, sequence: 45 })
  assert.equal(batch.length, 79)
  assert.equal(batch.readUInt32BE(17), 0x106be6d2)
  assert.equal(batch.subarray(61).toString('hex'), '100000000400660100100000020400660100')
})

test('a stored batch is decoded with its offsets and timestamps', () => {
  const third = { offset: 123456791, timestamp: TIME + 12, key: null, value: Buffer.from('!'), headers: [] }
  const records = decodeBatch(STORED, 0, 97)
  assert.equal(records.length, 3)
  assert.deepEqual(records[2], third)
})

test('encoded records are decoded unchanged, under every codec', () => {
  fc.assert(
    fc.property(someRecords, someCodec, (records, codec) => {
      const batch = encodeBatch(records, { codec })
      assert.equal(problemOfHead(batch, 0, batch.length), undefined)
      assert.ok(verifyChecksum(batch, 0, batch.length))
      assert.equal(codecOf(batch, 0), codec)
      const whole = Buffer.concat([Buffer.alloc(3), batch, Buffer.alloc(4, 9)])
      assert.deepEqual(contents(decodeBatch(whole, 3, batch.length)), contents(records))
    }),
  )
})

test('a large batch is decoded unchanged, under every codec', () => {
  const records = Array.from({ length: 900 }, (_, i) =>
    record({
      timestamp: TIME + i,
      key: Buffer.from(`key-${i}`),
      value: Buffer.from(`value ${i * 7919} `.repeat(i % 20)),
    }),
  )
  for (const codec of [0, 1, 2, 3, 4]) {
    const batch = encodeBatch(records, { codec })
    assert.deepEqual(contents(decodeBatch(batch, 0, batch.length)), records)
  }
})

test('in a LogAppendTime batch every record has the timestamp of the batch', () => {
  const batch = changed(encodeBatch([record({ timestamp: 5 }), record({ timestamp: 9 })]), (b) => {
    b.writeInt16BE(8, 21)
    b.writeBigInt64BE(BigInt(TIME), 35)
  })
  assert.deepEqual(
    decodeBatch(batch, 0, batch.length).map(({ timestamp }) => timestamp),
    [TIME, TIME],
  )
})

test('offset deltas are used if the header shows offset gaps, otherwise the index', () => {
  const batch = encodeBatch([record(), record(), record()])
  const sparse = changed(batch, (b) => {
    b.writeInt32BE(20, 23)
    b.writeUInt8(8, 61 + 3) // 4
    b.writeUInt8(10, 61 + 7 + 3) // 5
    b.writeUInt8(40, 61 + 14 + 3) // 20
  })
  const offsets = (b: Buffer) => decodeBatch(b, 0, b.length).map(({ offset }) => offset)
  assert.deepEqual(offsets(sparse), [4, 5, 20])
  const defective = changed(sparse, (b) => b.writeInt32BE(2, 23))
  assert.deepEqual(offsets(defective), [0, 1, 2])
})

test('offsets that do not increase, or are outside the batch, cause a failure', () => {
  const sparse = changed(encodeBatch([record(), record()]), (b) => b.writeInt32BE(9, 23))
  for (const [first, second] of [
    [4, 4],
    [8, 2],
    [0, 20],
    [1, 2],
  ]) {
    const batch = changed(sparse, (b) => {
      b.writeUInt8(first as number, 61 + 3)
      b.writeUInt8(second as number, 61 + 7 + 3)
    })
    assert.throws(
      () => decodeBatch(batch, 0, batch.length),
      (error) =>
        error instanceof Failure && error.code === 'CORRUPT_BATCH' && /has the wrong offset/.test(error.message),
    )
  }
})

test('timestamps beyond 2^53 are read as the nearest number', () => {
  const nanoseconds = 1_700_000_000_123_456_789n
  const batch = changed(encodeBatch([record()]), (b) => b.writeBigInt64BE(nanoseconds, 27))
  assert.equal(decodeBatch(batch, 0, batch.length)[0]?.timestamp, Number(nanoseconds))
})

test('an empty batch and invalid timestamps are not encoded', () => {
  for (const wrong of [
    [],
    [record({ timestamp: Number.NaN })],
    [record({ timestamp: 1.5 })],
    [record({ timestamp: 2 ** 53 })],
  ])
    assert.throws(() => encodeBatch(wrong), Failure)
})
