import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Frame, FramePool } from '../../../src/replicate/fetch/frames.ts'

function taken(pool: FramePool): Frame {
  const frame = pool.tryTake()
  assert.ok(frame)
  return frame
}

test('a pool lends as many frames as its budget permits, and at least two', () => {
  const pool = new FramePool(300, 100)
  assert.equal(pool.free, 3)
  for (let i = 0; i < 3; i++) taken(pool)
  assert.equal(pool.tryTake(), undefined)
  assert.equal(new FramePool(1, 100).free, 2)
})

test('a frame is returned by its last holder, and its memory is lent again', () => {
  const pool = new FramePool(200, 100)
  const frame = taken(pool)
  frame.hold()
  frame.release()
  assert.equal(pool.free, 1)
  frame.release()
  assert.equal(pool.free, 2)
  assert.equal(taken(pool).bytes, frame.bytes)
})

test('waiting requests are served in their order', () => {
  const pool = new FramePool(200, 100)
  const [first, second] = [taken(pool), taken(pool)]
  const served: string[] = []
  pool.whenFree(() => served.push('a'))
  pool.whenFree(() => served.push('b'))
  assert.equal(pool.starving, true)
  first.release()
  assert.deepEqual(served, ['a'])
  second.release()
  assert.deepEqual(served, ['a', 'b'])
  assert.equal(pool.starving, false)
})
