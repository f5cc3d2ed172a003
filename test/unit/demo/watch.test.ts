import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Screen } from '../../../demo/screen.ts'
import { watchUntil } from '../../../demo/watch.ts'
import type { FlowStatus } from '../../../src/model/flow-status.ts'

const patienceMs = 400

/** Positions and lags of two partitions in consecutive polls; the last one is repeated. */
function watch(polls: readonly (readonly [position: number, lag: number])[][]) {
  let at = 0
  const status = async () => {
    const partitions = (polls[Math.min(at++, polls.length - 1)] ?? []).map(([position, lag], partition) => {
      return { partition, position, lag }
    })
    return { state: 'running', inSync: false, topics: [{ topic: 'orders', partitions }] } as unknown as FlowStatus
  }
  const screen = { show: () => {} } as unknown as Screen
  return { status, screen, signal: new AbortController().signal, patienceMs }
}

/** Partition 0 progresses for ever. */
const moving = (other: readonly [number, number]) =>
  Array.from({ length: 100 }, (_, i): (readonly [number, number])[] => [[i, 1], other])

test('watching gives up on a partition with lag that does not progress, though another one does', async () => {
  assert.equal(await watchUntil(watch(moving([5, 300])), () => false), false)
})

test('a partition without lag is not waited for', async () => {
  let polls = 0
  assert.equal(await watchUntil(watch(moving([5, 0])), () => ++polls === 5), true)
})

test('if nothing progresses, watching ends even without lag', async () => {
  assert.equal(await watchUntil(watch([[[5, 0]]]), () => false), false)
})
