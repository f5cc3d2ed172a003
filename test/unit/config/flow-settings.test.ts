// The settings of a flow: filters, replication policy, storage, sizes, and godwit's own keys.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NameFilter } from '../../../src/model/flow-settings.ts'
import { base, load, next, onlyFlow, said } from './reading.ts'

const settings = (lines: string) => onlyFlow(`${base}${lines}\n`).settings
const takes = (filter: NameFilter, name: string) =>
  filter.include.some((pattern) => pattern.test(name)) && !filter.exclude.some((pattern) => pattern.test(name))

test("an otherwise empty file gives Kafka's defaults, and godwit's defaults for its own data path", () => {
  const { topics, groups, configProperties, leftOut, ...rest } = settings('')
  assert.deepEqual(rest, {
    file: 'mm2.properties',
    source: 'a',
    target: 'b',
    sourceAlias: 'a',
    targetAlias: 'b',
    name: 'a->b',
    enabled: true,
    policy: { kind: 'default', separator: '.', internalSeparator: '.' },
    heartbeatsReplicationEnabled: true,
    replicationFactor: 2,
    factorIsDefault: true,
    refreshTopics: { enabled: true, intervalMs: 600_000 },
    syncTopicConfigs: { enabled: true, intervalMs: 600_000 },
    syncTopicAcls: { enabled: true, intervalMs: 600_000 },
    heartbeats: {
      enabled: true,
      intervalMs: 1000,
      topic: { name: 'heartbeats', replicationFactor: 3, factorIsDefault: true },
    },
    offsetSyncs: {
      enabled: true,
      location: 'source',
      topic: { name: 'mm2-offset-syncs.b.internal', replicationFactor: 3, factorIsDefault: true },
      maxLag: 100,
    },
    refreshGroups: { enabled: true, intervalMs: 600_000 },
    checkpoints: {
      enabled: true,
      intervalMs: 60_000,
      topic: { name: 'a.checkpoints.internal', replicationFactor: 3, factorIsDefault: true },
    },
    syncGroupOffsets: { enabled: false, intervalMs: 60_000 },
    offsetStorage: {
      name: 'mm2-offsets.a.internal',
      partitions: 25,
      replicationFactor: 3,
      factorIsDefault: true,
      configs: {},
    },
    offsetFlushIntervalMs: 5000,
    groupId: 'a-mm2',
    connectorName: 'MirrorSourceConnector',
    sessionTimeoutMs: 10_000,
    adminTimeoutMs: 60_000,
    isolation: 'read_uncommitted',
    autoOffsetReset: 'earliest',
    start: [],
    newPartitions: 'earliest',
    fetch: { maxBytes: 8_388_608, maxPartitionBytes: 1_048_576, minBytes: 1, maxWaitMs: 500, rack: '' },
    produce: { maxRequestBytes: 4_194_304, inFlight: 4, timeoutMs: 30_000 },
    memoryBytes: 50_331_648,
    onDoubt: 'at-least-once',
    onGap: 'continue',
    translation: 'exact',
    allowLoops: false,
    allowRecopy: false,
  })
  assert.deepEqual(
    ['orders', 'billing.internal', '__x', 'mm2-offsets.a.internal', 'x.replica'].filter((name) => takes(topics, name)),
    ['orders', 'billing.internal'],
  )
  assert.deepEqual(
    ['billing', 'console-consumer-7', 'connect-a', '__x'].filter((name) => takes(groups, name)),
    ['billing'],
  )
  assert.deepEqual(leftOut.topics, ['mm2.*\\.internal', '.*\\.replica', '__.*'])
  assert.deepEqual(settings('topics.exclude = a, b').leftOut.topics, ['a', 'b'])
  assert.equal(configProperties.defaultsFromSource, false)
  assert.ok(configProperties.exclude.some((pattern) => pattern.test('min.insync.replicas')))
})

test('patterns match whole topic names, and excluded topics are left out', () => {
  const { topics } = settings('topics = orders.*, eu\na->b.topics.exclude = .*-test')
  assert.deepEqual(
    ['orders', 'orders-eu', 'eu', 'europe', 'orders-test'].filter((name) => takes(topics, name)),
    ['orders', 'orders-eu', 'eu'],
  )
})

test('periodic tasks follow their keys: disabled, moved to the target, named with the separator', () => {
  const { heartbeats, offsetSyncs, checkpoints, syncGroupOffsets, translation } = settings(
    [
      'replication.policy.separator = -',
      'offset-syncs.topic.location = target',
      'offset-syncs.topic.replication.factor = 1',
      'offset.lag.max = 0',
      'a->b.emit.heartbeats.enabled = false',
      'emit.checkpoints.interval.seconds = 5',
      'sync.group.offsets.enabled = true',
      'sync.group.offsets.interval.seconds = -1',
      'a->b.godwit.offset.translation = mm2',
    ].join('\n'),
  )
  assert.equal(heartbeats.enabled, false)
  assert.deepEqual(offsetSyncs, {
    enabled: true,
    location: 'target',
    topic: { name: 'mm2-offset-syncs-a-internal', replicationFactor: 1, factorIsDefault: false },
    maxLag: 0,
  })
  assert.deepEqual([checkpoints.topic.name, checkpoints.intervalMs], ['a-checkpoints-internal', 5000])
  assert.equal(syncGroupOffsets.enabled, false)
  assert.equal(translation, 'mm2')
})

test('an empty list of topics matches nothing', () => {
  assert.ok(!takes(settings('topics =').topics, ''))
})

test('a deprecated list key still excludes, with a warning, unless the new key is given', () => {
  const { model, problems } = load(`${base}topics.blacklist = secret.*\n`)
  assert.equal(takes(model?.flows[0]?.settings.topics ?? { include: [], exclude: [] }, 'secrets'), false)
  assert.match(said(problems, next).join(), /ignored by MM2: removed in Kafka 4\.0; godwit still heeds it/)
  assert.ok(takes(settings('topics.blacklist = secret.*\ntopics.exclude = x').topics, 'secrets'))
  assert.ok(!takes(settings('a->b.topics.blacklist = secret.*').topics, 'secrets'))
})

test('policies are recognized by all their names, and their separators are used unchanged', () => {
  const identity = { kind: 'identity', separator: '.', internalSeparator: '.' }
  assert.deepEqual(
    settings('replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy ').policy,
    identity,
  )
  assert.deepEqual(
    settings('replication.policy.class = io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy').policy,
    identity,
  )
  assert.deepEqual(settings('replication.policy.separator = _ ').policy, {
    kind: 'default',
    separator: '_ ',
    internalSeparator: '_ ',
  })
  assert.deepEqual(settings('replication.policy.separator =').policy, {
    kind: 'default',
    separator: '',
    internalSeparator: '',
  })
  const only = 'replication.policy.separator = -\nreplication.policy.internal.topic.separator.enabled = '
  assert.equal(settings(`${only}false`).policy.internalSeparator, '.')
  assert.equal(settings(`${only}true`).policy.internalSeparator, '-')
  assert.equal(settings(`${only}true `).policy.internalSeparator, '.')
})

test('the defaults of the source are synced only if the flow itself has use.defaults.from', () => {
  assert.equal(settings('use.defaults.from = source').configProperties.defaultsFromSource, false)
  assert.equal(settings('a->b.use.defaults.from = source').configProperties.defaultsFromSource, true)
})

test("use.incremental.alter.configs works, first the flow's, with a warning that Kafka 4 ignores it", () => {
  const key = 'use.incremental.alter.configs'
  const alter = (lines: string) => settings(lines).configProperties.incrementalAlter
  assert.equal(alter(''), 'requested')
  assert.equal(alter(`${key} = never `), 'never')
  assert.equal(alter(`${key} = never\na->b.${key} = required`), 'required')
  assert.match(said(load(`${base}${key} = never\n`).problems, next).join(), /ignored by MM2: removed in Kafka 4\.0/)
  const { model, problems } = load(`${base}${key} = Never\n`)
  assert.equal(model?.flows[0]?.settings.configProperties.incrementalAlter, 'requested')
  assert.match(problems.map(({ reason }) => reason).join(), /requested, required or never, not "Never"/)
})

test('intervals are in seconds in the file and milliseconds in the model; negative ones disable a task', () => {
  assert.deepEqual(settings('refresh.topics.interval.seconds = 5').refreshTopics, { enabled: true, intervalMs: 5000 })
  assert.deepEqual(settings('refresh.topics.interval.seconds = -1').refreshTopics, { enabled: false, intervalMs: 0 })
  assert.equal(settings('sync.topic.configs.enabled = false').syncTopicConfigs.enabled, false)
})

test('worker keys are valid under the target or without prefix, never under the flow', () => {
  const { offsetStorage, offsetFlushIntervalMs, groupId } = settings(
    'b.offset.storage.topic = mine\nb.offset.storage.replication.factor = 2\noffset.storage.replication.factor = 1\noffset.storage.segment.bytes = 1000\nb.offset.flush.interval.ms = 60000\na->b.offset.flush.interval.ms = 1\nb.group.id = g\na.group.id = h',
  )
  assert.deepEqual(offsetStorage, {
    name: 'mine',
    partitions: 25,
    replicationFactor: 1,
    factorIsDefault: false,
    configs: { 'segment.bytes': '1000' },
  })
  assert.deepEqual([offsetFlushIntervalMs, groupId], [60_000, 'g'])
})

test('source consumer keys configure reading, target producer keys configure writing', () => {
  const { isolation, autoOffsetReset, fetch, produce } = settings(
    'a.consumer.isolation.level = read_committed\na->b.source.consumer.auto.offset.reset = latest\na.consumer.fetch.max.bytes = 52428800\na.consumer.client.rack = r1\nb.consumer.fetch.min.bytes = 9\nb.producer.max.request.size = 10485760\na->b.producer.request.timeout.ms = 5',
  )
  assert.deepEqual([isolation, autoOffsetReset], ['read_committed', 'latest'])
  assert.deepEqual([fetch.maxBytes, fetch.minBytes, fetch.rack], [52_428_800, 1, 'r1'])
  assert.deepEqual([produce.maxRequestBytes, produce.timeoutMs], [10_485_760, 30_000])
  assert.equal(
    settings('b.producer.max.request.size = 10485760\na->b.producer.override.max.request.size = 20971520').produce
      .maxRequestBytes,
    20_971_520,
  )
  assert.equal(settings('b.producer.max.request.size = 1000').produce.maxRequestBytes, 4_194_304)
})

test("the consumer of the cluster overrides that of the flow; only the flow's source.consumer overrides it", () => {
  assert.equal(settings('a.consumer.fetch.min.bytes = 1000\na->b.consumer.fetch.min.bytes = 2000').fetch.minBytes, 1000)
  assert.equal(
    settings('a.consumer.fetch.min.bytes = 1000\na->b.source.consumer.fetch.min.bytes = 2000').fetch.minBytes,
    2000,
  )
})

test("client ids are MM2's, with the configured one as prefix", () => {
  const { sourceCluster, targetCluster, sourceAdmin } = onlyFlow(`${base}a.consumer.client.id = me\n`)
  assert.equal(sourceCluster.clientId, 'me|a->b|MirrorSourceConnector-0|replication-consumer')
  assert.equal(sourceAdmin.clientId, 'a->b|MirrorSourceConnector|replication-source-admin')
  assert.equal(targetCluster.clientId, 'connector-producer-MirrorSourceConnector-0')
  assert.equal(onlyFlow(`${base}b.producer.client.id = me\n`).targetCluster.clientId, 'me')
})

test('a godwit key is valid without prefix, under the target or the flow, and the narrower one wins', () => {
  assert.equal(settings('godwit.on.doubt = stop').onDoubt, 'stop')
  assert.equal(settings('godwit.on.doubt = stop\nb.godwit.on.doubt = at-least-once').onDoubt, 'at-least-once')
  assert.equal(settings('b.godwit.on.gap = continue\na->b.godwit.on.gap = stop').onGap, 'stop')
  assert.equal(settings('a.godwit.on.gap = stop').onGap, 'continue')
  assert.equal(settings('godwit.memory.bytes = 100000000').memoryBytes, 100_000_000)
})

test('enabled is trimmed as by the connector, for pairs that heartbeats keep', () => {
  const file = base.replace('a->b.enabled = true', 'a->b.enabled = true ')
  const enabled = load(file).model?.flows.map(({ settings: { name, enabled } }) => [name, enabled])
  assert.deepEqual(enabled, [
    ['a->b', true],
    ['b->a', false],
  ])
  assert.match(said(load(file).problems, 4).join(), /blank behind it/)
  assert.equal(load(`${file}emit.heartbeats.enabled = false\n`).model, undefined)
})

test('only flows to the requested targets are returned', () => {
  const both = `${base}b->a.enabled = true\n`
  const names = (clusters: string[]) => load(both, { clusters }).model?.flows.map((flow) => flow.settings.name)
  assert.deepEqual(names([]), ['a->b', 'b->a'])
  assert.deepEqual(names(['a']), ['b->a'])
  assert.equal(names(['c']), undefined)
  assert.deepEqual(names(['a', 'c']), ['b->a'])
})
