// The findings of each check, with the commands and lines to fix them.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { findingsOf } from '../../../src/preflight/check.ts'
import { clusterKinds, sameClusterTwice } from '../../../src/preflight/checks/clusters.ts'
import { creation } from '../../../src/preflight/checks/creation.ts'
import { existingTopics } from '../../../src/preflight/checks/existing.ts'
import { features } from '../../../src/preflight/checks/features.ts'
import { groupOffsets } from '../../../src/preflight/checks/groups.ts'
import { topicNames } from '../../../src/preflight/checks/names.ts'
import { missingPermissions } from '../../../src/preflight/checks/permissions.ts'
import { reachability } from '../../../src/preflight/checks/reach.ts'
import { retention } from '../../../src/preflight/checks/retention.ts'
import { clocks, otherWorkers, transactions } from '../../../src/preflight/checks/runtime-conditions.ts'
import { selection } from '../../../src/preflight/checks/selection.ts'
import { disks, messageSizes } from '../../../src/preflight/checks/sizes.ts'
import type { Finding } from '../../../src/preflight/finding.ts'
import { broker, configs, DAY, facts, inventory, login, NOW, stored, topic } from './facts.ts'
import { flowOf, flowsOf } from './flow.ts'

const said = (findings: readonly Finding[]) =>
  findings.map(({ severity, check, what }) => `${severity} ${check}: ${what}`)
const fixes = ([finding]: readonly Finding[]) => finding?.remedies.map(({ text }) => text)

const unsynced = 'sync.topic.configs.enabled = false'
const identity = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy'

test('a pair without faults has no findings', () => {
  const pair = { topic: topic('orders'), targetName: 'A.orders', there: topic('A.orders') }
  const all = facts({
    flow: flowOf(
      'replication.factor = 1',
      'offset.storage.replication.factor = 1',
      'checkpoints.topic.replication.factor = 1',
      'heartbeats.topic.replication.factor = 1',
      'offset-syncs.topic.replication.factor = 1',
    ),
    pairs: [pair],
    source: { topics: new Map([['orders', pair.topic]]) },
  })
  const checks = [
    clusterKinds,
    clocks,
    otherWorkers,
    transactions,
    creation,
    existingTopics,
    features,
    topicNames,
    reachability,
    retention,
    disks,
    messageSizes,
    groupOffsets,
    selection,
  ]
  assert.deepEqual(said(checks.flatMap((check) => check(all))), [])
})

test('a target topic name that Kafka does not accept is an error', () => {
  const long = 'x'.repeat(248)
  assert.match(
    said(topicNames(facts({ pairs: [{ topic: topic(long), targetName: `A.${long}` }] })))[0] ?? '',
    /^error names: .* 250 characters$/,
  )
})

test('of two new names that differ only in . and _ the second is an error', () => {
  const pairs = ['a.b', 'a_b'].map((name) => ({ topic: topic(name), targetName: `A.${name}` }))
  const found = topicNames(facts({ pairs }))
  assert.deepEqual(said(found), ['error names: topic A.a_b cannot be created beside A.a.b'])
  assert.deepEqual(fixes(found), ['A->B.topics.exclude = __.*, a_b'])
})

test('the line that excludes a name has it as a pattern, with backslashes for a properties file', () => {
  const pairs = [{ topic: topic('a.b'), targetName: 'A.a.b' }]
  const found = topicNames(facts({ pairs, target: { topics: new Map([['A.a_b', topic('A.a_b')]]) } }))
  assert.deepEqual(fixes(found), ['A->B.topics.exclude = __.*, a\\\\.b'])
})

test('names kept in both directions make a loop; renamed topics do not', () => {
  const pairs = [{ topic: topic('orders'), targetName: 'orders' }]
  const both = flowsOf(identity, 'B->A.enabled = true', 'godwit.allow.loops = true')
  const [flow] = both
  assert.ok(flow)
  assert.deepEqual(said(topicNames(facts({ flow, flows: both, pairs }))), [
    'warning names: orders would be copied in a loop without end, by A->B and B->A',
  ])
  const renaming = flowsOf('B->A.enabled = true')
  const renamed = [{ topic: topic('orders'), targetName: 'A.orders' }]
  assert.deepEqual(
    topicNames(facts({ ...(renaming[0] && { flow: renaming[0] }), flows: renaming, pairs: renamed })),
    [],
  )
})

test('target records that the flow has not copied are a warning, copied ones are not', () => {
  const there = topic('A.orders', { partition: { earliest: 10, latest: 25 } })
  const pairs = [{ topic: topic('orders'), targetName: 'A.orders', there }]
  assert.deepEqual(said(existingTopics(facts({ pairs, more: { stored: stored() } }))), [
    'warning content: A.orders holds 15 records already, and this flow has copied nothing to it',
  ])
  assert.deepEqual(existingTopics(facts({ pairs, more: { stored: stored('orders') } })), [])
})

const factorKeys = ['', 'heartbeats.topic.', 'offset.storage.', 'checkpoints.topic.', 'offset-syncs.topic.'].map(
  (what) => `${what}replication.factor`,
)

test('default replication factors are not findings, because they are lowered to the number of brokers', () => {
  assert.deepEqual(creation(facts()), [])
})

test('a flow that is not enabled is checked only for its heartbeats', () => {
  const flows = flowsOf('A->B.enabled = false', 'B->A.enabled = true', ...factorKeys.map((key) => `${key} = 3`))
  const flow = flows.find(({ settings }) => settings.name === 'A->B')
  assert.ok(flow)
  const topics = new Map([
    ['mm2-offsets.A.internal', topic('mm2-offsets.A.internal', { configs: configs({ 'cleanup.policy': 'delete' }) })],
  ])
  const off = facts({ flow, flows, target: { topics, clock: { aheadMs: 9_000_000, withinMs: 2 } } })
  assert.deepEqual(said(findingsOf(off)), [
    'error replication-factor: heartbeats.topic.replication.factor is 3, but cluster B has 2 brokers',
  ])
})

test('the printed line fixes a refused replication factor, wherever the file sets it', () => {
  for (const key of factorKeys) {
    const places = [key, ...(key.startsWith('offset.storage') ? [`B.${key}`] : [`A->B.${key}`])]
    for (const place of places) {
      const wrong = `${place} = 3`
      const [finding, ...others] = creation(facts({ flow: flowOf(wrong) }))
      assert.deepEqual(others, [], wrong)
      const remedy = finding?.remedies[0]?.text ?? ''
      assert.deepEqual(creation(facts({ flow: flowOf(wrong, remedy) })), [], `${wrong}; ${remedy}`)
    }
  }
})

test('replication factors above the number of brokers are errors, each with its own line for the file', () => {
  const explicit = factorKeys.map((key) => `${key} = 3`)
  const found = creation(facts({ flow: flowOf(...explicit) }))
  assert.deepEqual(
    found.flatMap(({ remedies }) => remedies.map(({ text }) => text)),
    [
      'A->B.replication.factor = 2',
      'offset.storage.replication.factor = 2',
      'A->B.offset-syncs.topic.replication.factor = 2',
      'A->B.checkpoints.topic.replication.factor = 2',
      'A->B.heartbeats.topic.replication.factor = 2',
    ],
  )
})

test('the refusal of a policy or of the controller is reported in its own words', () => {
  const pairs = [{ topic: topic('orders'), targetName: 'A.orders' }]
  const refused = (wireCode: number, words: string) => ({
    configs: [],
    failure: new Failure('REFUSED_BY_TARGET', words, { wireCode }),
  })
  const found = (one: ReturnType<typeof refused>) =>
    creation(
      facts({
        pairs,
        flow: flowOf('replication.factor = 1'),
        more: { trials: { topics: new Map([['A.orders', one]]), state: new Map() } },
      }),
    ).filter(({ check }) => check !== 'replication-factor')
  const policy = found(
    refused(44, 'topic A.orders could not be created on cluster B: names begin with team- (POLICY_VIOLATION)'),
  )
  assert.deepEqual(said(policy), [
    'error policy: topic A.orders could not be created on cluster B: names begin with team- (POLICY_VIOLATION)',
  ])
  const config = found(
    refused(
      40,
      'topic A.orders could not be created on cluster B: Unknown topic config name: remote.storage.enable (INVALID_CONFIG)',
    ),
  )
  assert.deepEqual(fixes(config), ['A->B.config.properties.exclude = __.*, remote\\\\.storage\\\\.enable'])
})

test('min.insync.replicas above the replicas is an error before Kafka 3.7, where records are refused', () => {
  const there = topic('A.orders', { configs: configs({ 'min.insync.replicas': '2' }) })
  const pairs = [{ topic: topic('orders'), targetName: 'A.orders', there }]
  const found = (produce: number) =>
    creation(facts({ pairs, target: { brokers: [broker(1, produce), broker(2)] } })).filter(
      ({ check }) => check === 'min-insync-replicas',
    )
  assert.deepEqual(found(10), [])
  assert.deepEqual(said(found(9)), ['error min-insync-replicas: A.orders has min.insync.replicas=2 with 1 replica'])
  assert.match(
    fixes(found(9))?.[0] ?? '',
    /^kafka-configs\.sh .*--entity-name A\.orders --add-config min\.insync\.replicas=1$/,
  )
})

const aged = (retentionMs: string, source = 1) =>
  topic('old', {
    partition: { oldestAt: NOW - 30 * DAY },
    configs: configs({ 'retention.ms': retentionMs, 'cleanup.policy': 'delete' }, source),
  })
const keeping = (days: number) => topic('A.old', { configs: configs({ 'retention.ms': String(days * DAY) }) })

test("records older than the target's retention are an error, fixed where the config is set", () => {
  const pairs = [{ topic: aged('-1'), targetName: 'A.old', there: keeping(7) }]
  const found = retention(facts({ flow: flowOf(unsynced), pairs }))
  assert.deepEqual(said(found), [
    'error retention: the oldest record of old is 30 days old, and A.old keeps records for 7 days (retention.ms=604800000)',
  ])
  assert.match(fixes(found)?.[0] ?? '', /--bootstrap-server b:1 .*--entity-name A\.old --add-config retention\.ms=-1$/)
})

test('a retention that the flow will copy is not a finding, nor is one that the source has too', () => {
  assert.deepEqual(retention(facts({ pairs: [{ topic: aged('-1'), targetName: 'A.old', there: keeping(7) }] })), [])
  const found = retention(
    facts({
      flow: flowOf(unsynced),
      pairs: [{ topic: aged(String(7 * DAY)), targetName: 'A.old', there: keeping(7) }],
    }),
  )
  assert.deepEqual(
    found.map(({ severity }) => severity),
    ['note'],
    'a note: the source deletes records during copying',
  )
})

test('a source default that a target default would replace is set on the source topic, and synced', () => {
  const pairs = [{ topic: aged(String(60 * DAY), 5), targetName: 'A.old', there: keeping(60) }]
  const trials = { topics: new Map(), state: new Map(), defaults: configs({ 'retention.ms': String(7 * DAY) }, 5) }
  const found = retention(facts({ pairs, more: { trials } }))
  assert.equal(found.length, 1)
  assert.match(
    fixes(found)?.[0] ?? '',
    /--bootstrap-server a:1 .*--entity-name old --add-config retention\.ms=5184000000$/,
  )
})

test("a partition above the target's retention.bytes, and records with too old timestamps, are errors", () => {
  const big = topic('big', {
    partition: { bytes: 5_000_000, oldestAt: NOW - 9 * DAY },
    configs: configs({ 'retention.bytes': '-1' }),
  })
  const there = topic('A.big', {
    configs: configs({ 'retention.bytes': '1000000', 'message.timestamp.before.max.ms': String(DAY) }),
  })
  const found = retention(facts({ flow: flowOf(unsynced), pairs: [{ topic: big, targetName: 'A.big', there }] }))
  assert.deepEqual(
    found.map(({ severity, check }) => `${severity} ${check}`),
    ['error retention', 'error timestamps'],
  )
})

test('too few and too many partitions are warnings, too few with the command that adds them', () => {
  const pair = (here: number, there: number) => [
    {
      topic: topic('orders', { partitions: here }),
      targetName: 'A.orders',
      there: topic('A.orders', { partitions: there }),
    },
  ]
  const fewer = existingTopics(facts({ pairs: pair(6, 2) }))
  assert.match(fixes(fewer)?.[0] ?? '', /^kafka-topics\.sh .*--alter --topic A\.orders --partitions 6$/)
  assert.deepEqual(said(existingTopics(facts({ pairs: pair(2, 6) }))), [
    'warning partitions: A.orders has 6 partitions, its source 2',
  ])
})

test('different cleanup, codec and timestamp type are reported, unless the flow syncs them', () => {
  const here = topic('orders', {
    configs: configs({
      'cleanup.policy': 'delete',
      'compression.type': 'producer',
      'message.timestamp.type': 'CreateTime',
    }),
  })
  const there = topic('A.orders', {
    configs: configs({
      'cleanup.policy': 'compact',
      'compression.type': 'lz4',
      'message.timestamp.type': 'LogAppendTime',
    }),
  })
  const pairs = [{ topic: here, targetName: 'A.orders', there }]
  const kinds = (flow: ReturnType<typeof flowOf>) => existingTopics(facts({ flow, pairs })).map(({ check }) => check)
  assert.deepEqual(kinds(flowOf(unsynced)), ['cleanup-policy', 'compression-type', 'message-timestamp-type'])
  assert.deepEqual(kinds(flowOf()), ['message-timestamp-type'], 'MM2 excludes this config from syncing')
})

test('a target topic with a smaller max.message.bytes is an error', () => {
  const pairs = [
    {
      topic: topic('big', { configs: configs({ 'max.message.bytes': '2000000' }) }),
      targetName: 'A.big',
      there: topic('A.big', { configs: configs({ 'max.message.bytes': '1000000' }) }),
    },
  ]
  assert.equal(messageSizes(facts({ flow: flowOf(unsynced), pairs })).length, 1)
  assert.equal(messageSizes(facts({ pairs })).length, 0, 'the flow syncs the config')
})

test('disks are too small above the usable size, nearly full above 80 %; replicas count, existing data not', () => {
  const disksOf = (usableBytes: number) => ({
    volumes: [{ broker: 1, path: '/data', totalBytes: 2000, usableBytes, problem: '' }],
    leaderBytes: new Map(),
  })
  const pairs = [
    {
      topic: topic('a', { partition: { bytes: 1000 } }),
      targetName: 'A.a',
      there: topic('A.a', { partition: { bytes: 500 } }),
    },
  ]
  const found = (usable: number) =>
    disks(
      facts({
        flow: flowOf('replication.factor = 2'),
        pairs,
        source: { disks: disksOf(0) },
        target: { disks: disksOf(usable) },
      }),
    ).map(({ severity }) => severity)
  assert.deepEqual([found(999), found(1100), found(1250)], [['error'], ['warning'], []])
  assert.deepEqual(found(-1), [], 'without sizes from the broker there is no finding')
})

test('a log folder that a broker cannot use is an error', () => {
  const volumes = [
    { broker: 2, path: '/data', totalBytes: -1, usableBytes: -1, problem: 'the broker cannot use its disk' },
  ]
  assert.match(
    said(disks(facts({ target: { disks: { volumes, leaderBytes: new Map() } } })))[0] ?? '',
    /broker 2 cannot use \/data/,
  )
})

test('an open transaction blocks read_committed; one without a timeout is an error', () => {
  const open = { producerId: 9n, epoch: 0, startOffset: 7, lastTimestamp: NOW - 20 * 60_000 }
  const held = { topic: 'orders', partition: 3, firstUnstable: 7, highWatermark: 11, transactions: [open] }
  const of = (...lines: readonly string[]) =>
    transactions(facts({ flow: flowOf(...lines), more: { heldBack: [held] } }))
  assert.deepEqual(
    of().map(({ severity }) => severity),
    ['note'],
  )
  const waiting = of('A.consumer.isolation.level = read_committed')
  assert.match(waiting[0]?.why ?? '', /^4 offsets behind it are not copied/)
  assert.deepEqual(
    waiting.map(({ severity }) => severity),
    ['error'],
  )
  assert.match(
    fixes(waiting)?.[0] ?? '',
    /^kafka-transactions\.sh --bootstrap-server a:1 abort --topic orders --partition 3 --start-offset 7$/,
  )
})

test('clocks that differ are a warning, and an unknown clock is a note', () => {
  assert.deepEqual(said(clocks(facts({ target: { clock: { aheadMs: -90_000, withinMs: 5 } } }))), [
    "warning clock: the clock of cluster B is 90 s behind this machine's",
  ])
  const { clock: _, ...untold } = inventory('A')
  assert.deepEqual(said(clocks(facts({ sides: { source: { inventory: untold } } }))), [
    'note clock: it cannot be known how far the clock of cluster A is from this one',
  ])
})

test("MirrorMaker 2's workers on the same state are an error, another godwit is not", () => {
  const of = (isGodwit: boolean) => {
    const workers = { group: 'A-mm2', isGodwit, members: [{ clientId: 'connect-1', host: '10.0.0.7' }] }
    return said(otherWorkers(facts({ more: { workers } })))
  }
  assert.deepEqual(of(false), [
    'error worker: a MirrorMaker 2 works with the same state: group A-mm2 has connect-1 on 10.0.0.7',
  ])
  assert.deepEqual(of(true), ['note worker: a godwit works on A->B already (connect-1 on 10.0.0.7)'])
})

test('a feature that the target lacks is a warning if groups need it, fixed as far as its brokers can', () => {
  const group = (name: string, type: string) => ({
    group: name,
    type,
    protocolType: type,
    state: 'stable',
    coordinator: 1,
  })
  const here = new Map([['group.version', { level: 1, atMost: 1 }]])
  const of = (atMost: number, type: string) =>
    features(
      facts({
        source: { features: here },
        target: { features: new Map([['group.version', { level: 0, atMost }]]) },
        more: { groups: { selected: [group('g', type)] } },
      }),
    )
  const what = 'cluster A has group.version at 1, cluster B at 0: without it, it lacks the consumer protocol (KIP-848)'
  assert.deepEqual(said(of(1, 'consumer')), [`warning features: ${what}`])
  assert.deepEqual(fixes(of(1, 'consumer')), [
    'kafka-features.sh --bootstrap-server b:1 upgrade --feature group.version=1',
  ])
  assert.deepEqual(said(of(0, 'classic')), [`note features: ${what}`])
  assert.deepEqual(fixes(of(0, 'classic')), ['upgrade cluster B to Kafka 4.0 or newer'])
})

test('a feature that the target has, or that is unknown, is not a finding', () => {
  const on = new Map([['group.version', { level: 1, atMost: 1 }]])
  assert.deepEqual(features(facts({ source: { features: on }, target: { features: on } })), [])
  const unknown = [{ what: 'features', failure: new Failure('NOT_AUTHORIZED', 'no') }] as const
  assert.deepEqual(features(facts({ source: { features: on }, target: { unknown } })), [])
})

test('brokers of different versions, and one cluster under two aliases, are found', () => {
  const old = {
    id: 2,
    host: 'h',
    port: 1,
    rack: null,
    apis: new Map([
      [0, 9],
      [44, 1],
      [61, 0],
    ]),
  }
  const mixed = [...inventory('B').brokers.slice(0, 1), old]
  assert.deepEqual(said(clusterKinds(facts({ target: { brokers: mixed, clusterId: 'id-of-A' } }))), [
    'error clusters: A and B are the same cluster (id id-of-A)',
    'warning versions: the brokers are of different versions: 1 against 2',
  ])
})

test('a certificate that expires soon is a warning', () => {
  const certificate = { name: 'broker', validFrom: 0, validTo: NOW + 3 * DAY }
  const found = reachability(facts({ sides: { target: { reached: [{ address: 'b:1', certificate }] } } }))
  assert.deepEqual(said(found), [
    'warning certificate: the certificate of b:1 (broker) ends in 3 days, at 2026-11-04T00:00:00.000Z',
  ])
})

test('the same login on two clusters is reported if one refuses it, without its password', () => {
  const { sourceAdmin, targetAdmin } = flowOf()
  const failure = new Failure('AUTHENTICATION_FAILED', 'the credentials are wrong')
  const sides = {
    source: { settings: { ...sourceAdmin, sasl: login('mm2', 'hidden-word') } },
    target: { settings: { ...targetAdmin, sasl: login('mm2', 'hidden-word') }, reached: [{ address: 'b:1', failure }] },
  }
  const found = reachability(facts({ sides }))
  assert.deepEqual(
    found.map(({ severity }) => severity),
    ['error', 'warning'],
  )
  assert.match(found[1]?.what ?? '', /other hosts but the same user mm2/)
  assert.ok(!JSON.stringify(found).includes('hidden-word'))
})

test('of several addresses an unreachable one is a warning, an unreachable advertised one an error', () => {
  const failure = new Failure('BROKER_UNREACHABLE', 'broker a:1 cannot be reached')
  const { sourceAdmin } = flowOf()
  const of = (bootstrapServers: readonly string[]) =>
    reachability(
      facts({
        sides: {
          source: {
            settings: { ...sourceAdmin, bootstrapServers },
            reached: [{ address: 'a:1', failure }, { address: 'a:2' }],
          },
        },
      }),
    ).map(({ severity }) => severity)
  assert.deepEqual(of(['a:1', 'a:2']), ['warning'])
  assert.deepEqual(of(['a:2']), ['error'])
})

test('two aliases of different flows for one cluster are a warning', () => {
  const twice = sameClusterTwice([
    { A: 'x', B: 'y' },
    { C: 'x', B: 'y' },
  ])
  assert.deepEqual(said(twice), ['warning clusters: A and C are the same cluster (id x)'])
  assert.deepEqual(sameClusterTwice([{ A: 'x', B: 'x' }]), [], 'reported as an error of that flow instead')
  assert.deepEqual(
    sameClusterTwice([
      { A: '', B: 'y' },
      { C: '', B: 'y' },
    ]),
    [],
    'a cluster without an id is not compared',
  )
})

const HOUR = 3_600_000
const MOST = '9223372036854775807'

test('timestamps ahead of the target clock are an error where the target refuses them, with the config', () => {
  const ahead = (hours: number) => topic('t', { partition: { newestAt: NOW + hours * HOUR }, configs: [] })
  const found = (hours: number, target: Readonly<Record<string, string>>, lines: readonly string[] = [unsynced]) => {
    const there = topic('A.t', { configs: configs(target, 5) })
    return retention(facts({ flow: flowOf(...lines), pairs: [{ topic: ahead(hours), targetName: 'A.t', there }] }))
  }
  const after = 'message.timestamp.after.max.ms'
  const difference = 'message.timestamp.difference.max.ms'
  // Kafka 4.x: one hour by default.
  assert.deepEqual(said(found(5, { [after]: '3600000' })), [
    'error timestamps: a record of t is dated 2026-11-01T05:00:00.000Z, 4 hours ahead of the clock of cluster B, and A.t takes none more than 60 minutes ahead (message.timestamp.after.max.ms=3600000)',
  ])
  assert.match(
    fixes(found(5, { [after]: '3600000' }))?.[0] ?? '',
    /--entity-name A\.t --add-config message\.timestamp\.after\.max\.ms=9223372036854775807$/,
  )
  assert.deepEqual(found(0.5, { [after]: '3600000' }), [])
  // Kafka 3.6 to 3.9: the older config for both directions is used if the newer one has its default; before 3.6 only the older
  // one exists.
  assert.match(
    said(found(5, { [after]: MOST, [difference]: '3600000' }))[0] ?? '',
    /\(message\.timestamp\.difference\.max\.ms=3600000\)$/,
  )
  assert.match(
    said(found(5, { [difference]: '3600000' }))[0] ?? '',
    /\(message\.timestamp\.difference\.max\.ms=3600000\)$/,
  )
  assert.deepEqual(found(5, { [after]: '86400000', [difference]: '1' }), [])
  assert.deepEqual(found(5, { [after]: MOST, [difference]: MOST }), [])
  assert.deepEqual(found(5, { [after]: '3600000', 'message.timestamp.type': 'LogAppendTime' }), [])
})

test('a timestamp limit that the flow syncs is raised on the source topic', () => {
  const there = topic('A.t', { configs: configs({ 'message.timestamp.before.max.ms': '86400000' }) })
  const source = topic('t', {
    partition: { oldestAt: NOW - 30 * DAY },
    configs: configs({ 'message.timestamp.before.max.ms': '86400000' }),
  })
  const [finding] = retention(facts({ pairs: [{ topic: source, targetName: 'A.t', there }] })).filter(
    ({ check }) => check === 'timestamps',
  )
  assert.equal(finding?.code, 'timestamps-too-old')
  assert.match(
    finding?.remedies[0]?.text ?? '',
    /--bootstrap-server a:1 .*--entity-name t --add-config message\.timestamp\.before\.max\.ms=9223372036854775807$/,
  )
})

test('a config that is not synced for a missing topic comes with the command that creates the topic', () => {
  const source = topic('t', {
    partitions: 3,
    partition: { oldestAt: NOW - 30 * DAY },
    configs: configs({ 'retention.ms': '-1' }),
  })
  const trial = { configs: configs({ 'message.timestamp.difference.max.ms': '86400000', 'retention.ms': '-1' }, 5) }
  const trials = { topics: new Map([['A.t', trial]]), state: new Map() }
  const found = retention(facts({ pairs: [{ topic: source, targetName: 'A.t' }], more: { trials } }))
  assert.deepEqual(fixes(found), [
    'kafka-topics.sh --bootstrap-server b:1 --create --if-not-exists --topic A.t --partitions 3 --replication-factor 2 --config retention.ms=-1 --config message.timestamp.difference.max.ms=9223372036854775807',
  ])
})

test('a flow that selects no topic is a warning, with the line for the most similar name', () => {
  const topics = new Map(['orders', 'payments'].map((name) => [name, topic(name)]))
  const found = selection(facts({ flow: flowOf('topics = ordrs'), source: { topics } }))
  assert.deepEqual(said(found), [
    'warning selection: A->B selects none of 2 topics of cluster A (topics = ordrs)',
    'warning selection: ordrs in topics matches no topic of cluster A; did you mean orders?',
  ])
  assert.deepEqual(
    found.map(({ code }) => code),
    ['no-topic-selected', 'pattern-without-match'],
  )
  for (const { remedies } of found) assert.deepEqual(remedies, [{ kind: 'setting', text: 'A->B.topics = orders' }])
  const none = selection(facts({ flow: flowOf('topics ='), source: { topics }, more: { lists: () => [] } }))
  assert.deepEqual(
    none.map(({ code, remedies }) => [code, remedies.map(({ text }) => text)]),
    [
      [
        'no-topic-selected',
        ['topics is empty: name what is to be copied, or write for everything', 'A->B.topics = .*'],
      ],
    ],
  )
  const empty = selection(facts({ flow: flowOf('topics = ordrs'), source: { topics: new Map() } }))
  assert.match(empty[0]?.what ?? '', /^A->B selects no topic: cluster A has none that User:mm2 may see$/)
})

test('a file without an enabled flow is reported, and no direction is chosen', () => {
  const flows = flowsOf('A->B.enabled = false')
  const [first, second] = flows.map((flow) => findingsOf(facts({ flow, flows })))
  assert.deepEqual(said(first ?? []), [
    'warning selection: no flow of the file copies: none is enabled, heartbeats are all there is',
  ])
  assert.match(fixes(first ?? [])?.join() ?? '', /^write A->B\.enabled = true or B->A\.enabled = true; /)
  const followed = flowsOf('A->B.enabled = true')
  assert.deepEqual(
    followed
      .flatMap((flow) => findingsOf(facts({ flow, flows: followed })))
      .filter(({ code }) => code === 'no-flow-copies'),
    [],
  )
  assert.deepEqual(second, [])
})

test('every item of a list that matches nothing is reported, and one line corrects the list', () => {
  const topics = new Map(['orders', 'payments'].map((name) => [name, topic(name)]))
  const pairs = [{ topic: topic('orders'), targetName: 'A.orders' }]
  const flow = flowOf('topics = orders, payment, nothing.*', 'groups = biling, audit', 'topics.exclude = __.*, tmp')
  const found = selection(
    facts({ flow, source: { topics }, pairs, more: { groups: { selected: [], names: ['billing', 'audit'] } } }),
  )
  assert.deepEqual(
    found.map(({ what, remedies }) => [what, remedies.map(({ text }) => text)]),
    [
      ['payment in topics matches no topic of cluster A; did you mean payments?', ['A->B.topics = orders, payments']],
      ['nothing.* in topics matches no topic of cluster A', ['A->B.topics = orders, payments']],
      ['tmp in topics.exclude matches no topic of cluster A', ['A->B.topics.exclude = __.*']],
      ['biling in groups matches no group of cluster A; did you mean billing?', ['A->B.groups = billing, audit']],
    ],
  )
})

test('groups that the user may not see are not reported as a typing error', () => {
  const permission = {
    side: 'source',
    resourceType: 'group',
    name: 'billing',
    patternType: 'literal',
    operation: 'Describe',
    why: '',
  } as const
  const denied = { permission, denied: ['billing'], isForLater: false }
  const wish = {
    flow: flowOf('groups = billing'),
    pairs: [{ topic: topic('a'), targetName: 'A.a' }],
    source: { topics: new Map([['a', topic('a')]]) },
  }
  assert.deepEqual(
    selection(facts({ ...wish, more: { groups: { selected: [], names: [] }, permissions: [denied] } })),
    [],
  )
  assert.equal(selection(facts({ ...wish, more: { groups: { selected: [], names: [] } } })).length, 1)
})

test('a committed offset beyond the end of its log is an error, with the command that repairs the group', () => {
  const place = { group: 'bill ing', topic: 'orders', targetName: 'A.orders', committed: 5000, end: 40 }
  const beyondEnd = [
    { ...place, partition: 0, isOnSource: true },
    { ...place, partition: 1, isOnSource: false },
  ]
  const found = groupOffsets(facts({ more: { beyondEnd } }))
  assert.deepEqual(said(found), [
    'error group-offsets: group bill ing has committed offset 5000 of A.orders-0 on cluster B, beyond the end of its log, 40, and so in 1 more partition',
  ])
  assert.deepEqual(fixes(found), [
    "godwit groups reset mm2.properties --flow 'A->B' --cluster B --group 'bill ing' --to-translated --execute",
    "godwit groups reset mm2.properties --flow 'A->B' --cluster B --group 'bill ing' --topic A.orders:1 --to-latest --execute",
  ])
})

test('commands contain any group name on one line, as bash reads it back', () => {
  const beyondEnd = ['', "it's", 'a\nb\u001b[2J', '-x', '$(id)'].map((group) => {
    return { group, topic: 't', targetName: 't', partition: 0, committed: 2, end: 1, isOnSource: true }
  })
  const commands = groupOffsets(facts({ more: { beyondEnd } })).flatMap(({ remedies }) =>
    remedies.map(({ text }) => text),
  )
  for (const [at, command] of commands.entries()) {
    assert.doesNotMatch(command, /[\p{Cc}]/u)
    const { stdout } = spawnSync('bash', ['-c', `${command.replace('godwit', 'printf "%s|"')}`], { encoding: 'utf8' })
    assert.equal(stdout.split('|')[8], beyondEnd[at]?.group)
  }
})

test('a cluster without an id is reported, as are brokers without required requests', () => {
  const bare = { ...broker(1), apis: new Map([[0, 3]]) }
  const found = clusterKinds(
    facts({ target: { clusterId: '', brokers: [bare] }, flow: flowOf('use.incremental.alter.configs = required') }),
  )
  assert.deepEqual(
    found.map(({ code, severity, remedies }) => [code, severity, remedies.map(({ text }) => text)]),
    [
      ['cluster-id-unknown', 'note', []],
      ['no-producer-state', 'note', []],
      ['no-incremental-alter-configs', 'warning', ['A->B.use.incremental.alter.configs = requested']],
      ['no-zstd', 'note', []],
    ],
  )
})

test('a permission that brokers do not report is a note', () => {
  const permission = {
    side: 'target',
    resourceType: 'topic',
    name: '*',
    patternType: 'literal',
    operation: 'Write',
    why: 'writes the records',
  } as const
  const unknown = new Failure('UNSUPPORTED_VERSION', 'the brokers are too old to tell')
  const permissions = [{ permission, denied: [], isForLater: false, unknown }]
  assert.deepEqual(said(missingPermissions(facts({ more: { permissions } }))), [
    'note permission: on the target it cannot be found out whether there is Write on all topics',
  ])
})
