// The minimum permissions of a flow, and the formats in which they are granted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leastPrivilege } from '../../../src/preflight/least-privilege.ts'
import { minimumPermissions } from '../../../src/preflight/rules/minimum-permissions.ts'
import { flowOf, flowsOf } from './flow.ts'

const listed = (...lines: readonly string[]) =>
  minimumPermissions(flowOf(...lines).settings).map(({ side, operation, resourceType, name, patternType }) => {
    return `${side} ${operation} ${resourceType} ${name}${patternType === 'prefix' ? '*' : ''}`
  })

const withoutPeriodicTasks = [
  'emit.heartbeats.enabled = false',
  'emit.checkpoints.enabled = false',
  'emit.offset-syncs.enabled = false',
  'sync.topic.acls.enabled = false',
]

test('a flow without periodic tasks needs its topics, its state and its group', () => {
  assert.deepEqual(listed(...withoutPeriodicTasks, 'topics = orders', 'heartbeats.replication.enabled = false'), [
    'source Read topic orders',
    'source DescribeConfigs topic orders',
    'target Create topic A.orders',
    'target Write topic A.orders',
    'target Read topic A.orders',
    'target Alter topic A.orders',
    'target AlterConfigs topic A.orders',
    ...['mm2-offsets.A.internal', 'mm2-godwit-positions.A.internal', 'mm2-godwit-offset-map.A.internal'].map(
      (topic) => `target Create topic ${topic}`,
    ),
    ...['mm2-offsets.A.internal', 'mm2-godwit-positions.A.internal', 'mm2-godwit-offset-map.A.internal'].map(
      (topic) => `target Read topic ${topic}`,
    ),
    ...['mm2-offsets.A.internal', 'mm2-godwit-positions.A.internal', 'mm2-godwit-offset-map.A.internal'].map(
      (topic) => `target Write topic ${topic}`,
    ),
    'target Read group A-mm2',
  ])
})

test('each periodic task adds what it needs, and nothing if it is disabled', () => {
  const base = new Set(listed(...withoutPeriodicTasks))
  const added = (...on: readonly string[]) =>
    listed(...withoutPeriodicTasks.filter((line) => !on.some((key) => line.startsWith(key))), ...on).filter(
      (one) => !base.has(one),
    )
  assert.deepEqual(added('sync.topic.acls.enabled = true'), [
    'source Describe cluster kafka-cluster',
    'target Alter cluster kafka-cluster',
  ])
  assert.deepEqual(added('emit.heartbeats.enabled = true'), [
    'target Create topic heartbeats',
    'target Write topic heartbeats',
  ])
  assert.deepEqual(added('sync.group.offsets.enabled = true', 'groups = till-.*'), [
    'source Describe group till-*',
    'target Read group till-*',
  ])
})

test('permissions for offset syncs are on the cluster that the file names', () => {
  const syncs = (...lines: readonly string[]) => listed(...lines).filter((one) => one.includes('offset-syncs'))
  assert.deepEqual(syncs(), [
    'source Create topic mm2-offset-syncs.B.internal',
    'source Write topic mm2-offset-syncs.B.internal',
  ])
  assert.deepEqual(syncs('offset-syncs.topic.location = target'), [
    'target Create topic mm2-offset-syncs.A.internal',
    'target Write topic mm2-offset-syncs.A.internal',
  ])
  assert.ok(
    syncs('godwit.offset.translation = mm2', 'topics = orders').includes(
      'source Read topic mm2-offset-syncs.B.internal',
    ),
  )
})

test('permissions that a wider pattern covers are not listed again', () => {
  const all = listed()
  assert.ok(all.includes('target Write topic A.*'))
  assert.ok(!all.some((one) => one.includes('A.checkpoints.internal')))
  const identity = listed('replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy')
  assert.deepEqual(
    identity.filter((one) => one.startsWith('target Write')),
    ['target Write topic *'],
  )
})

test('a flow that only emits heartbeats needs no permissions on its source', () => {
  const back = flowsOf().find(({ settings }) => settings.name === 'B->A')
  assert.ok(back)
  assert.deepEqual(
    minimumPermissions(back.settings).map(({ side, operation }) => `${side} ${operation}`),
    ['target Create', 'target Write'],
  )
})

test('brokers before 2.8 require IdempotentWrite on the cluster', () => {
  const last = minimumPermissions(flowOf().settings, { targetBefore28: true }).at(-1)
  assert.deepEqual([last?.side, last?.resourceType, last?.operation], ['target', 'cluster', 'IdempotentWrite'])
})

test('every permission is in one line of kafka-acls.sh and in one rule of the KafkaUser', () => {
  const { users } = leastPrivilege(flowOf(), { source: 'User:reader', target: 'User:writer' })
  assert.deepEqual(
    users.map(({ principal }) => principal),
    ['User:reader', 'User:writer'],
  )
  for (const { permissions, commands, kafkaUser } of users) {
    const granted = commands.flatMap((line) => line.match(/--operation \S+/g) ?? [])
    assert.equal(granted.length, permissions.length)
    const { spec } = kafkaUser as { spec: { authorization: { acls: { operations: string[] }[] } } }
    assert.equal(spec.authorization.acls.flatMap(({ operations }) => operations).length, permissions.length)
    assert.equal(spec.authorization.acls.length, commands.length)
  }
})

test('a principal that cannot be a Kubernetes name gets commands, and no KafkaUser', () => {
  const { users } = leastPrivilege(flowOf(), { source: 'User:CN=mm2,OU=data,O=x y', target: 'User:Big_One' })
  assert.deepEqual(
    users.map(({ kafkaUser }) => kafkaUser),
    [undefined, undefined],
  )
  assert.match(users[0]?.commands[0] ?? '', /--allow-principal 'User:CN=mm2,OU=data,O=x y' /)
  const mapped = leastPrivilege(flowOf(), { source: 'User:CN=mm2', target: 'User:mm2' })
  const kinds = mapped.users.map((user) => (user.kafkaUser as { metadata: { name: string } }).metadata.name)
  assert.deepEqual(kinds, ['mm2', 'mm2'])
})
