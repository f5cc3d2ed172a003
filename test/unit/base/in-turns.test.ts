import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapConcurrently } from '../../../src/base/in-turns.ts'

test('at most the given number run at once, each item runs once, and results keep their order', async () => {
  let [now, most] = [0, 0]
  const results = await mapConcurrently([...Array(40).keys()], 5, async (item) => {
    most = Math.max(most, ++now)
    await new Promise((resolve) => setImmediate(resolve))
    now--
    return item * 2
  })
  assert.equal(most, 5)
  assert.deepEqual(
    results,
    [...Array(40).keys()].map((item) => item * 2),
  )
})

test('an error is thrown to the caller', async () => {
  const failing = mapConcurrently([1, 2, 3], 2, (item) =>
    item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item),
  )
  await assert.rejects(failing, /two/)
})

test('no items give no results', async () => {
  assert.deepEqual(await mapConcurrently([], 3, () => Promise.resolve(1)), [])
})
