// Flows that keep topic names. Cluster ids and producer ids identify a flow in the opposite direction, which must not copy
// records back, and the same flow under another alias, which must not copy records twice.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { eventually } from '../../harness/eventually.ts'
import { GodwitProcess } from './godwit-process.ts'
import { Site } from './site.ts'

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

test('a flow in the opposite direction quarantines what the first one has written, and copies nothing back', async () => {
  await site.create('round', 1)
  await using there = await site.godwit('there', 'round')
  await there.untilCopied('round', await site.produce('round', { count: 10, partition: 0 }))
  await using back = await site.reversed().godwit('back', 'round')
  const { problem } = await back.untilProblem('REPLICATION_LOOP', 'round', 0)
  assert.match(
    problem?.message ?? '',
    /^the batch at offset 0 of source partition round-0 was written by a godwit flow in the opposite direction/,
  )
  await there.untilCopied('round', await site.produce('round', { count: 10, partition: 0, label: 'later' }))
  assert.deepEqual(await site.ends('round'), { 0: 20 })
  await site.assertEqual('round')
})

test('with godwit.allow.loops = true the flow in the opposite direction copies records back', async () => {
  await site.create('insist', 1)
  await site.produce('insist', { count: 10, partition: 0 })
  await site.copyAll('loop1', 'insist')
  await site.reversed().copyAll('loop2', 'insist', 'godwit.allow.loops = true')
  assert.deepEqual(await site.ends('insist'), { 0: 20 })
})

test('of two opposite flows started together one partition is quarantined soon, and no loop remains', async () => {
  await site.create('both', 1)
  await site.onTarget({ do: 'create', topic: 'both', partitions: 1 })
  await using there = await site.godwit('both1', 'both')
  await using back = await site.reversed().godwit('both2', 'both')
  await there.until('it runs', ({ state }) => state === 'running')
  await back.until('it runs', ({ state }) => state === 'running')
  await site.produce('both', { count: 10, partition: 0 })
  const seen = () => Promise.all([there.partition('both', 0), back.partition('both', 0)])
  const isQuarantined = (one: Awaited<ReturnType<typeof seen>>[number]) => one?.problem?.code === 'REPLICATION_LOOP'
  await eventually(seen, (partitions) => partitions.some(isQuarantined), 60_000)
  const ends = () => Promise.all([site.ends('both'), site.targetEnds('both')])
  await eventually(
    async () => ({ before: await ends(), partitions: await seen(), after: await ends() }),
    ({ before, partitions, after }) =>
      isDeepStrictEqual(before, after) &&
      partitions.every((one, side) => isQuarantined(one) || one?.position === before[side]?.[0]),
  )
})

test('a renamed alias is refused with the name to write, and with that name copying continues', async () => {
  await site.create('named', 1)
  await site.produce('named', { count: 10, partition: 0 })
  await site.copyAll('old', 'named')
  await using renamed = await GodwitProcess.start(site.configuration('new', 'named'))
  assert.equal(await renamed.exit(), 78)
  const end = renamed.log.find(({ message }) => message === 'the flow ends')
  assert.equal(
    end?.['reason'],
    'flow Anew->Bnew would copy 1 topic (named) a second time: cluster Bnew holds them from the same source cluster under the alias Aold',
  )
  assert.equal(
    end?.['remedy'],
    'write Aold instead of Anew everywhere in the file, and the flow goes on where it was; to copy everything again on purpose write Anew->Bnew.godwit.allow.recopy = true',
  )
  await site.produce('named', { count: 10, partition: 0, label: 'later' })
  await site.copyAll('old', 'named')
  await site.assertEqual('named')
  await site.copyAll('new', 'named', 'SOURCE->TARGET.godwit.allow.recopy = true')
  assert.deepEqual(await site.targetEnds('named'), { 0: 40 })
})

test('another alias of the same source cluster may copy other topics', async () => {
  for (const topic of ['mine', 'yours']) {
    await site.create(topic, 1)
    await site.produce(topic, { count: 10, partition: 0 })
    await site.copyAll(topic, topic)
    await site.assertEqual(topic)
  }
})
