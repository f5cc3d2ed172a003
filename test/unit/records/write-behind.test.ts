// Flushes that overlap, fail or are combined.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WriteBehind } from '../../../src/records/write-behind.ts'
import { eventually } from '../../harness/eventually.ts'
import { MemoryLog } from '../state/memory-log.ts'

function started() {
  const log = new MemoryLog('state', 1)
  const values = new Map<string, string>()
  const writes = new WriteBehind<string>(log, (key) => ({
    key: Buffer.from(key),
    value: Buffer.from(values.get(key) ?? ''),
    partition: 0,
  }))
  const put = (key: string, value: string) => {
    values.set(key, value)
    writes.mark(key)
  }
  return { log, writes, put }
}
const untilAppending = (log: MemoryLog) =>
  eventually(
    () => log.appending,
    (count) => count > 0,
  )
const written = (log: MemoryLog) => log.texts().map(([key, value]) => `${key}=${value}`)

test('many changes become one append with the newest values', async () => {
  const { log, writes, put } = started()
  put('a', '1')
  put('b', '1')
  put('a', '2')
  await writes.flush()
  assert.deepEqual(written(log), ['a=2', 'b=1'])
  assert.deepEqual(log.appends, [2])
})

test('flushes never overlap, and waiting flushes share one append', async () => {
  const { log, writes, put } = started()
  const { promise, resolve } = Promise.withResolvers<void>()
  log.gate = promise
  put('a', '1')
  const first = writes.flush()
  await untilAppending(log)
  put('a', '2')
  const second = writes.flush()
  put('b', '1')
  const third = writes.flush()
  resolve()
  await Promise.all([first, second, third])
  assert.equal(log.mostAppending, 1)
  assert.deepEqual(log.appends, [1, 2])
  assert.deepEqual(written(log), ['a=1', 'a=2', 'b=1'])
})

test('a failed flush rejects for its callers and keeps every change for the next', async () => {
  const { log, writes, put } = started()
  log.broken = new Error('no leader')
  put('a', '1')
  put('b', '1')
  await assert.rejects(writes.flush(), /no leader/)
  assert.equal(writes.size, 2)
  put('a', '2')
  log.broken = undefined
  await writes.flush()
  assert.deepEqual(written(log), ['a=1', 'a=2', 'b=1'])
  assert.equal(writes.size, 0)
})

test('a flush after a failed one still runs', async () => {
  const { log, writes, put } = started()
  const { promise, reject } = Promise.withResolvers<void>()
  log.gate = promise
  put('a', '1')
  const first = writes.flush()
  await untilAppending(log)
  const second = writes.flush()
  log.gate = undefined
  reject(new Error('cut'))
  await assert.rejects(first, /cut/)
  await second
  assert.deepEqual(written(log), ['a=1'])
})

test('without changes nothing is written', async () => {
  const { log, writes } = started()
  await writes.flush()
  assert.deepEqual(log.appends, [])
})
