import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { wholeBatchSize } from '../../../src/batch/walk.ts'
import { STORED } from './batches.ts'

test('a complete batch has its size, at any position', () => {
  const bytes = Buffer.concat([Buffer.alloc(5), STORED, STORED])
  assert.equal(wholeBatchSize(bytes, 5, bytes.length), 97)
  assert.equal(wholeBatchSize(bytes, 102, bytes.length), 97)
  assert.equal(wholeBatchSize(bytes, 5, 102), 97)
})

test('a truncated batch has size 0', () => {
  for (let end = 0; end < 97; end++) assert.equal(wholeBatchSize(STORED, 0, end), 0)
  assert.equal(wholeBatchSize(STORED, 97, 97), 0)
})

test('an impossible length is a failure', () => {
  for (const length of [48, 13, 0, -1, -2147483648]) {
    const batch = Buffer.from(STORED)
    batch.writeInt32BE(length, 8)
    assert.throws(
      () => wholeBatchSize(batch, 0, 97),
      (error) =>
        error instanceof Failure && error.code === 'CORRUPT_BATCH' && error.message.includes(`${length} bytes`),
    )
  }
})

test('the smallest and the largest valid lengths are accepted', () => {
  const batch = Buffer.from(STORED)
  batch.writeInt32BE(49, 8)
  assert.equal(wholeBatchSize(batch, 0, 97), 61)
  batch.writeInt32BE(0x7fffffff, 8)
  assert.equal(wholeBatchSize(batch, 0, 97), 0)
  // a message of format 0 is shorter than a header of format 2
  batch.writeInt32BE(14, 8)
  batch[16] = 0
  assert.equal(wholeBatchSize(batch, 0, 97), 26)
})
