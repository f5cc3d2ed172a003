// New offsets of a reset scenario, by the rules of Kafka's own tool.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { type KnownOffsets, needsOf, planGroupReset, type Scenario } from '../../../src/groups/reset-plan.ts'

const orders = [1, 0].map((partition) => ({ topic: 'orders', partition }))
const known: KnownOffsets = {
  starts: new Map([
    ['orders-0', 10],
    ['orders-1', 0],
  ]),
  ends: new Map([
    ['orders-0', 100],
    ['orders-1', 50],
  ]),
  committed: new Map([['orders-0', 40]]),
  atTime: new Map([['orders-0', 33]]),
}
const offsets = (scenario: Scenario, partitions = orders) =>
  planGroupReset(scenario, 'g', partitions, known).rows.map(({ offset }) => offset)

test('rows are sorted by topic and partition', () => {
  const { rows } = planGroupReset({ kind: 'to-latest' }, 'g', orders, known)
  assert.deepEqual(rows, [
    { group: 'g', topic: 'orders', partition: 0, offset: 100 },
    { group: 'g', topic: 'orders', partition: 1, offset: 50 },
  ])
})

test('the start and end of the log are used unchanged', () => {
  assert.deepEqual(offsets({ kind: 'to-earliest' }), [10, 0])
  assert.deepEqual(offsets({ kind: 'to-latest' }), [100, 50])
})

test('the current offset is the committed one, or the end if nothing is committed', () => {
  assert.deepEqual(offsets({ kind: 'to-current' }), [40, 50])
})

test('a time means its first later record, or the end if there is none, which is reported', () => {
  const plan = planGroupReset({ kind: 'to-time', at: 1 }, 'g', orders, known)
  assert.deepEqual(
    plan.rows.map(({ offset }) => offset),
    [33, 50],
  )
  assert.deepEqual(plan.empty, [{ topic: 'orders', partition: 1 }])
})

test('an offset outside the log is moved into it, which is reported', () => {
  assert.deepEqual(offsets({ kind: 'to-offset', offset: 60 }), [60, 50])
  assert.deepEqual(offsets({ kind: 'to-offset', offset: 5 }), [10, 5])
  assert.equal(planGroupReset({ kind: 'to-offset', offset: 5 }, 'g', orders, known).clamped.length, 1)
  const given = { kind: 'given', rows: [{ group: 'g', topic: 'orders', partition: 0, offset: 7 }] } as const
  assert.deepEqual(offsets(given, []), [10])
  assert.deepEqual(planGroupReset(given, 'other', [], known).rows, [])
})

test('a shift is relative to the committed offset, in both directions, and is refused without one', () => {
  const first = orders.filter(({ partition }) => partition === 0)
  assert.deepEqual(offsets({ kind: 'shift-by', by: -5 }, first), [35])
  assert.deepEqual(offsets({ kind: 'shift-by', by: 1000 }, first), [100])
  assert.throws(
    () => offsets({ kind: 'shift-by', by: 1 }),
    (error) => error instanceof Failure && error.code === 'USAGE' && error.message.includes('orders-1'),
  )
})

test('no scenario requests more from the cluster than it needs', () => {
  assert.deepEqual(needsOf({ kind: 'to-earliest' }), ['starts'])
  assert.deepEqual(needsOf({ kind: 'to-current' }), ['ends'])
  assert.deepEqual(needsOf({ kind: 'to-time', at: 0 }), ['atTime', 'ends'])
  assert.deepEqual(needsOf({ kind: 'shift-by', by: 0 }), ['starts', 'ends'])
})
