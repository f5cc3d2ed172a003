// MM2's source offsets: godwit reads what a Java worker wrote, and writes what Java reads.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { SourceOffsets } from '../../../src/state/source-offsets.ts'
import { listeningLogger, MemoryLog } from './memory-log.ts'

const storage = { name: 'mm2-offsets.A.internal', partitions: 25, replicationFactor: 3, configs: {} }

function opened(partitions = 25, more: { connector?: string; onUnreadable?: (failure: Failure) => void } = {}) {
  const log = new MemoryLog(storage.name, partitions)
  const { logger, warnings } = listeningLogger()
  const offsets = new SourceOffsets({
    file: 'mm2.properties',
    log,
    storage,
    source: 'A',
    target: 'B',
    logger,
    ...more,
  })
  return { log, offsets, warnings }
}
const key = (topic: string, partition: number, cluster = 'A', connector = 'MirrorSourceConnector') =>
  `["${connector}",{"cluster":"${cluster}","partition":${partition},"topic":"${topic}"}]`

test('offsets of a Java worker are read, the last one of each key', async () => {
  const { log, offsets, warnings } = opened()
  log.put({ key: key('foo', 0), value: '{"offset":1}', partition: 16 })
  log.put({ key: key('foo', 0), value: '{"offset":123}', partition: 16 })
  log.put({ key: key('foo', 1), value: '{"offset":7}', partition: 17 })
  await offsets.load()
  assert.equal(offsets.get('foo', 0), 123)
  assert.equal(offsets.get('foo', 1), 7)
  assert.equal(offsets.get('foo', 2), undefined)
  assert.equal(offsets.get('bar', 0), undefined)
  assert.deepEqual(log.ensured, { ...storage, cleanupPolicy: 'compact' })
  assert.deepEqual(warnings, [])
})

test('a null value removes an offset, and a later record sets it again', async () => {
  const { log, offsets } = opened()
  log.put({ key: key('foo', 0), value: '{"offset":1}' })
  log.put({ key: key('foo', 0), value: null })
  log.put({ key: key('bar', 0), value: null })
  log.put({ key: key('bar', 0), value: '{"offset":5}' })
  await offsets.load()
  assert.equal(offsets.get('foo', 0), undefined)
  assert.equal(offsets.get('bar', 0), 5)
})

test('a topic whose offset was removed counts as stored before', async () => {
  const { log, offsets } = opened()
  log.put({ key: key('foo', 0), value: null })
  log.put({ key: key('bar', 0), value: '{"offset":5}' })
  log.put({ key: key('other', 0, 'C'), value: '{"offset":5}' })
  await offsets.load()
  assert.deepEqual(offsets.everStoredTopics, new Set(['foo', 'bar']))
})

test('keys of other flows, connectors and kinds are skipped without a message', async () => {
  const { log, offsets, warnings } = opened()
  log.put({ key: key('foo', 0, 'C'), value: '{"offset":1}' })
  log.put({ key: key('foo', 0, 'A', 'my-source'), value: '{"offset":2}' })
  log.put({ key: '["MirrorCheckpointConnector",{"partition":0,"topic":"A.foo","group":"g1"}]', value: '{"offset":0}' })
  await offsets.load()
  assert.equal(offsets.get('foo', 0), undefined)
  assert.deepEqual(warnings, [])
})

test('the connector may have another name', async () => {
  const { log, offsets } = opened(25, { connector: 'my-source' })
  log.put({ key: key('foo', 0, 'A', 'my-source'), value: '{"offset":2}' })
  await offsets.load()
  assert.equal(offsets.get('foo', 0), 2)
  offsets.set('foo', 0, 3)
  await offsets.flush()
  assert.equal(log.texts().at(-1)?.[0], key('foo', 0, 'A', 'my-source'))
})

test('invalid keys are skipped with one warning that names the first', async () => {
  const { log, offsets, warnings } = opened()
  log.put({ key: key('foo', 0), value: '{"offset":1}' })
  log.put({ key: 'hello', value: 'world' })
  log.put({ key: null, value: '{"offset":3}' })
  await offsets.load()
  assert.equal(offsets.get('foo', 0), 1)
  assert.equal(warnings.length, 1)
  assert.deepEqual(warnings[0]?.fields, { cluster: 'B', topic: storage.name, partition: 0, offset: 1, records: 2 })
})

test('an invalid value stops loading and is reported with its offset', async () => {
  const { log, offsets } = opened()
  log.put({ key: key('foo', 0), value: '{"offset":"x"}', partition: 16 })
  await assert.rejects(offsets.load(), (error) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.code, 'STATE_UNREADABLE')
    assert.match(error.message, /record 0 of mm2-offsets\.A\.internal-16 on cluster B contains no offset for foo-0/)
    assert.match(
      error.remedy ?? '',
      /positions reset mm2\.properties --topic '\^foo\$' --partition 0 --to latest --execute/,
    )
    return true
  })
})

test("any member order is read, the newest of two partitions' records wins, and Java's order is written", async () => {
  const { log, offsets } = opened()
  log.put({ key: key('foo', 0), value: '{"offset":10}', partition: 16, timestamp: 2000 })
  const otherOrder = '["MirrorSourceConnector",{"topic":"foo","partition":0,"cluster":"A"}]'
  log.put({ key: otherOrder, value: '{"offset":4}', partition: 20, timestamp: 1000 })
  log.put({ key: otherOrder.replace('foo', 'bar'), value: '{"offset":9}', partition: 20, timestamp: 1000 })
  await offsets.load()
  assert.equal(offsets.get('foo', 0), 10)
  assert.equal(offsets.get('bar', 0), 9)
  offsets.set('bar', 0, 11)
  await offsets.flush()
  assert.equal(log.texts().at(-1)?.[0], key('bar', 0))
})

test('an offset is written with the key and to the partition that Java reads', async () => {
  const { log, offsets } = opened()
  await offsets.load()
  offsets.set('foo', 0, 123)
  offsets.set('foo', 1, 0)
  await offsets.flush()
  assert.deepEqual(log.texts(), [
    [key('foo', 0), '{"offset":123}', 16],
    [key('foo', 1), '{"offset":0}', 17],
  ])
})

test('the partition depends on the actual number of partitions, not the configured one', async () => {
  const { log, offsets } = opened(1)
  await offsets.load()
  offsets.set('foo', 0, 123)
  await offsets.flush()
  assert.equal(log.records[0]?.partition, 0)
})

test('only changes are written', async () => {
  const { log, offsets } = opened()
  log.put({ key: key('foo', 0), value: '{"offset":5}', partition: 16 })
  await offsets.load()
  offsets.set('foo', 0, 5)
  await offsets.flush()
  assert.deepEqual(log.appends, [])
  offsets.set('foo', 0, 6)
  offsets.set('foo', 0, 7)
  await offsets.flush()
  await offsets.flush()
  assert.deepEqual(log.appends, [1])
  assert.equal(log.texts().at(-1)?.[1], '{"offset":7}')
})

test('2,000 partitions are one append, and a second load reads them all', async () => {
  const { log, offsets } = opened()
  await offsets.load()
  for (let partition = 0; partition < 2000; partition++) offsets.set('wide', partition, partition * 3)
  await offsets.flush()
  assert.deepEqual(log.appends, [2000])
  const again = new SourceOffsets({
    file: 'mm2.properties',
    log,
    storage,
    source: 'A',
    target: 'B',
    logger: listeningLogger().logger,
  })
  await again.load()
  for (let partition = 0; partition < 2000; partition++) assert.equal(again.get('wide', partition), partition * 3)
})

test('a load discards changes that were not flushed', async () => {
  const { log, offsets } = opened()
  await offsets.load()
  offsets.set('foo', 0, 9)
  await offsets.load()
  await offsets.flush()
  assert.equal(offsets.get('foo', 0), undefined)
  assert.deepEqual(log.appends, [])
})

test('an invalid offset is refused', () => {
  const { offsets } = opened()
  for (const wrong of [-1, 1.5, Number.NaN, 2 ** 53])
    assert.throws(() => offsets.set('foo', 0, wrong), /not a source offset/)
})

test('a removed offset stays removed, even if another key means the same partition', async () => {
  const { log, offsets } = opened()
  const otherOrder = '["MirrorSourceConnector",{"topic":"foo","partition":0,"cluster":"A"}]'
  log.put({ key: key('foo', 0), value: '{"offset":10}', partition: 16 })
  log.put({ key: otherOrder, value: '{"offset":4}', partition: 20 })
  log.put({ key: key('foo', 0), value: '{"offset":3}', partition: 3 })
  log.put({ key: key('bar', 0), value: '{"offset":9}', partition: 9 })
  await offsets.load()
  offsets.remove('foo', 0)
  offsets.remove('nothing', 0)
  assert.deepEqual(offsets.partitions, [{ topic: 'bar', partition: 0 }])
  await offsets.flush()
  await offsets.flush()
  assert.deepEqual(log.texts().slice(4), [
    [otherOrder, undefined, 20],
    [key('foo', 0), undefined, 3],
    [key('foo', 0), undefined, 16],
  ])
  await offsets.load()
  assert.equal(offsets.get('foo', 0), undefined)
})

test('an unreadable offset counts as none if requested, and can be removed', async () => {
  const told: string[] = []
  const { log, offsets } = opened(25, { onUnreadable: ({ message }) => void told.push(message) })
  log.put({ key: key('foo', 0), value: '{"offset":"x"}', partition: 16 })
  await offsets.load()
  assert.match(told.join(), /contains no offset for foo-0/)
  assert.deepEqual(offsets.partitions, [{ topic: 'foo', partition: 0 }])
  offsets.remove('foo', 0)
  await offsets.flush()
  assert.deepEqual(log.texts().at(-1), [key('foo', 0), undefined, 16])
})
