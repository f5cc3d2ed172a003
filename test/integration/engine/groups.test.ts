// Committed offsets are translated to the exact record on the target, Java can read the results, and some groups are not changed.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { GroupStatus } from '../../../src/model/flow-status.ts'
import { eventually, untilEqual } from '../../harness/eventually.ts'
import { runKafkaTool } from '../../harness/java.ts'
import { NEWEST } from '../../harness/kafka-jars.ts'
import type { GodwitProcess } from './godwit-process.ts'
import { JavaServer } from './java-server.ts'
import { Site } from './site.ts'

const [site, groups] = await Promise.all([Site.start(), JavaServer.start('Groups.java')])
after(() => Promise.all([site[Symbol.asyncDispose](), groups.close()]))

/** Kafka 4.0 introduced the new consumer protocol (KIP-848). */
const isOlder = site.source.isBefore(4)
const skip = isOlder && 'brokers before 4.0 know one protocol of consumers'

const often = [
  'groups = SOURCE.*',
  'refresh.groups.interval.seconds = 1',
  'emit.checkpoints.interval.seconds = 1',
  'sync.group.offsets.enabled = true',
  'sync.group.offsets.interval.seconds = 1',
]

type Offsets = Record<string, number>

const onSource = <T>(request: Record<string, unknown>) => groups.ask<T>({ on: site.source.bootstrap, ...request })
const onTarget = <T>(request: Record<string, unknown>) => groups.ask<T>({ on: site.target.bootstrap, ...request })

const commit = (group: string, offsets: Offsets) => onSource({ do: 'commit', group, offsets })

const untilOnTarget = (group: string, expected: Offsets) =>
  untilEqual(() => onTarget<Offsets>({ do: 'committed', group }), expected)

async function groupOf(godwit: GodwitProcess, group: string): Promise<GroupStatus | undefined> {
  return (await godwit.status())?.groups?.find((one) => one.group === group)
}

test('groups at the start, within the log, at its end and before its start are translated exactly', async () => {
  await site.create('plain', 2)
  await site.produce('plain', { count: 2000, partitions: [0, 1] })
  await site.onSource({ do: 'trim', topic: 'plain', partition: 1, before: 100 })
  await using godwit = await site.godwit('plain', 'plain', ...often)
  await godwit.untilCopied('plain', await site.ends('plain'))
  await commit('Aplain-start', { 'plain-0': 0 })
  await commit('Aplain-half', { 'plain-0': 517, 'plain-1': 611 })
  await commit('Aplain-end', { 'plain-0': 1000, 'plain-1': 1000 })
  await commit('Aplain-gone', { 'plain-1': 40 })
  await commit('other', { 'plain-0': 5 })
  await untilOnTarget('Aplain-start', { 'plain-0': 0 })
  await untilOnTarget('Aplain-half', { 'plain-0': 517, 'plain-1': 511 })
  await untilOnTarget('Aplain-end', { 'plain-0': 1000, 'plain-1': 900 })
  await untilOnTarget('Aplain-gone', { 'plain-1': 0 })
  assert.deepEqual(await onTarget({ do: 'committed', group: 'other' }), {})
  await site.produce('plain', { count: 10, partitions: [0] })
  await commit('Aplain-end', { 'plain-0': 1007 })
  await untilOnTarget('Aplain-end', { 'plain-0': 1007, 'plain-1': 900 })
})

test('offsets in aborted transactions, on markers and in compaction holes translate to the next record', async () => {
  await site.create('shifting', 1)
  const end = (how: string) => site.onSource({ do: 'end', id: 'tx', how })
  for (let i = 0; i < 6; i++) {
    await site.onSource({ do: 'begin', id: 'tx' })
    await site.onSource({ do: 'send', id: 'tx', topic: 'shifting', partition: 0, count: 10, label: `t${i}` })
    await end(i % 3 === 1 ? 'abort' : 'commit')
  }
  await site.create('holes', 1, {
    'cleanup.policy': 'compact',
    'segment.ms': '100',
    'min.cleanable.dirty.ratio': '0.01',
  })
  await site.produce('holes', { count: 3000, partitions: [0], keys: 400 })
  // The cleaner does not touch the active segment. New segments depend on the timestamps of records.
  await site.produce('holes', { count: 3, partitions: [0], keys: 400, time: Date.now() + 1000 })
  await site.onSource({ do: 'await holes', topic: 'holes', most: 1500 })
  await using godwit = await site.godwit(
    'shift',
    'shifting, holes',
    'SOURCE.consumer.isolation.level = read_committed',
    ...often,
  )
  await godwit.until('in sync', (flow) => flow.inSync)
  const names: string[] = []
  for (const topic of ['shifting', 'holes']) {
    const last = (await site.ends(topic))['0'] ?? 0
    for (let at = 0; at <= last; at += topic === 'holes' ? 97 : 1) {
      names.push(`Ashift-${topic}-${at}`)
      await commit(`Ashift-${topic}-${at}`, { [`${topic}-0`]: at })
    }
  }
  await eventually(
    async () => (await godwit.status())?.groups ?? [],
    (seen) => names.every((name) => seen.find(({ group }) => group === name)?.partitions[0]?.result === 'synced'),
  )
  const { source, target } = site
  const request = { source: source.bootstrap, target: target.bootstrap, copies: {}, isolation: 'read_committed' }
  assert.deepEqual(await groups.ask({ do: 'resume', groups: names, ...request }), [])
})

test('groups of empty partitions, uncopied records and recreated topics are reported with the reason', async () => {
  await site.create('empty', 2)
  await site.create('late', 1)
  await site.produce('late', { count: 500, partitions: [0] })
  await using godwit = await site.godwit('edge', 'empty, late', 'SOURCE.consumer.auto.offset.reset = latest', ...often)
  await godwit.untilCopied('late', { 0: 500 })
  await site.produce('late', { count: 20, partitions: [0] })
  await godwit.untilCopied('late', { 0: 520 })
  await commit('Aedge-empty', { 'empty-0': 0 })
  await commit('Aedge-late', { 'late-0': 300 })
  await untilOnTarget('Aedge-empty', { 'empty-0': 0 })
  // Offsets before the start of copying translate to the first copied record.
  await untilOnTarget('Aedge-late', { 'late-0': 0 })
  await commit('Aedge-late', { 'late-0': 507 })
  await untilOnTarget('Aedge-late', { 'late-0': 7 })
  await godwit.stop()

  await site.onSource({ do: 'delete', topic: 'late' })
  await eventually(
    () => site.onSource<string[]>({ do: 'topics' }),
    (names) => !names.includes('late'),
  )
  await site.create('late', 1)
  await site.produce('late', { count: 600, partitions: [0] })
  await commit('Aedge-late', { 'late-0': 550 })
  await using again = await site.godwit('edge', 'empty, late', 'SOURCE.consumer.auto.offset.reset = latest', ...often)
  const status = await eventually(
    () => groupOf(again, 'Aedge-late'),
    (one) => one?.partitions[0]?.upstream === 550,
  )
  assert.deepEqual(
    status?.partitions.map(({ downstream, result, reason }) => [downstream, result, reason]),
    [[-1, 'untranslated', 'its partition is not being copied yet']],
  )
  assert.deepEqual(await onTarget({ do: 'committed', group: 'Aedge-late' }), { 'late-0': 7 })
})

test('a group with active members on the target is not synced until it is empty, and its client is named', async () => {
  for (const protocol of isOlder ? ['classic'] : ['classic', 'consumer']) {
    const topic = `busy-${protocol}`
    const group = `Abusy-${protocol}`
    await site.create(topic, 1)
    await site.produce(topic, { count: 100, partitions: [0] })
    await using godwit = await site.godwit(`busy-${protocol}`, topic, ...often)
    await godwit.untilCopied(topic, { 0: 100 })
    await onTarget({ do: 'join', id: protocol, group, topics: [topic], protocol, client: 'till-7' })
    await commit(group, { [`${topic}-0`]: 60 })
    const status = await eventually(
      () => groupOf(godwit, group),
      (one) => one?.partitions[0]?.result === 'active',
    )
    assert.match(status?.partitions[0]?.reason ?? '', /^active on the target: client till-7 on host 127\.0\.0\.1$/)
    assert.deepEqual(await onTarget({ do: 'committed', group }), {})
    await onTarget({ do: 'leave', id: protocol })
    await untilOnTarget(group, { [`${topic}-0`]: 60 })
  }
})

test('a group of the new protocol on the source is translated; a share group is named once and not synced', {
  skip,
}, async () => {
  await site.create('kinds', 1)
  await site.produce('kinds', { count: 100, partitions: [0] })
  const newer = { group: 'Akinds-new', topics: ['kinds'], protocol: 'consumer' }
  await onSource({ do: 'join', id: 'kinds', ...newer })
  await onSource({ do: 'leave', id: 'kinds' })
  await commit('Akinds-new', { 'kinds-0': 44 })
  const knowsShare = site.source.version === NEWEST
  if (knowsShare) {
    const args = ['--bootstrap-server', site.source.bootstrap, '--topic', 'kinds', '--group', 'Akinds-share']
    await runKafkaTool('org.apache.kafka.tools.consumer.ConsoleShareConsumer', [...args, '--timeout-ms', '2000'])
  }
  await using godwit = await site.godwit('kinds', 'kinds', ...often)
  await untilOnTarget('Akinds-new', { 'kinds-0': 44 })
  assert.equal((await groupOf(godwit, 'Akinds-new'))?.protocol, 'consumer')
  if (!knowsShare) return
  await godwit.untilTask('groups', ({ runs }) => runs > 2)
  const said = godwit.log.filter(({ group, level }) => group === 'Akinds-share' && level === 'warn')
  assert.deepEqual(
    said.map(({ message, type }) => [message, type]),
    [['the offsets of this group are not translated: it is not a consumer group', 'share']],
  )
  assert.equal(await groupOf(godwit, 'Akinds-share'), undefined)
})

test('committed offsets on the target never move back, even after a rewind on the source', async () => {
  await site.create('forth', 1)
  await site.produce('forth', { count: 100, partitions: [0] })
  await using godwit = await site.godwit('forth', 'forth', ...often)
  await godwit.untilCopied('forth', { 0: 100 })
  await commit('Aforth', { 'forth-0': 50 })
  await untilOnTarget('Aforth', { 'forth-0': 50 })
  const checkpoints = (count: number) =>
    eventually(
      () => onTarget<string[]>({ do: 'remote', ask: 'checkpoints', topic: 'Aforth.checkpoints.internal' }),
      (all) => all.length >= count,
    )
  await checkpoints(1)
  await onTarget({ do: 'commit', group: 'Aforth', offsets: { 'forth-0': 80 } })
  await commit('Aforth', { 'forth-0': 10 })
  // Until the next sync the status shows the previous offset 50.
  await eventually(
    () => groupOf(godwit, 'Aforth'),
    (one) => one?.partitions[0]?.reason === 'it is ahead on the target: 80 instead of 10',
  )
  assert.deepEqual(await onTarget({ do: 'committed', group: 'Aforth' }), { 'forth-0': 80 })
  assert.deepEqual(
    (await checkpoints(2)).map((text) =>
      /upstreamOffset=(\d+), downstreamOffset=(\d+)/.exec(text)?.slice(1).map(Number),
    ),
    [
      [50, 50],
      [10, 10],
    ],
  )
})

test('the offset map is kept over stop and kill -9, and rebuilt by comparing the logs when it is lost', async () => {
  await site.create('lives', 1)
  const stamp = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await site.onSource({ do: 'begin', id: 'lives' })
      await site.onSource({
        do: 'send',
        id: 'lives',
        topic: 'lives',
        partition: 0,
        count: 3,
        label: `${Math.random()}`,
      })
      await site.onSource({ do: 'end', id: 'lives', how: 'commit' })
    }
  }
  for (const end of ['stop', 'kill', 'stop']) {
    await using godwit = await site.godwit('lives', 'lives', ...often)
    await stamp(30)
    await godwit.untilCopied('lives', await site.ends('lives'))
    if (end === 'stop') await godwit.stop()
    else await godwit.kill9()
  }
  const end = (await site.ends('lives'))['0'] ?? 0
  const names = Array.from({ length: end + 1 }, (_, at) => `Alives-${at}`)
  for (const [at, name] of names.entries()) await commit(name, { 'lives-0': at })
  for (const map of ['kept', 'lost']) {
    if (map === 'lost') await site.onTarget({ do: 'delete', topic: 'mm2-godwit-offset-map.Alives.internal' })
    await using godwit = await site.godwit('lives', 'lives', ...often)
    await eventually(
      async () => (await godwit.status())?.groups ?? [],
      (seen) => seen.length === names.length && seen.every(({ partitions }) => partitions[0]?.result === 'synced'),
      60_000,
    )
    assert.equal(await godwit.stop(), 0)
    const request = { source: site.source.bootstrap, target: site.target.bootstrap, copies: {} }
    assert.deepEqual(await groups.ask({ do: 'resume', groups: names, ...request }), [])
    for (const group of names) await onTarget({ do: 'delete groups', group })
  }
})
