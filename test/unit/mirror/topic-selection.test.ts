// Which source topics a flow selects: lists, heartbeats, internal topics, cycles.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileJavaPatterns } from '../../../src/java-pattern/java-pattern.ts'
import { newReplicationPolicy } from '../../../src/mirror/replication-policy.ts'
import {
  correctedList,
  matchesAny,
  patternOfName,
  type SelectionReason,
  shouldReplicate,
  unmatchedItems,
  unmatchedText,
} from '../../../src/mirror/topic-selection.ts'
import { flowOf } from '../preflight/flow.ts'

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

test('the default policy selects all but internal topics and cycles', () => {
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

test('the identity policy recognizes only cycles of heartbeats', () => {
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

test('heartbeats are copied whatever the lists, if heartbeats replication is enabled', () => {
  const lists = { topics: { include: [/orders/], exclude: [] } }
  assert.deepEqual(decide('default', 'heartbeats', lists), { replicate: true, why: 'heartbeats' })
  const unwanted = { ...lists, heartbeatsReplicationEnabled: false }
  assert.deepEqual(decide('default', 'heartbeats', unwanted), { replicate: false, why: 'filtered' })
  assert.deepEqual(decide('default', 'payments', lists), { replicate: false, why: 'filtered' })
})

test('an exclude overrides an include', () => {
  const topics = { include: [/.*/], exclude: [/.*-private/] }
  assert.deepEqual(decide('default', 'a-private', { topics }), { replicate: false, why: 'filtered' })
  assert.deepEqual(decide('default', 'a-private-b', { topics }), { replicate: true, why: 'included' })
})

test('a pattern must match the whole name, with or without anchors and flags', () => {
  assert.equal(matchesAny([/a|ab/], 'ab'), true)
  assert.equal(matchesAny([/a/], 'ab'), false)
  assert.equal(matchesAny([/^(?:a|ab)$/], 'ab'), true)
  assert.equal(matchesAny([/ORDERS/i], 'orders'), true)
  const sticky = /a+/gy
  assert.equal(matchesAny([sticky], 'aaa') && matchesAny([sticky], 'aaa'), true)
  assert.equal(matchesAny([], 'a'), false)
})

/** The messages about a file's lists, and the corrected lines. */
function unmatched(key: 'topics' | 'groups', names: readonly string[], ...lines: readonly string[]) {
  const filter = flowOf(...lines).settings[key]
  const found = unmatchedItems(filter, key, names)
  return {
    said: found.map((item) => unmatchedText(item, 'A')),
    include: correctedList(filter.written?.include ?? [], found),
    exclude: correctedList(filter.written?.exclude ?? [], found),
  }
}

test('each item that matches no name is reported with the likely name and the corrected list', () => {
  const names = ['orders', 'payments.eu', 'plain', '__consumer_offsets']
  const { said, include, exclude } = unmatched(
    'topics',
    names,
    'topics = ordrs, payments\\\\..*, plain  # both, nothing\\\\.like\\\\.it',
    'topics.exclude = __.*, .*\\\\.replica, payment.eu',
  )
  assert.deepEqual(said, [
    'ordrs in topics matches no topic of cluster A; did you mean orders?',
    'plain  # both in topics matches no topic of cluster A; did you mean plain?',
    'nothing\\.like\\.it in topics matches no topic of cluster A',
    'payment.eu in topics.exclude matches no topic of cluster A; did you mean payments.eu?',
  ])
  assert.equal(include, 'orders, payments\\\\..*, plain')
  assert.equal(exclude, '__.*, .*\\\\.replica, payments\\\\.eu')
  const groups = unmatched('groups', ['billing'], 'groups = biling', 'groups.exclude = console-consumer-.*, audit')
  assert.deepEqual(groups.said, [
    'biling in groups matches no group of cluster A; did you mean billing?',
    'audit in groups.exclude matches no group of cluster A',
  ])
})

test("items that repeat MM2's default excludes are not reported, even without a match", () => {
  const lines = [
    'topics.exclude = .*\\\\.internal, mm2.*, _.*, .*\\\\.heartbeats, .*\\\\.replica, tmpp',
    'groups.exclude = connect.*, __.*',
  ]
  const { said } = unmatched('topics', ['orders', 'tmp'], ...lines)
  assert.deepEqual(said, ['tmpp in topics.exclude matches no topic of cluster A; did you mean tmp?'])
  assert.deepEqual(unmatched('groups', ['billing'], ...lines).said, [])
})

test('defaults, alternatives and items that only make sense together are not reported', () => {
  for (const lines of [
    [],
    ['topics = .*'],
    ['topics.exclude = mm2.*\\\\.internal, .*\\\\.replica, __.*'],
    ['topics = orders|payments, (new|old)-.*'],
    ['topics = (a, b)'],
    ['topics = (?i)ORDERS, PLAIN'],
  ])
    assert.deepEqual(unmatched('topics', ['plain'], ...lines).said, [], lines.join())
  assert.deepEqual(unmatched('topics', [], 'topics = orders').said, ['orders in topics matches no topic of cluster A'])
})

test('a list under its deprecated key is reported with its current key', () => {
  const { said, exclude } = unmatched('topics', ['orders'], 'topics.blacklist = ordrs')
  assert.deepEqual(said, ['ordrs in topics.exclude matches no topic of cluster A; did you mean orders?'])
  assert.equal(exclude, 'orders')
})

test('the quoted pattern of a name matches it, whatever its characters', () => {
  for (const name of ['a.b', 'x,y', 'tab\tand blank', '(a|b)[c]{2}^$*+?\\', 'ü'])
    assert.ok(matchesAny([compileJavaPatterns([patternOfName(name)])], name), name)
})
