// Records of every shape arrive as they were: key, value, headers, timestamp, order, partition; compared by Kafka's own consumer.
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

test('five codecs, odd headers, null keys, tombstones, one-record batches, a large record, an empty topic and 2015 arrive as they were', async () => {
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
