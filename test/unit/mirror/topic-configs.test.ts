// Which configs a target topic is created with, and what a sync alters.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigEntry, targetConfigChanges, targetConfigs } from '../../../src/mirror/topic-configs.ts'

const entry = (name: string, value: string | null, more: Partial<ConfigEntry> = {}): ConfigEntry => ({
  name,
  value,
  source: 'topic',
  isDefault: false,
  readOnly: false,
  sensitive: false,
  ...more,
})
const ownDefaults = { exclude: [/min\.insync\.replicas/, /follower\..*/], defaultsFromSource: false }
const sourceDefaults = { ...ownDefaults, defaultsFromSource: true }

const described = [
  entry('retention.ms', '1000'),
  entry('cleanup.policy', 'delete', { source: 'default', isDefault: true }),
  entry('segment.bytes', '500', { source: 'static-broker' }),
  entry('max.message.bytes', '9', { source: 'dynamic-broker' }),
  entry('retention.bytes', '8', { source: 'dynamic-default-broker' }),
  entry('min.insync.replicas', '2'),
  entry('follower.replication.throttled.replicas', '*'),
  entry('fixed', '1', { readOnly: true }),
  entry('hidden', 'x', { sensitive: true }),
  entry('void', null),
]

test('a topic is created with what was set on the source, dynamic broker values included', () => {
  assert.deepEqual(targetConfigs(described, ownDefaults), {
    'retention.ms': '1000',
    'max.message.bytes': '9',
    'retention.bytes': '8',
  })
})

test('use.defaults.from = source makes the defaults explicit', () => {
  assert.deepEqual(targetConfigs(described, sourceDefaults), {
    'retention.ms': '1000',
    'cleanup.policy': 'delete',
    'max.message.bytes': '9',
    'retention.bytes': '8',
  })
})

test('a sync sets what is set and deletes what is a default on the source', () => {
  assert.deepEqual(targetConfigChanges(described, ownDefaults), [
    { op: 'set', name: 'retention.ms', value: '1000' },
    { op: 'delete', name: 'cleanup.policy' },
    { op: 'set', name: 'max.message.bytes', value: '9' },
    { op: 'set', name: 'retention.bytes', value: '8' },
  ])
})

test('a sync deletes nothing when defaults come from the source', () => {
  const changes = targetConfigChanges(described, sourceDefaults)
  assert.deepEqual(
    changes.filter((change) => change.op === 'delete'),
    [],
  )
  assert.ok(changes.some((change) => change.op === 'set' && change.name === 'cleanup.policy'))
})
