// Leaders that move among three source brokers: followed at once, long before topics are looked for again.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Site } from './site.ts'

const seldom = 'refresh.topics.interval.seconds = 600'

let site: Site
before(async () => {
  site = await Site.start({ brokers: 3, heapMb: 256 })
})
after(() => site[Symbol.asyncDispose]())

test('a source broker ends by kill -9, and comes back while another one stops: copying follows the leaders', async () => {
  await site.onSource({ do: 'create', topic: 'led', partitions: 6, replicas: 3 })
  const all = [0, 1, 2, 3, 4, 5]
  await using godwit = await site.godwit('s', 'led', seldom)
  await godwit.untilCopied('led', await site.produce('led', { count: 600, partitions: all }))
  const [one, two] = site.source.brokers
  await one?.kill9()
  const moved = await site.produce('led', { count: 600, partitions: all, label: 'moved' })
  const began = Date.now()
  await godwit.untilCopied('led', moved)
  assert.ok(Date.now() - began < 15_000, `it took ${Date.now() - began} ms`)
  await site.source.start()
  await two?.stop()
  await godwit.untilCopied('led', await site.produce('led', { count: 600, partitions: all, label: 'again' }))
  await site.assertEqual('led')
  assert.deepEqual((await godwit.status())?.problems, [])
  assert.equal(await godwit.stop(), 0)
})
