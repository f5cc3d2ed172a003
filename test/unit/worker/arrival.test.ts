import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartitionStatus } from '../../../src/mirror/flow-status.ts'
import { ArrivalWatch } from '../../../src/worker/arrival.ts'
import { flowStatus } from './scripted-flow.ts'

function partition(given: Partial<PartitionStatus>): PartitionStatus {
  const known = { state: 'copying', sourceStart: 0, sourceEnd: 10, position: 0, targetEnd: 0, lag: 10 } as const
  return { partition: 0, ...known, lagMs: 0, records: 0, bytes: 0, doubtful: 0, missed: 0, ...given }
}

const orders = (...partitions: PartitionStatus[]) => [{ topic: 'orders', targetTopic: 'orders', partitions }]
const refused = { code: 'NOT_AUTHORIZED', message: 'may not create secret', topic: 'secret', since: 0 }

test('a flow that has failed is stuck, one that is in sync has arrived, all others are waited for', () => {
  assert.equal(new ArrivalWatch().look(flowStatus({ state: 'failed' })), 'stuck')
  assert.equal(new ArrivalWatch().look(flowStatus({ inSync: true })), 'in-sync')
  for (const state of ['starting', 'standby', 'running', 'draining'] as const) {
    assert.equal(new ArrivalWatch().look(flowStatus({ state })), 'pending')
  }
})

test('a quarantined partition makes a flow stuck only when every other reached the end seen first', () => {
  const watch = new ArrivalWatch()
  const bad = partition({ partition: 1, state: 'quarantined' })
  assert.equal(watch.look(flowStatus({ topics: orders(partition({ position: -1, sourceEnd: -1 }), bad) })), 'pending')
  assert.equal(watch.look(flowStatus({ topics: orders(partition({ position: 9, sourceEnd: 10 }), bad) })), 'pending')
  assert.equal(watch.look(flowStatus({ topics: orders(partition({ position: 10, sourceEnd: 99 }), bad) })), 'stuck')
})

test('a topic that may not be copied makes a flow stuck, once everything else has arrived', () => {
  const watch = new ArrivalWatch()
  assert.equal(watch.look(flowStatus({ topics: orders(partition({})), problems: [refused] })), 'pending')
  const arrived = orders(partition({ position: 10 }))
  assert.equal(watch.look(flowStatus({ topics: arrived, problems: [refused] })), 'stuck')
})

test('a topic that waits for a broker is waited for', () => {
  const busy = { ...refused, code: 'BROKER_UNREACHABLE' }
  assert.equal(new ArrivalWatch().look(flowStatus({ problems: [busy] })), 'pending')
})
