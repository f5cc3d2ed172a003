// Damaged batches in a source log: they are neither forwarded nor skipped silently. Their partitions are quarantined with offset
// and remedy; others continue.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Site } from './site.ts'

const lengthAt = 8
const headBytes = 61

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

/** Damages one byte of the n-th batch of a partition. @returns the base offset of the batch. The broker must be stopped. */
function damage(partition: string, nth: number, byteOfBatch: number): number {
  const file = join(site.source.broker.folder, 'log', partition, '00000000000000000000.log')
  const bytes = readFileSync(file)
  let at = 0
  for (let n = 0; n < nth; n++) at += 12 + bytes.readInt32BE(at + lengthAt)
  bytes.writeUInt8(bytes.readUInt8(at + byteOfBatch) ^ 0x21, at + byteOfBatch)
  writeFileSync(file, bytes)
  return Number(bytes.readBigInt64BE(at))
}

test('a damaged batch quarantines its partition and its offset is named; after deletion the gap is counted', async () => {
  await site.create('damaged', 5)
  await site.create('sound', 1)
  // 0: small plain batches that are joined. 1: the same, compressed. 2: large batches that are forwarded unchanged. 3: an
  // impossible batch length.
  await site.produce('damaged', { count: 40, partitions: [0], batch: 0 })
  await site.produce('damaged', { count: 40, partitions: [1], batch: 0, codec: 'lz4' })
  for (const label of ['a', 'b', 'c']) {
    await site.produce('damaged', { count: 100, partitions: [2, 3], size: 1000, batch: 200_000, linger: 5000, label })
  }
  await site.produce('damaged', { count: 100, partitions: [4] })
  await site.source.stop()
  const places = [
    damage('damaged-0', 20, headBytes + 5),
    damage('damaged-1', 20, headBytes + 5),
    damage('damaged-2', 1, headBytes + 1000),
    damage('damaged-3', 1, lengthAt),
  ]
  await site.source.start()
  assert.deepEqual(places, [20, 20, 50, 50])

  await using godwit = await site.godwit('8', 'damaged, sound')
  await godwit.untilCopied('damaged', { 4: 100 })
  for (const [partition, offset] of places.entries()) {
    const { problem, position } = await godwit.untilProblem('CORRUPT_BATCH', 'damaged', partition)
    assert.equal(position, offset)
    assert.equal(problem?.topic, 'damaged')
    assert.equal(problem?.partition, partition)
    assert.equal(problem?.cluster, 'A8')
    assert.match(
      problem?.message ?? '',
      new RegExp(`offset ${offset}\\b.*damaged-${partition}|damaged-${partition}\\b.*offset ${offset}\\b`),
    )
    assert.match(problem?.remedy ?? '', /nothing of it was forwarded and nothing skipped\. Choices: /)
  }
  const lines = godwit.linesAbout('damaged', 'error')
  assert.deepEqual(
    [0, 1, 2, 3].map((partition) => lines.filter((line) => line['partition'] === partition).length),
    [1, 1, 1, 1],
    godwit.lastOutput(),
  )
  assert.deepEqual(await site.targetEnds('damaged'), { 0: 20, 1: 20, 2: 50, 3: 50, 4: 100 })
  await godwit.untilCopied('sound', await site.produce('sound', { count: 100, partition: 0 }))

  await site.onSource({ do: 'trim', topic: 'damaged', partition: 0, before: 21 })
  await site.onSource({ do: 'trim', topic: 'damaged', partition: 2, before: 100 })
  await godwit.untilCopied('damaged', { 0: 40, 2: 150 })
  assert.equal((await godwit.partition('damaged', 0))?.missed, 1)
  assert.equal((await godwit.partition('damaged', 2))?.missed, 50)
  assert.deepEqual(await site.targetEnds('damaged'), { 0: 39, 1: 20, 2: 100, 3: 50, 4: 100 })
  assert.equal(await godwit.stop(), 0)
})
