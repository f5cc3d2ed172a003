// A fetcher without free memory, as while the target does not answer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitUntil } from './data-path-parts.ts'
import { FetcherSetup, part } from './fetcher-setup.ts'

test('a fetcher that waits for memory ends at once, and a frame released later is free for others', async () => {
  await using setup = await FetcherSetup.start(() => ({ sessionId: 1, partitions: [part(0)] }))
  const lent = Array.from({ length: setup.frames.most }, () => setup.frames.tryTake())
  assert.ok(lent.every((frame) => frame !== undefined))
  setup.add()
  await waitUntil(() => setup.frames.starving, 'it waits')
  await setup.fetcher.close()
  for (const frame of lent) frame.release()
  assert.equal(setup.frames.free, setup.frames.most)
  assert.equal(setup.asks.length, 0)
})
