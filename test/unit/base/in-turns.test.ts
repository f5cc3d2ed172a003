import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapConcurrently } from '../../../src/base/in-turns.ts'

test('no more than so many are under way, each is done once, and results keep their order', async () => {
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

test('what goes wrong is thrown', async () => {
  const failing = mapConcurrently([1, 2, 3], 2, (item) =>
    item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item),
  )
  await assert.rejects(failing, /two/)
})

test('nothing to do is nothing', async () => {
  assert.deepEqual(await mapConcurrently([], 3, () => Promise.resolve(1)), [])
})
