import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AbortedFilter } from '../../../src/batch/aborted.ts'
import { encodeBatch } from '../../../src/batch/records.ts'
import { bytesOf, changed, record } from './batches.ts'

const TRANSACTIONAL = 0x10
const CONTROL = 0x20

/** A batch of records at this offset. */
function data(offset: number, producer: bigint, attributes: number, records = 1): Buffer {
  const batch = encodeBatch(Array.from({ length: records }, () => record()))
  return changed(batch, (b) => {
    b.writeBigInt64BE(BigInt(offset), 0)
    b.writeInt16BE(attributes, 21)
    b.writeBigInt64BE(producer, 43)
  })
}

function marker(offset: number, producer: bigint, type: 'commit' | 'abort'): Buffer {
  const batch = encodeBatch([
    record({ key: bytesOf(type === 'abort' ? '00000000' : '00000001'), value: bytesOf('000000000009') }),
  ])
  return changed(batch, (b) => {
    b.writeBigInt64BE(BigInt(offset), 0)
    b.writeInt16BE(TRANSACTIONAL | CONTROL, 21)
    b.writeBigInt64BE(producer, 43)
  })
}

function verdicts(aborted: [bigint, number][], batches: Buffer[]): boolean[] {
  const filter = new AbortedFilter(aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset })))
  const bytes = Buffer.concat(batches)
  let at = 0
  return batches.map((batch) => {
    const drops = filter.drops(bytes, at)
    at += batch.length
    return drops
  })
}

test('an encoded marker has the 78 bytes that a broker writes', () => {
  assert.equal(marker(0, 1n, 'abort').length, 78)
})

test('without aborted transactions only markers are dropped', () => {
  const batches = [data(0, 1n, TRANSACTIONAL), data(1, -1n, 0), marker(2, 1n, 'commit'), data(3, 1n, TRANSACTIONAL)]
  assert.deepEqual(verdicts([], batches), [false, false, true, false])
})

test("an aborted transaction is dropped up to its marker, and the producer's next one is kept", () => {
  const batches = [
    data(10, 1n, TRANSACTIONAL),
    data(11, 1n, TRANSACTIONAL),
    marker(12, 1n, 'abort'),
    data(13, 1n, TRANSACTIONAL),
    marker(14, 1n, 'commit'),
  ]
  assert.deepEqual(verdicts([[1n, 10]], batches), [true, true, true, false, true])
})

test('overlapping producers are distinguished, whatever the order of the list', () => {
  const batches = [
    data(10, 1n, TRANSACTIONAL),
    data(11, 2n, TRANSACTIONAL),
    data(12, 3n, TRANSACTIONAL),
    marker(13, 2n, 'abort'),
    data(14, 1n, TRANSACTIONAL),
    data(15, 2n, TRANSACTIONAL),
    marker(16, 1n, 'abort'),
    marker(17, 2n, 'abort'),
    marker(18, 3n, 'commit'),
  ]
  const aborted: [bigint, number][] = [
    [2n, 15],
    [1n, 10],
    [2n, 11],
  ]
  assert.deepEqual(verdicts(aborted, batches), [true, true, false, true, true, true, true, true, true])
})

test('a transaction that started before the bytes is dropped from the first batch on', () => {
  assert.deepEqual(verdicts([[7n, 3]], [data(50, 7n, TRANSACTIONAL), marker(51, 7n, 'abort')]), [true, true])
})

test('a transaction whose first offset is within a batch starts with that batch', () => {
  assert.deepEqual(verdicts([[7n, 52]], [data(50, 7n, TRANSACTIONAL, 5)]), [true])
  assert.deepEqual(verdicts([[7n, 55]], [data(50, 7n, TRANSACTIONAL, 5)]), [false])
})

test('data of the same producer outside an aborted transaction is kept', () => {
  assert.deepEqual(verdicts([[7n, 0]], [data(0, 7n, 0), data(1, 7n, TRANSACTIONAL)]), [false, true])
})

test('a control batch that the cleaner emptied is dropped and ends no transaction', () => {
  const empty = changed(marker(1, 7n, 'abort').subarray(0, 61), (b) => {
    b.writeInt32BE(49, 8)
    b.writeInt32BE(0, 57)
  })
  assert.deepEqual(verdicts([[7n, 0]], [data(0, 7n, TRANSACTIONAL), empty, data(2, 7n, TRANSACTIONAL)]), [
    true,
    true,
    true,
  ])
})

test('messages of old formats are kept', () => {
  const message = bytesOf('0000000000000000 0000000e 00000000 00 00 ffffffff ffffffff')
  assert.equal(new AbortedFilter([{ producerId: 1n, firstOffset: 0 }]).drops(message, 0), false)
})
