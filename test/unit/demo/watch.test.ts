import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Screen } from '../../../demo/screen.ts'
import { watchUntil } from '../../../demo/watch.ts'
import type { FlowStatus } from '../../../src/model/flow-status.ts'

const patienceMs = 400

/** Positions and lags of two partitions as godwit tells them, one poll after the other; the last one stays. */
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

/** Partition 0 moves on for ever. */
const moving = (other: readonly [number, number]) =>
  Array.from({ length: 100 }, (_, i): (readonly [number, number])[] => [[i, 1], other])

test('a partition that stands still with records behind it is given up, though another one moves on', async () => {
  assert.equal(await watchUntil(watch(moving([5, 300])), () => false), false)
})

test('a partition that has nothing to do is not waited for', async () => {
  let polls = 0
  assert.equal(await watchUntil(watch(moving([5, 0])), () => ++polls === 5), true)
})

test('when nothing moves at all, the waiting ends also without any lag', async () => {
  assert.equal(await watchUntil(watch([[[5, 0]]]), () => false), false)
})
