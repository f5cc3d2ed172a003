// `godwit verify` as an operator uses it, between two real clusters: what it prints, writes and ends with.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sleep } from '../../src/base/retry.ts'
import type { NewRecord } from '../../src/batch/records.ts'
import type { Report } from '../../src/verify/report.ts'
import { canonicalJson } from '../../src/verify/report.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { type Ended, godwit } from '../harness/godwit.ts'
import { guard } from '../harness/guardian.ts'
import { createTopics, operate } from '../harness/operate.ts'
import { inBatches, produceBatches } from '../harness/produce-batches.ts'

const TIME = Date.now() - 3_600_000
const program = join(import.meta.dirname, '../../bin/godwit')

/** Numbered records with a header each; the same ones at every call. */
function records(count: number, first = 0, valueBytes = 50): NewRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index
    return {
      ...{ timestamp: TIME + number, key: Buffer.from(`key-${number}`) },
      value: Buffer.from(`value-${number} `.padEnd(valueBytes, 'x')),
      headers: [{ key: 'trace', value: Buffer.from(`t${number}`) }],
    }
  })
}

describe('godwit verify', { timeout: 300_000 }, () => {
  let source: TestCluster
  let target: TestCluster
  let folder = ''

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'godwit-verify-'))
    const configs = { 'auto.create.topics.enable': 'false' }
    ;[source, target] = await Promise.all([
      startCluster({ name: 'source', heapMb: 256, configs }),
      startCluster({ name: 'target', heapMb: 256, configs, proxied: true }),
    ])
  })
  after(async () => {
    await Promise.allSettled([source?.destroy(), target?.destroy()])
    rmSync(folder, { recursive: true, force: true })
  })

  /** An mm2.properties of one flow that keeps names. */
  function fileFor(topics: string, ...more: string[]): string {
    const file = join(
      folder,
      `${createHash('md5')
        .update(topics + more.join())
        .digest('hex')}.properties`,
    )
    const lines = [
      ...[
        'clusters = old, new',
        `old.bootstrap.servers = ${source.bootstrap}`,
        `new.bootstrap.servers = ${target.bootstrap}`,
      ],
      ...['old->new.enabled = true', `old->new.topics = ${topics}`, 'replication.factor = 1'],
      'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
      ...['offset.storage.replication.factor = 1', 'offset-syncs.topic.replication.factor = 1'],
      ...['checkpoints.topic.replication.factor = 1', 'emit.heartbeats.enabled = false', 'new->old.enabled = false'],
      ...['emit.checkpoints.enabled = false', 'heartbeats.replication.enabled = false'],
      ...more,
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    return file
  }

  /** Makes the topic on both sides. */
  async function both(topic: string, configs: Readonly<Record<string, string>> = {}, partitions = 1): Promise<void> {
    await Promise.all([source, target].map((cluster) => createTopics(cluster, { name: topic, partitions, configs })))
  }

  async function verify(topics: string, ...words: string[]): Promise<Ended> {
    return godwit(['verify', fileFor(topics), '--wait', '2', ...words])
  }

  async function reported(topics: string, ...words: string[]): Promise<{ ended: Ended; report: Report }> {
    const ended = await verify(topics, '--output', 'json', ...words)
    assert.notEqual(ended.out, '', ended.err)
    return { ended, report: JSON.parse(ended.out) as Report }
  }

  test('a target that other batches and codecs filled is equal: in text, as JSON and in a report with its digest', async () => {
    await both('plain', {}, 2)
    for (const partition of [0, 1]) {
      await produceBatches(source.direct, { topic: 'plain', partition }, inBatches(records(3000), 500, partition * 3))
      await produceBatches(target.direct, { topic: 'plain', partition }, inBatches(records(3000), 77, 4))
    }
    const text = await verify('plain', '--report', join(folder, 'proof'))
    assert.equal(text.code, 0, text.out + text.err)
    assert.match(text.out, /^old->new {2}equal {2}\(depth full, 6,000 records/)
    assert.match(text.out, /\n {2}plain +2 +6,000 +0 {2}equal\n/)
    const html = readFileSync(join(folder, 'proof/verify-old-new.html'), 'utf8')
    assert.match(html, /<h1>old-&gt;new <span class="verdict equal">equal<\/span><\/h1>/)
    assert.doesNotMatch(html, /(src|href)=|@import|<script/)
    const { digest, ...rest } = JSON.parse(readFileSync(join(folder, 'proof/verify-old-new.json'), 'utf8')) as Report
    assert.equal(digest, createHash('sha256').update(canonicalJson(rest)).digest('hex'))
    const { report } = await reported('plain')
    const [partition] = report.topics[0]?.partitions ?? []
    assert.deepEqual(
      [partition?.source, partition?.records, partition?.verdict],
      [{ from: 0, to: 3000 }, 3000, 'equal'],
    )
    assert.notEqual(report.source.clusterId, report.target.clusterId)
  })
})
