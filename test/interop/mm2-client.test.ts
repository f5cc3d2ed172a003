// What MM2's client library finds in godwit's topics: three versions of the client, both replication policies, also during
// copying.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { untilEqual } from '../harness/eventually.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { JavaServer } from '../integration/engine/java-server.ts'
import { Site } from '../integration/engine/site.ts'
import { identity, mm2File } from './mm2-file.ts'

const versions = ['4.2.0', '3.9.2', '4.3.1'] as const
const [site, ...clients] = await Promise.all([
  Site.start(),
  ...versions.map((version) => JavaServer.start('Groups.java', version)),
])
after(() => Promise.all([site[Symbol.asyncDispose](), ...clients.map((client) => client.close())]))

const [groups] = clients as [JavaServer, ...JavaServer[]]
const { source: a, target: b } = site
const file = (...lines: readonly string[]) => mm2File({ A: a, B: b }, 'A->B.enabled = true', ...lines)
const both = file('B->A.enabled = true', 'topics = orders, stock, moving', 'groups = shop-.*, live-.*')
const identical = file(identity, 'topics = till', 'groups = .*', 'groups.exclude = shop-.*, live-.*')

type Offsets = Record<string, number>
/** The cluster that clients ask, and their configuration. */
interface Asked {
  readonly on: string
  readonly settings?: Readonly<Record<string, string>>
}

const onA: Asked = { on: a.bootstrap }
const onB: Asked = { on: b.bootstrap }
const commit = (at: Asked, group: string, offsets: Offsets) => groups.ask({ do: 'commit', group, offsets, ...at })

/** Waits until the client of every version gives the expected answer. */
async function allAnswer(at: Asked, question: Readonly<Record<string, string>>, expected: unknown): Promise<void> {
  const answers = (client: JavaServer) => client.ask<unknown>({ do: 'remote', ...at, ...question })
  await Promise.all(clients.map((client) => untilEqual(() => answers(client), expected)))
}

test('with the default policy, in both directions, topics, upstream clusters and hops are correct', async () => {
  await site.create('orders', 2)
  await site.onTarget({ do: 'create', topic: 'stock', partitions: 1 })
  await using godwit = await GodwitProcess.start(both)
  for (const [at, other, local] of [
    [onB, 'A', 'orders'],
    [onA, 'B', 'stock'],
  ] as const) {
    await allAnswer(at, { ask: 'remoteTopics' }, [`${other}.heartbeats`, `${other}.${local}`])
    await allAnswer(at, { ask: 'remoteTopics', alias: other }, [`${other}.heartbeats`, `${other}.${local}`])
    await allAnswer(at, { ask: 'remoteTopics', alias: 'heartbeats' }, [])
    await allAnswer(at, { ask: 'heartbeatTopics' }, [`${other}.heartbeats`, 'heartbeats'])
    await allAnswer(at, { ask: 'checkpointTopics' }, [`${other}.checkpoints.internal`])
    await allAnswer(at, { ask: 'upstreamClusters' }, [other])
    await allAnswer(at, { ask: 'replicationHops', alias: other }, 1)
    await allAnswer(at, { ask: 'replicationHops', alias: other === 'A' ? 'B' : 'A' }, -1)
  }
  assert.equal(await godwit.stop(), 0)
})

test('several groups are translated exactly, each on its failover cluster', async () => {
  await site.produce('orders', { count: 2000, partitions: [0, 1] })
  await site.onSource({ do: 'trim', topic: 'orders', partition: 1, before: 300 })
  await site.onTarget({ do: 'produce', topic: 'stock', count: 50, partitions: [0] })
  await commit(onA, 'shop-start', { 'orders-0': 0 })
  await commit(onA, 'shop-half', { 'orders-0': 517, 'orders-1': 611 })
  await commit(onA, 'shop-end', { 'orders-0': 1000, 'orders-1': 1000 })
  await commit(onA, 'unseen', { 'orders-0': 5 })
  await commit(onB, 'shop-half', { 'stock-0': 7 })
  await using godwit = await GodwitProcess.start(both)
  const translated = (group: string, alias = 'A') => ({ ask: 'translateOffsets', alias, group })
  await allAnswer(onB, translated('shop-start'), { 'A.orders-0': 0 })
  await allAnswer(onB, translated('shop-half'), { 'A.orders-0': 517, 'A.orders-1': 311 })
  await allAnswer(onB, translated('shop-end'), { 'A.orders-0': 1000, 'A.orders-1': 700 })
  await allAnswer(onB, translated('unseen'), {})
  await allAnswer(onA, translated('shop-half', 'B'), { 'B.stock-0': 7 })
  const newest = clients[versions.indexOf('4.3.1')] as JavaServer
  assert.deepEqual(
    await newest.ask({ do: 'remote', ask: 'translateAll', alias: 'A', groups: 'shop-.*', ...onB }),
    {
      'shop-end': { 'A.orders-0': 1000, 'A.orders-1': 700 },
      'shop-half': { 'A.orders-0': 517, 'A.orders-1': 311 },
      'shop-start': { 'A.orders-0': 0 },
    },
    'several groups in one question (KIP-1239)',
  )
  assert.equal(await godwit.stop(), 0)
})

test('during copying a translation never moves back, and belongs to an offset that the group had', async () => {
  await site.create('moving', 1)
  await using godwit = await GodwitProcess.start(both)
  const perTransaction = 20
  // Each transaction ends with a marker, which is not copied, so that the offsets differ more and more.
  const place = (upstream: number) => {
    const whole = Math.floor(upstream / (perTransaction + 1))
    return whole * perTransaction + Math.min(upstream % (perTransaction + 1), perTransaction)
  }
  const translated = async (client: JavaServer) => {
    const question = { ask: 'translateOffsets', alias: 'A', group: 'live-1' }
    const answer = await client.ask<Offsets>({ do: 'remote', ...onB, ...question })
    return answer['A.moving-0'] ?? -1
  }
  const had = new Set([-1])
  const seen: number[] = []
  const send = async (round: number) => {
    await site.onSource({ do: 'begin', id: 'moving' })
    await site.onSource({ do: 'send', id: 'moving', topic: 'moving', partition: 0, count: perTransaction })
    await site.onSource({ do: 'end', id: 'moving', how: 'commit' })
    const behind = 3 + ((round * 7) % 30)
    const at = Math.max(0, (round + 1) * (perTransaction + 1) - behind)
    if (at < Math.max(...had)) return
    had.add(at)
    await commit(onA, 'live-1', { 'moving-0': at })
  }
  for (let round = 0; round < 24; round++) {
    await send(round)
    const client = clients[round % clients.length] as JavaServer
    const answer = await translated(client)
    const places = new Set([...had].map((at) => (at < 0 ? -1 : place(at))))
    assert.ok(places.has(answer), `${answer} is not the translation of any offset committed so far`)
    assert.ok(answer >= (seen.at(-1) ?? -1), `${answer} after ${seen.at(-1)}`)
    const ends = await site.targetEnds('A.moving').catch(() => ({ 0: 0 }))
    assert.ok(answer <= (ends['0'] ?? 0), `${answer} is beyond the end of the target log`)
    seen.push(answer)
  }
  const last = Math.max(...had)
  await Promise.all(clients.map((client) => untilEqual(() => translated(client), place(last))))
  assert.ok(new Set(seen).size > 3, `the translation advanced too rarely: ${[...new Set(seen)].join(' ')}`)
  assert.equal(await godwit.stop(), 0)
})

test('with the Identity policy names stay, and heartbeats still show upstream clusters and hops', async () => {
  await site.create('till', 1)
  await site.produce('till', { count: 100, partitions: [0] })
  await commit(onA, 'till-1', { 'till-0': 40 })
  await commit(onA, 'till-2', { 'till-0': 100 })
  await using godwit = await GodwitProcess.start(identical)
  const policy = identity.slice(identity.indexOf('=') + 2)
  const bare: Asked = { on: b.bootstrap, settings: { 'replication.policy.class': policy } }
  const named: Asked = { on: b.bootstrap, settings: { ...bare.settings, 'source.cluster.alias': 'A' } }
  for (const at of [bare, named]) {
    await allAnswer(at, { ask: 'translateOffsets', alias: 'A', group: 'till-1' }, { 'till-0': 40 })
    await allAnswer(at, { ask: 'translateOffsets', alias: 'A', group: 'till-2' }, { 'till-0': 100 })
    await allAnswer(at, { ask: 'upstreamClusters' }, ['A'])
    await allAnswer(at, { ask: 'replicationHops', alias: 'A' }, 1)
    await allAnswer(at, { ask: 'replicationHops', alias: 'C' }, -1)
    await allAnswer(at, { ask: 'heartbeatTopics' }, ['A.heartbeats', 'heartbeats'])
    await allAnswer(at, { ask: 'checkpointTopics' }, ['A.checkpoints.internal'])
  }
  await allAnswer(bare, { ask: 'remoteTopics' }, ['A.heartbeats'])
  await allAnswer(named, { ask: 'remoteTopics' }, ['A.heartbeats', 'A.moving', 'A.orders', 'stock', 'till'])
  assert.equal(await godwit.stop(), 0)
})
