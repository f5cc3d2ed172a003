// Stored state on real Kafka: topics are created as by Connect, state is found after any end of a process, and a failed flush
// loses nothing.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Failure } from '../../src/base/failure.ts'
import type { StorageTopic } from '../../src/model/flow-settings.ts'
import type { Position } from '../../src/state/position-record.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { StateTopics } from '../harness/state-topics.ts'

const storage = (name: string, more: Partial<StorageTopic> = {}): StorageTopic => ({
  ...{ name: `mm2-offsets.${name}.internal`, partitions: 25, replicationFactor: 1, configs: {} },
  ...more,
})
const position = (sourceNext: number): Position => ({
  sourceTopicId: 'AAAAAAAAAAAAAAAAAAAAAA',
  targetTopicId: 'BBBBBBBBBBBBBBBBBBBBBB',
  producerId: 4000n,
  producerEpoch: 0,
  sequence: sourceNext % 2 ** 31,
  sourceNext,
  targetNext: sourceNext,
  sourceLeaderEpoch: 5,
  writtenAt: 1_700_000_000_000,
})

let cluster: TestCluster
before(async () => {
  cluster = await startCluster({ name: 'state', heapMb: 320 })
})
after(() => cluster.destroy())

test('topics are created compacted, with the requested partitions and configs', async () => {
  await using state = new StateTopics(cluster)
  const asked = storage('created', { configs: { 'min.insync.replicas': '1' } })
  await Promise.all([state.offsets(asked).load(), state.positions(asked).load()])
  assert.deepEqual(await state.configs(asked.name), { 'cleanup.policy': 'compact', 'min.insync.replicas': '1' })
  assert.deepEqual(await state.configs('mm2-godwit-positions.A.internal'), {
    'cleanup.policy': 'compact',
    'min.insync.replicas': '1',
    'segment.bytes': '4194304',
  })
  assert.equal(await state.log(asked.name).ensure({ ...asked, cleanupPolicy: 'compact' }), 25)
})

test('2,000 partitions are flushed and read by the next process, also after kill -9 of the broker', async () => {
  const asked = storage('wide')
  {
    await using state = new StateTopics(cluster)
    const [offsets, positions] = [state.offsets(asked), state.positions(asked)]
    await Promise.all([offsets.load(), positions.load()])
    for (let round = 1; round <= 3; round++) {
      for (let partition = 0; partition < 2000; partition++) {
        offsets.set('wide', partition, round * 10_000 + partition)
        positions.set('wide', partition, position(round * 10_000 + partition + 1))
      }
      positions.remove('wide', 1999)
      await Promise.all([offsets.flush(), positions.flush()])
    }
  }
  await cluster.kill9()
  await cluster.start()
  await using state = new StateTopics(cluster)
  const [offsets, positions] = [state.offsets(asked), state.positions(asked)]
  const began = Date.now()
  await Promise.all([offsets.load(), positions.load()])
  assert.ok(Date.now() - began < 10_000, `loading took ${Date.now() - began} ms`)
  for (let partition = 0; partition < 1999; partition++) {
    assert.equal(offsets.get('wide', partition), 30_000 + partition)
    assert.deepEqual(positions.get('wide', partition), position(30_001 + partition))
  }
  assert.equal(positions.get('wide', 1999), undefined)
})

test('a flush to a stopped broker fails and keeps its changes, and the next flush writes them', async () => {
  await using state = new StateTopics(cluster)
  const asked = storage('stopped')
  const offsets = state.offsets(asked)
  await offsets.load()
  offsets.set('foo', 0, 1)
  await offsets.flush()
  await cluster.stop()
  offsets.set('foo', 0, 2)
  offsets.set('bar', 0, 3)
  await assert.rejects(offsets.flush(), (error) => error instanceof Failure)
  await cluster.start()
  offsets.set('foo', 0, 4)
  await offsets.flush()
  const found = state.offsets(asked)
  await found.load()
  assert.deepEqual([found.get('foo', 0), found.get('bar', 0)], [4, 3])
})

test('an existing topic that is not compacted is refused', async () => {
  await using state = new StateTopics(cluster)
  const asked = storage('deleted')
  const configs = { 'cleanup.policy': 'compact,delete' }
  const made = await state.admin.createTopics([{ name: asked.name, partitions: 1, replicationFactor: 1, configs }])
  assert.equal(made.get(asked.name), undefined)
  await assert.rejects(state.offsets(asked).load(), (error) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.code, 'STATE_UNREADABLE')
    assert.match(error.message, /mm2-offsets\.deleted\.internal on cluster B has cleanup\.policy=compact,delete/)
    return true
  })
})

test('a replication factor above the number of brokers is refused with the key to set', async () => {
  await using state = new StateTopics(cluster)
  await assert.rejects(state.offsets(storage('three', { replicationFactor: 3 })).load(), (error) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.code, 'CONFIG_INVALID')
    assert.match(error.message, /replication factor 3: cluster B has 1 broker$/)
    assert.match(error.remedy ?? '', /offset\.storage\.replication\.factor = 1/)
    return true
  })
})

test('writing continues while leaders move among three brokers', async () => {
  await using three = await startCluster({ name: 'state3', brokers: 3, heapMb: 256 })
  await using state = new StateTopics(three)
  const asked = storage('moving', { partitions: 6, replicationFactor: 3 })
  const [offsets, positions] = [state.offsets(asked), state.positions(asked)]
  await Promise.all([offsets.load(), positions.load()])
  let written = 0
  const writeAll = async () => {
    written++
    for (let partition = 0; partition < 50; partition++) {
      offsets.set('foo', partition, written)
      positions.set('foo', partition, position(written))
    }
    await Promise.all([offsets.flush(), positions.flush()])
  }
  await writeAll()
  for (const broker of three.brokers.slice(0, 2)) {
    const stopping = broker.stop()
    await writeAll()
    await stopping
    await writeAll()
    await three.start()
  }
  await using next = new StateTopics(three)
  const [foundOffsets, foundPositions] = [next.offsets(asked), next.positions(asked)]
  await Promise.all([foundOffsets.load(), foundPositions.load()])
  for (let partition = 0; partition < 50; partition++) {
    assert.equal(foundOffsets.get('foo', partition), written)
    assert.deepEqual(foundPositions.get('foo', partition), position(written))
  }
})
