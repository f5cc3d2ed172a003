// Topics that are created, grow, are excluded or exist already: found during a run, created on the target, named by the
// replication policy.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Site } from './site.ts'

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

const defaultPolicy = 'replication.policy.class = org.apache.kafka.connect.mirror.DefaultReplicationPolicy'

test('new topics and partitions are copied; existing target topics get partitions and keep their records', async () => {
  await site.create('shop-a', 2)
  await site.produce('shop-a', { count: 300, partitions: [0, 1] })
  await site.onTarget({ do: 'create', topic: 'shop-a', partitions: 1 })
  await site.onTarget({ do: 'produce', topic: 'shop-a', partition: 0, count: 50, label: 'theirs' })
  await site.create('shop-secret', 1)
  await site.create('elsewhere', 1)
  await using godwit = await site.godwit('5', 'shop-.*', 'SOURCE->TARGET.topics.exclude = .*-secret.*')
  await godwit.untilCopied('shop-a', { 0: 150, 1: 150 })

  await site.create('shop-b', 2, { 'retention.ms': '7200000', 'message.timestamp.type': 'LogAppendTime' })
  await site.create('shop-secret-too', 1)
  await site.onSource({ do: 'grow', topic: 'shop-a', partitions: 4 })
  const b = await site.produce('shop-b', { count: 200, partitions: [0, 1], codec: 'zstd' })
  const a = await site.produce('shop-a', { count: 400, partitions: [0, 1, 2, 3], label: 'grown' })
  await Promise.all([godwit.untilCopied('shop-a', a), godwit.untilCopied('shop-b', b)])

  await site.assertEqual('shop-a', { targetFrom: { 0: 50 } })
  await site.assertEqual('shop-b')
  const theirs = (await site.read(site.target, 'shop-a')).slice(0, 50)
  assert.deepEqual(
    theirs.map(({ key }) => key),
    Array.from({ length: 50 }, (_, i) => `theirs-${i}`),
  )
  assert.deepEqual(await site.onTarget({ do: 'configs', topic: 'shop-b' }), { 'retention.ms': '7200000' })
  const topics = await site.onTarget<string[]>({ do: 'topics' })
  assert.deepEqual(topics.filter((name) => /shop|elsewhere/.test(name)).toSorted(), ['shop-a', 'shop-b'])
  assert.equal(await godwit.stop(), 0)
})

test('with the default policy target topics are named by source alias and separator; none is copied back', async () => {
  const wanted = ['till.x', 'B5d.till.x', 'B5s_till.x', 'till_y']
  for (const topic of wanted) {
    await site.create(topic, 1)
    await site.produce(topic, { count: 20, partition: 0, label: topic })
  }
  const topics = wanted.join(', ')
  await Promise.all([
    site.copyAll('5d', topics, defaultPolicy),
    site.copyAll('5s', topics, defaultPolicy, 'replication.policy.separator = _'),
  ])
  const made = await site.onTarget<string[]>({ do: 'topics' })
  assert.deepEqual(made.filter((name) => name.includes('till')).toSorted(), [
    'A5d.B5s_till.x',
    'A5d.till.x',
    'A5d.till_y',
    'A5s_B5d.till.x',
    'A5s_till.x',
    'A5s_till_y',
  ])
  await site.assertEqual('till.x', { copy: 'A5d.till.x' })
  await site.assertEqual('till_y', { copy: 'A5s_till_y' })
})

test('a target topic with more partitions than the source keeps them', async () => {
  await site.create('wide', 2)
  await site.onTarget({ do: 'create', topic: 'wide', partitions: 3 })
  await site.produce('wide', { count: 100, partitions: [0, 1] })
  await site.copyAll('5w', 'wide')
  assert.deepEqual(await site.targetEnds('wide'), { 0: 50, 1: 50, 2: 0 })
})
