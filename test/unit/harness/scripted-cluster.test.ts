// The scripted partition log accepts and refuses batches as a broker does.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBatch } from '../../../src/batch/records.ts'
import { ScriptedLog } from '../../harness/scripted/partition-log.ts'

function batch(sequence: number, records = 2, { epoch = 1, timestamp = Date.now() } = {}): Buffer {
  const made = Array.from({ length: records }, (_, i) => ({
    ...{ timestamp, key: null, value: Buffer.from(String(sequence + i)), headers: [] },
  }))
  return encodeBatch(made, { stamp: { idHigh: 0, idLow: 9, epoch }, sequence })
}

test('any first sequence number is accepted, then only the next one', () => {
  const log = new ScriptedLog(100)
  assert.deepEqual(log.append(batch(40)), { error: 0, baseOffset: 100 })
  assert.deepEqual(log.append(batch(43)), { error: 45, baseOffset: -1 })
  assert.deepEqual(log.append(batch(42)), { error: 0, baseOffset: 102 })
  assert.deepEqual([log.end, log.producers], [104, [{ id: 9n, epoch: 1, lastSequence: 43 }]])
})

test('the last five batches are recognized by their sequence numbers, all others are out of order', () => {
  const log = new ScriptedLog()
  for (let i = 0; i < 6; i++) log.append(batch(2 * i))
  for (let i = 1; i < 6; i++) assert.deepEqual(log.append(batch(2 * i)), { error: 0, baseOffset: 2 * i })
  assert.deepEqual([log.append(batch(0)).error, log.append(batch(10, 3)).error, log.end], [45, 45, 12])
})

test('sequence numbers continue with 0 after 2^31 - 1', () => {
  const log = new ScriptedLog()
  log.append(batch(0x7fff_ffff, 1))
  assert.deepEqual([log.append(batch(0)).error, log.end], [0, 3])
})

test('an older epoch is refused, and a newer one starts with 0', () => {
  const log = new ScriptedLog()
  log.append(batch(0))
  assert.equal(log.append(batch(2, 2, { epoch: 0 })).error, 47)
  assert.equal(log.append(batch(2, 2, { epoch: 2 })).error, 45)
  assert.equal(log.append(batch(0, 2, { epoch: 2 })).error, 0)
})

test('damaged batches and those above the limit are refused', () => {
  const log = new ScriptedLog()
  const damaged = batch(0)
  damaged.writeUInt8(7, damaged.length - 1)
  assert.equal(log.append(damaged).error, 2)
  log.maxMessageBytes = 50
  assert.equal(log.append(batch(0)).error, 10)
  assert.equal(log.end, 0)
})

test('a producer with old record timestamps is forgotten, and then any number is accepted', () => {
  const log = new ScriptedLog()
  log.append(batch(0, 2, { timestamp: Date.now() - 48 * 3600 * 1000 }))
  log.expire(Date.now())
  assert.deepEqual([log.producers, log.append(batch(77)).error], [[], 0])
})

test('reading starts with the batch that contains the offset; the first batch is complete at any size', () => {
  const log = new ScriptedLog()
  for (let i = 0; i < 3; i++) log.append(batch(2 * i))
  const length = log.batches[0]?.bytes.length ?? 0
  assert.equal(log.read(1, 10_000, true).length, 3 * length)
  assert.equal(log.read(2, 10, true).length, length)
  assert.equal(log.read(2, 10, false).length, 10)
  assert.equal(log.read(6, 10_000, true).length, 0)
})
