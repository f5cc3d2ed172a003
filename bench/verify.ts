// npm run bench:verify: the cost of `godwit verify --depth full` per GB of source data, on targets that godwit copied and on targets with other batches.
import { randomFillSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewRecord } from '../src/batch/records.ts'
import type { Report } from '../src/verify/report.ts'
import { startCluster, type TestCluster } from '../test/harness/cluster.ts'
import { godwit } from '../test/harness/godwit.ts'
import { createTopics } from '../test/harness/operate.ts'
import { inBatches, produceBatches } from '../test/harness/produce-batches.ts'
import { Child } from './measure/child.ts'
import { plainTable } from './report/table.ts'

const RECORD_BYTES = 1024
const PARTITIONS = 4
/** 255 KiB */
const BATCH_RECORDS = 255
const OTHER_RECORDS = 60
const LZ4 = 3
/** Recent timestamps, so that retention does not delete the records during the run. */
const TIME = Date.now() - 3_600_000
const PATIENCE_MS = 600_000
/** Maximum cost of a verification; CPU time per GB of uncompressed records. */
const bars = { cpuSecondsPerGb: 4, rssMb: 200 }

interface Scene {
  readonly topic: string
  readonly title: string
  readonly codec: number
  /** records per batch on the target; undefined: godwit copies the topic */
  readonly targetRecords?: number
}

const scenes: readonly Scene[] = [
  { topic: 'plain', title: 'uncompressed, copied by godwit', codec: 0 },
  { topic: 'plain-other', title: 'uncompressed, other batches', codec: 0, targetRecords: OTHER_RECORDS },
  { topic: 'lz4', title: 'lz4, copied by godwit', codec: LZ4 },
  { topic: 'lz4-other', title: 'lz4, other batches', codec: LZ4, targetRecords: OTHER_RECORDS },
]

/** Records of 1 KiB, half random and half text; the same ones at every call. */
function* records(count: number): Generator<NewRecord> {
  const pool = randomPool()
  const filler = Buffer.from('the same words again and again '.repeat(32))
  for (let number = 0; number < count; number++) {
    const value = Buffer.allocUnsafe(RECORD_BYTES)
    filler.copy(value, 0, 0, RECORD_BYTES / 2)
    pool.copy(value, RECORD_BYTES / 2, (number * 7919) % (pool.length - RECORD_BYTES))
    yield { timestamp: TIME + number, key: Buffer.from(`${number}`), value, headers: [] }
  }
}

const random = randomFillSync(Buffer.alloc(4 * 1024 * 1024))
const randomPool = () => random

/** Produces `count` records to all partitions of a topic; returns the bytes of all batches. */
async function fill(cluster: TestCluster, topic: string, count: number, size: number, codec: number): Promise<number> {
  let bytes = 0
  const counted = function* () {
    for (const batch of inBatches(records(count / PARTITIONS), size, codec)) {
      bytes += batch.length
      yield batch
    }
  }
  for (let partition = 0; partition < PARTITIONS; partition++)
    await produceBatches(cluster.bootstrap, { topic, partition }, counted())
  return bytes
}

async function bench(mb: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-bench-verify-'))
  const configs = { 'log.flush.interval.messages': '1000000000' }
  await using source = await startCluster({ name: 'source', heapMb: 512, configs })
  await using target = await startCluster({ name: 'target', heapMb: 512, configs })
  const file = join(folder, 'mm2.properties')
  const lines = [
    ...['clusters = a, b', `a.bootstrap.servers = ${source.bootstrap}`, `b.bootstrap.servers = ${target.bootstrap}`],
    ...['a->b.enabled = true', 'replication.factor = 1', 'offset.storage.replication.factor = 1'],
    ...[
      'emit.heartbeats.enabled = false',
      'emit.checkpoints.enabled = false',
      'offset-syncs.topic.replication.factor = 1',
    ],
    'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
    'a->b.topics = plain.*, lz4.*',
  ]
  const count = Math.floor((mb * 1_000_000) / RECORD_BYTES)
  const rows: string[][] = []
  let isMet = true
  for (const scene of scenes) {
    const { topic, codec, targetRecords } = scene
    await createTopics(source, { name: topic, partitions: PARTITIONS })
    const bytes = await fill(source, topic, count, BATCH_RECORDS, codec)
    writeFileSync(file, lines.join('\n').replace('plain.*, lz4.*', topic))
    if (targetRecords === undefined) {
      const copied = await godwit(['run', file, '--until', 'in-sync', '--http', 'off'], { timeoutMs: PATIENCE_MS })
      if (copied.code !== 0) throw new Error(copied.err)
    } else {
      await createTopics(target, { name: topic, partitions: PARTITIONS })
      await fill(target, topic, count, targetRecords, codec)
    }
    const sizes = { stored: bytes / 1e9, records: (count * RECORD_BYTES) / 1e9 }
    const { row, isWithin } = await measure(file, scene, sizes, folder)
    isMet &&= isWithin
    rows.push(row)
    console.log(row.join('  '))
  }
  rmSync(folder, { recursive: true, force: true })
  console.log(
    plainTable(['', 'stored MB', 's', 'CPU s per GB of records', 'per GB stored', 'peak RSS MB', 'verdict'], rows),
  )
  return isMet
}

interface Sizes {
  /** GB of batches on the source */
  readonly stored: number
  /** GB of records in them */
  readonly records: number
}

async function measure(file: string, { title }: Scene, sizes: Sizes, folder: string) {
  const args = ['verify', file, '--depth', 'full', '--output', 'json']
  const program = join(import.meta.dirname, '../bin/godwit')
  const child = new Child({ command: program, args, endsByItself: true }, join(folder, 'out'))
  const from = performance.now()
  await child.exitCode(PATIENCE_MS)
  const seconds = (performance.now() - from) / 1000
  const report = JSON.parse(child.output()) as Report
  const { cpuSeconds, peakRssMb } = child.usage()
  const perGb = cpuSeconds / sizes.records
  const row = [
    title,
    (sizes.stored * 1000).toFixed(0),
    seconds.toFixed(1),
    perGb.toFixed(2),
    (cpuSeconds / sizes.stored).toFixed(2),
    peakRssMb.toFixed(0),
    report.verdict,
  ]
  const isWithin = report.verdict === 'equal' && perGb <= bars.cpuSecondsPerGb && peakRssMb <= bars.rssMb
  return { row, isWithin }
}

const asked = process.argv.indexOf('--mb')
process.exitCode = (await bench(asked < 0 ? 1000 : Number(process.argv[asked + 1]))) ? 0 : 1
