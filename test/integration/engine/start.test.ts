// Where copying starts without a stored position: godwit.start by pattern, compared with the records that Java finds at that
// time.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Site } from './site.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

/** Keys on a cluster in their order; on the source only those at this time or later. */
const keysOf = async (cluster: 'source' | 'target', topic: string, since = 0) =>
  (await site.read(site[cluster], topic)).filter(({ timestamp }) => timestamp >= since).map(({ key }) => key)

test('each topic starts where the first matching item says, exact to the record, also within a batch', async () => {
  const now = Date.now()
  const time = now - 10 * DAY_MS + HOUR_MS
  const topics = ['audit-1', 'logs-1', 'since-1', 'future-1', 'rest-1']
  for (const topic of topics) {
    await site.create(topic, 1)
    // A hundred records with timestamps over ten days, many in each batch.
    await site.produce(topic, { count: 100, partition: 0, label: 'old', time, step: 2.4 * HOUR_MS, codec: 'lz4' })
  }
  const since = now - 3 * DAY_MS
  const start = [
    'audit-.*=latest',
    'logs-.*=7d',
    `since-.*=${new Date(since).toISOString()}`,
    'future-.*=2099-01-01T00:00:00Z',
    'earliest',
  ]
  const lines = [`godwit.start = ${start.join(', ')}`, 'TARGET.session.timeout.ms = 6000']
  await site.copyAll('start', '.*-1', ...lines)
  assert.deepEqual(await keysOf('target', 'audit-1'), [])
  assert.deepEqual(await keysOf('target', 'future-1'), [])
  for (const [topic, from] of [
    ['logs-1', now - 7 * DAY_MS],
    ['since-1', since],
    ['rest-1', 0],
  ] as const) {
    const expected = await keysOf('source', topic, from)
    assert.ok(expected.length > 20, topic)
    assert.deepEqual(await keysOf('target', topic), expected, topic)
  }
  // A second run continues at the stored position, whatever the file says.
  for (const topic of topics) await site.produce(topic, { count: 10, partition: 0, label: 'new' })
  await site.copyAll('start', '.*-1', 'godwit.start = earliest', 'TARGET.session.timeout.ms = 6000')
  const fresh = Array.from({ length: 10 }, (_, i) => `new-${i}`)
  assert.deepEqual(await keysOf('target', 'audit-1'), fresh)
  assert.deepEqual(await keysOf('target', 'future-1'), fresh)
  assert.deepEqual(await keysOf('target', 'rest-1'), await keysOf('source', 'rest-1'))
})

test('auto.offset.reset is the start of topics that no item matches', async () => {
  for (const topic of ['first-2', 'second-2']) {
    await site.create(topic, 1)
    await site.produce(topic, { count: 50, partition: 0, label: 'old' })
  }
  const lines = ['SOURCE.consumer.auto.offset.reset = latest', 'godwit.start = first-.*=earliest']
  await site.copyAll('reset', '.*-2', ...lines)
  assert.equal((await keysOf('target', 'first-2')).length, 50)
  assert.deepEqual(await keysOf('target', 'second-2'), [])
})

test('partitions created after the first start are copied from their start, or as in MM2 if configured', async () => {
  const latest = ['godwit.start = latest', 'TARGET.session.timeout.ms = 6000']
  const asConfigured = [...latest, 'godwit.new.partitions = as-configured']
  for (const [alias, lines] of [
    ['new', latest],
    ['mm2', asConfigured],
  ] as const) {
    const [grown, late] = [`${alias}-grown-3`, `${alias}-late-3`]
    await site.create(grown, 1)
    await site.produce(grown, { count: 20, partition: 0, label: 'old' })
    await site.copyAll(alias, `${alias}-.*-3`, ...lines)
    assert.deepEqual(await keysOf('target', grown), [], 'the flow starts at the log end')
    await site.onSource({ do: 'grow', topic: grown, partitions: 2 })
    await site.create(late, 1)
    await site.produce(grown, { count: 20, partition: 1, label: 'grown' })
    await site.produce(late, { count: 20, partition: 0, label: 'late' })
    await site.copyAll(alias, `${alias}-.*-3`, ...lines)
    const counts = await Promise.all([
      site.read(site.target, grown, 0),
      site.read(site.target, grown, 1),
      site.read(site.target, late),
    ])
    assert.deepEqual(
      counts.map(({ length }) => length),
      alias === 'new' ? [0, 20, 20] : [0, 0, 0],
      alias,
    )
  }
})
