// The records of a real MirrorMaker 2, followed by godwit's in the same topics. godwit reads Java's records and would write the
// same bytes; Java's console formatters print both.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { decodeCheckpoint, encodeCheckpoint } from '../../src/mirror/checkpoint.ts'
import { decodeHeartbeat, encodeHeartbeat } from '../../src/mirror/heartbeat.ts'
import { decodeOffsetSync, encodeOffsetSync } from '../../src/mirror/sync-emission.ts'
import { eventually } from '../harness/eventually.ts'
import { runKafkaTool } from '../harness/java.ts'
import { MirrorMaker } from '../harness/mirror-maker.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { JavaServer } from '../integration/engine/java-server.ts'
import { Site } from '../integration/engine/site.ts'
import { mm2File } from './mm2-file.ts'

const MM2 = '4.2.0'
const formatterVersions = ['4.2.0', '4.3.1', '3.9.2']
const golden = join(import.meta.dirname, '../unit/mirror/golden/mm2-4.2.0.json')

interface RawRecord {
  readonly key: string
  readonly value: string
  readonly timestamp: number
  readonly headers: number
}

/** A kind of MM2 record: its topic, how godwit reads and writes it, and how Java prints it. */
interface Kind {
  readonly topic: string
  readonly on: 'source' | 'target'
  readonly formatter: string
  readonly print: (key: Buffer, value: Buffer) => string | undefined
  readonly again: (key: Buffer, value: Buffer) => { key: Buffer; value: Buffer } | undefined
}

const kinds: Readonly<Record<string, Kind>> = {
  heartbeats: {
    topic: 'heartbeats',
    on: 'target',
    formatter: 'HeartbeatFormatter',
    print: (key, value) => {
      const beat = decodeHeartbeat(key, value)
      if (!beat) return undefined
      const { sourceClusterAlias, targetClusterAlias, timestamp } = beat
      return `Heartbeat{sourceClusterAlias=${sourceClusterAlias}, targetClusterAlias=${targetClusterAlias}, timestamp=${timestamp}}`
    },
    again: (key, value) => mapped(decodeHeartbeat(key, value), encodeHeartbeat),
  },
  checkpoints: {
    topic: 'old.checkpoints.internal',
    on: 'target',
    formatter: 'CheckpointFormatter',
    print: (key, value) => {
      const checkpoint = decodeCheckpoint(key, value)
      if (!checkpoint) return undefined
      const { group, topic, partition, upstreamOffset, downstreamOffset, metadata } = checkpoint
      return `Checkpoint{consumerGroupId=${group}, topicPartition=${topic}-${partition}, upstreamOffset=${upstreamOffset}, downstreamOffset=${downstreamOffset}, metadata=${metadata}}`
    },
    again: (key, value) => mapped(decodeCheckpoint(key, value), encodeCheckpoint),
  },
  offsetSyncs: {
    topic: 'mm2-offset-syncs.new.internal',
    on: 'source',
    formatter: 'OffsetSyncFormatter',
    print: (key, value) => {
      const sync = decodeOffsetSync(key, value)
      if (!sync) return undefined
      const { topic, partition, upstreamOffset, downstreamOffset } = sync
      return `OffsetSync{topicPartition=${topic}-${partition}, upstreamOffset=${upstreamOffset}, downstreamOffset=${downstreamOffset}}`
    },
    again: (key, value) => mapped(decodeOffsetSync(key, value), encodeOffsetSync),
  },
}

const mapped = <T, R>(one: T | undefined, to: (one: T) => R): R | undefined => (one === undefined ? undefined : to(one))
const bytes = ({ key, value }: RawRecord) => [Buffer.from(key, 'hex'), Buffer.from(value, 'hex')] as const

let site: Site
let groups: JavaServer
before(async () => {
  ;[site, groups] = await Promise.all([Site.start(), JavaServer.start('Groups.java')])
})
after(() => Promise.all([site[Symbol.asyncDispose](), groups.close()]))

const raw = ({ topic, on }: Kind) => groups.ask<RawRecord[]>({ do: 'raw', topic, on: site[on].bootstrap })
const kindOf = (name: string) => kinds[name] as Kind

const configuration = () =>
  mm2File(
    { old: site.source, new: site.target },
    'old->new.enabled = true',
    'new->old.emit.heartbeats.enabled = false',
    'old->new.topics = orders, stock',
    'old->new.groups = billing, k.*che',
    'offset.lag.max = 10',
  )

const commit = (group: string, offset: number) => {
  const offsets = { 'orders-0': offset, 'stock-1': offset }
  return groups.ask({ do: 'commit', on: site.source.bootstrap, group, metadata: 'till 7 ü', offsets })
}

test(`godwit reads every record that MirrorMaker 2 ${MM2} writes, and has the same bytes for it`, async () => {
  await site.create('orders', 1)
  await site.create('stock', 2)
  for (const partitions of [[0], [1]])
    await site.produce(partitions[0] === 0 ? 'orders' : 'stock', { count: 150, partitions })
  await commit('billing', 150)
  await commit('küche', 150)
  const mm2 = await MirrorMaker.start(configuration(), MM2)
  const found: Record<string, readonly RawRecord[]> = {}
  try {
    for (const [name, kind] of Object.entries(kinds)) {
      const isThere = (seen: readonly RawRecord[]) =>
        name === 'checkpoints' ? new Set(seen.map(({ key }) => key)).size === 4 : seen.length >= 2
      found[name] = await eventually(() => raw(kind).catch(() => []), isThere, 240_000)
    }
    await mm2.stop()
  } catch (error) {
    throw new Error(`MirrorMaker 2 did not write what it should; it said: ${mm2.said.slice(-2000)}`, { cause: error })
  } finally {
    await mm2[Symbol.asyncDispose]()
  }
  for (const [name, records] of Object.entries(found)) {
    for (const record of records) {
      const again = kindOf(name).again(...bytes(record))
      assert.deepEqual(
        { key: again?.key.toString('hex'), value: again?.value.toString('hex'), headers: record.headers },
        { key: record.key, value: record.value, headers: 0 },
        `${name}: ${kindOf(name).print(...bytes(record))}`,
      )
    }
  }
  const checkpoints = found['checkpoints']?.map((record) => decodeCheckpoint(...bytes(record))) ?? []
  const places = checkpoints.map((one) => `${one?.group} ${one?.topic}-${one?.partition} ${one?.metadata}`)
  assert.deepEqual([...new Set(places)].toSorted(), [
    'billing old.orders-0 till 7 ü',
    'billing old.stock-1 till 7 ü',
    'küche old.orders-0 till 7 ü',
    'küche old.stock-1 till 7 ü',
  ])
  if (process.env['GODWIT_WRITE_GOLDEN']) writeFileSync(golden, `${JSON.stringify(found, undefined, 2)}\n`)
})

test('godwit continues in the topics of MM2, and formatters of three versions print all records of both', async () => {
  const before = await Promise.all(Object.values(kinds).map(raw))
  await using godwit = await GodwitProcess.start(configuration())
  await site.produce('orders', { count: 30, partitions: [0] })
  await godwit.untilCopied('orders', { 0: 180 })
  await commit('billing', 171)
  const isLater = (seen: readonly RawRecord[]) =>
    seen.some((record) => decodeCheckpoint(...bytes(record))?.upstreamOffset === 171)
  await eventually(() => raw(kindOf('checkpoints')), isLater)
  assert.equal(await godwit.stop(), 0)
  await Promise.all(
    Object.values(kinds).map(async (kind, at) => {
      const records = await raw(kind)
      assert.ok(records.length > (before[at]?.length ?? 0), `godwit wrote to ${kind.topic}`)
      const expected = records.map((record) => kind.print(...bytes(record)))
      for (const version of formatterVersions) {
        const from = ['--bootstrap-server', site[kind.on].bootstrap, '--topic', kind.topic, '--partition', '0']
        const range = ['--offset', 'earliest', '--max-messages', `${records.length}`, '--timeout-ms', '30000']
        const formatter = `org.apache.kafka.connect.mirror.formatters.${kind.formatter}`
        const args = [...from, ...range, '--formatter', formatter]
        const printed = await runKafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', args, { version })
        assert.deepEqual(printed.stdout.trimEnd().split('\n'), expected, `${version}: ${printed.stderr}`)
      }
    }),
  )
  const synced = (await raw(kindOf('offsetSyncs'))).at(-1) as RawRecord
  assert.equal(
    kindOf('offsetSyncs').print(...bytes(synced)),
    'OffsetSync{topicPartition=orders-0, upstreamOffset=179, downstreamOffset=179}',
  )
})
