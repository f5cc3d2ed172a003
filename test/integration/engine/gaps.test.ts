// Records of the source are lost before they are copied: topics are deleted and recreated, records are deleted. The loss is
// reported, nothing of a recreated topic is copied, and other partitions continue.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { GodwitProcess } from './godwit-process.ts'
import { Site } from './site.ts'

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

/** Checks that new records of another topic are still copied. */
async function assertStillCopies(godwit: GodwitProcess, topic: string): Promise<void> {
  await godwit.untilCopied(topic, await site.produce(topic, { count: 30, partition: 0, label: 'on' }))
}

test('deleted and recreated source topics are distinguished and stop; other topics continue', async () => {
  await site.create('fickle', 2)
  await site.create('steady', 1)
  const ends = await site.produce('fickle', { count: 200, partitions: [0, 1] })
  await using godwit = await site.godwit('6', 'fickle, steady')
  await godwit.untilCopied('fickle', ends)
  await site.onSource({ do: 'delete', topic: 'fickle' })
  const gone = await godwit.untilProblem('UNKNOWN_TOPIC', 'fickle', 0)
  assert.match(gone.problem?.message ?? '', /does not list source topic fickle any more: it was deleted, or this user/)
  assert.match(gone.problem?.remedy ?? '', /run godwit positions reset .*--topic '\^fickle\$' --execute/)
  await assertStillCopies(godwit, 'steady')
  // Everything had been copied: there is no lag, and all figures agree.
  const left = await godwit.until('the flow is in sync', ({ inSync }) => inSync)
  assert.equal(left.lag, 0)

  await site.create('fickle', 3)
  await site.produce('fickle', { count: 600, partitions: [0, 1, 2], label: 'recreated' })
  for (const partition of [0, 1, 2]) await godwit.untilProblem('TOPIC_RECREATED', 'fickle', partition)
  const { problem } = await godwit.untilProblem('TOPIC_RECREATED', 'fickle', 1)
  assert.equal(problem?.message, 'the source topic fickle was deleted and created again')
  assert.match(problem?.remedy ?? '', /nothing of the new topic is copied until you decide/)
  // Positions of the old topic say nothing about the new one: the lag is unknown, not 0 or a small number.
  const status = await godwit.until('its lag is unknown', ({ lag }) => lag === null)
  const fickle = status.topics.find(({ topic }) => topic === 'fickle')
  assert.deepEqual(
    fickle?.partitions.map(({ lag }) => lag),
    [null, null, null],
  )
  assert.ok(godwit.linesAbout('fickle', 'error').some((line) => line['code'] === 'TOPIC_RECREATED'))
  await assertStillCopies(godwit, 'steady')
  const { 0: first, 1: second } = await site.targetEnds('fickle')
  assert.deepEqual([first, second], [100, 100])

  // A restart does not change this: the decision of the operator is still missing.
  assert.equal(await godwit.stop(), 0)
  await using again = await site.godwit('6', 'fickle, steady')
  await again.untilProblem('TOPIC_RECREATED', 'fickle', 0)
  await assertStillCopies(again, 'steady')
  assert.deepEqual((await site.targetEnds('fickle'))['0'], 100)
})

test('records deleted on the source before they were copied are reported as missed, and copying continues', async () => {
  await site.create('trim', 2)
  await site.onTarget({ do: 'create', topic: 'trim', partitions: 2, configs: { 'max.message.bytes': '20000' } })
  await site.produce('trim', { count: 100, partitions: [0, 1] })
  await site.produce('trim', { count: 1, partition: 0, size: 50_000 })
  const ends = await site.produce('trim', { count: 100, partitions: [0, 1], label: 'behind' })
  await using godwit = await site.godwit('6g', 'trim')
  await godwit.untilProblem('TOO_LARGE', 'trim', 0)
  await site.onSource({ do: 'trim', topic: 'trim', partition: 0, before: 61 })
  await godwit.untilCopied('trim', ends)
  const partition = await godwit.partition('trim', 0)
  assert.deepEqual([partition?.missed, partition?.problem], [11, undefined])
  const [line] = godwit.log.filter(({ message }) => message === 'the source deleted records before they were copied')
  assert.deepEqual([line?.level, line?.['partition'], line?.['offset'], line?.['missed']], ['error', 0, 50, 11])
  await site.assertEqual('trim', { targetFrom: { 0: 50 } })

  // The same while godwit is stopped.
  assert.equal(await godwit.stop(), 0)
  const later = await site.produce('trim', { count: 200, partitions: [0, 1], label: 'later' })
  await site.onSource({ do: 'trim', topic: 'trim', partition: 0, before: 141 })
  await using again = await site.godwit('6g', 'trim')
  await again.untilCopied('trim', later)
  assert.equal((await again.partition('trim', 0))?.missed, 40)
  await site.assertEqual('trim', { targetFrom: { 0: 90 } })
})

test('with godwit.on.gap=stop a partition with deleted records stops with a remedy; others continue', async () => {
  await site.create('stop', 2)
  await site.produce('stop', { count: 100, partitions: [0, 1] })
  await site.copyAll('6s', 'stop', 'godwit.on.gap = stop')
  await site.produce('stop', { count: 100, partitions: [0, 1], label: 'later' })
  await site.onSource({ do: 'trim', topic: 'stop', partition: 0, before: 75 })
  await using godwit = await site.godwit('6s', 'stop', 'godwit.on.gap = stop')
  const { problem } = await godwit.untilProblem('OFFSET_OUT_OF_RANGE', 'stop', 0)
  assert.equal(problem?.message, 'the source deleted offsets 50 to 74 of stop-0 before they were copied')
  assert.match(
    problem?.remedy ?? '',
    /to go on behind every gap write A6s->B6s\.godwit\.on\.gap = continue into the file/,
  )
  await godwit.untilCopied('stop', { 1: 100 })
  assert.deepEqual(await site.targetEnds('stop'), { 0: 50, 1: 100 })
})

test('records copied but not yet stored before kill -9, then deleted, are neither repeated nor missed', async () => {
  await site.create('killed', 2)
  const producing = site.produce('killed', { count: 20_000, partitions: [0, 1], text: 5, pause: 15 })
  await using godwit = await site.godwit('6k', 'killed', 'TARGET.session.timeout.ms = 6000')
  await godwit.until('records have arrived', (status) => status.records > 3000)
  await godwit.kill9()
  await producing
  const arrived = await site.targetEnds('killed')
  const [first = 0, second = 0] = [arrived['0'], arrived['1']]
  // In partition 0 only copied records are deleted, in the other also records that were not copied.
  await site.onSource({ do: 'trim', topic: 'killed', partition: 0, before: first - 3 })
  await site.onSource({ do: 'trim', topic: 'killed', partition: 1, before: second + 100 })
  await using again = await site.godwit('6k', 'killed', 'TARGET.session.timeout.ms = 6000')
  const status = await again.untilCopied('killed', await site.ends('killed'))
  assert.deepEqual(
    status.topics[0]?.partitions.map(({ missed, doubtful }) => [missed, doubtful]),
    [
      [0, 0],
      [100, 0],
    ],
  )
  await site.assertEqual('killed', { targetFrom: { 0: first - 3, 1: second } })
})
