// The pages of docs/runbooks, block by block, on real clusters secured as in their guides. Only Juju is replaced by a file with
// its output.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { runKafkaTool } from '../harness/java.ts'
import { passwordOf } from '../harness/kafka/secure-settings.ts'
import { load } from '../harness/load.ts'
import { groupOffsets } from '../harness/operate.ts'
import { readAll } from '../harness/oracle.ts'
import { type SecureCluster, startSecureCluster } from '../harness/secure-cluster.ts'
import { blocksOf, type Done, Runbook } from './runbook.ts'

const RECORDS = 600

/** Starts two secured clusters; the old one has a topic and a group in the middle of it. */
async function clusters(): Promise<[SecureCluster, SecureCluster]> {
  const both = await Promise.all([
    startSecureCluster({ brokers: 3, heapMb: 320 }),
    startSecureCluster({ brokers: 3, heapMb: 320 }),
  ])
  await load(both[0].admin, { topics: ['orders'], partitions: 3, records: RECORDS })
  return both
}

const jaas = () =>
  `org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="${passwordOf('admin')}";`

/** A group reads some records of a topic with Kafka's console consumer, and leaves. */
async function consume(
  runbook: Runbook,
  cluster: SecureCluster,
  topic: string,
  group: string,
  count: number,
): Promise<string> {
  const { bootstrap, client } = cluster.saslPlaintext()
  const lines = Object.entries(client ?? {}).map(([key, value]) => `${key}=${value}`)
  runbook.write('console.properties', `${lines.join('\n')}\nauto.offset.reset=earliest\n`)
  const { stdout, stderr } = await runKafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', bootstrap, '--topic', topic, '--group', group, '--max-messages', String(count)],
    ...['--consumer.config', join(runbook.folder, 'console.properties'), '--timeout-ms', '20000'],
  ])
  assert.match(stderr, new RegExp(`Processed a total of ${count} messages`))
  return stdout
}

async function countOf(cluster: SecureCluster, topic: string): Promise<number> {
  const partitions = await readAll(cluster.admin, { topics: [topic] })
  return partitions.reduce((sum, { records }) => sum + records, 0)
}

const positionsOf = async (cluster: SecureCluster, group: string) =>
  (await groupOffsets(cluster.admin, group))
    .map(({ topic, partition, offset }) => `${topic}-${partition} ${offset}`)
    .toSorted()

test('every runbook has at least five blocks that can be run', () => {
  for (const name of ['charmed-kafka-vm', 'charmed-kafka-k8s', 'event-streams', 'managed-kafka']) {
    const blocks = blocksOf(name)
    assert.ok(blocks.filter(({ isElsewhere }) => !isElsewhere).length >= 5, name)
  }
})

describe('Charmed Kafka', () => {
  let [old, fresh]: SecureCluster[] = []
  before(async () => {
    ;[old, fresh] = await clusters()
  })
  after(() => Promise.all([old?.[Symbol.asyncDispose](), fresh?.[Symbol.asyncDispose]()]))

  test("on machines: a file made from Juju's output, and all steps to the end", async () => {
    assert.ok(old && fresh)
    await using runbook = new Runbook(
      'charmed-kafka-vm',
      { OLD_SERVERS: old.saslPlaintext().bootstrap, OLD_SASL_JAAS_CONFIG: jaas() },
      { 'new.yaml': showUnit(fresh.saslPlaintext().bootstrap) },
    )
    await consume(runbook, old, 'orders', 'display', 100)
    await runbook.step('2.')
    await runbook.step('3.')
    assert.match((await runbook.step('4.')).out, /\+ orders/)
    await runbook.step('5.')
    const watched = await untilFine(runbook, '6.')
    assert.match(watched, /old->new {2}\w+/)
    assert.match(watched, /kafka_connect_mirror_[a-z_]*record_count|records_count/)
    assert.match(watched, /^display +orders +\d /m)
    assert.match((await runbook.step('7.')).out, /equal/i)
    assert.match(runbook.read('verification.html'), /<html/)
    await runbook.step('8.')
    assert.deepEqual(await positionsOf(fresh, 'display'), await positionsOf(old, 'display'))
    assert.match((await runbook.step('9.')).out, /godwit ends/)
    assert.equal(await countOf(fresh, 'orders'), RECORDS)
  })

  test("on Kubernetes: the guide's own mm2.properties, word for word", async () => {
    assert.ok(old && fresh)
    const file = readFileSync(join(import.meta.dirname, 'charmed-mm2.properties'), 'utf8')
    const servers = { OLD_SERVERS: old.saslPlaintext().bootstrap, NEW_SERVERS: fresh.saslPlaintext().bootstrap }
    const environment = { ...servers, OLD_SASL_JAAS_CONFIG: jaas(), NEW_SASL_JAAS_CONFIG: jaas() }
    await using runbook = new Runbook('charmed-kafka-k8s', environment, { 'mm2.properties': file })
    await load(old.admin, { topics: ['k8s-orders'], partitions: 3, records: RECORDS })
    await consume(runbook, old, 'k8s-orders', 'k8s-display', 50)
    assert.match((await runbook.step('2.')).out, /IdentityReplicationPolicy/)
    await runbook.step('3.')
    await runbook.step('4.')
    assert.match(await untilFine(runbook, '5.'), /^k8s-display +k8s-orders/m)
    await runbook.step('6.')
    await runbook.step('7.')
    assert.deepEqual(await positionsOf(fresh, 'k8s-display'), await positionsOf(old, 'k8s-display'))
    await runbook.step('8.')
    assert.equal(await countOf(fresh, 'k8s-orders'), RECORDS)
  })
})

describe('between clusters with TLS', () => {
  let [old, fresh]: SecureCluster[] = []
  before(async () => {
    ;[old, fresh] = await clusters()
  })
  after(() => Promise.all([old?.[Symbol.asyncDispose](), fresh?.[Symbol.asyncDispose]()]))

  test("Event Streams: the tutorial's resource with Secrets in a directory, and exact group offsets", async () => {
    assert.ok(old && fresh)
    const yaml = readFileSync(join(import.meta.dirname, '../unit/config/resource/event-streams-guide.yaml'), 'utf8')
    const servers = (alias: string, to: string) => [new RegExp(`"${alias}-kafka-bootstrap[^"]*"`), `"${to}"`] as const
    const adapted = [servers('origin', old.saslSsl().bootstrap), servers('target', fresh.saslSsl().bootstrap)]
      .reduce((text, [pattern, to]) => text.replace(pattern, to), yaml)
      .replaceAll('username: mm2-credentials', 'username: admin')
    await using runbook = new Runbook('event-streams', {}, { 'mm2.yaml': adapted })
    for (const [name, cluster] of [
      ['origin', old],
      ['target', fresh],
    ] as const) {
      for (const [secret, key, content] of [
        ['credentials', 'password', passwordOf('admin')],
        ['ca-cert', 'ca.crt', readFileSync(cluster.files.ca, 'utf8')],
      ] as const) {
        mkdirSync(join(runbook.folder, `secrets/${name}-cluster-${secret}`), { recursive: true })
        runbook.write(`secrets/${name}-cluster-${secret}/${key}`, content)
      }
    }
    await consume(runbook, old, 'orders', 'example-group', 120)
    await runbook.step('1.')
    assert.match(runbook.read('permissions.txt'), /kind: KafkaUser/)
    assert.match((await runbook.step('2.')).out, /\+ orders/)
    await runbook.step('3.')
    await runbook.step('4.')
    const resumed = await runbook.step('5.')
    assert.match(resumed.out, /example-group/)
    assert.deepEqual(await positionsOf(fresh, 'example-group'), await positionsOf(old, 'example-group'))
    assert.match((await runbook.step('6.')).out, /origin-cluster\.checkpoints\.internal/)
    assert.equal(await countOf(fresh, 'orders'), RECORDS)
  })

  test('hosted Kafka, the data part: from test data to a verified copy', async () => {
    assert.ok(old && fresh)
    const [host = '', port = ''] = (old.saslSsl().bootstrap.split(',')[0] ?? '').split(':')
    const password = passwordOf('admin')
    await using runbook = new Runbook(
      'managed-kafka',
      {
        ...{ SOURCE_HOST: host, SOURCE_PORT: port, SOURCE_USERNAME: 'admin', SOURCE_PASSWORD: password },
        ...{ TARGET_SERVERS: fresh.saslSsl().bootstrap, TARGET_USERNAME: 'admin', TARGET_PASSWORD: password },
      },
      { 'servers.txt': `${host}\n` },
    )
    for (const [directory, cluster] of [
      ['certificates', old],
      ['target-certificates', fresh],
    ] as const) {
      mkdirSync(join(runbook.folder, directory))
      runbook.write(`${directory}/ca.pem`, readFileSync(cluster.files.ca, 'utf8'))
    }
    assert.match((await runbook.step('1.')).out, /20 records .* written to customer\.pizza-orders/)
    await consume(runbook, old, 'customer.pizza-orders', 'kitchen', 7)
    assert.match((await runbook.step('2.')).out, /flows: kafka-source->kafka-target/)
    assert.match((await runbook.step('3.')).out, /customer\.pizza-orders -> kafka-source\.customer\.pizza-orders/)
    await runbook.step('4.')
    assert.match(await untilFine(runbook, '5.'), /kafka_mirrormaker_summary_replication_lag/)
    await runbook.step('6.')
    await runbook.step('7.')
    assert.equal(await countOf(fresh, 'kafka-source.customer.pizza-orders'), 20)
    const renamed = (await positionsOf(old, 'kitchen')).map((line) => `kafka-source.${line}`)
    assert.deepEqual(await positionsOf(fresh, 'kitchen'), renamed)
  })
})

/** Repeats a step until it succeeds, because the process it asks may not answer yet. @returns its output */
async function untilFine(runbook: Runbook, step: string): Promise<string> {
  const done = await eventually(
    () => runbook.step(step).catch((error: unknown) => error as Error),
    (seen): seen is Done => !(seen instanceof Error),
    60_000,
  )
  return done.out
}

const showUnit = (endpoints: string) => `data-integrator/0:
  relation-info:
  - endpoint: kafka
    related-endpoint: kafka-client
    application-data:
      data: '{"extra-user-roles": "admin", "topic": "default"}'
      endpoints: ${endpoints}
      username: admin
      password: ${passwordOf('admin')}
      tls: disabled
`
