// Configs of topics that exist on both sides: which are set, reset or kept, from Kafka 3.9 to 4.3 and back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import { NEWEST, OLDER } from '../../harness/kafka-jars.ts'
import { Site } from './site.ts'

let site: Site
before(async () => {
  site = await Site.start({ version: OLDER }, { version: NEWEST })
})
after(() => site[Symbol.asyncDispose]())

const often = ['sync.topic.configs.enabled = true', 'sync.topic.configs.interval.seconds = 1']
type Configs = Readonly<Record<string, string>>

/** Waits until the configs set on the target topic are as expected, and returns them. */
const untilSet = (at: Site, topic: string, satisfies: (configs: Configs) => boolean): Promise<Configs> =>
  eventually(() => at.onTarget<Configs>({ do: 'configs', topic }), satisfies)

const exactly = (wanted: Configs) => (configs: Configs) =>
  JSON.stringify(Object.entries(configs).toSorted()) === JSON.stringify(Object.entries(wanted).toSorted())

test('configs set on the source are set on the target, removed ones reset, changes on the target reverted', async () => {
  await site.create('till', 1, { 'retention.ms': '100000' })
  const own = { 'retention.bytes': '5000', 'segment.ms': '77777777' }
  await site.onTarget({ do: 'create', topic: 'till', configs: own })
  await using godwit = await site.godwit('c1', 'till', ...often)
  await untilSet(site, 'till', exactly({ 'retention.ms': '100000' }))

  await site.onSource({ do: 'alter', topic: 'till', set: { 'cleanup.policy': 'compact' }, remove: ['retention.ms'] })
  await untilSet(site, 'till', exactly({ 'cleanup.policy': 'compact' }))

  await site.onTarget({ do: 'alter', topic: 'till', set: { 'retention.ms': '1', 'cleanup.policy': 'delete' } })
  await untilSet(site, 'till', exactly({ 'cleanup.policy': 'compact' }))

  const lines = godwit.linesAbout('till', 'info').filter(({ message }) => message.startsWith('synced configs'))
  assert.deepEqual(
    lines.map(({ set, removed }) => [set, String(removed).split(', ').toSorted()]),
    [
      ['retention.ms=100000', ['retention.bytes', 'segment.ms']],
      ['cleanup.policy=compact', ['retention.ms']],
      ['cleanup.policy=compact', ['retention.ms']],
    ],
  )
  const rest = await godwit.untilTask('topic-configs', ({ message }) => message.includes(' 0 altered'))
  assert.deepEqual([rest.result, rest.message], ['fine', '1 topic compared, 0 altered: 0 configs set, 0 removed'])
})

test('excluded configs are not changed on either side', async () => {
  await site.create('counter', 1, { 'min.insync.replicas': '2', 'retention.ms': '100000', 'segment.ms': '600000' })
  const own = { 'message.timestamp.type': 'LogAppendTime', 'segment.ms': '700000' }
  await site.onTarget({ do: 'create', topic: 'counter', configs: own })
  const exclude =
    'config.properties.exclude = min\\\\.insync\\\\.replicas, message\\\\.timestamp\\\\..*, segment\\\\..*'
  await using godwit = await site.godwit('c2', 'counter', ...often, exclude)
  await godwit.untilTask('topic-configs', ({ runs }) => runs >= 2)
  assert.deepEqual(await site.onTarget({ do: 'configs', topic: 'counter' }), { ...own, 'retention.ms': '100000' })
})

test('with use.defaults.from = source, defaults of the source are set on the target', async () => {
  await site.create('shelf', 1)
  await site.onTarget({ do: 'create', topic: 'shelf', configs: { 'retention.ms': '1000', 'flush.ms': '1000' } })
  await using godwit = await site.godwit('c3', 'shelf', ...often, 'SOURCE->TARGET.use.defaults.from = source')
  const set = await untilSet(site, 'shelf', (configs) => configs['retention.ms'] === '604800000')
  assert.equal(set['cleanup.policy'], 'delete')
  assert.equal(set['flush.ms'], '9223372036854775807')
  assert.equal(set['min.insync.replicas'], undefined)
  // Kafka 4 has removed two of them. They are named, and all others were set.
  const { message, remedy, code } = await godwit.untilTask('topic-configs', ({ runs }) => runs >= 2)
  assert.equal(code, 'REFUSED_BY_TARGET')
  assert.match(message, /topic shelf .*message\.format\.version.*its other configs are as on the source$/)
  assert.match(remedy ?? '', /write Ac3->Bc3\.config\.properties\.exclude = \S*message\\\\\.downconversion\\\\\.enable/)
})

test('a value that the target refuses blocks neither the other configs of its topic nor other topics', async () => {
  // Kafka 3.9 permits segments this small, Kafka 4 does not.
  await site.create('small', 1, { 'segment.bytes': '50000', 'retention.ms': '100000' })
  await site.create('beside', 1, { 'retention.ms': '200000' })
  for (const topic of ['small', 'beside']) await site.onTarget({ do: 'create', topic, configs: {} })
  await using godwit = await site.godwit('c4', 'small, beside', ...often)
  const { result, code, message, remedy } = await godwit.untilTask('topic-configs', () => true)
  assert.deepEqual([result, code], ['failed', 'REFUSED_BY_TARGET'])
  assert.match(message, /^configs of 1 of 2 topics .* topic small on cluster Bc4: .*segment\.bytes.*INVALID_CONFIG/)
  assert.match(remedy ?? '', /write Ac4->Bc4\.config\.properties\.exclude = \S+,segment\\\\\.bytes into the file/)
  assert.deepEqual(await site.onTarget({ do: 'configs', topic: 'small' }), { 'retention.ms': '100000' })
  assert.deepEqual(await site.onTarget({ do: 'configs', topic: 'beside' }), { 'retention.ms': '200000' })
  await godwit.untilTask('topic-configs', ({ runs }) => runs >= 3)
  const told = godwit.linesAbout('small', 'warn').filter(({ message: said }) => said.startsWith('configs of a topic'))
  assert.equal(told.length, 1, 'a continuing failure is logged once')
})

for (const [title, way] of [
  ['3.9 to 4.3', () => site],
  ['4.3 to 3.9', () => site.reversed()],
] as const) {
  test(`with the non-incremental request, other configs of the target topic are kept: ${title}`, async () => {
    const at = way()
    const topic = `old-way-${title.replaceAll(' ', '-')}`
    await at.create(topic, 1, { 'retention.ms': '100000', 'cleanup.policy': 'compact' })
    const own = { 'min.insync.replicas': '1', 'retention.bytes': '5000', 'cleanup.policy': 'delete' }
    await at.onTarget({ do: 'create', topic, configs: own })
    const alias = title.startsWith('3') ? 'c5' : 'c6'
    await using godwit = await at.godwit(alias, topic, ...often, 'use.incremental.alter.configs = never')
    const wanted = { 'min.insync.replicas': '1', 'retention.ms': '100000', 'cleanup.policy': 'compact' }
    await untilSet(at, topic, exactly(wanted))
    const { result } = await godwit.untilTask('topic-configs', ({ message }) => message.includes(' 0 altered'))
    assert.equal(result, 'fine')
    assert.deepEqual(await at.onTarget({ do: 'configs', topic }), wanted)
  })
}
