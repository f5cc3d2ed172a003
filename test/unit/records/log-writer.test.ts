// Appending to a state topic: which records share a request, which are sent again, which fail.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { appendToLog } from '../../../src/records/log-writer.ts'
import { MemoryBroker } from '../state/memory-broker.ts'

const record = (key: string, value: string | null, partition = 0) => ({
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  partition,
})

test('all partitions of a broker share one request, with one batch each', async () => {
  const broker = new MemoryBroker(4, 2)
  const records = [
    record('a', '1', 0),
    record('b', '2', 1),
    record('c', '3', 2),
    record('d', null, 3),
    record('a', '4', 0),
  ]
  await appendToLog(broker.access, records)
  assert.deepEqual(
    broker.produced.toSorted((a, b) => a.broker - b.broker),
    [
      { broker: 1, partitions: [0, 2] },
      { broker: 2, partitions: [1, 3] },
    ],
  )
  assert.deepEqual(broker.texts(0), ['a=1', 'a=4'])
  assert.deepEqual(broker.texts(3), ['d=undefined'])
})

test('2,000 positions take a few requests, in order', async () => {
  const broker = new MemoryBroker(1)
  const value = 'x'.repeat(300)
  const records = Array.from({ length: 2000 }, (_, i) => record(`key-${i}`, `${value}${i}`))
  await appendToLog(broker.access, records)
  assert.ok(broker.produced.length <= 3, `${broker.produced.length} requests`)
  assert.deepEqual(
    broker.texts(0),
    records.map(({ key, value }) => `${key}=${value}`),
  )
})

test('a record larger than a batch is sent alone', async () => {
  const broker = new MemoryBroker(1)
  await appendToLog(broker.access, [record('a', '1'), record('b', 'x'.repeat(400_000)), record('c', '3')])
  assert.equal(broker.produced.length, 3)
  assert.equal(broker.texts(0).length, 3)
})

test('only refused partitions are sent again, to the new leader', async () => {
  const broker = new MemoryBroker(2, 2)
  broker.leads[1] = 1
  await appendToLog(broker.access, [record('a', '1', 0), record('b', '2', 1)])
  assert.equal(broker.refreshed, 1)
  assert.deepEqual(broker.texts(0), ['a=1'])
  assert.deepEqual(broker.texts(1), ['b=2'])
})

test('after a lost answer the batch is sent again: the newest record of a key is the same', async () => {
  const broker = new MemoryBroker(1)
  broker.faults.set(0, [{ lost: true }])
  await appendToLog(broker.access, [record('a', '1')])
  assert.deepEqual(broker.texts(0), ['a=1', 'a=1'])
})

test('a failure that only the user can fix is not retried', async () => {
  const broker = new MemoryBroker(2)
  broker.faults.set(0, [{ error: 29 }, { error: 29 }])
  await assert.rejects(appendToLog(broker.access, [record('a', '1', 0), record('b', '2', 1)]), (error) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.code, 'NOT_AUTHORIZED')
    assert.equal(error.circumstances.partition, 0)
    return true
  })
  assert.equal(broker.produced.length, 1)
  assert.deepEqual(broker.texts(1), ['b=2'])
})

test('without records nothing is sent', async () => {
  const broker = new MemoryBroker(1)
  await appendToLog(broker.access, [])
  assert.deepEqual(broker.produced, [])
})
