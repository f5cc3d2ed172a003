// Stop, kill, takeover and MM2's stored offsets: copying continues exactly at the next record; nothing is missing or duplicated.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readOffsets, writeOffsets } from '../../harness/offsets-oracle.ts'
import { Site } from './site.ts'

const place = (cluster: string, topic: string, partition: number) => ({
  connector: 'MirrorSourceConnector',
  cluster,
  topic,
  partition,
})

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

test("copying starts after MM2's stored offset, and a clean stop stores the last record's offset for MM2", async () => {
  const offsets = 'mm2-offsets.A7.internal'
  await site.create('stored', 3)
  await site.produce('stored', { count: 600, partitions: [0, 1] })
  // MM2 would have created the target topic. Without one godwit would report it as deleted.
  await site.onTarget({ do: 'create', topic: 'stored', partitions: 3 })
  await writeOffsets(site.target.bootstrap, offsets, [{ ...place('A7', 'stored', 0), offset: 99 }])
  {
    await using godwit = await site.godwit('7', 'stored')
    await godwit.untilCopied('stored', { 0: 300, 1: 300, 2: 0 })
    const ends = await site.produce('stored', { count: 200, partitions: [0, 1], label: 'later' })
    await godwit.untilCopied('stored', ends)
    assert.equal(await godwit.stop(), 0, godwit.lastOutput())
  }
  await site.assertEqual('stored', { from: { 0: 100 } })
  const places = [0, 1, 2].map((partition) => place('A7', 'stored', partition))
  assert.deepEqual(await readOffsets(site.target.bootstrap, offsets, places), ['399', '399', 'none'])

  // MM2 copies 50 records of partition 0, and stores its offset.
  await site.onTarget({ do: 'produce', topic: 'stored', partition: 0, count: 50, label: 'mm2' })
  const ends = await site.produce('stored', { count: 200, partitions: [0, 1], label: 'at last' })
  await writeOffsets(site.target.bootstrap, offsets, [{ ...place('A7', 'stored', 0), offset: 449 }])
  await using godwit = await site.godwit('7', 'stored')
  const status = await godwit.untilCopied('stored', ends)
  assert.deepEqual(status.problems, [], godwit.lastOutput())
  await site.assertEqual('stored', { from: { 0: 450, 1: 0 }, targetFrom: { 0: 350 } })
})

test('SIGTERM under load exits with 0, and the next run neither repeats nor misses a record', async () => {
  await site.create('drained', 3)
  const producing = site.produce('drained', { count: 20_000, text: 20, pause: 10, codec: 'lz4' })
  for (const wanted of [3000, 2000, 1000]) {
    await using godwit = await site.godwit('dr', 'drained')
    // On a slow machine the load may have ended before the last round: nothing is left to wait for then.
    await godwit.until(
      'records have arrived',
      (status) => status.records > wanted || (status.inSync && status.lag === 0),
    )
    assert.equal(await godwit.stop(), 0, godwit.lastOutput())
  }
  await producing
  await site.copyAll('dr', 'drained')
  await site.assertEqual('drained')
})
