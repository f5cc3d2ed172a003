// Target topics that are deleted and recreated under the same name while records are being sent to them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Site } from './site.ts'

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

/** From Kafka 4.1 on, Produce names topics by id (KIP-516). */
const hasIds = () => {
  const [major = 0, minor = 0] = site.target.version.split('.').map(Number)
  return major > 4 || (major === 4 && minor >= 1)
}

// During these tests godwit does not refresh the list of topics.
const rarely = ['refresh.topics.interval.seconds = 600']

test('before the next topic refresh a recreated target topic gets no records meant for the old one', async (t) => {
  if (!hasIds()) return t.skip('the target names topics in Produce')
  for (const topic of ['idle', 'other']) {
    await site.create(topic, 2)
    await site.produce(topic, { count: 100, partitions: [0, 1] })
  }
  await using godwit = await site.godwit('i', 'idle, other', ...rarely)
  await godwit.untilCopied('idle', { 0: 50, 1: 50 })
  await site.onTarget({ do: 'delete', topic: 'idle' })
  await site.onTarget({ do: 'create', topic: 'idle', partitions: 2 })
  await site.produce('idle', { count: 100, partitions: [0, 1], label: 'later' })
  await godwit.untilCopied('other', await site.produce('other', { count: 100, partitions: [0, 1], label: 'later' }))
  await godwit.untilProblem('TOPIC_RECREATED', 'idle', 0)
  await godwit.untilProblem('TOPIC_RECREATED', 'idle', 1)
  assert.deepEqual(await site.targetEnds('idle'), { 0: 0, 1: 0 })
  await site.assertEqual('other')
})

test('a target topic recreated while batches are in flight gets no records meant for the old one', async (t) => {
  if (!hasIds()) return t.skip('the target names topics in Produce')
  await site.create('busy', 1)
  await using godwit = await site.godwit('b', 'busy', ...rarely)
  const producing = site.produce('busy', { count: 6000, partition: 0, size: 1000, pause: 30 })
  await godwit.until('records arrive', ({ records }) => records > 500)
  await site.onTarget({ do: 'delete', topic: 'busy' })
  await site.onTarget({ do: 'create', topic: 'busy', partitions: 1 })
  await producing
  await godwit.untilProblem('TOPIC_RECREATED', 'busy', 0)
  assert.deepEqual(await site.targetEnds('busy'), { 0: 0 })
})
