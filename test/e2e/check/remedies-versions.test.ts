// Findings between different Kafka versions: configs that the target does not know, min.insync.replicas above the replica count
// before Kafka 3.7, timestamp limits under their older name. Also what the brokers do with such records.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { FindingCode } from '../../../src/preflight/finding.ts'
import { startCluster, type TestCluster } from '../../harness/cluster.ts'
import { askJava } from '../../harness/java-json.ts'
import { BEFORE_EFFECTIVE_ISR, NEWEST, OLDER } from '../../harness/kafka-jars.ts'
import { load } from '../../harness/load.ts'
import { createTopics } from '../../harness/operate.ts'
import { findingsOf, follow } from './follow.ts'

const start = (version: string) => startCluster({ name: version, version })
const [oldest, older, newest] = await Promise.all([start(BEFORE_EFFECTIVE_ISR), start(OLDER), start(NEWEST)])
const folder = mkdtempSync(join(tmpdir(), 'godwit-versions-'))
after(async () => {
  await Promise.all([oldest, older, newest].map((cluster) => cluster[Symbol.asyncDispose]()))
  rmSync(folder, { recursive: true, force: true })
})

const factors = ['', 'checkpoints.topic.', 'heartbeats.topic.', 'offset-syncs.topic.', 'offset.storage.']

function write(name: string, from: TestCluster, to: TestCluster, ...lines: readonly string[]): string {
  const file = join(folder, name)
  const all = [
    'clusters = A, B',
    `A.bootstrap.servers = ${from.bootstrap}`,
    `B.bootstrap.servers = ${to.bootstrap}`,
    'A->B.enabled = true',
    'B->A.emit.heartbeats.enabled = false',
    ...factors.map((factor) => `${factor}replication.factor = 1`),
    ...lines,
  ]
  writeFileSync(file, `${all.join('\n')}\n`)
  return file
}

/** Whether a broker accepts records with acks=all. Java's producer sends once, without retries. */
async function takes(cluster: TestCluster, topic: string): Promise<boolean> {
  const [answer] = await askJava<{ taken: boolean; why: string }>('OneRecord.java', cluster, { topic })
  if (answer?.taken === false) assert.match(answer.why, /NotEnoughReplicas/)
  return answer?.taken === true
}

test('min.insync.replicas above the number of replicas is an error only where brokers refuse the records', async () => {
  await Promise.all([newest, older].map((cluster) => createTopics(cluster, { name: 'strict' })))
  const sides = [
    [newest, oldest, false],
    [newest, older, true],
    [older, newest, true],
  ] as const
  for (const [from, to, isTaken] of sides) {
    await createTopics(to, { name: 'A.strict', configs: { 'min.insync.replicas': '2' } })
    assert.equal(await takes(to, 'A.strict'), isTaken, to.version)
    const file = write(`strict-${to.version}.properties`, from, to, 'topics = strict')
    const found = (await findingsOf(file)).filter(({ code }) => code === 'min-insync-replicas')
    assert.equal(found.length, isTaken ? 0 : 1, `${to.version}: ${JSON.stringify(found)}`)
  }
})

test('findings of a target before Kafka 3.7 are gone after their remedies are followed', async () => {
  const long = 'x'.repeat(248)
  // The older brokers do not know this config.
  await createTopics(newest, { name: 'modern', configs: { 'remote.log.copy.disable': 'true' } }, { name: long })
  await load(newest, { topics: ['aged'], records: 5, startTime: '2019-03-01T00:00:00Z' })
  await createTopics(oldest, { name: 'A.aged', configs: { 'message.timestamp.difference.max.ms': '86400000' } })
  const file = write('older.properties', newest, oldest, 'topics = strict, modern, aged, x+')
  const found = await follow({
    scene: 'versions',
    file,
    folder,
    also: ['auto-create', 'timestamps-too-old'],
    isMeant: ({ code }) => code !== 'feature-missing',
    manualSteps: { 'auto-create': () => createTopics(oldest, { name: 'A.modern' }) },
  })
  const said = (code: FindingCode) => found.find((one) => one.code === code)?.what ?? ''
  assert.match(
    said('timestamps-too-old'),
    /takes none older than .* \(message\.timestamp\.difference\.max\.ms=86400000\)$/,
  )
  assert.match(
    said('creation-refused'),
    /^topic A\.modern could not be created on cluster B: .*remote\.log\.copy\.disable/,
  )
  assert.equal(await takes(oldest, 'A.strict'), true)
})
