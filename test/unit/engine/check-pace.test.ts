import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { everyMs, soonestMs } from '../../../src/engine/watch/check-pace.ts'

test('checks take a tenth of the time, a third once missing records were copied, and are 2 s apart', () => {
  assert.deepEqual([everyMs(50, false), soonestMs(50, false)], [2000, 2000])
  assert.deepEqual([everyMs(1000, false), soonestMs(1000, false)], [10_000, 3000])
  assert.deepEqual([everyMs(60_000, false), soonestMs(60_000, false)], [30_000, 30_000])
})

test('the next check after a failed one is not delayed, however long the failed one took', () => {
  assert.deepEqual([everyMs(5000, true), soonestMs(5000, true)], [2000, 2000])
})

test('a hurried check never comes later than a normal one', () => {
  fc.assert(
    fc.property(fc.nat(120_000), fc.boolean(), (tookMs, hasFailed) => {
      assert.ok(soonestMs(tookMs, hasFailed) <= everyMs(tookMs, hasFailed))
    }),
  )
})
