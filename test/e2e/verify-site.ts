// The setup for `godwit verify` tests: two clusters with topics of the same names, numbered records, and the command.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewRecord } from '../../src/batch/records.ts'
import type { Report } from '../../src/verify/report.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { type Ended, godwit } from '../harness/godwit.ts'
import { type NewTopic, operate } from '../harness/operate.ts'

const TIME = Date.now() - 3_600_000

/** Numbered records with one header each, equal in every call. */
export function records(count: number, valueBytes = 50): NewRecord[] {
  return Array.from({ length: count }, (_, number) => ({
    ...{ timestamp: TIME + number, key: Buffer.from(`key-${number}`) },
    value: Buffer.from(`value-${number} `.padEnd(valueBytes, 'x')),
    headers: [{ key: 'trace', value: Buffer.from(`t${number}`) }],
  }))
}

export interface Reported {
  readonly ended: Ended
  readonly report: Report
}

export class VerifySite {
  readonly source: TestCluster
  /** behind a proxy */
  readonly target: TestCluster
  readonly folder: string

  private constructor(source: TestCluster, target: TestCluster) {
    this.source = source
    this.target = target
    this.folder = mkdtempSync(join(tmpdir(), 'godwit-verify-'))
  }

  /** Starts two clusters with these topics. */
  static async start(source: readonly NewTopic[], target: readonly NewTopic[]): Promise<VerifySite> {
    const options = { heapMb: 256, configs: { 'auto.create.topics.enable': 'false' } }
    const [old, fresh] = await Promise.all([
      startCluster({ ...options, name: 'source' }),
      startCluster({ ...options, name: 'target', proxied: true }),
    ])
    await Promise.all([
      operate(old, [{ do: 'createTopics', topics: source }]),
      operate(fresh, [{ do: 'createTopics', topics: target }]),
    ])
    return new VerifySite(old, fresh)
  }

  async stop(): Promise<void> {
    await Promise.allSettled([this.source.destroy(), this.target.destroy()])
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** An mm2.properties of one flow that keeps topic names. */
  fileFor(topics: string, ...more: readonly string[]): string {
    const name = createHash('md5')
      .update([topics, ...more].join())
      .digest('hex')
    const file = join(this.folder, `${name}.properties`)
    const lines = [
      ...['clusters = old, new', `old.bootstrap.servers = ${this.source.bootstrap}`],
      ...[`new.bootstrap.servers = ${this.target.bootstrap}`, 'old->new.enabled = true', `old->new.topics = ${topics}`],
      'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
      ...[
        'replication.factor = 1',
        'offset.storage.replication.factor = 1',
        'offset-syncs.topic.replication.factor = 1',
      ],
      ...['checkpoints.topic.replication.factor = 1', 'emit.heartbeats.enabled = false', 'new->old.enabled = false'],
      ...['emit.checkpoints.enabled = false', 'heartbeats.replication.enabled = false'],
      ...more,
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    return file
  }

  verify(topics: string, ...words: readonly string[]): Promise<Ended> {
    return godwit(['verify', this.fileFor(topics), '--wait', '2', ...words])
  }

  async reported(topics: string, ...words: readonly string[]): Promise<Reported> {
    const ended = await this.verify(topics, '--output', 'json', ...words)
    assert.notEqual(ended.out, '', ended.err)
    return { ended, report: JSON.parse(ended.out) as Report }
  }
}
