// `godwit verify --depth full` of a million records: six changes are each found and named, and records copied by a real
// MirrorMaker 2 are equal.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { NewRecord } from '../../src/batch/records.ts'
import type { Report } from '../../src/verify/report.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { godwit } from '../harness/godwit.ts'
import { load } from '../harness/load.ts'
import { MirrorMaker } from '../harness/mirror-maker.ts'
import { createTopics, logOffsets } from '../harness/operate.ts'
import { inBatches, produceBatches } from '../harness/produce-batches.ts'

const MILLION = 1_000_000
const TIME = Date.now() - 3_600_000
const value = Buffer.alloc(100, 'v')

function record(number: number): NewRecord {
  const own = Buffer.from(value)
  own.write(`${number}`)
  const headers = [{ key: 'trace', value: Buffer.from(`${number}`) }]
  return { timestamp: TIME + Math.floor(number / 10), key: Buffer.from(`k${number}`), value: own, headers }
}

function* untouched(): Generator<NewRecord> {
  for (let number = 0; number < MILLION; number++) yield record(number)
}

/** One change of each kind, far apart. */
function* planted(): Generator<NewRecord> {
  for (let number = 0; number < MILLION; number++) {
    const one = record(number)
    if (number === 123_456) one.value?.writeUInt8(one.value.readUInt8(77) ^ 1, 77)
    if (number === 400_001) continue
    if (number === 600_000) yield one
    if (number === 700_000) {
      yield record(700_001)
      yield one
      continue
    }
    if (number === 700_001) continue
    if (number === 800_000) yield { ...one, headers: [{ key: 'trace', value: Buffer.from('other') }] }
    else if (number === 999_998) yield { ...one, timestamp: one.timestamp + 1 }
    else yield one
  }
}

describe('a million records', { timeout: 900_000 }, () => {
  let source: TestCluster
  let target: TestCluster
  let folder = ''
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'godwit-million-'))
    ;[source, target] = await Promise.all([
      startCluster({ name: 'source', heapMb: 512 }),
      startCluster({ name: 'target', heapMb: 512 }),
    ])
  })
  after(async () => {
    await Promise.allSettled([source?.destroy(), target?.destroy()])
    rmSync(folder, { recursive: true, force: true })
  })

  /** A flow with MM2's default names: target topics start with `old.`. */
  function configuration(topics: string): string {
    return [
      ...[
        'clusters = old, new',
        `old.bootstrap.servers = ${source.bootstrap}`,
        `new.bootstrap.servers = ${target.bootstrap}`,
      ],
      ...[
        'old->new.enabled = true',
        `old->new.topics = ${topics}`,
        'replication.factor = 1',
        'new->old.enabled = false',
      ],
      ...['offset-syncs.topic.replication.factor = 1', 'checkpoints.topic.replication.factor = 1'],
      ...['heartbeats.topic.replication.factor = 1', 'offset.storage.replication.factor = 1'],
      ...['config.storage.replication.factor = 1', 'status.storage.replication.factor = 1'],
      ...[
        'emit.heartbeats.enabled = false',
        'refresh.topics.interval.seconds = 2',
        'new.offset.flush.interval.ms = 1000',
      ],
      ...['old->new.heartbeats.replication.enabled = false', 'old.consumer.isolation.level = read_committed'],
    ].join('\n')
  }

  async function verified(topics: string, ...words: string[]): Promise<{ code: number | null; report: Report }> {
    const file = join(folder, 'mm2.properties')
    writeFileSync(file, configuration(topics))
    const { code, out, err } = await godwit(['verify', file, '--output', 'json', '--wait', '5', ...words], {
      timeoutMs: 300_000,
    })
    assert.notEqual(out, '', err)
    return { code, report: JSON.parse(out) as Report }
  }

  test('a changed byte, header and timestamp, and missing, duplicated and swapped records, are each found', async () => {
    await Promise.all([createTopics(source, { name: 'million' }), createTopics(target, { name: 'old.million' })])
    await produceBatches(source.bootstrap, { topic: 'million' }, inBatches(untouched(), 500))
    await produceBatches(target.bootstrap, { topic: 'old.million' }, inBatches(planted(), 320))
    const { code, report } = await verified('million')
    assert.equal(code, 1)
    const [partition] = report.topics[0]?.partitions ?? []
    const found = partition?.differences.map(({ kind, fields = [], sourceOffset, targetOffset }) =>
      [kind, ...fields, sourceOffset, targetOffset].join(' '),
    )
    assert.deepEqual(found, [
      'changed value 123456 123456',
      'missing 400001 ',
      'doubled  600000',
      `reordered ${700_000} ${700_001}`,
      'changed header trace 800000 800000',
      'changed timestamp 999998 999998',
    ])
    assert.equal(partition?.records, MILLION - 6)
    assert.equal(partition?.source.to, MILLION)
  })

  test('records copied by MM2, with other batches, codecs and aborted transactions, are equal at every depth', async () => {
    await load(source, {
      topics: ['mixed'],
      partitions: 3,
      records: 150_000,
      headers: 2,
      compression: 'lz4',
      nullKeyEvery: 7,
      tombstoneEvery: 11,
    })
    await load(source, {
      topics: ['settled'],
      partitions: 2,
      records: 20_000,
      transactionRecords: 100,
      abortRatio: 0.3,
    })
    await using mm2 = await MirrorMaker.start(configuration('mixed, settled'))
    await untilAll(mm2, ['old.mixed', 'old.settled'], 170_000)
    for (const depth of ['full', 'counts', 'sample', 'offsets']) {
      const { code, report } = await verified('mixed, settled', '--depth', depth, '--wait', '30')
      assert.deepEqual(
        [code, report.verdict],
        [0, 'equal'],
        `${depth}: ${JSON.stringify(report.topics, undefined, 1).slice(0, 4000)}`,
      )
      if (depth === 'full' || depth === 'counts') assert.equal(report.records, 170_000, depth)
    }
  })

  /** Waits until the target has this many records. */
  async function untilAll(mm2: MirrorMaker, topics: readonly string[], records: number): Promise<void> {
    await eventually(
      async () => {
        const ends = await logOffsets(target, topics).catch(() => [])
        return ends.reduce((sum, { start, end }) => sum + end - start, 0)
      },
      (held) => held >= records,
      180_000,
      () => mm2.said.slice(-2000),
    )
  }
})
