// Other clients change the target: they write to a topic, delete records or the whole topic. Also: auto.offset.reset.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { GodwitProcess } from './godwit-process.ts'
import { Site } from './site.ts'

const soon = 'TARGET.session.timeout.ms = 6000'

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

/** Keys that start with one of the labels, in their order. */
async function keysOf(topic: string, ...labels: string[]): Promise<(string | null)[]> {
  const records = await site.read(site.target, topic)
  return records.map(({ key }) => key).filter((key) => labels.some((label) => key?.startsWith(`${label}-`)))
}

const numbered = (label: string, count: number) => Array.from({ length: count }, (_, i) => `${label}-${i}`)

test('another writer on the target is reported once; records stay complete and in order after kill -9 too', async () => {
  await site.create('shared', 1)
  await using godwit = await site.godwit('w', 'shared', soon)
  await godwit.untilCopied('shared', await site.produce('shared', { count: 100, partition: 0, label: 'first' }))
  const theirs = site.onTarget({
    do: 'produce',
    topic: 'shared',
    partition: 0,
    count: 4000,
    label: 'theirs',
    pause: 40,
  })
  await godwit.untilCopied('shared', await site.produce('shared', { count: 100, partition: 0, label: 'second' }))
  await theirs
  await godwit.untilCopied('shared', await site.produce('shared', { count: 100, partition: 0, label: 'third' }))
  const warnings = godwit.log.filter(({ message }) => message.startsWith('someone else writes into a target partition'))
  assert.deepEqual(
    warnings.map((line) => [line.level, line['topic'], line['partition']]),
    [['warn', 'shared', 0]],
  )
  const fourth = site.produce('shared', { count: 3000, partition: 0, label: 'fourth', pause: 20 })
  await godwit.until('some of it has arrived', ({ records }) => records > 1000)
  await godwit.kill9()
  await site.onTarget({ do: 'produce', topic: 'shared', partition: 0, count: 100, label: 'theirs', time: 1 })
  await fourth
  await site.copyAll('w', 'shared', soon)
  const expected = ['first', 'second', 'third'].flatMap((label) => numbered(label, 100))
  assert.deepEqual(await keysOf('shared', 'first', 'second', 'third', 'fourth'), [
    ...expected,
    ...numbered('fourth', 3000),
  ])
})

test('aborted transactions around a kill -9 are left out before and after it', async () => {
  await site.create('halves', 1)
  const lines = ['SOURCE.consumer.isolation.level = read_committed', soon]
  await using godwit = await site.godwit('t', 'halves', ...lines)
  const write = async (rounds: number, label: string) => {
    for (let round = 0; round < rounds; round++) {
      await site.onSource({ do: 'begin', id: 'halves' })
      await site.onSource({
        do: 'send',
        id: 'halves',
        topic: 'halves',
        partition: 0,
        count: 50,
        label: `${label}${round}`,
      })
      await site.onSource({ do: 'end', id: 'halves', how: round % 2 === 0 ? 'abort' : 'commit' })
    }
  }
  await write(10, 'a')
  await godwit.untilCopied('halves', await site.ends('halves'))
  const writing = write(80, 'b')
  await godwit.until('more has arrived', ({ records }) => records > 600)
  await godwit.kill9()
  await writing
  await site.copyAll('t', 'halves', ...lines)
  const [partition] = await site.assertEqual('halves')
  assert.equal(partition?.equal, 45 * 50)
})

test("records that the target's retention deleted before the restart are not copied again", async () => {
  await site.create('kept', 2)
  const producing = site.produce('kept', { count: 10_000, partitions: [0, 1], text: 5, pause: 15 })
  {
    await using godwit = await site.godwit('r', 'kept', soon)
    await godwit.until('records have arrived', ({ records }) => records > 2000)
    await godwit.kill9()
  }
  await producing
  const { 0: first = 0, 1: second = 0 } = await site.targetEnds('kept')
  await site.onTarget({ do: 'trim', topic: 'kept', partition: 0, before: first })
  await site.onTarget({ do: 'trim', topic: 'kept', partition: 1, before: second - 1 })
  await site.copyAll('r', 'kept', soon)
  await site.assertEqual('kept', { from: { 0: first, 1: second - 1 } })
})

test('a deleted target topic is not recreated: it is reported, and other topics continue', async () => {
  for (const topic of ['lost', 'found']) {
    await site.create(topic, 1)
    await site.produce(topic, { count: 100, partition: 0 })
  }
  await using godwit = await site.godwit('d', 'lost, found')
  await godwit.untilCopied('lost', { 0: 100 })
  await site.onTarget({ do: 'delete', topic: 'lost' })
  await site.produce('lost', { count: 100, partition: 0, label: 'later' })
  const { problem } = await godwit.untilProblem('TOPIC_DELETED', 'lost', 0)
  assert.match(problem?.message ?? '', /^target topic lost was deleted, and the records copied into it with it/)
  assert.match(
    problem?.remedy ?? '',
    /godwit positions reset \S+\/mm2\.properties --flow 'Ad->Bd' --topic '\^lost\$' --execute/,
  )
  await godwit.untilCopied('found', await site.produce('found', { count: 100, partition: 0, label: 'later' }))
  await assert.rejects(site.targetEnds('lost'))
})

test('auto.offset.reset: latest starts at the end; none copies nothing, reports it, and exits with 70', async () => {
  await site.create('reset', 1)
  await site.produce('reset', { count: 100, partition: 0 })
  {
    await using godwit = await site.godwit('l', 'reset', 'SOURCE.consumer.auto.offset.reset = latest')
    await godwit.untilCopied('reset', { 0: 100 })
    await godwit.untilCopied('reset', await site.produce('reset', { count: 50, partition: 0, label: 'new' }))
  }
  assert.deepEqual(
    (await site.read(site.target, 'reset')).map(({ key }) => key),
    numbered('new', 50),
  )
  const again = 'godwit.allow.recopy = true'
  const none = site.configuration('n', 'reset', 'SOURCE.consumer.auto.offset.reset = none', again)
  await using godwit = await GodwitProcess.start(none, '--until', 'in-sync')
  assert.equal(await godwit.exit(), 70)
  assert.match(godwit.lastOutput(), /there is no stored offset for reset-0 and auto\.offset\.reset is none/)
  assert.deepEqual(await site.targetEnds('reset'), { 0: 50 })
})
