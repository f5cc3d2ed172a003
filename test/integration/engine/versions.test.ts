// Clusters of different versions: from Kafka 3.9 to the newest, and in the opposite direction.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { OLDER } from '../../harness/kafka-jars.ts'
import { Site } from './site.ts'

let site: Site
before(async () => {
  site = await Site.start({ version: OLDER })
})
after(() => site[Symbol.asyncDispose]())

for (const [name, direction] of [
  ['from 3.9 to the newest', 'there'],
  ['from the newest to 3.9', 'back'],
] as const) {
  test(`${name}: records of every kind are copied; a stop and a kill -9 lose and duplicate nothing`, async () => {
    const way = direction === 'there' ? site : site.reversed()
    const [mixed, paid, appended] = [`mixed-${direction}`, `paid-${direction}`, `appended-${direction}`]
    await way.create(mixed, 3)
    await way.create(paid, 1)
    await way.create(appended, 1, { 'message.timestamp.type': 'LogAppendTime' })
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      await way.produce(mixed, { count: 400, codec, label: codec, awkward: true, batch: 4096 })
      await way.produce(mixed, { count: 40, codec, label: `${codec} single`, batch: 0 })
      await way.produce(appended, { count: 100, codec, label: codec, time: Date.now() - 86_400_000 })
      const id = `${direction}-${codec}`
      await way.onSource({ do: 'begin', id, codec })
      await way.onSource({ do: 'send', id, topic: paid, partition: 0, count: 30 })
      await way.onSource({ do: 'end', id, how: codec === 'snappy' ? 'abort' : 'commit' })
    }
    const topics = `${mixed}, ${paid}, ${appended}`
    const lines = ['SOURCE.consumer.isolation.level = read_committed', 'TARGET.session.timeout.ms = 6000']
    {
      await using godwit = await way.godwit(direction, topics, ...lines)
      await godwit.untilCopied(paid, await way.ends(paid))
      const ends = await way.produce(mixed, { count: 3000, label: 'later', awkward: true })
      await godwit.untilCopied(mixed, ends)
      await godwit.kill9()
    }
    await way.produce(mixed, { count: 500, label: 'at last' })
    await way.copyAll(direction, topics, ...lines)
    const counts = [mixed, paid, appended].map(async (topic) =>
      (await way.assertEqual(topic)).reduce((sum, { equal }) => sum + equal, 0),
    )
    assert.deepEqual(await Promise.all(counts), [5 * 440 + 3500, 4 * 30, 500])
  })
}
