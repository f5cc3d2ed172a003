// From a scenario to new offsets, by the rules of Kafka's own tool.
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

test('rows come by topic and partition', () => {
  const { rows } = planGroupReset({ kind: 'to-latest' }, 'g', orders, known)
  assert.deepEqual(rows, [
    { group: 'g', topic: 'orders', partition: 0, offset: 100 },
    { group: 'g', topic: 'orders', partition: 1, offset: 50 },
  ])
})

test('the ends of the log are taken as they are', () => {
  assert.deepEqual(offsets({ kind: 'to-earliest' }), [10, 0])
  assert.deepEqual(offsets({ kind: 'to-latest' }), [100, 50])
})

test('the current offset is what is committed, and the end where nothing is', () => {
  assert.deepEqual(offsets({ kind: 'to-current' }), [40, 50])
})

test('a time is its first record, or the end where no record is as new, which is reported', () => {
  const plan = planGroupReset({ kind: 'to-time', at: 1 }, 'g', orders, known)
  assert.deepEqual(
    plan.rows.map(({ offset }) => offset),
    [33, 50],
  )
  assert.deepEqual(plan.empty, [{ topic: 'orders', partition: 1 }])
})

test('an offset outside of the log is moved into it, which is reported', () => {
  assert.deepEqual(offsets({ kind: 'to-offset', offset: 60 }), [60, 50])
  assert.deepEqual(offsets({ kind: 'to-offset', offset: 5 }), [10, 5])
  assert.equal(planGroupReset({ kind: 'to-offset', offset: 5 }, 'g', orders, known).clamped.length, 1)
  const given = { kind: 'given', rows: [{ group: 'g', topic: 'orders', partition: 0, offset: 7 }] } as const
  assert.deepEqual(offsets(given, []), [10])
  assert.deepEqual(planGroupReset(given, 'other', [], known).rows, [])
})

test('a shift counts from what is committed, in both directions, and is refused without it', () => {
  const first = orders.filter(({ partition }) => partition === 0)
  assert.deepEqual(offsets({ kind: 'shift-by', by: -5 }, first), [35])
  assert.deepEqual(offsets({ kind: 'shift-by', by: 1000 }, first), [100])
  assert.throws(
    () => offsets({ kind: 'shift-by', by: 1 }),
    (error) => error instanceof Failure && error.code === 'USAGE' && error.message.includes('orders-1'),
  )
})

test('no scenario asks the cluster for more than it needs', () => {
  assert.deepEqual(needsOf({ kind: 'to-earliest' }), ['starts'])
  assert.deepEqual(needsOf({ kind: 'to-current' }), ['ends'])
  assert.deepEqual(needsOf({ kind: 'to-time', at: 0 }), ['atTime', 'ends'])
  assert.deepEqual(needsOf({ kind: 'shift-by', by: 0 }), ['starts', 'ends'])
})
