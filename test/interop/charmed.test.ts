// Follows the migration guide of Charmed Kafka on Kubernetes: its mm2.properties (without comments), its environment variables
// with addresses and credentials, SASL_PLAINTEXT with SCRAM-SHA-512, three brokers per cluster.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import type { Reach } from '../harness/java-json.ts'
import { load } from '../harness/load.ts'
import { createTopics, describeTopics, groupOffsets, operate } from '../harness/operate.ts'
import { compareClusters, readAll } from '../harness/oracle.ts'
import { startSecureCluster } from '../harness/secure-cluster.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'

const configuration = readFileSync(new URL('charmed-mm2.properties', import.meta.url), 'utf8')

const [older, newer] = await Promise.all([1, 2].map(() => startSecureCluster({ brokers: 3, heapMb: 256 })))
after(() => Promise.all([older?.[Symbol.asyncDispose](), newer?.[Symbol.asyncDispose]()]))
assert.ok(older && newer)
const [old, fresh] = [older.saslPlaintext(), newer.saslPlaintext()]

/** As the guide's shell line writes it: within quotes the backslash before the semicolon is kept for the file. */
const jaasOf = ({ client }: Reach) => (client?.['sasl.jaas.config'] ?? '').replace(/;$/, '\\;')

const variables = {
  OLD_SERVERS: old.bootstrap,
  OLD_SASL_JAAS_CONFIG: jaasOf(old),
  NEW_SERVERS: fresh.bootstrap,
  NEW_SASL_JAAS_CONFIG: jaasOf(fresh),
}

test('the unchanged configuration of the Charmed Kafka guide copies topics, records and groups', async () => {
  const retention = { 'retention.ms': '864000000' }
  await createTopics(
    old,
    { name: 'orders', partitions: 3, replication: 3, configs: retention },
    { name: 'moves', partitions: 2, replication: 3 },
  )
  await load(old, { topics: ['orders'], records: 3000, partitions: 3 })
  await load(old, { topics: ['moves'], records: 1000, partitions: 2, transactionRecords: 10, abortRatio: 0.3 })
  const half = [0, 1, 2].map((partition) => ({ topic: 'orders', partition, offset: 400 + partition }))
  await operate(old, [{ do: 'commitOffsets', group: 'billing', offsets: half }])

  Object.assign(process.env, variables)
  await using godwit = await GodwitProcess.start(configuration)
  await godwit.until('in sync', ({ inSync }) => inSync)
  // A topic that is created during the migration.
  await createTopics(old, { name: 'late', replication: 3 })
  await load(old, { topics: ['late'], records: 100 })
  await godwit.untilCopied('late', { 0: 100 })
  await godwit.untilTask('group-offsets', ({ message }) => /^1 group: 3 (written|kept)$/.test(message))
  await godwit.untilTask('checkpoints', ({ result }) => result === 'fine')
  await godwit.untilTask('heartbeats', ({ result, runs }) => result === 'fine' && runs > 1)

  const topics = ['orders', 'moves', 'late']
  assert.deepEqual(await compareClusters(old, fresh, { topics }), [])
  const described = await describeTopics(fresh, topics)
  for (const { name, partitions } of described)
    for (const { replicas } of partitions) assert.equal(replicas.length, 2, `${name}: replication.factor=2`)
  assert.equal(described.find(({ name }) => name === 'orders')?.configs['retention.ms'], retention['retention.ms'])
  const moved = await groupOffsets(fresh, 'billing')
  assert.deepEqual(
    moved.sort((a, b) => a.partition - b.partition),
    half,
  )
  for (const [cluster, internal] of [
    [fresh, ['heartbeats', 'old.checkpoints.internal', 'mm2-offsets.old.internal']],
    [old, ['heartbeats', 'mm2-offset-syncs.new.internal']],
  ] as const)
    for (const topic of internal) {
      const read = await readAll(cluster, { topics: [topic], atLeast: 1 })
      assert.ok(
        read.some(({ records }) => records > 0),
        `${topic} has records`,
      )
    }
  assert.equal(await godwit.stop(), 0)
  // Neither the file nor the run causes a warning.
  const said = await godwit.untilPrinted(/./)
  assert.doesNotMatch(said, /^\s*(?:warning|error|godwit):/m)
  assert.deepEqual(
    godwit.log.filter(({ level }) => level === 'warn' || level === 'error'),
    [],
  )
  assert.doesNotMatch(said, /admin-secret/)
})
