// Connect's REST of a running godwit, compared with a real Connect worker that runs MirrorMaker 2's connectors. Also: the effect
// of pausing on copying.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startConnect } from '../harness/connect-worker.ts'
import { eventually } from '../harness/eventually.ts'
import { godwit } from '../harness/godwit.ts'
import { NEWEST } from '../harness/kafka-jars.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { Site } from '../integration/engine/site.ts'
import { type Answered, askAll, golden } from '../unit/http/golden/exchanges.ts'

const records = 200
let site: Site

before(async () => {
  site = await Site.start({ version: NEWEST }, { version: NEWEST })
  await site.create('orders', 2)
  await site.produce('orders', { count: records, partitions: [0, 1] })
})
after(() => site[Symbol.asyncDispose]())

const over = (url: string) => async (method: string, path: string, body?: string) => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url + path, { method, ...(body !== undefined && { body, headers }) })
  return { status: response.status, text: await response.text() }
}

const offsetsOf = async (url: string): Promise<unknown[]> => {
  const answer = await fetch(`${url}/connectors/MirrorSourceConnector/offsets`)
  return ((await answer.json()) as { offsets?: unknown[] }).offsets ?? []
}

/** Creates the three connectors of A -> B on a real worker and sends every request. */
async function askConnect(): Promise<Answered[]> {
  await using worker = await startConnect(site.target)
  const factors = ['', 'offset-syncs.topic.', 'heartbeats.topic.', 'checkpoints.topic.']
  const config = {
    ...{ 'source.cluster.alias': 'A', 'target.cluster.alias': 'B', topics: 'orders' },
    'source.cluster.bootstrap.servers': site.source.bootstrap,
    'target.cluster.bootstrap.servers': site.target.bootstrap,
    'emit.heartbeats.interval.seconds': '1',
    ...Object.fromEntries(factors.map((prefix) => [`${prefix}replication.factor`, '1'])),
  }
  for (const name of ['MirrorSourceConnector', 'MirrorHeartbeatConnector', 'MirrorCheckpointConnector']) {
    const response = await fetch(`${worker.url}/connectors/${name}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...config, 'connector.class': `org.apache.kafka.connect.mirror.${name}` }),
    })
    assert.equal(response.status, 201, await response.text())
  }
  await eventually(
    () => offsetsOf(worker.url),
    ({ length }) => length === 2,
    60_000,
  )
  await eventually(
    async () => {
      const status = await fetch(`${worker.url}/connectors/MirrorHeartbeatConnector/status`)
      return (await status.json()) as { tasks?: unknown[] }
    },
    ({ tasks }) => tasks?.length === 1,
    60_000,
  )
  await assertTakenOver(worker.url)
  return await askAll(over(worker.url))
}

/** `godwit init --from` reads the connectors and writes an equivalent file. */
async function assertTakenOver(url: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-init-'))
  const made = await godwit(['init', '--from', url], { cwd: folder })
  assert.deepEqual([made.code, made.err], [0, ''])
  const shown = await godwit(['config', 'show', 'mm2.properties', '--output', 'json'], { cwd: folder })
  rmSync(folder, { recursive: true })
  const { clusters, clusterPairs } = JSON.parse(shown.out) as {
    clusters: string[]
    clusterPairs: { source: string; MirrorSourceConnector: Record<string, string> }[]
  }
  assert.deepEqual(clusters, ['A', 'B'])
  const connector = clusterPairs.find(({ source }) => source === 'A')?.MirrorSourceConnector ?? {}
  assert.deepEqual(
    ['topics', 'source.cluster.bootstrap.servers', 'emit.heartbeats.interval.seconds'].map((key) => connector[key]),
    ['orders', site.source.bootstrap, '1'],
  )
}

test(`Connect ${NEWEST} answers as recorded (GODWIT_WRITE_GOLDEN=1 records again)`, async () => {
  const answers = await askConnect()
  const file = new URL(`../unit/http/golden/connect-${NEWEST}.json`, import.meta.url)
  const { GODWIT_WRITE_GOLDEN } = process.env
  if (GODWIT_WRITE_GOLDEN === '1') writeFileSync(file, `${JSON.stringify(answers, null, 2)}\n`)
  assert.deepEqual(answers, golden())
})

function configuration(...lines: readonly string[]): string {
  const one = [
    'clusters = A, B',
    `A.bootstrap.servers = ${site.source.bootstrap}`,
    `B.bootstrap.servers = ${site.target.bootstrap}`,
    'A->B.enabled = true',
    'A->B.topics = orders',
    'B->A.emit.heartbeats.enabled = false',
    'A->B.emit.heartbeats.interval.seconds = 1',
    'offset.storage.replication.factor = 1',
    'refresh.topics.interval.seconds = 1',
    ...['', 'offset-syncs.topic.', 'heartbeats.topic.', 'checkpoints.topic.'].map(
      (of) => `${of}replication.factor = 1`,
    ),
  ]
  return [...one, ...lines, ''].join('\n')
}

test('a running godwit answers every request as Connect does', async () => {
  await using godwit = await GodwitProcess.start(configuration('A.client.id = secret-less'))
  await godwit.untilCopied('orders', { 0: records / 2, 1: records / 2 })
  assert.deepEqual(await askAll(over(`http://${godwit.address}`)), golden())
})

test('a paused source connector copies nothing and reports lag; resumed, it loses and duplicates nothing', async () => {
  const policy = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy'
  await using godwit = await GodwitProcess.start(configuration(policy, 'A->B.topics = paused'))
  await site.create('paused', 2)
  const early = await site.produce('paused', { count: 100, partitions: [0, 1] })
  await godwit.untilCopied('paused', early)
  const connector = `http://${godwit.address}/connectors/${encodeURIComponent('A->B.MirrorSourceConnector')}`
  const stateOf = async () => {
    const status = await fetch(`${connector}/status`)
    return ((await status.json()) as { connector: { state: string } }).connector.state
  }
  assert.equal((await fetch(`${connector}/pause`, { method: 'PUT' })).status, 202)
  await eventually(stateOf, (state) => state === 'PAUSED', 60_000)

  const late = await site.produce('paused', { count: 1000, partitions: [0, 1], label: 'late' })
  const paused = await godwit.until('the ends of the source are known', ({ lag }) => lag === 1000)
  assert.deepEqual(await site.targetEnds('paused'), early)
  assert.equal(paused.state, 'running')
  assert.deepEqual(paused.halted, { MirrorSourceConnector: 'paused' })
  const metrics = await (await fetch(`http://${godwit.address}/metrics`)).text()
  assert.match(
    metrics,
    /^kafka_connect_worker_connector_paused_task_count\{connector=".*MirrorSourceConnector.*"\} 1$/m,
  )

  assert.equal((await fetch(`${connector}/resume`, { method: 'PUT' })).status, 202)
  await godwit.untilCopied('paused', late)
  assert.equal(await stateOf(), 'RUNNING')
  await site.assertEqual('paused')
  assert.equal(await godwit.stop(), 0)
})

test('repeated pauses under load stop between two batches, and all records are copied once', async () => {
  const policy = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy'
  await site.create('busy', 4)
  await using godwit = await GodwitProcess.start(configuration(policy, 'A->B.topics = busy'))
  const connector = `http://${godwit.address}/connectors/MirrorSourceConnector`
  await godwit.until('all partitions are copied', ({ topics }) =>
    [0, 1, 2, 3].every((p) => topics[0]?.partitions[p]?.state === 'copying'),
  )
  for (let round = 0; round < 5; round++) {
    const producing = site.produce('busy', { count: 20_000, partitions: [0, 1, 2, 3], label: `r${round}` })
    await fetch(`${connector}/pause`, { method: 'PUT' })
    const { topics } = await godwit.until(
      'the connector is halted',
      ({ halted }) => halted?.MirrorSourceConnector === 'paused',
    )
    await producing
    const ends = await site.targetEnds('busy')
    const positions = topics.flatMap(({ partitions }) => partitions.map(({ targetEnd }) => targetEnd))
    assert.deepEqual(Object.values(ends), positions, 'the positions in the status equal the end offsets of the target')
    await fetch(`${connector}/resume`, { method: 'PUT' })
  }
  await godwit.untilCopied('busy', await site.ends('busy'))
  await site.assertEqual('busy')
})

test('pausing the heartbeat connector pauses only heartbeats', async () => {
  await using godwit = await GodwitProcess.start(configuration())
  const heartbeats = (status: { periodicTasks: readonly { task: string; runs: number; nextRun: number }[] }) =>
    status.periodicTasks.find(({ task }) => task === 'heartbeats')
  await godwit.until('heartbeats', (status) => (heartbeats(status)?.runs ?? 0) > 0)
  const connector = `http://${godwit.address}/connectors/MirrorHeartbeatConnector`
  await fetch(`${connector}/pause`, { method: 'PUT' })
  const paused = await godwit.until('no next heartbeat', (status) => heartbeats(status)?.nextRun === 0)
  const topics = (status: typeof paused) => status.periodicTasks.find(({ task }) => task === 'topics')?.runs ?? 0
  const before = topics(paused)
  const later = await godwit.until('three more looks for topics', (status) => topics(status) >= before + 3)
  assert.equal(heartbeats(later)?.runs, heartbeats(paused)?.runs)
  await fetch(`${connector}/resume`, { method: 'PUT' })
  await godwit.until('another heartbeat', (status) => (heartbeats(status)?.runs ?? 0) > (heartbeats(later)?.runs ?? 0))
})
