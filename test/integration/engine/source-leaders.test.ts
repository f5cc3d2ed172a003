// Three source brokers: a moved leader is followed at once, long before the next metadata refresh; nearby replicas are used for
// reading.
import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Site } from './site.ts'

const seldom = 'refresh.topics.interval.seconds = 600'

let site: Site
before(async () => {
  const configs = {
    'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
  }
  site = await Site.start({ brokers: 3, heapMb: 256, configs })
})
after(() => site[Symbol.asyncDispose]())

test('source brokers stop by kill -9 and restart one after the other: copying follows the leaders', async () => {
  await site.onSource({ do: 'create', topic: 'led', partitions: 6, replicas: 3 })
  const all = [0, 1, 2, 3, 4, 5]
  await using godwit = await site.godwit('s', 'led', seldom)
  await godwit.untilCopied('led', await site.produce('led', { count: 600, partitions: all }))
  const [one, two] = site.source.brokers
  await one?.kill9()
  const moved = await site.produce('led', { count: 600, partitions: all, label: 'moved' })
  const began = Date.now()
  await godwit.untilCopied('led', moved)
  assert.ok(Date.now() - began < 15_000, `it took ${Date.now() - began} ms`)
  await site.source.start()
  await two?.kill9()
  await godwit.untilCopied('led', await site.produce('led', { count: 600, partitions: all, label: 'again' }))
  await site.assertEqual('led')
  await godwit.until('no problem is left', ({ problems }) => problems.length === 0)
  assert.equal(await godwit.stop(), 0)
})

test('with client.rack the replica in that rack is read, and the leader again when that replica stops', async () => {
  await site.source.kill9()
  for (const { folder, id } of site.source.brokers)
    appendFileSync(join(folder, 'server.properties'), `broker.rack=room-${id}\n`)
  await site.source.start()
  await site.onSource({ do: 'create', topic: 'near', partitions: 6, replicas: 3 })
  const all = [0, 1, 2, 3, 4, 5]
  const ends = await site.produce('near', { count: 600, partitions: all })
  await using godwit = await site.godwit('n', 'near', seldom, 'SOURCE.consumer.client.rack = room-3')
  await godwit.untilCopied('near', ends)
  await godwit.untilCopied('near', await site.produce('near', { count: 600, partitions: all, label: 'more' }))
  const pointed = godwit.log.filter(({ message }) => message === 'reading from a replica in our rack')
  assert.deepEqual([...new Set(pointed.map((line) => line['broker']))], [3])
  assert.equal(new Set(pointed.map((line) => line['partition'])).size, 4)
  await site.source.brokers[2]?.kill9()
  await godwit.untilCopied('near', await site.produce('near', { count: 600, partitions: all, label: 'without' }))
  await site.assertEqual('near')
  assert.equal(await godwit.stop(), 0)
})

test('an unclean election that loses records is detected, and new records at their offsets are not copied', async () => {
  await site.source.start()
  const configs = { 'unclean.leader.election.enable': 'true' }
  await site.onSource({ do: 'create', topic: 'unclean', replicasOn: [1, 2], configs })
  await site.onSource({ do: 'create', topic: 'clean', replicasOn: [3] })
  await using godwit = await site.godwit('u', 'unclean, clean', seldom)
  await godwit.untilCopied('unclean', await site.produce('unclean', { count: 100, partition: 0 }))
  const [one, two] = site.source.brokers
  await two?.kill9()
  await godwit.untilCopied('unclean', await site.produce('unclean', { count: 50, partition: 0, label: 'taken back' }))
  await one?.kill9()
  // Not awaited: the broker is ready only after the election.
  void two?.start()
  const { problem } = await godwit.untilProblem('SOURCE_TRUNCATED', 'unclean', 0)
  assert.match(problem?.message ?? '', /unclean-0/)
  await site.produce('unclean', { count: 80, partition: 0, label: 'instead' })
  await godwit.untilCopied('clean', await site.produce('clean', { count: 50, partition: 0 }))
  assert.deepEqual(await site.targetEnds('unclean'), { 0: 150 })
  assert.equal((await godwit.partition('unclean', 0))?.problem?.code, 'SOURCE_TRUNCATED')
})
