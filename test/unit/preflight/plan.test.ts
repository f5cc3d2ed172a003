import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { planLines } from '../../../src/cli/output/plan-text.ts'
import { loadConfiguration } from '../../../src/config/load.ts'
import { newReplicationPolicy } from '../../../src/mirror/replication-policy.ts'
import type { TopicAcl } from '../../../src/mirror/topic-acls.ts'
import type { ConfigEntry } from '../../../src/mirror/topic-configs.ts'
import { conflictsOf, type Facts, hasChanges, type Plan, planOf, type TopicFacts } from '../../../src/preflight/plan.ts'

const identity = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy'

function planned(facts: Partial<Facts>, ...lines: readonly string[]): Plan {
  const text = [
    'clusters = A, B',
    'A.bootstrap.servers = a:1',
    'B.bootstrap.servers = b:1',
    'A->B.enabled = true',
    ...lines,
  ]
  const { model, problems } = loadConfiguration({
    file: 'f',
    bytes: Buffer.from(text.join('\n')),
    environment: () => undefined,
    readFile: () => Buffer.alloc(0),
    listDirectory: () => [],
  })
  const settings = model?.flows.find(({ settings: { enabled } }) => enabled)?.settings
  assert.ok(settings, JSON.stringify(problems))
  const policy = newReplicationPolicy(settings.policy, settings.source)
  const side = (alias: string) => ({
    alias,
    clusterId: `id of ${alias}`,
    brokers: 3,
    topics: new Map<string, TopicFacts>(),
  })
  return planOf(settings, policy, { source: side('A'), target: side('B'), internal: [], known: new Set(), ...facts })
}

const entry = (name: string, value: string, source: ConfigEntry['source'] = 'topic'): ConfigEntry => ({
  ...{ name, value, source, isDefault: source === 'default', readOnly: false, sensitive: false },
})
const topic = (name: string, given: Partial<TopicFacts> = {}): TopicFacts => ({
  ...{ name, partitions: 1, records: 0, configs: [entry('retention.ms', '604800000', 'default')], ...given },
})
const cluster = (alias: string, topics: readonly TopicFacts[], acls?: readonly TopicAcl[]): Facts['source'] => ({
  ...{ alias, clusterId: `id of ${alias}`, brokers: 3, topics: new Map(topics.map((one) => [one.name, one])) },
  ...(acls && { acls }),
})
const acl = (given: Partial<TopicAcl>): TopicAcl => ({
  ...{ topic: 'orders', pattern: 'LITERAL', principal: 'User:app', host: '*', operation: 'READ', permission: 'ALLOW' },
  ...given,
})

test('under the default policy copies bear the alias, and what the target already is needs nothing', () => {
  const source = cluster('A', [topic('orders'), topic('mm2-offsets.B.internal'), topic('B.orders')])
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
  const after = planned({ source, target: cluster('B', [topic('A.orders')]), known: new Set(['orders']) })
  assert.equal(hasChanges(after), false)
  assert.match(planLines(after, false).join('\n'), /1 unchanged.*\nThere is nothing to change on the target\.$/)
})

test('ACLs that are missing stand with their topic, those for all topics by themselves', () => {
  const acls = [
    acl({}),
    acl({ operation: 'WRITE' }),
    acl({ operation: 'ALL', principal: 'User:b' }),
    acl({ topic: '*' }),
  ]
  const plan = planned(
    { source: cluster('A', [topic('orders')], acls), target: cluster('B', [topic('orders')], [acl({})]) },
    identity,
    'sync.topic.acls.enabled = true',
  )
  assert.deepEqual(plan.topics[0]?.acls, [acl({ operation: 'READ', principal: 'User:b' })])
  assert.deepEqual(plan.acls, [acl({ topic: '*' })])
  assert.equal(plan.topics[0]?.action, 'change')
  assert.match(
    planLines(plan, false).join('\n'),
    /~ orders .*\n {4}\+ ACL ALLOW READ to User:b from \*\n\+ ACL for every topic: /,
  )
})

test('what would fail or be regretted is a conflict with a remedy', () => {
  const cases: [Partial<Facts>, readonly string[], RegExp][] = [
    [{ source: cluster('A', [topic('x'.repeat(248))]) }, [], /would have 250 characters/],
    [
      { source: cluster('A', [topic('t')]) },
      ['replication.factor = 4'],
      /replication.factor is 4, but B has 3 brokers/,
    ],
    [
      { source: cluster('A', [topic('t')]), target: { ...cluster('B', [topic('t')]), clusterId: 'id of A' } },
      [identity],
      /A and B are one cluster \(id of A\)/,
    ],
    [
      { source: cluster('A', [topic('t', { configs: new Failure('NOT_AUTHORIZED', 'denied') })]) },
      [],
      /its configs cannot be read: denied/,
    ],
    [
      {
        source: cluster('A', [topic('t')]),
        internal: [
          {
            name: 'heartbeats',
            cluster: 'B',
            partitions: 1,
            replicationFactor: 5,
            key: 'A->B.heartbeats.topic.replication.factor',
            exists: false,
          },
        ],
      },
      [],
      /heartbeats is to have 5 replicas, but B has 3 brokers/,
    ],
    [
      {
        source: cluster('A', [topic('t', { configs: [entry('cleanup.policy', 'compact')] })]),
        target: cluster('B', [topic('t', { configs: [entry('cleanup.policy', 'delete')] })]),
      },
      [identity, 'sync.topic.configs.enabled = false'],
      /cleanup.policy is compact on A and delete on B/,
    ],
  ]
  for (const [facts, lines, message] of cases) {
    const conflicts = conflictsOf(planned(facts, ...lines))
    assert.equal(conflicts.length, 1, JSON.stringify(conflicts))
    assert.match(conflicts[0]?.what ?? '', message)
    assert.ok(conflicts[0]?.remedy)
  }
})

test('a flow that selects nothing is a conflict, and an item that matches nothing is named', () => {
  const source = cluster('A', [topic('orders'), topic('payments'), topic('heartbeats')])
  const plan = planned({ source, groups: ['billing'] }, 'topics = ordrs', 'groups = billing, audt')
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
  assert.deepEqual(planned({ source }, 'topics = orders').unmatched, [])
})

test('a topic whose stored position belongs to a deleted one is not promised to be copied', () => {
  const refused = new Map([
    ['t', new Failure('TOPIC_RECREATED', 'the source topic t was recreated', { remedy: 'decide' })],
  ])
  const plan = planned({ source: cluster('A', [topic('t', { records: 9 })]), known: new Set(), refused })
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

test('records that a position of the flow explains are no conflict', () => {
  const facts = {
    source: cluster('A', [topic('t', { records: 9 })]),
    target: cluster('B', [topic('t', { records: 9 })]),
  }
  assert.equal(conflictsOf(planned(facts, identity)).length, 1)
  assert.equal(conflictsOf(planned({ ...facts, known: new Set(['t']) }, identity)).length, 0)
})

test('one of a thing is singular, in every line of a plan', () => {
  const source = cluster('A', [topic('t', { records: 1 })])
  const there = cluster('B', [topic('t', { records: 1 })])
  const plans = [planned({ source }), planned({ source, target: there }, identity)]
  const text = plans.flatMap((plan) => planLines(plan, true)).join('\n')
  assert.match(text, /\(1 partition, 1 record\)/)
  assert.match(text, /1 topic to create.*\n1 conflict needs a decision|1 conflict needs a decision/)
  assert.doesNotMatch(text, /\b1 [a-z]+s\b(?! (?:to|not|that))/)
})
