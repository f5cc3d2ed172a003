// The rules that check and plan share, each tested alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newReplicationPolicy } from '../../../src/mirror/replication-policy.ts'
import type { PlannedPair } from '../../../src/preflight/facts/flow-basis.ts'
import { hasBrokerBefore } from '../../../src/preflight/rules/broker-versions.ts'
import { selectsNoneOf, unmatchedGroups, unmatchedTopics } from '../../../src/preflight/rules/selection.ts'
import { targetValue } from '../../../src/preflight/rules/target-configs.ts'
import {
  cleanupDifference,
  foreignRecords,
  readableRecords,
  recordsIn,
  repeatedRecords,
  surplusPartitions,
} from '../../../src/preflight/rules/target-topic.ts'
import { isTooLong, metricName } from '../../../src/preflight/rules/topic-names.ts'
import { broker, configs, inventory, stored, topic } from './facts.ts'
import { flowOf } from './flow.ts'

const { settings } = flowOf()
const unsynced = flowOf('sync.topic.configs.enabled = false').settings

test('a name of 249 characters is valid, one of 250 is not', () => {
  assert.deepEqual(
    [249, 250].map((length) => isTooLong('x'.repeat(length))),
    [false, true],
  )
  assert.equal(metricName('a.b_c.d'), metricName('a_b.c_d'))
})

const holding = (records: number): PlannedPair => ({
  topic: topic('orders'),
  targetName: 'A.orders',
  there: topic('A.orders', { partitions: 2, partition: { earliest: 5, latest: 5 + records, stable: 5 } }),
})

test('records of the target are foreign until the flow has copied something of the source topic', () => {
  assert.equal(foreignRecords(holding(3), stored()), 6)
  assert.equal(foreignRecords(holding(3), stored('orders')), 0)
  assert.equal(foreignRecords(holding(0), stored()), 0)
  const { there: _, ...missing } = holding(3)
  assert.equal(foreignRecords(missing, stored()), 0)
})

test('records are copied again after a position was removed, not with a position or before the first one', () => {
  const reset = { ...stored('orders'), known: new Set<string>() }
  assert.equal(repeatedRecords(holding(3), reset), 6)
  assert.equal(repeatedRecords(holding(3), stored('orders')), 0)
  assert.equal(repeatedRecords(holding(3), stored()), 0)
})

test('all records of a log are counted, but only readable ones can be copied', () => {
  const open = topic('orders', { partition: { earliest: 1, latest: 9, stable: 4 } })
  assert.equal(recordsIn(open), 8)
  assert.equal(readableRecords(open, { isolation: 'read_uncommitted' }), 8)
  assert.equal(readableRecords(open, { isolation: 'read_committed' }), 3)
  assert.equal(recordsIn(topic('unread')), 0)
})

test('partitions of the target beyond those of the source are surplus', () => {
  const pair = (here: number, there: number) => ({
    ...{ topic: topic('t', { partitions: here }), targetName: 't', there: topic('t', { partitions: there }) },
  })
  assert.deepEqual([surplusPartitions(pair(1, 3)), surplusPartitions(pair(3, 1))], [2, 0])
  assert.equal(surplusPartitions({ topic: topic('t'), targetName: 't' }), 0)
})

const cleaned = (here: string, there: string, source = 1): PlannedPair => ({
  topic: topic('t', { configs: configs({ 'cleanup.policy': here }, source) }),
  targetName: 't',
  there: topic('t', { configs: configs({ 'cleanup.policy': there }) }),
})

test('cleanup.policy is compared as a set, with the value after a sync', () => {
  for (const [here, there] of [
    ['compact,delete', 'delete,compact'],
    ['delete,compact', 'compact,delete'],
  ] as const)
    assert.equal(cleanupDifference(cleaned(here, there), { settings: unsynced }), undefined)
  const difference = cleanupDifference(cleaned('delete', 'compact'), { settings: unsynced })
  assert.deepEqual([difference?.source, difference?.target], ['delete', 'compact'])
  assert.equal(cleanupDifference(cleaned('delete', 'compact'), { settings }), undefined, 'the flow syncs the value')
})

test('the default that replaces a removed target value is known only from a trial', () => {
  const pair = cleaned('delete', 'compact', 5)
  assert.equal(targetValue(pair, 'cleanup.policy', { settings }), undefined)
  const trials = { topics: new Map(), state: new Map(), defaults: configs({ 'cleanup.policy': 'delete' }, 5) }
  assert.equal(targetValue(pair, 'cleanup.policy', { settings, trials }), 'delete')
  assert.equal(targetValue(pair, 'cleanup.policy', { settings: unsynced }), 'compact')
})

test('the number of topics in the message about an empty selection excludes internal topics and heartbeats', () => {
  const none = flowOf('topics = ordrs').settings
  const policy = newReplicationPolicy(none.policy, none.sourceAlias)
  assert.equal(selectsNoneOf(['orders', 'heartbeats', '__consumer_offsets'], none, policy), 2)
  assert.equal(selectsNoneOf(['orders'], settings, policy), undefined)
  assert.equal(selectsNoneOf([], settings, policy), 0)
})

test('list items are unmatched only if all names are known, and group items only if groups are used', () => {
  const wrong = flowOf('topics = ordrs', 'groups = biling').settings
  const items = (found: readonly { readonly item: string }[]) => found.map(({ item }) => item)
  assert.deepEqual(items(unmatchedTopics(wrong, ['orders'])), ['ordrs'])
  assert.deepEqual(items(unmatchedGroups(wrong, ['billing'])), ['biling'])
  assert.deepEqual(unmatchedGroups(wrong, undefined), [])
  const unused = flowOf('groups = biling', 'emit.checkpoints.enabled = false', 'sync.group.offsets.enabled = false')
  assert.deepEqual(unmatchedGroups(unused.settings, ['billing']), [])
})

test('a cluster has the version of its oldest broker; with unknown versions it is not regarded as old', () => {
  const apis = (...keys: readonly number[]) => new Map(keys.map((key) => [key, 0]))
  const of = (...all: readonly ReadonlyMap<number, number>[]) =>
    inventory('B', { brokers: all.map((one, id) => ({ ...broker(id), apis: one })) })
  assert.equal(hasBrokerBefore('2.8', of(apis(61), apis(61))), false)
  assert.equal(hasBrokerBefore('2.8', of(apis(61), apis(44))), true)
  assert.equal(hasBrokerBefore('2.8', of(apis(61), apis())), false)
  assert.equal(hasBrokerBefore('2.8', undefined), false)
  assert.deepEqual(
    [9, 10].map((produce) => hasBrokerBefore('3.7', of(new Map([[0, produce]])))),
    [true, false],
  )
  assert.deepEqual(
    [6, 7].map((produce) => hasBrokerBefore('2.1', of(new Map([[0, produce]])))),
    [true, false],
  )
})
