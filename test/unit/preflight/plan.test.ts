// The plan of a flow: topics to create, topics to change, topics that are kept, and decisions for the user.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { planLines } from '../../../src/cli/output/plan-text.ts'
import type { TopicAcl } from '../../../src/mirror/topic-acls.ts'
import type { PartitionFacts, TopicFacts } from '../../../src/preflight/facts/topics.ts'
import { planOf } from '../../../src/preflight/plan/flow-plan.ts'
import type { PlanFacts } from '../../../src/preflight/plan/plan-facts.ts'
import { conflictsOf, hasChanges, type Plan } from '../../../src/preflight/plan.ts'
import { configs, planFacts, stored, topic as topicWith } from './facts.ts'

const identity = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy'
const unsynced = 'sync.topic.configs.enabled = false'

type Topics = Parameters<typeof planFacts>[0]
const planned = (topics: Topics, lines: readonly string[] = [], more: Partial<PlanFacts> = {}): Plan =>
  planOf(planFacts(topics, lines, more))

const topic = (name: string, records = 0): TopicFacts =>
  topicWith(name, { partition: ending(records), configs: configs({ 'retention.ms': '604800000' }, 5) })
const ending = (latest: number): Partial<PartitionFacts> => ({ earliest: 0, latest, stable: latest })
const cleaned = (name: string, policy: string): TopicFacts =>
  topicWith(name, { configs: configs({ 'cleanup.policy': policy }) })
const acl = (given: Partial<TopicAcl>): TopicAcl => ({
  ...{ topic: 'orders', pattern: 'LITERAL', principal: 'User:app', host: '*', operation: 'READ', permission: 'ALLOW' },
  ...given,
})

test('with the default policy target topics have the alias, and equal ones need no change', () => {
  const source = [topic('orders'), topic('mm2-offsets.B.internal'), topic('B.orders')]
  const first = planned({ source })
  assert.deepEqual(
    first.topics.map(({ targetTopic, action }) => [targetTopic, action]),
    [['A.orders', 'create']],
  )
  assert.deepEqual(
    first.skipped.map(({ topic: name, why }) => [name, why]),
    [
      ['B.orders', 'cycle'],
      ['mm2-offsets.B.internal', 'filtered'],
    ],
  )
  const internalOn = (alias: string) =>
    first.internal.filter(({ cluster }) => cluster === alias).map(({ name }) => topicWith(name))
  const after = planned({
    source: [...source, ...internalOn('A')],
    target: [topic('A.orders'), ...internalOn('B')],
  })
  assert.equal(hasChanges(after), false)
  assert.match(planLines(after, false).join('\n'), /1 unchanged.*\nThere is nothing to change on the target\.$/)
})

test('missing ACLs are listed with their topic, those for all topics separately', () => {
  const source = [
    acl({}),
    acl({ operation: 'WRITE' }),
    acl({ operation: 'ALL', principal: 'User:b' }),
    acl({ topic: '*' }),
  ]
  const plan = planned(
    { source: [topic('orders')], target: [topic('orders')] },
    [identity, 'sync.topic.acls.enabled = true'],
    { acls: { source, target: [acl({})] } },
  )
  assert.deepEqual(plan.topics[0]?.acls, [acl({ operation: 'READ', principal: 'User:b' })])
  assert.deepEqual(plan.acls, [acl({ topic: '*' })])
  assert.equal(plan.topics[0]?.action, 'change')
  assert.match(
    planLines(plan, false).join('\n'),
    /~ orders .*\n {4}\+ ACL ALLOW READ to User:b from \*\n\+ ACL for every topic: /,
  )
})

test('what would fail or lose data is a conflict with a remedy', () => {
  const source = [topic('t')]
  const unreadable = { ...topicWith('t'), configsFailure: new Failure('NOT_AUTHORIZED', 'denied') }
  const both = (here: string, there: string) => ({ source: [cleaned('t', here)], target: [cleaned('t', there)] })
  const cases: [Topics, readonly string[], RegExp][] = [
    [{ source: [topic('x'.repeat(248))] }, [], /would have 250 characters, more than the 249 that Kafka takes/],
    [{ source }, ['replication.factor = 4'], /replication.factor is 4, but B has 2 brokers/],
    [{ source: [unreadable] }, [], /its configs cannot be read: denied/],
    [{ source }, ['heartbeats.topic.replication.factor = 5'], /heartbeats is to have 5 replicas, but B has 2 brokers/],
    [both('compact', 'delete'), [identity, unsynced], /cleanup.policy is compact on A and delete on B: /],
    [
      both('delete', 'compact'),
      [identity, 'config.properties.exclude = cleanup\\\\.policy'],
      /cleanup.policy is delete on A and compact on B: /,
    ],
  ]
  for (const [topics, lines, message] of cases) {
    const conflicts = conflictsOf(planned(topics, lines))
    assert.equal(conflicts.length, 1, JSON.stringify(conflicts))
    assert.match(conflicts[0]?.what ?? '', message)
    assert.ok(conflicts[0]?.remedy)
  }
})

test('cleanup.policy has no order, and a policy that the run will sync is not a conflict', () => {
  const both = (here: string, there: string) => ({ source: [cleaned('t', here)], target: [cleaned('t', there)] })
  for (const [here, there] of [
    ['compact,delete', 'delete,compact'],
    ['delete,compact', 'compact,delete'],
  ] as const)
    assert.deepEqual(conflictsOf(planned(both(here, there), [identity, unsynced])), [])
  assert.deepEqual(conflictsOf(planned(both('compact', 'delete'), [identity])), [])
  // The default that applies when the target's own value is removed is unknown.
  const byDefault = topicWith('t', { configs: configs({ 'cleanup.policy': 'delete' }, 5) })
  assert.deepEqual(conflictsOf(planned({ source: [byDefault], target: [cleaned('t', 'compact')] }, [identity])), [])
})

test('one cluster as source and target is a conflict, whatever the topic names', () => {
  const there = planFacts({ source: [topic('t')] })
  const target = { ...there.target, clusterId: there.source.clusterId }
  for (const lines of [[], [identity]]) {
    const conflicts = conflictsOf(planned({ source: [topic('t')] }, lines, { target }))
    assert.match(conflicts[0]?.what ?? '', /^A and B are the same cluster \(id id-of-A\): /)
    assert.equal(conflicts.length, 1)
  }
})

test('a flow that selects nothing is a conflict, and an item that matches nothing is named', () => {
  const source = [topic('orders'), topic('payments'), topic('heartbeats'), topic('__consumer_offsets')]
  const plan = planned({ source }, ['topics = ordrs', 'groups = billing, audt'], { groupNames: ['billing'] })
  assert.deepEqual(
    conflictsOf(plan).map(({ what }) => what),
    ['A->B selects none of 3 topics of cluster A: nothing would be copied'],
  )
  const lines = planLines(plan, false)
  assert.ok(lines.includes('? ordrs in topics matches no topic of cluster A; did you mean orders?'), lines.join('\n'))
  assert.ok(lines.includes('? audt in groups matches no group of cluster A'))
  assert.deepEqual(
    plan.unmatched.map(({ key, item, nearest }) => [key, item, nearest]),
    [
      ['topics', 'ordrs', 'orders'],
      ['groups', 'audt', undefined],
    ],
  )
  assert.deepEqual(planned({ source }, ['topics = orders']).unmatched, [])
})

test('a topic with the stored position of a deleted topic is not listed as copied', () => {
  const failure = new Failure('TOPIC_RECREATED', 'the source topic t was recreated', { remedy: 'decide' })
  const refused = { ...stored('t'), refused: new Map([['t', failure]]) }
  const plan = planned({ source: [topic('t', 9)] }, [], { stored: refused })
  assert.deepEqual(
    plan.topics.map(({ action, conflicts, create }) => [action, conflicts, create]),
    [
      [
        'conflict',
        [{ what: 'the source topic t was recreated; a run copies nothing of it', remedy: 'decide' }],
        undefined,
      ],
    ],
  )
})

test('records on the target are a conflict unless the flow has copied some of them', () => {
  const topics = { source: [topic('t', 9)], target: [topic('t', 9)] }
  const foreign = planned(topics, [identity])
  assert.match(conflictsOf(foreign)[0]?.what ?? '', /^t on B holds 9 records that this flow did not copy; /)
  assert.deepEqual(planned(topics, [identity], { stored: stored('t') }).topics[0]?.notes, [])
  const reset = planned(topics, [identity], { stored: { ...stored('t'), known: new Set() } })
  assert.deepEqual(conflictsOf(reset), [])
  assert.deepEqual(reset.topics[0]?.notes, [
    'its position was reset: a run copies everything of the source again, behind the 9 records of the target',
  ])
})

test('records behind an open transaction are not counted under read_committed', () => {
  const source = [topicWith('t', { partition: { earliest: 2, latest: 10, stable: 7 } })]
  const records = (...lines: readonly string[]) => planned({ source }, lines).topics[0]?.records
  assert.equal(records(), 8)
  assert.equal(records('A.consumer.isolation.level = read_committed'), 5)
})

test('partitions are added to a target topic, and partitions that stay empty are noted', () => {
  const pair = (here: number, there: number) =>
    planned({ source: [topicWith('t', { partitions: here })], target: [topicWith('t', { partitions: there })] }, [
      identity,
    ]).topics[0]
  assert.deepEqual([pair(4, 2)?.grow, pair(4, 2)?.action, pair(4, 2)?.notes], [2, 'change', []])
  assert.deepEqual([pair(1, 3)?.grow, pair(1, 3)?.action], [0, 'leave'])
  assert.match(pair(1, 3)?.notes[0] ?? '', /^B has 3 partitions, A 1: the copy fills the first 1/)
})

test('a count of one is singular in every line of a plan', () => {
  const source = [topic('t', 1)]
  const plans = [planned({ source }), planned({ source, target: [topic('t', 1)] }, [identity])]
  const text = plans.flatMap((plan) => planLines(plan, true)).join('\n')
  assert.match(text, /\(1 partition, 1 record\)/)
  assert.match(text, /1 topic to create.*\n1 conflict needs a decision|1 conflict needs a decision/)
  assert.doesNotMatch(text, /\b1 [a-z]+s\b(?! (?:to|not|that))/)
})
