// The scenarios of MirrorMaker 2's own integration tests, run with godwit. TESTING.md lists which scenario is tested where.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { decodeCheckpoint } from '../../src/mirror/checkpoint.ts'
import { decodeHeartbeat } from '../../src/mirror/heartbeat.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { eventually, untilEqual } from '../harness/eventually.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { JavaServer } from '../integration/engine/java-server.ts'
import { mm2File } from './mm2-file.ts'

const [a, b, c, shapes, groups] = await Promise.all([
  ...['A', 'B', 'C'].map((name) =>
    startCluster({ name, heapMb: 256, configs: { 'auto.create.topics.enable': 'false' } }),
  ),
  JavaServer.start('Shapes.java'),
  JavaServer.start('Groups.java'),
] as [Promise<TestCluster>, Promise<TestCluster>, Promise<TestCluster>, Promise<JavaServer>, Promise<JavaServer>])
after(() => Promise.all([a, b, c].map((one) => one.destroy()).concat(shapes.close(), groups.close())))

type Offsets = Record<string, number>

const on = (cluster: TestCluster) => ({ on: cluster.bootstrap })
const topics = async (cluster: TestCluster, ending: string) => {
  const names = await shapes.ask<string[]>({ do: 'topics', ...on(cluster) })
  return names.filter((name) => name.endsWith(ending)).toSorted()
}
const create = (cluster: TestCluster, topic: string, partitions = 1) =>
  shapes.ask({ do: 'create', topic, partitions, configs: {}, ...on(cluster) })
const produce = (cluster: TestCluster, topic: string, request: Readonly<Record<string, unknown>>) =>
  shapes.ask<Offsets>({ do: 'produce', topic, ...request, ...on(cluster) })
const ends = (cluster: TestCluster, topic: string) =>
  shapes.ask<Offsets>({ do: 'ends', topic, ...on(cluster) }).catch(() => ({}))
const commit = (cluster: TestCluster, group: string, offsets: Offsets) =>
  groups.ask({ do: 'commit', group, offsets, ...on(cluster) })
const committed = (cluster: TestCluster, group: string) =>
  groups.ask<Offsets>({ do: 'committed', group, ...on(cluster) })
const translated = (cluster: TestCluster, alias: string, group: string) =>
  groups.ask<Offsets>({ do: 'remote', ask: 'translateOffsets', alias, group, ...on(cluster) })
const remote = <T>(cluster: TestCluster, ask: string, alias = '') =>
  groups.ask<T>({ do: 'remote', ask, alias, ...on(cluster) })

interface Read {
  readonly from: number
  readonly read: number
  readonly first: string
}
const read = (cluster: TestCluster, group: string, names: readonly string[], offsets: Offsets = {}) =>
  groups.ask<Record<string, Read>>({ do: 'read', group, topics: names, offsets, ...on(cluster) })

async function raw(cluster: TestCluster, topic: string): Promise<(readonly [Buffer, Buffer])[]> {
  const records = await groups.ask<{ key: string; value: string }[]>({ do: 'raw', topic, ...on(cluster) })
  return records.map(({ key, value }) => [Buffer.from(key, 'hex'), Buffer.from(value, 'hex')])
}

/** The pairs of aliases in a heartbeats topic after `since` (ms since the epoch). */
async function heartbeatPairs(cluster: TestCluster, topic: string, since: number): Promise<string[]> {
  const all = (await raw(cluster, topic).catch(() => [])).flatMap((record) => decodeHeartbeat(...record) ?? [])
  const later = all.filter(({ timestamp }) => timestamp >= since)
  return [...new Set(later.map((one) => `${one.sourceClusterAlias}->${one.targetClusterAlias}`))].toSorted()
}

/** The pairs of offsets in a checkpoints topic for one group and target partition, in order. */
async function checkpoints(cluster: TestCluster, alias: string, group: string, place: string) {
  const all = (await raw(cluster, `${alias}.checkpoints.internal`).catch(() => [])).map((one) =>
    decodeCheckpoint(...one),
  )
  return all.flatMap((one) =>
    one?.group === group && `${one.topic}-${one.partition}` === place
      ? [[one.upstreamOffset, one.downstreamOffset] as const]
      : [],
  )
}

test('three clusters in a ring: each record is copied once to each cluster, and heartbeats count the hops', async () => {
  const ring = { A: a, B: b, C: c }
  for (const [alias, cluster] of Object.entries(ring)) {
    await create(cluster, 'ring')
    await produce(cluster, 'ring', { count: 10, partitions: [0], label: alias })
  }
  const flows = ['A->B', 'B->C', 'C->A'].map((pair) => `${pair}.enabled = true`)
  await using godwit = await GodwitProcess.start(mm2File(ring, ...flows, 'topics = .*ring'))
  for (const [cluster, near, far] of [
    [a, 'C', 'B'],
    [b, 'A', 'C'],
    [c, 'B', 'A'],
  ] as const) {
    await untilEqual(() => topics(cluster, 'ring'), [`${near}.${far}.ring`, `${near}.ring`, 'ring'])
    await untilEqual(() => ends(cluster, `${near}.${far}.ring`), { 0: 10 })
    await untilEqual(() => remote(cluster, 'replicationHops', near), 1)
    await untilEqual(() => remote(cluster, 'replicationHops', far), 2)
  }
  assert.deepEqual(await remote(c, 'upstreamClusters'), ['A', 'B'])
  await untilEqual(() => heartbeatPairs(c, 'heartbeats', 0), ['A->C', 'B->C'])
  const all = await godwit.flows()
  const idle = all.filter(({ reason }) => reason === 'it is not enabled and only emits heartbeats')
  assert.deepEqual(idle.map(({ flow }) => flow).toSorted(), ['A->C', 'B->A', 'C->B'])
  assert.equal(await godwit.stop(), 0)
})

test('two clusters that copy each other: all is copied once, nothing loops, groups move there and back', async () => {
  for (const [cluster, label] of [
    [a, 'of A'],
    [b, 'of B'],
  ] as const) {
    await create(cluster, 'both', 2)
    await produce(cluster, 'both', { count: 100, partitions: [0, 1], label })
  }
  const began = Date.now()
  const flows = ['A->B.enabled = true', 'B->A.enabled = true', 'topics = .*both.*', 'groups = both-.*']
  await using godwit = await GodwitProcess.start(mm2File({ A: a, B: b }, ...flows))
  await untilEqual(() => ends(b, 'A.both'), { 0: 50, 1: 50 })
  await untilEqual(() => ends(a, 'B.both'), { 0: 50, 1: 50 })

  await commit(a, 'both-app', { 'both-0': 20, 'both-1': 50, 'B.both-0': 11 })
  await untilEqual(() => translated(b, 'A', 'both-app'), { 'A.both-0': 20, 'A.both-1': 50 })
  const moved = await read(b, 'both-app', ['A.both'], await translated(b, 'A', 'both-app'))
  assert.deepEqual(moved, {
    'A.both-0': { from: 20, read: 30, first: 'of A value 40' },
    'A.both-1': { from: 50, read: 0, first: '' },
  })

  await commit(b, 'both-app', { 'both-0': 15, 'both-1': 1 })
  await untilEqual(() => translated(a, 'B', 'both-app'), { 'B.both-0': 15, 'B.both-1': 1 })
  const back = await read(a, 'both-app', ['B.both'], await translated(a, 'B', 'both-app'))
  assert.deepEqual(back['B.both-0'], { from: 15, read: 35, first: 'of B value 30' })

  await create(a, 'both-later', 2)
  await produce(a, 'both-later', { count: 10, partitions: [1] })
  await commit(a, 'both-new', { 'both-later-0': 0, 'both-later-1': 4 })
  await untilEqual(() => ends(b, 'A.both-later'), { 0: 0, 1: 10 })
  // MM2 has no checkpoint for a partition without records; godwit knows the offset there too.
  await untilEqual(() => translated(b, 'A', 'both-new'), { 'A.both-later-0': 0, 'A.both-later-1': 4 })

  assert.deepEqual(
    [await topics(a, 'both'), await topics(b, 'both')],
    [
      ['B.both', 'both'],
      ['A.both', 'both'],
    ],
  )
  await untilEqual(() => heartbeatPairs(b, 'heartbeats', began), ['A->B'])
  await untilEqual(() => heartbeatPairs(b, 'A.heartbeats', began), ['B->A'])
  await untilEqual(() => heartbeatPairs(a, 'B.heartbeats', began), ['A->B'])
  assert.equal(await godwit.stop(), 0)
})

test('one process per target with --clusters: fan-out and fan-in, each with the flows to its own target', async () => {
  const flows = ['A->B', 'A->C', 'B->C'].map((pair) => `${pair}.enabled = true`)
  const file = mm2File({ A: a, B: b, C: c }, ...flows, 'topics = fan', 'heartbeats.replication.enabled = false')
  await create(a, 'fan')
  await create(b, 'fan')
  await produce(a, 'fan', { count: 30, partitions: [0], label: 'A' })
  await produce(b, 'fan', { count: 20, partitions: [0], label: 'B' })
  await using toB = await GodwitProcess.start(file, '--clusters', 'B')
  await using toC = await GodwitProcess.start(file, '--clusters', 'C')
  await untilEqual(() => ends(b, 'A.fan'), { 0: 30 })
  await untilEqual(() => ends(c, 'A.fan'), { 0: 30 })
  await untilEqual(() => ends(c, 'B.fan'), { 0: 20 })
  const names = async (godwit: GodwitProcess) => (await godwit.flows()).map(({ flow }) => flow).toSorted()
  assert.deepEqual(
    [await names(toB), await names(toC)],
    [
      ['A->B', 'C->B'],
      ['A->C', 'B->C'],
    ],
  )
  assert.deepEqual(await Promise.all([toB.stop(), toC.stop()]), [0, 0])
})

/** One flow from A to B per case, all in one process. @param cases prefix of its topics and groups -> lines of its flow */
function sideBySide(cases: Readonly<Record<string, readonly string[]>>, ...common: readonly string[]): string {
  const named = Object.entries(cases).flatMap(([name, lines]) =>
    ['enabled = true', `topics = ${name}.*`, `groups = ${name}.*`, ...lines].map(
      (line) => `A${name}->B${name}.${line}`,
    ),
  )
  const clusters = Object.keys(cases).flatMap((name) => [
    [`A${name}`, a],
    [`B${name}`, b],
  ])
  return mm2File(
    Object.fromEntries(clusters),
    'emit.heartbeats.enabled = false',
    'heartbeats.replication.enabled = false',
    ...common,
    ...named,
  )
}

const mm2Way = 'godwit.offset.translation = mm2'

test('group offsets reach the end and never exceed it, with offset.lag.max of 10 and 0, exact or as in MM2', async () => {
  const cases = {
    exact10: ['offset.lag.max = 10'],
    exact0: ['offset.lag.max = 0'],
    like10: ['offset.lag.max = 10', mm2Way],
    like0: ['offset.lag.max = 0', mm2Way],
  }
  const names = Object.keys(cases)
  for (const name of names) {
    await create(a, name, 2)
    await produce(a, name, { count: 100, partitions: [0] })
    await commit(a, `${name}-app`, { [`${name}-0`]: 100, [`${name}-1`]: 0 })
    await commit(a, `${name}-half`, { [`${name}-0`]: 50 })
  }
  await using godwit = await GodwitProcess.start(sideBySide(cases, 'sync.group.offsets.enabled = true'))
  for (const name of names) {
    const [copy, isExact] = [`A${name}.${name}`, name.startsWith('exact')]
    // The empty partition has no offset sync, so MM2 cannot translate the group's offset.
    const expected = { [`${copy}-0`]: 100, ...(isExact && { [`${copy}-1`]: 0 }) }
    await untilEqual(() => committed(b, `${name}-app`), expected)
    const half = await eventually(
      () => committed(b, `${name}-half`),
      (seen) => (seen[`${copy}-0`] ?? -1) >= 0,
    )
    const at = half[`${copy}-0`] ?? -1
    if (isExact) assert.equal(at, 50)
    else assert.ok(at > 0 && at <= 50, `${name}-half at ${at}`)
  }
  for (const name of names) {
    await create(a, `${name}-new`)
    await produce(a, `${name}-new`, { count: 33, partitions: [0] })
    await produce(a, name, { count: 7, partitions: [0] })
    assert.equal((await read(a, `${name}-app`, [name, `${name}-new`]))[`${name}-new-0`]?.read, 33)
  }
  for (const name of names) {
    const of = (topic: string) => `A${name}.${topic}-0`
    const seen = await eventually(
      () => committed(b, `${name}-app`),
      (there) => there[of(name)] === 107 && there[of(`${name}-new`)] === 33,
    )
    const again = await read(b, `${name}-app`, [`A${name}.${name}`, `A${name}.${name}-new`])
    assert.equal(again[of(name)]?.read, 0, JSON.stringify(seen))
  }
  assert.deepEqual(
    (await topics(a, '-new')).filter((name) => name.startsWith('B')),
    [],
  )
  assert.equal(await godwit.stop(), 0)
})

test('offset syncs are on the source, on the target or nowhere, as configured; checkpoints are written', async () => {
  const factor = 'offset-syncs.topic.replication.factor = 1'
  const cases = {
    here: [factor],
    there: [factor, 'offset-syncs.topic.location = target'],
    nowhere: ['emit.offset-syncs.enabled = false'],
  }
  const names = Object.keys(cases)
  for (const name of names) {
    await create(a, name)
    await produce(a, name, { count: 60, partitions: [0] })
    await commit(a, `${name}-app`, { [`${name}-0`]: 42 })
  }
  // Like MM2, godwit refuses settings of a topic that the same file disables.
  const file = sideBySide(cases).replace(`\n${factor}\n`, '\n')
  await using godwit = await GodwitProcess.start(file)
  for (const name of names) {
    await untilEqual(() => ends(b, `A${name}.${name}`), { 0: 60 })
    await untilEqual(() => checkpoints(b, `A${name}`, `${name}-app`, `A${name}.${name}-0`), [[42, 42]])
  }
  await untilEqual(() => topics(a, 'here.internal'), ['mm2-offset-syncs.Bhere.internal'])
  await untilEqual(
    async () => (await topics(b, 'there.internal')).filter((name) => name.startsWith('mm2-offset-syncs')),
    ['mm2-offset-syncs.Athere.internal'],
  )
  assert.equal(await godwit.stop(), 0)
  const syncs = [...(await topics(a, '.internal')), ...(await topics(b, '.internal'))]
  const ours = syncs.filter((name) => /^mm2-offset-syncs\..(here|there|nowhere)\./.test(name))
  assert.deepEqual(ours, ['mm2-offset-syncs.Bhere.internal', 'mm2-offset-syncs.Athere.internal'])
})

test('checkpoints of a lagging group advance over a restart, and move back only when the group does', async () => {
  const cases = { lag: [], slow: ['offset.lag.max = 10', mm2Way] }
  const names = ['lag', 'slow'] as const
  for (const name of names) {
    await create(a, name)
    await produce(a, name, { count: 100, partitions: [0] })
  }
  const file = sideBySide(cases)
  const downstream = async (name: (typeof names)[number], upstream: number) => {
    const seen = await eventually(
      () => checkpoints(b, `A${name}`, `${name}-app`, `A${name}.${name}-0`),
      (all) => all.at(-1)?.[0] === upstream,
    )
    return seen.map(([, down]) => down)
  }
  const goTo = async (offset: number) => {
    const seen: Record<string, number[]> = {}
    for (const name of names) await commit(a, `${name}-app`, { [`${name}-0`]: offset })
    for (const name of names) seen[name] = await downstream(name, offset)
    return seen
  }
  const first = await GodwitProcess.start(file)
  try {
    for (const offset of [10, 60]) await goTo(offset)
    assert.equal(await first.stop(), 0)
  } finally {
    await first[Symbol.asyncDispose]()
  }
  for (const name of names) await produce(a, name, { count: 50, partitions: [0] })
  await using second = await GodwitProcess.start(file)
  for (const name of names) await untilEqual(() => ends(b, `A${name}.${name}`), { 0: 150 })
  const forward = await goTo(120)
  assert.deepEqual(forward['lag'], [10, 60, 120])
  const like = forward['slow'] ?? []
  assert.equal(like.length, 3)
  assert.ok(
    like.every((down, at) => down <= ([10, 60, 120][at] ?? 0) && down > (like[at - 1] ?? -1)),
    like.join(' '),
  )
  const back = await goTo(30)
  assert.deepEqual(back['lag'], [10, 60, 120, 30])
  assert.ok((back['slow']?.at(-1) ?? 99) <= 30 && (back['slow']?.at(-1) ?? -1) > 0, `${back['slow']}`)
  assert.equal(await second.stop(), 0)
})
