// Records are copied unchanged: key, value, headers, timestamp, order, partition. Kafka's own consumer compares them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Site } from './site.ts'

const day = 24 * 3600 * 1000
const in2015 = Date.UTC(2015, 4, 1)
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

test('codecs, headers, null keys, tombstones, all batch sizes and old timestamps are copied unchanged', async () => {
  await site.create('mixed', 4)
  await site.create('single', 2)
  await site.create('large', 2, { 'max.message.bytes': '2097152' })
  await site.create('empty', 3)
  await site.create('old', 2, { 'retention.ms': '-1' })
  await site.create('trimmed', 1)
  for (const codec of codecs) {
    const time = Date.now() - day
    await site.produce('mixed', { count: 1500, codec, label: codec, awkward: true, time, step: 7, batch: 8192 })
  }
  await site.produce('single', { count: 600, batch: 0, partitions: [0, 1], text: 3, awkward: true })
  await site.produce('large', { count: 40, partitions: [0, 1], size: 50_000 })
  await site.produce('large', { count: 1, partition: 1, size: 1_500_000, label: 'big' })
  await site.produce('large', { count: 40, partitions: [0, 1], size: 50_000, label: 'behind' })
  await site.produce('old', { count: 3000, codec: 'gzip', time: in2015, step: 60_000, partitions: [0, 1] })
  await site.produce('old', { count: 300, time: in2015, step: 60_000, partitions: [0, 1], batch: 0, label: 'single' })
  await site.produce('trimmed', { count: 2000, codec: 'lz4', partitions: [0], text: 2 })
  await site.onSource({ do: 'trim', topic: 'trimmed', partition: 0, before: 777 })

  await site.copyAll('1', 'mixed, single, large, empty, old, trimmed')

  const counts = await Promise.all(
    ['mixed', 'single', 'large', 'empty', 'old', 'trimmed'].map(async (topic) => {
      const partitions = await site.assertEqual(topic)
      return [topic, partitions.length, partitions.reduce((sum, one) => sum + one.equal, 0)]
    }),
  )
  const expected = [
    ['mixed', 4, 7500],
    ['single', 2, 600],
    ['large', 2, 81],
    ['empty', 3, 0],
    ['old', 2, 3300],
    ['trimmed', 1, 1223],
  ]
  assert.deepEqual(counts, expected)
  assert.deepEqual(await site.onTarget({ do: 'configs', topic: 'large' }), { 'max.message.bytes': '2097152' })
  assert.equal((await site.read(site.target, 'old'))[0]?.timestamp, in2015)
})

test('a compacted topic is copied without offset gaps, to a compacted target topic and to another one', async () => {
  const configs = { 'cleanup.policy': 'compact', 'segment.ms': `${day / 4}`, 'min.cleanable.dirty.ratio': '0' }
  await site.create('compacted', 2, configs)
  for (const [round, codec] of codecs.entries()) {
    const time = Date.now() - (6 - round) * day
    await site.produce('compacted', { count: 1200, codec, keys: 90, label: 'k', tombstones: 25, time, step: 60_000 })
  }
  await site.onSource({ do: 'await holes', topic: 'compacted', most: 2500 })
  await site.onTarget({ do: 'create', topic: 'A2d.compacted', partitions: 2, configs: {} })
  await Promise.all([
    site.copyAll('2', 'compacted'),
    site.copyAll(
      '2d',
      'compacted',
      'replication.policy.class = org.apache.kafka.connect.mirror.DefaultReplicationPolicy',
    ),
  ])
  for (const copy of ['compacted', 'A2d.compacted']) {
    const partitions = await site.assertEqual('compacted', { copy })
    assert.ok(
      partitions.every(({ holes, equal }) => holes > 0 && equal > 100),
      JSON.stringify(partitions),
    )
  }
  const copied = await site.onTarget<Record<string, string>>({ do: 'configs', topic: 'compacted' })
  assert.equal(copied['cleanup.policy'], 'compact')
})

test('committed records are copied, aborted ones only with read_uncommitted; an open transaction blocks', async () => {
  await site.create('paid', 2)
  for (const [round, codec] of [...codecs, ...codecs].entries()) {
    const [till, web] = [`till-${codec}`, `web-${codec}`]
    await site.onSource({ do: 'begin', id: till, codec })
    await site.onSource({ do: 'begin', id: web, codec })
    for (let i = 0; i < 3; i++) {
      await site.onSource({
        do: 'send',
        id: till,
        topic: 'paid',
        partitions: [0, 1],
        count: 20,
        label: `till ${round}`,
      })
      await site.onSource({ do: 'send', id: web, topic: 'paid', partitions: [0], count: 7, label: `web ${round}` })
      await site.produce('paid', { partitions: [0, 1], count: 4, label: `plain ${round}` })
    }
    await site.onSource({ do: 'end', id: till, how: round % 3 === 0 ? 'abort' : 'commit' })
    await site.onSource({ do: 'end', id: web, how: round % 2 === 0 ? 'abort' : 'commit' })
  }
  const unread = { copy: 'A3u.paid', isolation: 'read_uncommitted' } as const
  await using committed = await site.godwit('3', 'paid', 'SOURCE.consumer.isolation.level = read_committed')
  await using uncommitted = await site.godwit(
    '3u',
    'paid',
    'SOURCE.consumer.isolation.level = read_uncommitted',
    'replication.policy.class = org.apache.kafka.connect.mirror.DefaultReplicationPolicy',
  )
  const all = await site.ends('paid')
  await Promise.all([committed.untilCopied('paid', all), uncommitted.untilCopied('paid', all)])
  const seen = await site.assertEqual('paid')
  const seenAll = await site.assertEqual('paid', unread)
  assert.deepEqual(
    seen.map(({ equal }) => equal),
    [120 + 6 * 30 + 5 * 21 - 60, 120 + 6 * 30 - 60],
  )
  assert.deepEqual(
    seenAll.map(({ equal }) => equal),
    [60 + 300 + 210, 60 + 300],
  )

  await site.onSource({ do: 'begin', id: 'open' })
  await site.onSource({ do: 'send', id: 'open', topic: 'paid', partitions: [0], count: 10, label: 'open' })
  const ends = await site.produce('paid', { partitions: [0, 1], count: 40, label: 'behind' })
  await uncommitted.untilCopied('paid', ends)
  await committed.untilCopied('paid', { 1: ends['1'] ?? 0 })
  assert.equal((await committed.partition('paid', 0))?.position, all['0'])
  assert.deepEqual((await site.targetEnds('paid'))['0'], seen[0]?.equal)
  await site.onSource({ do: 'end', id: 'open', how: 'commit' })
  const closed = await site.ends('paid')
  await Promise.all([committed.untilCopied('paid', closed), uncommitted.untilCopied('paid', closed)])
  await site.assertEqual('paid')
  await site.assertEqual('paid', unread)
})
