// MM2's stored offsets in both directions: Connect's own classes read what godwit writes, and godwit reads what they write.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { encodeSourceKey, encodeSourceOffset, mirrorSourceConnector } from '../../src/mirror/connect-offset.ts'
import { partitionForKey } from '../../src/records/murmur2.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { convertOffsets, readOffsets, writeInTransaction, writeOffsets } from '../harness/offsets-oracle.ts'
import { StateTopics } from '../harness/state-topics.ts'

/** Text without lone surrogates, which UTF-8 cannot encode. */
const text = fc.string({ unit: 'binary' }).filter((any) => any.isWellFormed())
const awkward = fc.constantFrom('us-west', 'q" \\ / \x7f', '\b\t\n\f\r\0\x1f', 'ü € \u2028', '😀', '')
const someOffset = fc.record({
  connector: fc.oneof(fc.constant(mirrorSourceConnector), text),
  cluster: fc.oneof(awkward, text),
  topic: fc.oneof(fc.stringMatching(/^[a-zA-Z0-9._-]{1,30}$/), text),
  partition: fc.nat(),
  offset: fc.maxSafeNat(),
})

test("keys, values and partitions equal Connect's byte for byte, and Connect reads them", async () => {
  const cases = fc.sample(someOffset, { numRuns: 2000, seed: 42 }).map((one) => {
    return { ...one, key: encodeSourceKey(one), value: encodeSourceOffset(one.offset) }
  })
  const java = await convertOffsets(cases)
  assert.equal(java.length, cases.length)
  for (const [i, { key, value, offset }] of cases.entries()) {
    const expected = {
      key: key.toString(),
      value: value.toString(),
      partitionOf25: partitionForKey(key, 25),
      found: `${offset}`,
    }
    assert.deepEqual(expected, java[i])
  }
})

test('Connect does not find a key with its members in another order', async () => {
  const place = { connector: mirrorSourceConnector, cluster: 'A', topic: 'foo', partition: 0 }
  const key = Buffer.from('["MirrorSourceConnector",{"topic":"foo","partition":0,"cluster":"A"}]')
  const [answer] = await convertOffsets([{ ...place, offset: 5, key, value: encodeSourceOffset(5) }])
  assert.equal(answer?.found, 'none')
})

const at = (topic: string, partition: number, cluster = 'A') => ({
  ...{ connector: mirrorSourceConnector, cluster, topic, partition },
})
const storage = (name: string) => ({ name, partitions: 25, replicationFactor: 1, configs: {} })

let cluster: TestCluster
before(async () => {
  const configs = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500' }
  cluster = await startCluster({ name: 'offsets', heapMb: 320, configs })
})
after(() => cluster.destroy())

test('a Connect worker reads every offset that godwit stored in a topic created by godwit', async () => {
  const topic = 'mm2-offsets.A.internal'
  await using state = new StateTopics(cluster)
  const offsets = state.offsets(storage(topic))
  await offsets.load()
  const places = Array.from({ length: 200 }, (_, i) => at(`topic-${i % 7}`, i))
  for (const [i, place] of places.entries()) offsets.set(place.topic, place.partition, i * 1000)
  await offsets.flush()
  offsets.set('topic-0', 0, 9_007_199_254_740_991)
  await offsets.flush()
  const found = await readOffsets(cluster.bootstrap, topic, [...places, at('topic-0', 1000), at('topic-0', 0, 'C')])
  const expected = places.map((_, i) => (i === 0 ? '9007199254740991' : `${i * 1000}`))
  assert.deepEqual(found, [...expected, 'none', 'none'])
})

test('godwit reads every offset that a Connect worker stored in a topic created by Connect', async () => {
  const topic = 'mm2-offsets.java.internal'
  const written = Array.from({ length: 200 }, (_, i) => ({ ...at(`topic-${i % 7}`, i), offset: i * 3 }))
  await writeOffsets(cluster.bootstrap, topic, [...written, { ...at('foreign', 0, 'C'), offset: 5 }])
  await writeOffsets(cluster.bootstrap, topic, [
    { ...at('topic-0', 0), offset: undefined },
    { ...at('topic-1', 1), offset: 99 },
  ])
  await using state = new StateTopics(cluster)
  const offsets = state.offsets(storage(topic))
  await offsets.load()
  assert.equal(offsets.get('topic-0', 0), undefined)
  assert.equal(offsets.get('topic-1', 1), 99)
  assert.equal(offsets.get('foreign', 0), undefined)
  for (const { topic, partition, offset } of written.slice(2)) assert.equal(offsets.get(topic, partition), offset)
})

test('worker and godwit alternate on one topic', async () => {
  const topic = 'mm2-offsets.turns.internal'
  await using state = new StateTopics(cluster)
  const offsets = state.offsets(storage(topic))
  for (let turn = 0; turn < 3; turn++) {
    await offsets.load()
    assert.equal(offsets.get('foo', 0), turn === 0 ? undefined : turn * 10 + 5)
    offsets.set('foo', 0, turn * 10 + 10)
    await offsets.flush()
    assert.deepEqual(await readOffsets(cluster.bootstrap, topic, [at('foo', 0)]), [`${turn * 10 + 10}`])
    await writeOffsets(cluster.bootstrap, topic, [{ ...at('foo', 0), offset: turn * 10 + 15 }])
  }
})

test('only committed offsets of an exactly-once worker are read, after its open transaction has ended', async () => {
  const topic = 'mm2-offsets.eos.internal'
  await using state = new StateTopics(cluster)
  const offsets = state.offsets(storage(topic))
  await offsets.load()
  await writeInTransaction(cluster.bootstrap, topic, 'commit', [
    { ...at('foo', 0), offset: 1 },
    { ...at('bar', 0), offset: 1 },
  ])
  await writeInTransaction(cluster.bootstrap, topic, 'abort', [{ ...at('foo', 0), offset: 2 }])
  await offsets.load()
  assert.deepEqual([offsets.get('foo', 0), offsets.get('bar', 0)], [1, 1])
  await writeInTransaction(cluster.bootstrap, topic, 'open', [{ ...at('foo', 0), offset: 3 }])
  offsets.set('foo', 0, 4)
  await offsets.flush()
  await offsets.load()
  assert.equal(offsets.get('foo', 0), 4)
})
