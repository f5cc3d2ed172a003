// `godwit groups translate` and `sync` on a target that a real MirrorMaker 2 filled, while it runs and after it. godwit
// translates exactly; MirrorMaker 2's checkpoints are less exact.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { godwit } from '../harness/godwit.ts'
import { MirrorMaker } from '../harness/mirror-maker.ts'
import { RawGroups } from '../harness/raw-groups.ts'
import { JavaServer } from '../integration/engine/java-server.ts'
import { Site } from '../integration/engine/site.ts'

const [site, groups] = await Promise.all([Site.start(), JavaServer.start('Groups.java')])
const folder = mkdtempSync(join(tmpdir(), 'godwit-groups-mm2-'))
after(async () => {
  await Promise.all([site[Symbol.asyncDispose](), groups.close()])
  rmSync(folder, { recursive: true, force: true })
})

interface Row {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly targetTopic: string
  readonly committed: number
  readonly translated: number
  readonly how: string
  readonly checkpoint?: { readonly upstream: number; readonly downstream: number }
}

const policy = 'replication.policy.class = org.apache.kafka.connect.mirror.DefaultReplicationPolicy'
const committedOnly = 'SOURCE.consumer.isolation.level = read_committed'
const text = site.configuration(
  'm',
  'orders, turns',
  ...[policy, committedOnly, 'TARGET->SOURCE.enabled = false', 'groups = .*', 'offset.lag.max = 100'],
  ...['config', 'status'].map((name) => `${name}.storage.replication.factor = 1`),
  ...['refresh.groups', 'emit.checkpoints'].map((name) => `${name}.interval.seconds = 1`),
  'heartbeats.topic.replication.factor = 1',
)
const file = join(folder, 'mm2.properties')
writeFileSync(file, text)

const onSource = <T>(request: Record<string, unknown>) => groups.ask<T>({ on: site.source.bootstrap, ...request })
const onTarget = <T>(request: Record<string, unknown>) => groups.ask<T>({ on: site.target.bootstrap, ...request })

/** Transactions leave markers, and every third is aborted, so that source and target offsets differ more and more. */
async function turns(label: string): Promise<void> {
  for (let i = 0; i < 9; i++) {
    await site.onSource({ do: 'begin', id: 'tx' })
    await site.onSource({ do: 'send', id: 'tx', topic: 'turns', partition: 0, count: 20, label: `${label}${i}` })
    await site.onSource({ do: 'end', id: 'tx', how: i % 3 === 1 ? 'abort' : 'commit' })
  }
}

/** The expected target offset of each row: that of the first record at or after the committed offset. */
async function placesOf(rows: readonly Row[]): Promise<number[]> {
  return Promise.all(
    rows.map(async ({ topic, targetTopic, partition, committed }) => {
      const [source, target] = await Promise.all([
        site.read(site.source, topic, partition, 'read_committed'),
        site.read(site.target, targetTopic, partition),
      ])
      const first = source.find((one) => one.offset >= committed)
      const place = target.find(({ value }) => value === first?.value)?.offset
      return place ?? (target.at(-1)?.offset ?? -1) + 1
    }),
  )
}

/** Also a group that has committed -1 for a partition has a row for it, without a translation. */
async function everyRow(): Promise<Row[]> {
  const { out, err } = await godwit(['groups', 'translate', file, '--all-groups', '--output', 'json'])
  assert.ok(out.startsWith('{'), err)
  return (JSON.parse(out) as { partitions: Row[] }).partitions
}

const translated = async () => (await everyRow()).filter(({ committed }) => committed >= 0)

/** Waits until the target has this many records per source partition. */
async function untilCopied(): Promise<void> {
  await eventually(
    async () => {
      const { out } = await godwit(['offsets', file, '--output', 'json'])
      return (JSON.parse(out) as { partitions: { lag?: number }[] }).partitions
    },
    (partitions) => partitions.length === 3 && partitions.every(({ lag }) => lag !== undefined && lag <= 1),
    90_000,
  )
}

test('group offsets are translated exactly on what MirrorMaker 2 copied, while it runs and after it', async () => {
  await site.create('orders', 2)
  await site.create('turns', 1)
  await site.produce('orders', { count: 3000, partitions: [0, 1] })
  await turns('early')
  await onSource({ do: 'commit', group: 'start', offsets: { 'orders-0': 0, 'turns-0': 0 } })
  await onSource({ do: 'commit', group: 'middle', offsets: { 'orders-0': 777, 'orders-1': 1233, 'turns-0': 47 } })
  await onSource({ do: 'commit', group: 'end', offsets: { 'orders-0': 1500, 'orders-1': 1500, 'turns-0': 189 } })
  await using raw = new RawGroups(site.source.bootstrap)
  await raw.commit('negative', { 'orders-0': -1, 'turns-0': 189 })
  await using mm2 = await MirrorMaker.start(text)
  await untilCopied()
  await site.produce('orders', { count: 500, partitions: [0, 1], label: 'late' })
  await turns('late')
  await onSource({ do: 'commit', group: 'late', offsets: { 'orders-0': 1601, 'turns-0': 300 } })
  await untilCopied()
  const ofNegative = async () => (await everyRow()).filter(({ group }) => group === 'negative')
  const negative = await eventually(ofNegative, (rows) => rows.some(({ checkpoint }) => checkpoint !== undefined))
  assert.deepEqual(
    negative.map((row) => [row.topic, row.committed, row.how, row.checkpoint === undefined]),
    [
      ['orders', -1, 'none', true],
      ['turns', 189, 'compared', false],
    ],
    'MirrorMaker 2 has no checkpoint for -1 either',
  )
  const during = await translated()
  assert.deepEqual(
    during.map(({ translated: place }) => place),
    await placesOf(during),
  )
  await eventually(translated, (rows) =>
    rows.some(({ group, checkpoint }) => group === 'end' && checkpoint !== undefined),
  )
  await mm2.stop()
  const afterwards = await translated()
  assert.equal(afterwards.length, 11)
  assert.deepEqual(
    afterwards.map(({ translated: place }) => place),
    await placesOf(afterwards),
  )
  assert.ok(afterwards.every(({ how, targetTopic }) => how === 'compared' && targetTopic.startsWith('Am.')))
  const checkpoints = afterwards.filter(({ checkpoint }) => checkpoint)
  assert.ok(checkpoints.every(({ checkpoint, translated: place }) => (checkpoint?.downstream ?? 0) <= place))
})

test('sync commits the exact offsets for groups on the target topics of MirrorMaker 2', async () => {
  const rows = await translated()
  const places = await placesOf(rows)
  const { code, err } = await godwit(['groups', 'sync', file, '--all-groups', '--execute'])
  assert.equal(code, 0, err)
  const names = [...new Set(rows.map(({ group }) => group))]
  const found = await Promise.all(names.map((group) => onTarget<Record<string, number>>({ do: 'committed', group })))
  const expected = names.map((name) =>
    Object.fromEntries(
      rows.flatMap(({ group, targetTopic, partition }, at) =>
        group === name ? [[`${targetTopic}-${partition}`, places[at]]] : [],
      ),
    ),
  )
  assert.deepEqual(found, expected)
})
