// The target's disk is full: partitions on it stop with reason and remedy, others continue, and everything is copied when there
// is space again.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, test } from 'node:test'
import { SmallDisk } from '../../harness/kafka/small-disk.ts'
import { Site } from './site.ts'

const noSmallDisk = SmallDisk.missing()
const site = noSmallDisk ? undefined : await Site.start({}, { diskLimitMb: 128, secondDisk: true })
after(() => site?.[Symbol.asyncDispose]())

const PARTITIONS = [0, 1, 2, 3, 4, 5]

test('a full target disk stops its partitions with the remedy; others continue, and later all is copied', {
  skip: noSmallDisk,
}, async () => {
  assert.ok(site)
  const disk = site.target.disks[0] as SmallDisk
  await site.create('spread', PARTITIONS.length)
  await using godwit = await site.godwit('d', 'spread')
  await godwit.untilCopied('spread', await site.produce('spread', { count: 600, partitions: PARTITIONS }))
  const onDisk = new Set(PARTITIONS.filter((partition) => readdirSync(disk.folder).includes(`spread-${partition}`)))
  assert.ok(onDisk.size > 0 && onDisk.size < PARTITIONS.length, `on the small disk: ${[...onDisk].join(', ')}`)
  disk.fill()
  const ends = await site.produce('spread', { count: 600, partitions: PARTITIONS, label: 'more', valueBytes: 10_000 })
  const elsewhere = PARTITIONS.filter((partition) => !onDisk.has(partition))
  await godwit.untilCopied(
    'spread',
    Object.fromEntries(elsewhere.map((partition) => [partition, ends[partition] ?? -1])),
  )
  const status = await godwit.until('a problem of each partition on the full disk', ({ topics }) =>
    topics.some(({ partitions }) => partitions.filter(({ problem }) => problem).length === onDisk.size),
  )
  for (const { partition, problem } of status.topics.flatMap(({ partitions }) => partitions)) {
    assert.equal(problem !== undefined, onDisk.has(partition), `spread-${partition}`)
    if (problem) assert.match(`${problem.message}; ${problem.remedy ?? ''}`, /spread-\d.*disk/s)
  }
  disk.empty()
  await site.target.stop()
  await site.target.start()
  await godwit.untilCopied('spread', ends)
  await site.assertEqual('spread')
  assert.equal(await godwit.stop(), 0)
})
