import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noRates, type Rates } from '../../../src/cli/output/pace.ts'
import { phaseOf } from '../../../src/cli/output/phase.ts'
import {
  everything,
  filterOf,
  filterTyped,
  groupRows,
  isPattern,
  partitionRows,
  problemRows,
  type Sort,
  topicRows,
} from '../../../src/cli/status/selection.ts'
import type { FlowStatus, PartitionStatus } from '../../../src/model/flow-status.ts'
import { completeness, flow, partition } from './scripted.ts'

const running = (partitions: readonly PartitionStatus[], given: Partial<FlowStatus> = {}) =>
  flow({ topics: [{ topic: 't', targetTopic: 't', partitions }], ...given })
const unsettled = partition({ state: 'recovering', position: -1, lag: 0, lagMs: 0 })
const done = partition({ lag: 0, lagMs: 0 })
const stuck = partition({ state: 'quarantined', lag: 50, lagMs: 90_000 })

const after = { completeness: completeness({ wasComplete: true }) }

const phases: [string, FlowStatus][] = [
  ['starting', flow({ state: 'starting' })],
  ['standby', flow({ state: 'standby' })],
  ['stopping', flow({ state: 'draining' })],
  ['stopped', flow({ state: 'stopped' })],
  ['failed', flow({ state: 'failed', inSync: true })],
  ['heartbeats', flow({ heartbeatsOnly: true })],
  ['halted', running([done], { inSync: true, halted: { MirrorSourceConnector: 'paused' } })],
  ['in sync', running([done], { inSync: true, halted: { MirrorHeartbeatConnector: 'paused' } })],
  ['recovering', running([unsettled, { ...unsettled, state: 'waiting' }])],
  ['catching up', running([unsettled, partition()])],
  ['catching up', running([partition({ lag: 9, lagMs: 1 })])],
  ['in sync', running([partition({ lag: 900, lagMs: 800 }), done], { inSync: true })],
  ['keeping up', running([partition({ lag: 900, lagMs: 800 }), done], after)],
  ['catching up', running([partition({ lag: 900, lagMs: 11_000 })], after)],
  ['catching up', running([partition({ lag: 9, lagMs: 1 }), partition({ position: -1, lag: 0 })], after)],
  ['unknown', running([partition({ lag: null })], { completeness: completeness({ verdict: 'unknown' }) })],
  ['nothing to copy', running([], { completeness: completeness({ verdict: 'nothing-selected' }) })],
  ['blocked', running([stuck, done], after)],
  ['blocked', running([stuck, done])],
  ['catching up', running([stuck, partition()])],
  ['in sync', flow({ topics: [], inSync: true })],
]
for (const [phase, status] of phases) {
  const { state, inSync, topics } = status
  const partitions = topics.flatMap((topic) => topic.partitions.map((one) => `${one.state} ${one.lag}`))
  test(`a flow ${state}${inSync ? ', in sync,' : ''} with partitions ${partitions.join(', ')} is ${phase}`, () => {
    assert.equal(phaseOf(status), phase)
  })
}

const topics = [
  { topic: 'b', targetTopic: 'x.b', partitions: [partition({ lag: 5, lagMs: 900 })] },
  {
    topic: 'a',
    targetTopic: 'x.a',
    partitions: [partition({ lag: 70, lagMs: 10 }), partition({ partition: 1, lag: 0, lagMs: 0 })],
  },
  { topic: 'c', targetTopic: 'x.c', partitions: [partition({ lag: 5, lagMs: 5, state: 'quarantined' })] },
]
const rates: Rates = {
  ...noRates,
  topic: (_, { topic }) => ({
    recordsPerSecond: topic.charCodeAt(0),
    bytesPerSecond: 0,
    lagPerSecond: undefined,
    etaMs: undefined,
  }),
}

test('topics are ordered as requested, and equal ones by name', () => {
  const order = (sort: Sort) => topicRows([flow({ topics })], everything, sort, rates).map(({ topic }) => topic.topic)
  assert.deepEqual(order('name'), ['a', 'b', 'c'])
  assert.deepEqual(order('lag'), ['a', 'b', 'c'])
  assert.deepEqual(order('behind'), ['b', 'a', 'c'])
  assert.deepEqual(order('state'), ['c', 'a', 'b'])
  assert.deepEqual(order('rate'), ['c', 'b', 'a'])
})
test('partitions are ordered and filtered one by one', () => {
  const names = (sort: Sort, filter = everything) =>
    partitionRows([flow({ topics })], filter, sort, noRates).map(
      ({ topic, partition: { partition: p } }) => `${topic.topic}-${p}`,
    )
  assert.deepEqual(names('lag'), ['a-0', 'b-0', 'c-0', 'a-1'])
  assert.deepEqual(names('name'), ['a-0', 'a-1', 'b-0', 'c-0'])
  assert.deepEqual(names('name', filterOf('a-1|c')), ['a-1', 'c-0'])
})

test('a filter matches any part of either name, without regard to case', () => {
  const found = (text: string) =>
    topicRows([flow({ topics })], filterOf(text), 'name', noRates).map(({ topic }) => topic.topic)
  assert.deepEqual(found('A'), ['a'])
  assert.deepEqual(found('^x\\.[bc]$'), ['b', 'c'])
  assert.deepEqual(found('nothing'), [])
})

test('an incomplete pattern is used as plain text', () => {
  assert.equal(isPattern('orders-('), false)
  assert.equal(filterTyped('orders-(')('ORDERS-(old)'), true)
  assert.equal(filterTyped('orders-(')('orders-new'), false)
  assert.equal(filterTyped('')('anything'), true)
  assert.equal(filterTyped('^o.*s$')('orders'), true)
})

test('groups are ordered by lag, by name, or with problems first', () => {
  const group = (name: string, lag: number, ...results: string[]) => ({
    ...{ group: name, sourceState: 'Empty', targetState: 'Empty', protocol: 'classic' },
    partitions: results.map((result, at) => ({
      ...{ topic: 't', targetTopic: 't', partition: at, upstream: 1, downstream: 1, targetCommitted: 1, lag, result },
    })),
  })
  const groups = [
    group('a', 5, 'synced'),
    group('b', 9, 'synced', 'untranslated'),
    group('c', 7, 'strange'),
    group('d', -1),
  ]
  const order = (sort: Sort) => groupRows([flow({ groups })], everything, sort).map((row) => row.group.group)
  assert.deepEqual(order('lag'), ['b', 'c', 'a', 'd'])
  assert.deepEqual(order('name'), ['a', 'b', 'c', 'd'])
  assert.deepEqual(order('state'), ['c', 'b', 'a', 'd'])
})

test('problems are found by message, code, topic and cluster', () => {
  const problems = [
    { code: 'TOO_LARGE', message: 'too large', topic: 'orders', cluster: 'new', since: 0 },
    { code: 'NOT_AUTHORIZED', message: 'may not read', since: 0 },
  ]
  const found = (text: string) => problemRows([flow({ problems })], filterOf(text)).map(({ problem }) => problem.code)
  for (const text of ['orders', 'LARGE', '^new$', 'too l']) assert.deepEqual(found(text), ['TOO_LARGE'])
  assert.deepEqual(found('read'), ['NOT_AUTHORIZED'])
})
