// `godwit check` while a real MirrorMaker 2 or another godwit works on the flow.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Finding, FlowReport } from '../../src/preflight/finding.ts'
import { startCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { godwit } from '../harness/godwit.ts'
import { load } from '../harness/load.ts'
import { MirrorMaker } from '../harness/mirror-maker.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'

const [source, target] = await Promise.all([startCluster({ heapMb: 320 }), startCluster({ heapMb: 320 })])
const folder = mkdtempSync(join(tmpdir(), 'godwit-check-'))
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([source.destroy(), target.destroy()])
})

const configuration = `clusters = A, B
A.bootstrap.servers = ${source.bootstrap}
B.bootstrap.servers = ${target.bootstrap}
A->B.enabled = true
B->A.emit.heartbeats.enabled = false
B.session.timeout.ms = 6000
${['replication', 'offset.storage.replication', 'config.storage.replication', 'status.storage.replication'].map((key) => `${key}.factor = 1`).join('\n')}
${['checkpoints', 'heartbeats', 'offset-syncs'].map((name) => `${name}.topic.replication.factor = 1`).join('\n')}
`
const file = join(folder, 'mm2.properties')
writeFileSync(file, configuration)

async function workers(): Promise<Finding[]> {
  const { out, err } = await godwit(['check', file, '--flow', 'A->B', '--output', 'json'])
  assert.ok(out.startsWith('{'), err)
  const { flows } = JSON.parse(out) as { flows: FlowReport[] }
  return flows.flatMap(({ findings }) => findings.filter(({ check }) => check === 'worker'))
}

async function untilWorker(says: RegExp): Promise<Finding> {
  const of = (found: readonly Finding[]) => found.find(({ what }) => says.test(what))
  const found = await eventually(workers, (seen) => of(seen) !== undefined, 90_000)
  return of(found) as Finding
}

test('a pair without faults has no findings, as text and as JSON', async () => {
  await load(source, { topics: ['orders'], partitions: 2, records: 100 })
  const strict = await godwit(['check', file, '--strict'])
  assert.deepEqual([strict.code, strict.err], [0, ''])
  assert.match(strict.out, /^A->B: 1 note\n\n {2}note {5}auto-create: cluster B creates topics/)
  const yaml = await godwit(['check', file, '--output', 'yaml'])
  assert.match(yaml.out, /^errors: 0\nwarnings: 0\nnotes: 1\nflows:\n {2}- flow: A->B\n/)
})

test("a MirrorMaker 2 that works with the flow's state is an error while it runs", async () => {
  assert.deepEqual(await workers(), [])
  await using mm2 = await MirrorMaker.start(configuration)
  const { severity, what } = await untilWorker(/^a MirrorMaker 2 works with the same state: group A-mm2 has /)
  assert.equal(severity, 'error', what)
  await mm2.stop()
})

test('another godwit is a note: one more process would stand by', async () => {
  await using other = await GodwitProcess.start(configuration)
  await other.untilCopied('orders', { 0: 50, 1: 50 })
  const { severity } = await untilWorker(/^a godwit works on A->B already/)
  assert.equal(severity, 'note')
  const content = await godwit(['check', file, '--flow', 'A->B', '--strict'])
  assert.equal(content.code, 0, `copied records are not reported as foreign: ${content.out}`)
})
