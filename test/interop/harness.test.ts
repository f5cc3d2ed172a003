// The test harness on real Kafka: every fault that other tests rely on must work here.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import type { Reach } from '../harness/java-json.ts'
import { SmallDisk } from '../harness/kafka/small-disk.ts'
import { NEWEST, OLDER } from '../harness/kafka-jars.ts'
import { load, startLoad } from '../harness/load.ts'
import { createTopics, describeTopics, groupOffsets, logOffsets, moveLeader, operate } from '../harness/operate.ts'
import { compareClusters, readAll } from '../harness/oracle.ts'
import { startSecureCluster } from '../harness/secure-cluster.ts'

const PRODUCE = 0
const deadline = { timeout: 120_000 }
const noSmallDisk = SmallDisk.missing()

let source: TestCluster
let target: TestCluster
/** The target as clients reach it, through the proxy. */
let viaProxy: Reach

before(async () => {
  const starting = [startCluster({ version: NEWEST }), startCluster({ version: OLDER, proxied: true })]
  const [newest, older] = await Promise.all(starting)
  assert.ok(newest && older)
  source = newest
  target = older
  viaProxy = { bootstrap: target.bootstrap }
})
after(() => Promise.all([source, target].map((cluster) => cluster?.destroy())))

test('equal clusters compare equal; extra, missing, duplicated and reordered records are named', deadline, async () => {
  const records = { partitions: 2, records: 200, headers: 2, nullKeyEvery: 7, tombstoneEvery: 11 }
  const old = { ...records, topics: ['same', 'more', 'less'], startTime: '2019-01-01T00:00:00Z' }
  await Promise.all([load(source, old), load(target, { ...old, compression: 'zstd', batchBytes: 1 })])
  const topics = ['same', 'more', 'less', 'twice']
  await load(source, { topics: ['twice'], records: 3, startTime: '2020-01-01T00:00:00Z' })
  for (const first of [0, 2, 1, 0])
    await load(target, { topics: ['twice'], records: 1, first, startTime: '2020-01-01T00:00:00Z' })
  await load(target, { topics: ['more'], records: 1, first: 100 })
  await operate(target, [{ do: 'deleteRecords', topic: 'less', partition: 1, before: 3 }])
  const differences = await compareClusters(source, target, { topics })
  assert.equal(differences.length, 3, differences.join('\n'))
  assert.match(differences[0] ?? '', /^less-1: 33 records on the source, 30 on the target; .*starts at 3 instead of 0/)
  assert.match(differences[1] ?? '', /^more-0: 33 records on the source, 34 on the target; .*ends at 100 instead of 32/)
  assert.match(differences[2] ?? '', /^twice-0: 3 .*, 4 .*; 1 doubled, 1 outOfOrder, offset 2: 0#1 after a later one/)
})

test('records of aborted transactions are visible only with read_uncommitted', deadline, async () => {
  const done = await load(source, { topics: ['ledger'], records: 100, transactionRecords: 10, abortRatio: 0.25 })
  const [committed] = await readAll(source, { topics: ['ledger'] })
  const [all] = await readAll(source, { topics: ['ledger'], isolation: 'read_uncommitted' })
  assert.deepEqual([committed?.records, committed?.aborted, committed?.missing], [100, 0, 0])
  assert.ok(done.aborted > 0)
  assert.deepEqual([all?.records, all?.aborted], [100 + done.aborted, done.aborted])
})

test(
  'a producer survives cuts, silence and kill -9 of the broker; the oracle counts every record once',
  deadline,
  async () => {
    await using running = await startLoad(viaProxy, { topics: ['fight'], partitions: 3, perSecond: 300 })
    const { proxy } = target
    for (const point of ['before', 'middle', 'answered'] as const) await proxy.cutAtRequest(PRODUCE, point)
    await proxy.cutAfter(1000, 'requests')
    await running.untilAcknowledged(100)
    proxy.blackhole('answers')
    const asked = proxy.requests(PRODUCE)
    await eventually(
      () => proxy.requests(PRODUCE),
      (requests) => requests > asked,
    )
    await proxy.removeFaults()
    await target.broker.kill9()
    assert.equal(target.broker.alive, false)
    await target.broker.start()
    const { acknowledged } = await running.stop()
    const readings = await readAll(target, { topics: ['fight'] })
    assert.equal(readings.length, 3)
    assert.equal(
      readings.reduce((sum, { records }) => sum + records, 0),
      acknowledged,
    )
    for (const { missing, doubled, outOfOrder } of readings) assert.deepEqual([missing, doubled, outOfOrder], [0, 0, 0])
  },
)

test('topics are created, changed, truncated and described', deadline, async () => {
  await createTopics(source, {
    name: 'shaped',
    partitions: 2,
    configs: { 'cleanup.policy': 'compact', 'retention.ms': '1' },
  })
  await operate(source, [
    { do: 'configure', name: 'shaped', configs: { 'retention.ms': null } },
    { do: 'addPartitions', topic: 'shaped', count: 3 },
    { do: 'commitOffsets', group: 'readers', offsets: [{ topic: 'ledger', partition: 0, offset: 5 }] },
  ])
  const [shaped, ...none] = await describeTopics(source, ['shaped', 'gone'])
  assert.deepEqual(none, [])
  assert.deepEqual([shaped?.partitions.length, shaped?.configs], [3, { 'cleanup.policy': 'compact' }])
  assert.deepEqual(await groupOffsets(source, 'readers'), [{ topic: 'ledger', partition: 0, offset: 5 }])
  assert.deepEqual(await logOffsets(target, ['less']), await logOffsets(target, ['less']))
  await operate(source, [{ do: 'deleteTopics', topics: ['shaped'] }])
  assert.deepEqual(await describeTopics(source, ['shaped']), [])
})

test('in a cluster of three a leader moves, and one broker may be stopped', deadline, async () => {
  await using three = await startCluster({ brokers: 3, heapMb: 256 })
  await createTopics(three, { name: 'moving', replication: 3 })
  const leader = async () => (await describeTopics(three, ['moving']))[0]?.partitions[0]?.leader
  const to = ((await leader()) ?? 0) === 2 ? 3 : 2
  await moveLeader(three, 'moving', 0, to)
  assert.equal(await leader(), to)
  await three.brokers[to - 1]?.kill9()
  await load(three, { topics: ['moving'], records: 10 })
  assert.equal((await readAll(three, { topics: ['moving'] }))[0]?.records, 10)
})

test('a full disk stops the broker; with space again it serves its records, and the producer continues', {
  ...deadline,
  skip: noSmallDisk,
}, async () => {
  await using small = await startCluster({ diskLimitMb: 96, heapMb: 256 })
  await load(small, { topics: ['kept'], records: 10 })
  const [disk] = small.disks
  assert.ok(disk)
  const going = load(small, { topics: ['kept'], records: 500, first: 10, valueBytes: 10_000 })
  disk.fill()
  await small.broker.gone(30_000)
  disk.empty()
  await small.broker.start()
  await going
  const [kept] = await readAll(small, { topics: ['kept'] })
  assert.deepEqual([kept?.records, kept?.missing, kept?.doubled], [510, 0, 0])
})

test('a secured cluster accepts known users, and permits only what was granted', deadline, async () => {
  await using secure = await startSecureCluster()
  await load(secure.admin, { topics: ['secret'], records: 10 })
  const read = (reach: Reach) => readAll(reach, { topics: ['secret'] }).then(([one]) => one?.records)
  const permission = { operations: ['READ', 'DESCRIBE'], type: 'TOPIC', name: 'secret' } as const
  assert.equal(await read(secure.saslSsl({ user: 'alice' })), undefined)
  await operate(secure.admin, [
    { do: 'permit', user: 'alice', ...permission },
    { do: 'permit', user: 'client', ...permission },
  ])
  const ways = [
    secure.saslSsl({ user: 'alice', mechanism: 'SCRAM-SHA-256' }),
    secure.saslPlaintext({ user: 'alice', mechanism: 'PLAIN' }),
    secure.mutualTls(),
  ]
  assert.deepEqual(await Promise.all(ways.map(read)), [10, 10, 10])
  await assert.rejects(read(secure.saslSsl({ user: 'alice', password: 'wrong' })), /invalid credentials/)
})
