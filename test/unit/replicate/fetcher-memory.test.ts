// A fetcher without free memory, as while the target does not answer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { soon } from './data-path-parts.ts'
import { FetcherWorld, part } from './fetcher-world.ts'

test('a fetcher that waits for memory ends at once, and a frame released later is free for others', async () => {
  await using world = await FetcherWorld.start(() => ({ sessionId: 1, partitions: [part(0)] }))
  const lent = Array.from({ length: world.frames.most }, () => world.frames.tryTake())
  assert.ok(lent.every((frame) => frame !== undefined))
  world.add()
  await soon(() => world.frames.starving, 'it waits')
  await world.fetcher.close()
  for (const frame of lent) frame.release()
  assert.equal(world.frames.free, world.frames.most)
  assert.equal(world.asks.length, 0)
})
