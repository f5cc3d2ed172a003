// Target topics with their own timestamps, codecs and limits. Records that fit are copied; a record that does not fit stops only
// its partition.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Site } from './site.ts'

const day = 24 * 3600 * 1000
/** The default since Kafka 4.0. */
const within = { 'message.timestamp.after.max.ms': '3600000' }

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

test('LogAppendTime timestamps of the source are kept on a target with CreateTime', async () => {
  await site.create('appended', 2, { 'message.timestamp.type': 'LogAppendTime' })
  for (const codec of ['none', 'lz4', 'zstd'])
    await site.produce('appended', { count: 900, codec, time: Date.now() - 3 * day, batch: 4096, awkward: true })
  await site.copyAll('4a', 'appended')
  await site.assertEqual('appended')
  assert.equal((await site.read(site.source, 'appended'))[0]?.timestampType, 'LogAppendTime')
  assert.equal((await site.read(site.target, 'appended'))[0]?.timestampType, 'CreateTime')
})

test('a target with LogAppendTime gets each record once with its own timestamp, also after a kill -9', async () => {
  await site.create('stamped', 1)
  await site.onTarget({ do: 'create', topic: 'stamped', configs: { 'message.timestamp.type': 'LogAppendTime' } })
  const began = Date.now()
  const producing = site.produce('stamped', { count: 6000, partition: 0, time: began - day, text: 5, pause: 30 })
  {
    await using godwit = await site.godwit('4b', 'stamped', 'TARGET.session.timeout.ms = 6000')
    await godwit.until('records have arrived', (status) => status.records > 1000)
    await godwit.kill9()
  }
  await producing
  await site.copyAll('4b', 'stamped')
  const [source, target] = await Promise.all([site.read(site.source, 'stamped'), site.read(site.target, 'stamped')])
  const keys = (records: typeof source) => records.map(({ key, value }) => [key, value])
  assert.deepEqual(keys(target), keys(source))
  assert.ok(target.every(({ timestamp, timestampType }) => timestamp >= began && timestampType === 'LogAppendTime'))
})

test('a target topic with its own codec recompresses; batches that then exceed its limit are split', async () => {
  await site.create('zstd-there', 1)
  await site.create('plain-there', 1)
  await site.onTarget({ do: 'create', topic: 'zstd-there', configs: { 'compression.type': 'zstd' } })
  // 200 KB of text per batch shrink to a few KB in zstd: the batch is within the limit, but not after the broker has decompressed
  // it.
  const narrow = { 'compression.type': 'uncompressed', 'max.message.bytes': '60000' }
  await site.onTarget({ do: 'create', topic: 'plain-there', configs: narrow })
  for (const codec of ['none', 'gzip', 'lz4']) await site.produce('zstd-there', { count: 900, codec, awkward: true })
  await site.produce('plain-there', { count: 600, codec: 'zstd', text: 100, batch: 200_000, partition: 0 })
  await site.copyAll('4c', 'zstd-there, plain-there')
  await site.assertEqual('zstd-there')
  await site.assertEqual('plain-there')
})

test('a smaller limit on the target splits batches; one record beyond it stops only its partition', async () => {
  await site.create('narrow', 3)
  await site.onTarget({ do: 'create', topic: 'narrow', partitions: 3, configs: { 'max.message.bytes': '20000' } })
  await site.create('beside', 1)
  // Merged batches may exceed the limit, so that they must be split again.
  await site.create('tiny', 1)
  await site.onTarget({ do: 'create', topic: 'tiny', configs: { 'max.message.bytes': '20000' } })
  const tiny = await site.produce('tiny', { count: 5000, partition: 0, batch: 15_000, keys: 0 })
  // Batches of one record: joined up to the limit, many times within one Fetch answer.
  await site.create('single', 1)
  await site.onTarget({ do: 'create', topic: 'single', configs: { 'max.message.bytes': '20000' } })
  const single = await site.produce('single', { count: 3000, partition: 0, batch: 0, size: 700 })
  for (const codec of ['none', 'gzip', 'zstd'])
    await site.produce('narrow', { count: 900, codec, size: 900, batch: 300_000, label: codec, partitions: [0, 1, 2] })
  await site.produce('narrow', { count: 1, partition: 1, size: 50_000, label: 'big' })
  const ends = await site.produce('narrow', { count: 90, partitions: [0, 1, 2], label: 'behind' })
  await using godwit = await site.godwit('4d', 'narrow, beside, tiny, single')
  await godwit.untilCopied('tiny', tiny)
  await godwit.untilCopied('single', single)
  await godwit.untilCopied('narrow', { 0: ends['0'] ?? 0, 2: ends['2'] ?? 0 })
  const { problem, position } = await godwit.untilProblem('TOO_LARGE', 'narrow', 1)
  assert.equal(position, 900)
  assert.match(
    problem?.message ?? '',
    /^source partition narrow-1 cannot go on into topic narrow: the record at offset 900 takes 50\d\d\d bytes/,
  )
  assert.match(
    problem?.remedy ?? '',
    /kafka-configs\.sh .*--entity-name narrow --add-config max\.message\.bytes=1048588$/,
  )
  assert.equal((await site.targetEnds('narrow'))['1'], 900)

  await godwit.untilCopied('beside', await site.produce('beside', { count: 100, partition: 0 }))
  await site.onTarget({ do: 'alter', topic: 'narrow', set: { 'max.message.bytes': '100000' } })
  await godwit.untilCopied('narrow', ends)
  await site.assertEqual('narrow')
  await site.assertEqual('tiny')
  await site.assertEqual('single')
  assert.deepEqual((await godwit.status())?.problems, [])
})

test('a record that the target refuses stops its partition with the remedy, and copying resumes after it', async () => {
  const hour = 3_600_000
  const early = { 'message.timestamp.after.max.ms': `${100 * day}` }
  await site.create('future', 2, early)
  await site.onTarget({ do: 'create', topic: 'future', partitions: 2, configs: within })
  await site.create('keyless', 1)
  await site.onTarget({ do: 'create', topic: 'keyless', partitions: 1, configs: { 'cleanup.policy': 'compact' } })
  await site.produce('future', { count: 50, partitions: [0, 1], label: 'now' })
  await site.produce('future', { count: 50, partitions: [0], time: Date.now() + 50 * hour })
  const ends = await site.produce('future', { count: 50, partitions: [0, 1], label: 'behind' })
  const keyless = await site.produce('keyless', { count: 50, keys: 0 })
  await using godwit = await site.godwit('4r', 'future, keyless')
  await godwit.untilCopied('future', { 1: ends['1'] ?? 0 })
  const late = await godwit.untilProblem('REFUSED_BY_TARGET', 'future', 0)
  assert.match(late.problem?.message ?? '', /^target partition future-0 refuses a batch \(INVALID_TIMESTAMP\)/)
  assert.match(late.problem?.remedy ?? '', /message\.timestamp\.after\.max\.ms of future .*run kafka-configs\.sh /)
  const none = await godwit.untilProblem('REFUSED_BY_TARGET', 'keyless', 0)
  assert.match(none.problem?.remedy ?? '', /a record without a key, which a compacted topic refuses/)
  await site.onTarget({ do: 'alter', topic: 'future', set: early })
  await site.onTarget({ do: 'alter', topic: 'keyless', set: { 'cleanup.policy': 'delete' } })
  await Promise.all([godwit.untilCopied('future', ends), godwit.untilCopied('keyless', keyless)])
  await site.assertEqual('future')
  await site.assertEqual('keyless')
})

test('when the first batch of a partition is refused, later batches do not overtake it', async () => {
  const early = { 'message.timestamp.after.max.ms': `${100 * day}` }
  await site.create('overtaken', 1, early)
  await site.onTarget({ do: 'create', topic: 'overtaken', configs: within })
  const batch = { count: 40, partition: 0, size: 1000, batch: 100_000, codec: 'lz4' }
  await site.produce('overtaken', { ...batch, time: Date.now() + 2 * day, label: 'future' })
  for (const label of ['a', 'b', 'c']) await site.produce('overtaken', { ...batch, label })
  await using godwit = await site.godwit('4o', 'overtaken')
  await godwit.untilProblem('REFUSED_BY_TARGET', 'overtaken', 0)
  assert.deepEqual(await site.targetEnds('overtaken'), { 0: 0 })
  await site.onTarget({ do: 'alter', topic: 'overtaken', set: early })
  await godwit.untilCopied('overtaken', { 0: 160 })
  await site.assertEqual('overtaken')
})
