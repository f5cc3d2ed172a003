// The configs that a target topic is created with, and those that a sync alters.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ConfigChange,
  configsAfter,
  hasOrigins,
  type MirrorConfigEntry,
  missingChanges,
  targetConfigChanges,
  targetConfigs,
} from '../../../src/mirror/topic-configs.ts'

const entry = (name: string, value: string | null, more: Partial<MirrorConfigEntry> = {}): MirrorConfigEntry => ({
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

test('a topic is created with the configs set on the source, including dynamic broker values', () => {
  assert.deepEqual(targetConfigs(described, ownDefaults), {
    'retention.ms': '1000',
    'max.message.bytes': '9',
    'retention.bytes': '8',
  })
})

test('with use.defaults.from = source the defaults are set explicitly', () => {
  assert.deepEqual(targetConfigs(described, sourceDefaults), {
    'retention.ms': '1000',
    'cleanup.policy': 'delete',
    'max.message.bytes': '9',
    'retention.bytes': '8',
  })
})

test("a sync sets the source's values, and deletes those that are defaults on the source", () => {
  assert.deepEqual(targetConfigChanges(described, ownDefaults), [
    { op: 'set', name: 'retention.ms', value: '1000' },
    { op: 'delete', name: 'cleanup.policy' },
    { op: 'set', name: 'max.message.bytes', value: '9' },
    { op: 'set', name: 'retention.bytes', value: '8' },
  ])
})

test('with defaults from the source a sync deletes nothing', () => {
  const changes = targetConfigChanges(described, sourceDefaults)
  assert.deepEqual(
    changes.filter((change) => change.op === 'delete'),
    [],
  )
  assert.ok(changes.some((change) => change.op === 'set' && change.name === 'cleanup.policy'))
})

const set = (name: string, value: string): ConfigChange => ({ op: 'set', name, value })
const remove = (name: string): ConfigChange => ({ op: 'delete', name })
const byDefault = { source: 'default', isDefault: true } as const

const against: readonly (readonly [
  says: string,
  change: ConfigChange,
  there: MirrorConfigEntry[],
  isNeeded: boolean,
])[] = [
  ['a value that is set there already', set('a', '1'), [entry('a', '1')], false],
  ['another value', set('a', '1'), [entry('a', '2')], true],
  ['the same value, there by default only', set('a', '1'), [entry('a', '1', byDefault)], true],
  ['the same value, from the broker only', set('a', '1'), [entry('a', '1', { source: 'static-broker' })], true],
  ['a value that the target keeps back', set('a', '1'), [entry('a', null, { sensitive: true })], true],
  ['a config that the target does not know', set('a', '1'), [entry('b', '1')], true],
  ['a removal of what is set there', remove('a'), [entry('a', '1')], true],
  ['a removal of a default value', remove('a'), [entry('a', '1', byDefault)], false],
  ['a removal of what the broker sets', remove('a'), [entry('a', '1', { source: 'dynamic-broker' })], false],
  ['a removal of what the target does not know', remove('a'), [], false],
]

for (const [says, change, there, isNeeded] of against) {
  test(`${says} is ${isNeeded ? '' : 'not '}sent`, () => {
    assert.deepEqual(missingChanges([change], there), isNeeded ? [change] : [])
  })
}

test("a non-incremental request contains the target's other configs too", () => {
  const there = [
    entry('kept', '1'),
    entry('altered', '1'),
    entry('removed', '1'),
    entry('from.default', '1', byDefault),
    entry('from.broker', '1', { source: 'dynamic-broker' }),
  ]
  assert.deepEqual(configsAfter([set('altered', '2'), remove('removed'), set('new', '3')], there), {
    kept: '1',
    altered: '2',
    new: '3',
  })
})

test('without the value of a sensitive target config there is no non-incremental request', () => {
  const there = [entry('hidden', null, { sensitive: true })]
  assert.equal(configsAfter([set('a', '1')], there), undefined)
  assert.deepEqual(configsAfter([set('hidden', '1')], there), { hidden: '1' })
})

test('a broker that does not report where values come from is recognized', () => {
  assert.equal(hasOrigins([entry('a', '1', { source: 'other' }), entry('b', '1', { source: 'other' })]), false)
  assert.equal(hasOrigins([entry('a', '1', { source: 'other' }), entry('b', '1')]), true)
})
