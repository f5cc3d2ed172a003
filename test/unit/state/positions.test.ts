// godwit's anchors: written and read back exactly, never guessed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import { newReplicationPolicy } from '../../../src/mirror/replication-policy.ts'
import {
  encodePosition,
  encodePositionKey,
  type Position,
  parsePosition,
  parsePositionKey,
} from '../../../src/state/position-record.ts'
import { Positions, positionsTopic } from '../../../src/state/positions.ts'
import { MemoryLog } from './memory-log.ts'

const offsetStorage = { name: 'mm2-offsets.A.internal', partitions: 25, replicationFactor: 2, configs: { x: 'y' } }
const storage = positionsTopic('A', offsetStorage)
const position: Position = {
  sourceTopicId: 'b8f1c7de-0000-0000-0000-000000000001',
  targetTopicId: 'b8f1c7de-0000-0000-0000-000000000002',
  producerId: 9_223_372_036_854_775_807n,
  producerEpoch: 3,
  sequence: 2_147_483_647,
  sourceNext: 1000,
  targetNext: 900,
  sourceLeaderEpoch: -1,
  writtenAt: 1_700_000_000_000,
}

function opened(log = new MemoryLog(storage.name, 1)) {
  return { log, positions: new Positions({ file: 'mm2.properties', log, storage, target: 'B' }) }
}

function refusal(value: string | null, key: string | null = '["foo",0]') {
  const { log, positions } = opened()
  log.put({ key, value })
  return positions.load().then(
    () => assert.fail('expected a refusal'),
    (error: unknown) => {
      assert.ok(error instanceof Failure)
      assert.equal(error.code, 'STATE_UNREADABLE')
      assert.match(error.message, /record 0 of mm2-godwit-positions\.A\.internal-0 on cluster B/)
      assert.match(error.remedy ?? '', /godwit positions reset mm2\.properties .*--execute/)
      return error
    },
  )
}

test('the topic is internal to MM2, by its rule and by its default excludes', () => {
  const configs = { x: 'y', 'segment.bytes': '4194304' }
  const name = 'mm2-godwit-positions.A.internal'
  assert.deepEqual(storage, { name, partitions: 1, replicationFactor: 2, configs })
  const policy = newReplicationPolicy({ kind: 'default', separator: '.', internalSeparator: '.' }, 'A')
  assert.equal(policy.isInternalTopic(storage.name), true)
  assert.match(storage.name, /^mm2.*\.internal$/)
})

test('a position has the recorded bytes', () => {
  assert.equal(encodePositionKey('foo', 3).toString(), '["foo",3]')
  assert.equal(
    encodePosition(position).toString(),
    '{"version":1,"sourceTopicId":"b8f1c7de-0000-0000-0000-000000000001","targetTopicId":"b8f1c7de-0000-0000-0000-000000000002",' +
      '"producerId":"9223372036854775807","producerEpoch":3,"sequence":2147483647,"sourceNext":1000,"targetNext":900,' +
      '"sourceLeaderEpoch":-1,"writtenAt":1700000000000}',
  )
})

test('every position is read back unchanged', () => {
  const offset = fc.maxSafeNat()
  const any = fc.record(
    {
      sourceTopicId: fc.string(),
      targetTopicId: fc.string(),
      producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }),
      producerEpoch: fc.integer({ min: -1, max: 32767 }),
      sequence: fc.nat(),
      sourceNext: offset,
      targetNext: offset,
      sourceLeaderEpoch: fc.integer({ min: -1 }),
      writtenAt: offset,
    },
    { noNullPrototype: true },
  )
  fc.assert(fc.property(any, (one) => assert.deepEqual(parsePosition(encodePosition(one)), one)))
  fc.assert(
    fc.property(fc.string(), fc.nat(), (topic, partition) => {
      assert.deepEqual(parsePositionKey(encodePositionKey(topic, partition)), { topic, partition })
    }),
  )
})

test('flushed positions are read by the next process', async () => {
  const { log, positions } = opened()
  await positions.load()
  positions.set('foo', 0, position)
  positions.set('foo', 1, { ...position, sourceNext: 7 })
  await positions.flush()
  const again = opened(log).positions
  await again.load()
  assert.deepEqual(again.get('foo', 0), position)
  assert.equal(again.get('foo', 1)?.sourceNext, 7)
  assert.equal(again.get('foo', 2), undefined)
})

test('2,000 partitions are one append', async () => {
  const { log, positions } = opened()
  await positions.load()
  for (let partition = 0; partition < 2000; partition++) positions.set('wide', partition, position)
  await positions.flush()
  assert.deepEqual(log.appends, [2000])
})

test('an anchor with only a newer time is not written again', async () => {
  const { log, positions } = opened()
  positions.set('foo', 0, position)
  await positions.flush()
  positions.set('foo', 0, { ...position, writtenAt: position.writtenAt + 1 })
  await positions.flush()
  assert.deepEqual(log.appends, [1])
  for (const change of [
    { sourceNext: 1 },
    { targetNext: 1 },
    { sequence: 1 },
    { producerId: 1n },
    { targetTopicId: 'x' },
  ]) {
    positions.set('foo', 0, { ...position, ...change })
    await positions.flush()
  }
  assert.equal(log.appends.length, 6)
})

test('a removed position is a tombstone, and stays removed', async () => {
  const { log, positions } = opened()
  positions.set('foo', 0, position)
  await positions.flush()
  positions.remove('foo', 0)
  positions.remove('foo', 0)
  positions.remove('bar', 0)
  assert.equal(positions.get('foo', 0), undefined)
  await positions.flush()
  assert.deepEqual(log.texts().at(-1), ['["foo",0]', undefined, 0])
  assert.deepEqual(log.appends, [1, 1])
  const again = opened(log).positions
  await again.load()
  assert.equal(again.get('foo', 0), undefined)
})

test('a failed flush keeps the positions', async () => {
  const { log, positions } = opened()
  positions.set('foo', 0, position)
  log.broken = new Error('target away')
  await assert.rejects(positions.flush(), /target away/)
  log.broken = undefined
  await positions.flush()
  assert.deepEqual(parsePosition(log.records.at(-1)?.value ?? Buffer.alloc(0)), position)
})

test('a record that is not a position stops loading, with its offset, the error and a remedy', async () => {
  const whole = JSON.parse(encodePosition(position).toString()) as Record<string, unknown>
  const changed = (more: Record<string, unknown>) => JSON.stringify({ ...whole, ...more })
  assert.match((await refusal('hello')).message, /not a JSON object/)
  assert.match((await refusal('[]')).message, /not a JSON object/)
  assert.match((await refusal('{}')).message, /no version/)
  assert.match((await refusal('{"version":1}')).message, /sourceTopicId is missing/)
  assert.match((await refusal(changed({ sourceNext: -1 }))).message, /sourceNext is -1/)
  assert.match((await refusal(changed({ sourceNext: '5' }))).message, /sourceNext is "5"/)
  assert.match((await refusal(changed({ targetNext: 1.5 }))).message, /targetNext is 1.5/)
  assert.match((await refusal(changed({ producerId: 5 }))).message, /producerId is 5/)
  assert.match((await refusal(changed({ sequence: 2 ** 31 }))).message, /sequence is 2147483648/)
  assert.match((await refusal(changed({ colour: 'red' }))).message, /colour is unknown/)
  assert.match((await refusal(changed({}), 'foo')).message, /key is not a topic and a partition/)
  assert.match((await refusal(changed({}), null)).message, /key is not a topic and a partition/)
  assert.match((await refusal('{"version":2}')).message, /sourceTopicId is missing/)
  const beginning = { version: 2, sourceTopicId: '', sourceNext: 5, writtenAt: 1 }
  assert.match((await refusal(JSON.stringify({ ...beginning, sourceNext: -5 }))).message, /sourceNext is -5/)
  assert.match((await refusal(JSON.stringify({ ...beginning, targetNext: 5 }))).message, /targetNext is unknown/)
})

test('the key of no partition is skipped after it was removed', async () => {
  const { log, positions } = opened()
  log.put({ key: '["foo",-1]', value: 'hello' })
  log.put({ key: '["foo",-1]', value: null })
  await positions.load()
  assert.deepEqual(positions.partitions, [])
})

test('a start position has recorded bytes, replaces the position, and is replaced by the next one', async () => {
  const { log, positions } = opened()
  const beginning = { sourceTopicId: 'id', sourceNext: 40, writtenAt: 7 }
  log.put({ key: '["foo",0]', value: encodePosition(position) })
  await positions.load()
  positions.begin('foo', 0, beginning)
  assert.equal(positions.get('foo', 0), undefined)
  await positions.flush()
  assert.equal(
    log.records.at(-1)?.value?.toString(),
    '{"version":2,"sourceTopicId":"id","sourceNext":40,"writtenAt":7}',
  )

  const again = opened(log).positions
  await again.load()
  assert.deepEqual(again.beginning('foo', 0), { ...beginning, kind: 'beginning' })
  assert.equal(again.get('foo', 0), undefined)
  again.set('foo', 0, position)
  await again.flush()
  assert.equal(again.beginning('foo', 0), undefined)
  assert.deepEqual(parsePosition(log.records.at(-1)?.value ?? Buffer.alloc(0)), position)
})

test('unreadable records are reported and can be deleted, if requested', async () => {
  const { log } = opened()
  log.put({ key: '["foo",0]', value: 'hello' })
  log.put({ key: 'stranger', value: 'hello' })
  log.put({ key: '["bar",0]', value: encodePosition(position) })
  const told: string[] = []
  const onUnreadable = (failure: Failure) => void told.push(failure.remedy ?? '')
  const positions = new Positions({ file: 'mm2.properties', log, storage, target: 'B', onUnreadable })
  await positions.load()
  assert.match(told[0] ?? '', /godwit positions reset mm2\.properties --topic '\^foo\$' --partition 0 --execute/)
  assert.match(told[1] ?? '', /godwit positions reset mm2\.properties --execute/)
  assert.deepEqual(positions.partitions, [
    { topic: 'foo', partition: 0 },
    { topic: 'bar', partition: 0 },
  ])
  positions.remove('foo', 0)
  await positions.flush()
  await positions.removeUnrecognised()
  const strict = opened(log).positions
  await strict.load()
  assert.deepEqual(strict.partitions, [{ topic: 'bar', partition: 0 }])
})

test('only the newest record of a partition must be readable', async () => {
  const { log, positions } = opened()
  log.put({ key: '["foo",0]', value: 'hello' })
  log.put({ key: '["foo",0]', value: encodePosition(position) })
  log.put({ key: '["bar",0]', value: 'hello' })
  log.put({ key: '["bar",0]', value: null })
  await positions.load()
  assert.deepEqual(positions.get('foo', 0), position)
  assert.equal(positions.get('bar', 0), undefined)
})

test('a position of a newer godwit stops loading and is reported', async () => {
  const failure = await refusal('{"version":3,"anything":"else"}')
  assert.match(failure.message, /newer godwit \(version 3\)/)
  assert.match(failure.remedy ?? '', /run that version of godwit; or forget the partition/)
})

test('arbitrary bytes never cause an exception in a parser', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (any) => {
      parsePositionKey(any)
      const read = parsePosition(any)
      assert.ok('kind' in read && read.kind !== 'beginning')
    }),
  )
})

test('a topic whose position was removed counts as stored before, until compaction', async () => {
  const { log, positions } = opened()
  log.put({ key: '["kept",0]', value: encodePosition(position).toString() })
  log.put({ key: '["forgotten",0]', value: null })
  await positions.load()
  assert.deepEqual(positions.everStoredTopics, new Set(['kept', 'forgotten']))
  assert.deepEqual(positions.topics, new Set(['kept']))
})
