// Which source topics a flow takes: lists, heartbeats, internal topics, cycles.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newReplicationPolicy } from '../../../src/mirror/replication-policy.ts'
import { matchesAny, type SelectionReason, shouldReplicate } from '../../../src/mirror/topic-selection.ts'

function decide(
  kind: 'default' | 'identity',
  topic: string,
  flow: Partial<Parameters<typeof shouldReplicate>[1]> = {},
) {
  const policy = newReplicationPolicy({ kind, separator: '.', internalSeparator: '.' }, 'source')
  const all = { targetAlias: 'target', topics: { include: [/.*/], exclude: [] }, heartbeatsReplicationEnabled: true }
  return shouldReplicate(topic, { ...all, ...flow }, policy)
}

function holds(kind: 'default' | 'identity', table: Record<string, SelectionReason>) {
  for (const [topic, why] of Object.entries(table)) {
    assert.deepEqual(decide(kind, topic), { replicate: why === 'included', why }, topic)
  }
}

test('the default policy takes all but internal topics and cycles', () => {
  holds('default', {
    topic1: 'included',
    'source.topic1': 'included',
    heartbeats: 'included',
    'us-west.heartbeats': 'included',
    'target.topic1': 'cycle',
    'source.target.topic1': 'cycle',
    'target.source.topic1': 'cycle',
    'source.target.source.topic1': 'cycle',
    __consumer_offsets: 'internal',
    '.hidden': 'internal',
    'mm2-offsets.source.internal': 'internal',
    'target.checkpoints.internal': 'internal',
    'x.internal': 'included',
    'x-internal': 'included',
    x_internal: 'included',
    _schemas: 'included',
  })
})

test('the identity policy sees cycles of heartbeats only', () => {
  holds('identity', {
    topic1: 'included',
    'target.topic1': 'included',
    'source.target.topic1': 'included',
    heartbeats: 'included',
    'other.heartbeats': 'included',
    'target.heartbeats': 'cycle',
    'source.target.heartbeats': 'cycle',
    __consumer_offsets: 'internal',
  })
})

test('heartbeats travel past the lists while they are wanted', () => {
  const lists = { topics: { include: [/orders/], exclude: [] } }
  assert.deepEqual(decide('default', 'heartbeats', lists), { replicate: true, why: 'heartbeats' })
  const unwanted = { ...lists, heartbeatsReplicationEnabled: false }
  assert.deepEqual(decide('default', 'heartbeats', unwanted), { replicate: false, why: 'filtered' })
  assert.deepEqual(decide('default', 'payments', lists), { replicate: false, why: 'filtered' })
})

test('an exclude wins over an include', () => {
  const topics = { include: [/.*/], exclude: [/.*-private/] }
  assert.deepEqual(decide('default', 'a-private', { topics }), { replicate: false, why: 'filtered' })
  assert.deepEqual(decide('default', 'a-private-b', { topics }), { replicate: true, why: 'included' })
})

test('a pattern matches the whole name, anchored or not, whatever its flags', () => {
  assert.equal(matchesAny([/a|ab/], 'ab'), true)
  assert.equal(matchesAny([/a/], 'ab'), false)
  assert.equal(matchesAny([/^(?:a|ab)$/], 'ab'), true)
  assert.equal(matchesAny([/ORDERS/i], 'orders'), true)
  const sticky = /a+/gy
  assert.equal(matchesAny([sticky], 'aaa') && matchesAny([sticky], 'aaa'), true)
  assert.equal(matchesAny([], 'a'), false)
})
