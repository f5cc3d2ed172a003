// Topic names of the default and the identity policy: special cases, as in Kafka 4.2.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newReplicationPolicy } from '../../../src/mirror/replication-policy.ts'
import type { PolicySettings } from '../../../src/model/flow-settings.ts'

const settings = (kind: 'default' | 'identity', separator = '.', internalSeparator = separator): PolicySettings => ({
  kind,
  separator,
  internalSeparator,
})
const byDefault = newReplicationPolicy(settings('default'), 'A')
const identity = newReplicationPolicy(settings('identity'), 'A')

test('the default policy splits names as Java does', () => {
  const table: [topic: string, source: string | undefined, upstream: string | undefined][] = [
    ['a', undefined, undefined],
    ['a.', undefined, undefined],
    ['a..', undefined, undefined],
    ['.a', '', 'a'],
    ['a..b', 'a', '.b'],
    ['..', undefined, undefined],
    ['.', undefined, undefined],
    ['', undefined, undefined],
    ['..a', '', '.a'],
    ['a.b.', 'a', 'b.'],
    ['A.heartbeats', 'A', 'heartbeats'],
    ['orders.eu', 'orders', 'eu'],
  ]
  for (const [topic, source, upstream] of table) {
    assert.equal(byDefault.topicSource(topic), source, `source of '${topic}'`)
    assert.equal(byDefault.upstreamTopic(topic), upstream, `upstream of '${topic}'`)
  }
})

test('a remote name contains its source and topic', () => {
  const name = fc.stringMatching(/^[a-z0-9_-]{1,8}$/)
  const topic = fc.stringMatching(/^[a-z0-9._-]{0,12}[a-z0-9]$/)
  fc.assert(
    fc.property(name, topic, (alias, local) => {
      const remote = byDefault.formatRemoteTopic(alias, local)
      assert.equal(byDefault.topicSource(remote), alias)
      assert.equal(byDefault.upstreamTopic(remote), local)
    }),
  )
})

test('the original topic is found over every hop', () => {
  assert.equal(byDefault.originalTopic('a.b.c'), 'c')
  assert.equal(byDefault.originalTopic('a'), 'a')
  assert.equal(byDefault.originalTopic('a.b.'), 'b.')
  assert.equal(newReplicationPolicy(settings('default', ''), 'A').originalTopic('abc'), 'c')
})

test('heartbeats of any hop are recognized as a heartbeats topic, by the separator of the policy', () => {
  for (const topic of ['heartbeats', 'A.heartbeats', 'a.b.heartbeats']) {
    assert.equal(byDefault.isHeartbeatsTopic(topic), true, topic)
    assert.equal(identity.isHeartbeatsTopic(topic), true, topic)
  }
  assert.equal(byDefault.isHeartbeatsTopic('my-heartbeats'), false)
  assert.equal(identity.isHeartbeatsTopic('my-heartbeats'), false)
  const underscore = newReplicationPolicy(settings('default', '_'), 'A')
  assert.equal(underscore.isHeartbeatsTopic('us-west.heartbeats'), false)
  assert.equal(underscore.isHeartbeatsTopic('us-west_heartbeats'), true)
})

test('since 4.0 only names of MM2 and Kafka are internal, not every name that ends with .internal', () => {
  const internal = [
    '__consumer_offsets',
    '.hidden',
    'mm2-offsets.A.internal',
    'A.checkpoints.internal',
    'mm2x.internal',
  ]
  const ordinary = [
    'billing.internal',
    'billing-internal',
    'x_internal',
    '_schemas',
    'mm2-orders',
    'checkpoints.internal',
  ]
  for (const policy of [byDefault, identity]) {
    for (const topic of internal) assert.equal(policy.isInternalTopic(topic), true, topic)
    for (const topic of ordinary) assert.equal(policy.isInternalTopic(topic), false, topic)
  }
  assert.equal(byDefault.isMM2InternalTopic('__consumer_offsets'), false)
  assert.equal(byDefault.isMM2InternalTopic('A.checkpoints.internal'), true)
})

test('names of internal topics use the internal separator', () => {
  const custom = newReplicationPolicy(settings('default', '_'), 'A')
  assert.equal(custom.offsetSyncsTopic('B'), 'mm2-offset-syncs_B_internal')
  assert.equal(custom.checkpointsTopic('A'), 'A_checkpoints_internal')
  assert.equal(custom.isCheckpointsTopic('A_checkpoints_internal'), true)
  assert.equal(custom.isInternalTopic('mm2-offsets.A.internal'), false)
  const plain = newReplicationPolicy(settings('default', '_', '.'), 'A')
  assert.equal(plain.offsetSyncsTopic('B'), 'mm2-offset-syncs.B.internal')
  assert.equal(plain.checkpointsTopic('A'), 'A.checkpoints.internal')
  assert.equal(plain.formatRemoteTopic('A', 'foo'), 'A_foo')
})

test('an empty separator gives the same joined names as in Kafka', () => {
  const policy = newReplicationPolicy(settings('default', ''), '')
  assert.equal(policy.offsetSyncsTopic(''), 'mm2-offset-syncsinternal')
  assert.equal(policy.checkpointsTopic(''), 'checkpointsinternal')
  assert.equal(policy.topicSource('abc'), 'a')
  assert.equal(policy.upstreamTopic('abc'), 'bc')
})

test('the identity policy keeps names, except those that end with heartbeats', () => {
  assert.equal(identity.formatRemoteTopic('A', 'orders.eu'), 'orders.eu')
  assert.equal(identity.topicSource('orders.eu'), 'A')
  assert.equal(identity.upstreamTopic('orders.eu'), 'orders.eu')
  assert.equal(identity.originalTopic('orders.eu'), 'orders.eu')
  assert.equal(identity.formatRemoteTopic('A', 'my-heartbeats'), 'A.my-heartbeats')
  assert.equal(identity.topicSource('heartbeats'), undefined)
  assert.equal(identity.topicSource('B.heartbeats'), 'B')
  assert.equal(identity.upstreamTopic('B.heartbeats'), 'heartbeats')
})
