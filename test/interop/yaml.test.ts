// `godwit run` with a KafkaMirrorMaker2: the YAML of IBM's tutorial word for word, with its users and their permissions; and
// continuing after connectors that a real Connect cluster ran as configured by the operator.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { loadConfiguration } from '../../src/config/load.ts'
import { type ShownPair, shownPairs } from '../../src/config/show.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { guard, guardFolder, release } from '../harness/guardian.ts'
import { load } from '../harness/load.ts'
import { createTopics, operate, type Step } from '../harness/operate.ts'
import { compareClusters, readAll } from '../harness/oracle.ts'
import { freePorts } from '../harness/ports.ts'
import { type SecureCluster, startSecureCluster } from '../harness/secure-cluster.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'

const guide = readFileSync(new URL('../unit/config/resource/event-streams-guide.yaml', import.meta.url), 'utf8')
const user = 'mm2-credentials'

/** The permissions that the tutorial's KafkaUser resources grant. */
const rights: Readonly<Record<'origin' | 'target', readonly Step[]>> = {
  origin: [
    permit('TOPIC', '*', ['READ', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'WRITE']),
    permit('CLUSTER', 'kafka-cluster', ['CREATE', 'DESCRIBE']),
    permit('GROUP', '*', ['READ', 'DESCRIBE']),
  ],
  target: [
    permit('TOPIC', '*', ['READ', 'WRITE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'ALTER']),
    permit('CLUSTER', 'kafka-cluster', ['CREATE', 'ALTER', 'DESCRIBE_CONFIGS']),
    permit('GROUP', '*', ['READ', 'DESCRIBE']),
  ],
}

function permit(
  type: 'TOPIC' | 'CLUSTER' | 'GROUP',
  name: string,
  operations: Extract<Step, { do: 'permit' }>['operations'],
): Step {
  return { do: 'permit', user, type, name, operations }
}

/** The tutorial's two Secrets of one cluster, to add to the resource. */
function secretsOf(side: 'origin' | 'target', cluster: SecureCluster): string {
  const one = (name: string, key: string, value: string) =>
    `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${side}-cluster-${name}\n  namespace: migration\ndata:\n  ${key}: ${Buffer.from(value).toString('base64')}\n`
  return `${one('credentials', 'password', `${side}-secret`)}---\n${one('ca-cert', 'ca.crt', readFileSync(cluster.files.ca, 'utf8'))}`
}

test('the YAML of the Event Streams tutorial works unchanged except for addresses and passwords', async () => {
  // Three brokers: the tutorial's state topics have Connect's default of three replicas.
  await using origin = await startSecureCluster({ heapMb: 256 })
  await using target = await startSecureCluster({ heapMb: 256, brokers: 3 })
  for (const [side, cluster] of [
    ['origin', origin],
    ['target', target],
  ] as const) {
    const password = `${side}-secret`
    await operate(cluster.admin, [{ do: 'addUser', user, mechanism: 'SCRAM-SHA-512', password }, ...rights[side]])
  }
  await createTopics(origin.admin, { name: 'orders', partitions: 3 }, { name: 'paper.internal' })
  await load(origin.admin, { topics: ['orders'], records: 3000, partitions: 3 })
  await load(origin.admin, { topics: ['paper.internal'], records: 500 })
  const addresses = { origin: origin.saslSsl().bootstrap, target: target.saslSsl().bootstrap }
  const resource = guide.replaceAll(
    /"(origin|target)-kafka-bootstrap[^"]*"/g,
    (_, side: 'origin' | 'target') => `"${addresses[side]}"`,
  )
  const files = {
    'mm2.yaml': resource,
    'origin.yaml': secretsOf('origin', origin),
    'target.yml': secretsOf('target', target),
  }
  await using godwit = await GodwitProcess.startFiles(files, '--until', 'in-sync')
  assert.equal(await godwit.exit(), 0, godwit.lastOutput())
  const topics = ['orders', 'paper.internal']
  assert.deepEqual(await compareClusters(origin.admin, target.admin, { topics }), [])
  const said = JSON.stringify(godwit.log)
  assert.match(said, /asks for checkpoints only/)
  assert.doesNotMatch(said, /(?:origin|target)-secret|BEGIN CERTIFICATE/)
  const state = await readAll(target.admin, { topics: ['migration-connect-cluster-offsets'] })
  assert.ok(
    state.some(({ records }) => records > 0),
    'offsets are stored in the offset topic of the operator',
  )
})

describe('after a Connect cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-connect-'))
  guardFolder(folder)
  after(() => {
    rmSync(folder, { recursive: true, force: true })
    release(folder)
  })

  test("godwit continues where the operator's connectors have stopped, and duplicates nothing", async () => {
    const [west, east] = await Promise.all([startCluster({ heapMb: 320 }), startCluster({ heapMb: 320 })])
    try {
      await createTopics(west, { name: 'orders', partitions: 3 })
      const first = await load(west, { topics: ['orders'], records: 3000, partitions: 3 })
      const resource = operatorsResource(west, east)
      const connect = await ConnectCluster.start(folder, east, resource)
      try {
        await connect.create(mapsOf(resource))
        await untilCopied(east, 3000)
        // It joins the Connect group, and stands by while the operator's worker is a member.
        await using early = await GodwitProcess.startFiles({ 'mm2.yaml': resource })
        await early.untilPrinted(/MirrorMaker 2 is running on this flow \(group bridge on cluster east/)
        assert.equal(await early.stop(), 0)
      } finally {
        await connect.stop()
      }
      const next = Math.min(...first.partitions.map((partition) => partition.next))
      await load(west, { topics: ['orders'], records: 600, partitions: 3, first: next })
      await using godwit = await GodwitProcess.startFiles({ 'mm2.yaml': resource }, '--until', 'in-sync')
      assert.equal(await godwit.exit(), 0, godwit.lastOutput())
      assert.deepEqual(await compareClusters(west, east, { topics: ['orders'] }), [])
    } finally {
      await Promise.all([west.destroy(), east.destroy()])
    }
  })
})

const operatorsResource = (west: TestCluster, east: TestCluster) => `apiVersion: kafka.strimzi.io/v1
kind: KafkaMirrorMaker2
metadata:
  name: bridge
spec:
  target:
    alias: east
    bootstrapServers: ${east.bootstrap}
    groupId: bridge
    configStorageTopic: bridge-configs
    offsetStorageTopic: bridge-offsets
    statusStorageTopic: bridge-status
    config:
      config.storage.replication.factor: 1
      offset.storage.replication.factor: 1
      status.storage.replication.factor: 1
      offset.flush.interval.ms: 1000
  mirrors:
    - source:
        alias: west
        bootstrapServers: ${west.bootstrap}
      sourceConnector:
        tasksMax: 2
        config:
          replication.factor: 1
          offset-syncs.topic.replication.factor: 1
          sync.topic.acls.enabled: false
          replication.policy.class: org.apache.kafka.connect.mirror.IdentityReplicationPolicy
      topicsPattern: orders
`

function effectiveOf(resource: string) {
  const nothing = () => {
    throw new Error('nothing else is to be read')
  }
  const { effective } = loadConfiguration({
    file: 'mm2.yaml',
    bytes: Buffer.from(resource),
    environment: () => undefined,
    readFile: nothing,
    listDirectory: () => [],
  })
  assert.ok(effective)
  return effective
}

function mapsOf(resource: string): ShownPair {
  const [pair] = shownPairs(effectiveOf(resource), true).clusterPairs
  assert.ok(pair)
  return pair
}

async function untilCopied(east: TestCluster, records: number): Promise<void> {
  const read = await readAll(east, { topics: ['orders'], atLeast: records, withinMs: 90_000 })
  assert.equal(
    read.reduce((sum, partition) => sum + partition.records, 0),
    records,
  )
}

/** Kafka's own Connect in distributed mode, with the properties that the operator's worker has according to godwit. */
class ConnectCluster {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #url: string
  #said = ''

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.#url = `http://127.0.0.1:${port}`
    child.stdout?.on('data', (chunk: Buffer) => (this.#said = (this.#said + chunk).slice(-5000)))
    child.stderr?.on('data', (chunk: Buffer) => (this.#said = (this.#said + chunk).slice(-5000)))
    this.#ended = new Promise((resolve) => child.once('close', resolve))
  }

  static async start(folder: string, east: TestCluster, resource: string): Promise<ConnectCluster> {
    const [port = 0] = await freePorts(1)
    const [pair] = effectiveOf(resource).pairs
    const lines = [...(pair?.worker ?? [])].map(([key, { text }]) => `${key}=${text}`)
    const file = join(folder, 'worker.properties')
    writeFileSync(
      file,
      [...lines, `listeners=http://127.0.0.1:${port}`, 'plugin.discovery=service_load', ''].join('\n'),
    )
    const main = 'org.apache.kafka.connect.cli.ConnectDistributed'
    const child = spawn('java', [
      '-Xmx384m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      `${east.jars}/*`,
      main,
      file,
    ])
    guard(child)
    return new ConnectCluster(child, port)
  }

  /** Creates the source connector over REST, as the operator does. */
  async create({ MirrorSourceConnector: config }: ShownPair): Promise<void> {
    assert.ok(config)
    const name = encodeURIComponent(config['name'] ?? '')
    const put = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(config) }
    await eventually(
      async () => {
        const answer = await fetch(`${this.#url}/connectors/${name}/config`, put).catch(() => undefined)
        return { isTaken: answer?.ok === true, says: await answer?.text() }
      },
      ({ isTaken }) => isTaken,
      90_000,
      () => this.#said,
    )
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#ended
  }
}
