// The small file of the README, identical except for the addresses, between two clusters with one broker each.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { FlowReport } from '../../src/preflight/finding.ts'
import { startCluster } from '../harness/cluster.ts'
import { godwit } from '../harness/godwit.ts'
import { createTopics, describeTopics } from '../harness/operate.ts'
import { GodwitProcess, partitionOf } from '../integration/engine/godwit-process.ts'
import { JavaServer } from '../integration/engine/java-server.ts'

const [old, fresh, shapes] = await Promise.all([
  startCluster({ name: 'old', heapMb: 256 }),
  startCluster({ name: 'new', heapMb: 256 }),
  JavaServer.start('Shapes.java'),
])
const folder = mkdtempSync(join(tmpdir(), 'godwit-readme-'))
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([shapes.close(), old.destroy(), fresh.destroy()])
})

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
const block = /```properties\n(clusters = old, new\n[\s\S]*?)```/.exec(readme)?.[1] ?? ''
const text = block.replace('old-kafka:9092', old.bootstrap).replace('new-kafka:9092', fresh.bootstrap)
const file = join(folder, 'mm2.properties')
writeFileSync(file, text)

const produce = (topic: string, count: number) =>
  shapes.ask<Record<string, number>>({ do: 'produce', on: old.bootstrap, topic, count, label: 'x' })

const findings = async (path: string) => {
  const { out, err, code } = await godwit(['check', path, '--output', 'json'])
  assert.ok(out.startsWith('{'), out + err)
  const { flows } = JSON.parse(out) as { flows: FlowReport[] }
  return { code, all: flows.flatMap((flow) => flow.findings) }
}

test('check and plan find no fault, run copies with one replica per broker, verify finds all equal', async () => {
  assert.match(text, new RegExp(old.bootstrap))
  await createTopics(old, { name: 'orders', partitions: 3 })
  await produce('orders', 300)
  const { code, all } = await findings(file)
  assert.deepEqual(
    all.filter(({ severity }) => severity === 'error'),
    [],
  )
  assert.equal(code, 0)
  const plan = await godwit(['plan', file])
  assert.equal(plan.code, 0, plan.out + plan.err)
  assert.doesNotMatch(plan.out, /^!/m)
  assert.match(plan.out, /topic with 3 partitions, replication factor 1$/m)
  await using run = await GodwitProcess.start(text)
  // The flow new->old creates the source's heartbeats topic at its start; topics would be refreshed only after ten minutes.
  await run.until(
    'heartbeats are copied',
    (status) => (partitionOf(status, 'heartbeats', 0)?.position ?? 0) > 0,
    'old->new',
  )
  await run.until('in sync', ({ inSync }) => inSync, 'old->new')
  const lowered = run.log.filter(({ message }) => message.startsWith('topics are created with fewer replicas'))
  assert.deepEqual(lowered.map(({ flow, cluster, brokers, defaults }) => [flow, cluster, brokers, defaults]).sort(), [
    ['new->old', 'old', 1, 'new->old.heartbeats.topic.replication.factor = 3'],
    [
      'old->new',
      'new',
      1,
      'old->new.replication.factor = 2, offset.storage.replication.factor = 3, old->new.checkpoints.topic.replication.factor = 3, old->new.heartbeats.topic.replication.factor = 3',
    ],
    ['old->new', 'old', 1, 'old->new.offset-syncs.topic.replication.factor = 3'],
  ])
  assert.deepEqual(
    run.log.filter(({ level }) => level === 'error'),
    [],
  )
  assert.equal(await run.stop(), 0)
  const verified = await godwit(['verify', file, '--depth', 'full'])
  assert.equal(verified.code, 0, verified.out + verified.err)
  const made = await describeTopics(fresh, [
    'orders',
    'mm2-offsets.old.internal',
    'mm2-godwit-positions.old.internal',
    'mm2-godwit-offset-map.old.internal',
    'old.checkpoints.internal',
    'heartbeats',
  ])
  assert.equal(made.length, 6, made.map(({ name }) => name).join())
  assert.ok(made.every(({ partitions }) => partitions.every(({ replicas }) => replicas.length === 1)))
})

test('a replication factor set in the file is kept: check and run refuse it with the line that fixes it', async () => {
  await createTopics(old, { name: 'payments', partitions: 1 })
  const ends = await produce('payments', 10)
  const explicit = `${text}replication.factor = 3\n`
  const wrong = join(folder, 'wrong.properties')
  writeFileSync(wrong, explicit)
  const { code, all } = await findings(wrong)
  assert.notEqual(code, 0)
  const [finding, ...others] = all.filter(({ severity }) => severity === 'error')
  assert.deepEqual(others, [])
  assert.equal(finding?.what, 'replication.factor is 3, but cluster new has 1 broker')
  const [{ text: line } = { text: '' }] = finding?.remedies ?? []
  await using run = await GodwitProcess.start(explicit)
  const status = await run.until(
    'a problem',
    ({ problems }) => problems.some(({ topic }) => topic === 'payments'),
    'old->new',
  )
  const problem = status.problems.find(({ topic }) => topic === 'payments')
  assert.match(
    JSON.stringify(problem),
    /topic payments cannot be created with replication factor 3: cluster new has 1 broker/,
  )
  assert.match(JSON.stringify(problem), new RegExp(`write ${line} into the configuration file`))
  assert.equal(await run.stop(), 0)
  await using again = await GodwitProcess.start(`${explicit}${line}\n`)
  await again.untilCopied('payments', ends, 'old->new')
  assert.equal(await again.stop(), 0)
})
