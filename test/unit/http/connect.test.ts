import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import type { RequestBody } from '../../../src/http/body.ts'
import { answerConnect, type ConnectAnswer, type ConnectPort, isOfConnect } from '../../../src/http/connect.ts'
import type { FlowStatus, PeriodicTaskName, PeriodicTaskStatus } from '../../../src/model/flow-status.ts'
import type { PositionsReset } from '../../../src/model/positions-reset.ts'
import { partition } from '../cli/scripted.ts'
import { flowStatus, ScriptedFlow } from '../worker/scripted-flow.ts'
import { askAll, golden } from './golden/exchanges.ts'

const worker = '127.0.0.1:9099'

function task(name: PeriodicTaskName): PeriodicTaskStatus {
  const times = { intervalMs: 1000, runs: 1, failures: 0, lastRun: 0, tookMs: 0, nextRun: 0 }
  return { task: name, state: 'waiting', ...times, result: 'fine', message: '' }
}

/** A -> B with the positions that the real worker of the recorded answers had. */
function aToB(given: Partial<FlowStatus> = {}): FlowStatus {
  const partitions = [0, 1].map((number) => partition({ partition: number, position: 100 }))
  const topics = [{ topic: 'orders', targetTopic: 'A.orders', partitions }]
  const names = { flow: 'A->B', source: 'A', target: 'B' }
  return flowStatus({
    ...names,
    topics,
    periodicTasks: [task('topics'), task('heartbeats'), task('checkpoints')],
    ...given,
  })
}

function portOf(...flows: ScriptedFlow[]): ConnectPort {
  return {
    version: '1.2.3',
    flows: () => flows.map((flow) => flow.status()),
    configOf: (_flow, connector) => ({
      name: connector,
      'connector.class': `org.apache.kafka.connect.mirror.${connector}`,
      'source.cluster.sasl.jaas.config': '[secret]',
    }),
    control: (name) => flows.find((flow) => flow.status().flow === name),
  }
}

function bodyOf(text: string | undefined): RequestBody {
  if (text === undefined || text === '') return { kind: 'empty' }
  try {
    return { kind: 'json', value: JSON.parse(text) as unknown }
  } catch (error) {
    return { kind: 'garbled', why: String(error) }
  }
}

/** For routes that answer at once. */
function ask(port: ConnectPort, method: string, target: string): ConnectAnswer {
  const { pathname: path, searchParams: query } = new URL(target, 'http://godwit')
  const body = () => Promise.resolve(bodyOf(undefined))
  return answerConnect(port, { method, path, query, worker, body }) as ConnectAnswer
}

function change(port: ConnectPort, method: string, target: string, text?: string): Promise<ConnectAnswer> {
  const { pathname: path, searchParams: query } = new URL(target, 'http://godwit')
  const body = () => Promise.resolve(bodyOf(text))
  return Promise.resolve(answerConnect(port, { method, path, query, worker, body }))
}

/** Positions change as requested by the reset; forgotten ones become 0. */
function moved(flow: ScriptedFlow, { topics, all }: PositionsReset): void {
  const to = new Map(topics.flatMap((one) => one.partitions.map((p) => [`${one.topic}-${p.partition}`, p.to ?? 0])))
  flow.becomes({
    topics: flow.current.topics.map(({ partitions, ...topic }) => ({
      ...topic,
      partitions: partitions.map((one) => ({
        ...one,
        position: to.get(`${topic.topic}-${one.partition}`) ?? (all ? 0 : one.position),
      })),
    })),
  })
}

const messageOf = ({ body }: ConnectAnswer) => (body as { message?: string } | undefined)?.message ?? ''

test('every answer equals that of a real Connect worker: status code, JSON and text', async () => {
  const flow = new ScriptedFlow(aToB())
  flow.onReset = (reset) => moved(flow, reset)
  const answers = await askAll(async (method, path, sent) => {
    const { status, body } = await change(portOf(flow), method, path, sent)
    return { status, text: body ? JSON.stringify(body) : '' }
  })
  assert.deepEqual(answers, golden())
})

test('the root shows version and target cluster', () => {
  const connections = { fetching: 0, producing: 0, source: 0, target: 0 }
  const counts = { taken: 1, begun: 1, takenAt: 0, joining: false, memoryBytes: 0, memoryFree: 0 }
  const flow = new ScriptedFlow(aToB({ work: { ...counts, connections, targetClusterId: 'K7' } }))
  assert.deepEqual(ask(portOf(flow), 'GET', '/').body, { version: '1.2.3', commit: 'unknown', kafka_cluster_id: 'K7' })
})

test('a connector is also found by the name of its flow, percent-encoded or not, and answers with it', () => {
  const port = portOf(new ScriptedFlow(aToB()))
  for (const path of ['A-%3EB.MirrorSourceConnector', 'A->B.MirrorSourceConnector', 'MirrorSourceConnector']) {
    const request = { method: 'GET', path: `/connectors/${path}/status`, query: new URLSearchParams(), worker }
    const { status, body } = answerConnect(port, {
      ...request,
      body: () => Promise.resolve(bodyOf('')),
    }) as ConnectAnswer
    assert.equal(status, 200)
    assert.equal((body as { name: string }).name, decodeURIComponent(path))
  }
})

test('with several flows every connector is listed by the name of its flow, and the short name is unknown', () => {
  const other = new ScriptedFlow(aToB({ flow: 'C->B', source: 'C' }))
  const port = portOf(new ScriptedFlow(aToB()), other)
  const names = ask(port, 'GET', '/connectors').body as string[]
  assert.equal(names.length, 6)
  assert.ok(names.every((name) => /^[AC]->B\.Mirror/.test(name)))
  assert.equal(ask(port, 'GET', '/connectors/MirrorSourceConnector').status, 404)
  assert.equal(ask(port, 'PUT', '/connectors/C->B.MirrorSourceConnector/pause').status, 202)
  assert.deepEqual(other.calls, ['paused MirrorSourceConnector'])
})

test('a pair that only emits heartbeats does not take the short names from the flow that copies', () => {
  const back = aToB({
    flow: 'B->A',
    source: 'B',
    target: 'A',
    heartbeatsOnly: true,
    topics: [],
    periodicTasks: [task('heartbeats')],
  })
  const port = portOf(new ScriptedFlow(aToB()), new ScriptedFlow(back))
  const names = ask(port, 'GET', '/connectors').body as string[]
  assert.deepEqual(names.slice(0, 1), ['MirrorSourceConnector'])
  assert.ok(names.includes('B->A.MirrorHeartbeatConnector'))
  const tasksOf = (name: string) => (ask(port, 'GET', `/connectors/${name}/tasks`).body as unknown[]).length
  assert.equal(tasksOf('B->A.MirrorSourceConnector'), 0)
  assert.equal(tasksOf('B->A.MirrorHeartbeatConnector'), 1)
})

test('connectors configured under the name of their flow are listed by it, even a single one', () => {
  const port = portOf(new ScriptedFlow(aToB()))
  const named = { ...port, configOf: () => ({ 'connector.class': 'x' }) }
  assert.ok((ask(named, 'GET', '/connectors').body as string[]).includes('A->B.MirrorSourceConnector'))
  assert.equal(ask(named, 'GET', '/connectors/MirrorSourceConnector').status, 200)
})

test('a connector that MirrorMaker 2 would not create does not exist', () => {
  const port = portOf(new ScriptedFlow(aToB()))
  const without: ConnectPort = {
    ...port,
    configOf: (flow, connector) =>
      connector === 'MirrorHeartbeatConnector' ? undefined : port.configOf(flow, connector),
  }
  assert.equal((ask(without, 'GET', '/connectors').body as string[]).length, 2)
  assert.equal(ask(without, 'GET', '/connectors/MirrorHeartbeatConnector/status').status, 404)
})

test('the configuration is returned with masked secrets, under the requested name', () => {
  const { body } = ask(portOf(new ScriptedFlow(aToB())), 'GET', '/connectors/A->B.MirrorCheckpointConnector/config')
  assert.deepEqual(body, {
    name: 'A->B.MirrorCheckpointConnector',
    'connector.class': 'org.apache.kafka.connect.mirror.MirrorCheckpointConnector',
    'source.cluster.sasl.jaas.config': '[secret]',
  })
})

test('a flow that failed permanently is FAILED with its reason, and cannot be restarted over REST', () => {
  const flow = new ScriptedFlow(aToB({ state: 'failed', reason: 'A refuses the password' }))
  const status = ask(portOf(flow), 'GET', '/connectors/MirrorSourceConnector/status').body as {
    connector: { state: string; trace: string }
    tasks: { state: string }[]
  }
  assert.equal(status.connector.state, 'FAILED')
  assert.equal(status.connector.trace, 'A refuses the password')
  assert.equal(status.tasks[0]?.state, 'FAILED')
  const refused = ask(portOf(flow), 'POST', '/connectors/MirrorSourceConnector/restart')
  assert.equal(refused.status, 500)
  assert.match(messageOf(refused), /flow A->B has failed permanently.*A refuses the password/)
  assert.deepEqual(flow.calls, [])
})

test('a standby process refuses to pause, and names the one that works', () => {
  const flow = new ScriptedFlow(
    aToB({ state: 'standby', reason: 'another godwit works on this flow: process 7 on c1' }),
  )
  for (const [method, verb] of [
    ['PUT', 'pause'],
    ['PUT', 'resume'],
    ['PUT', 'stop'],
    ['POST', 'restart'],
  ] as const) {
    const refused = ask(portOf(flow), method, `/connectors/MirrorSourceConnector/${verb}`)
    assert.equal(refused.status, 409)
    assert.match(messageOf(refused), /is standby for flow A->B.*process 7 on c1/)
  }
  assert.deepEqual(flow.calls, [])
})

test('requests that would change connectors are refused with the reason and the alternatives', () => {
  const port = portOf(new ScriptedFlow(aToB()))
  for (const [method, path] of [
    ['POST', '/connectors'],
    ['PUT', '/connectors/MirrorSourceConnector/config'],
    ['DELETE', '/connectors/MirrorSourceConnector'],
  ] as const) {
    const refused = ask(port, method, path)
    assert.equal(refused.status, 405)
    assert.match(messageOf(refused), /are defined by its configuration file/)
    assert.equal(refused.allow, 'GET')
  }
})

test('offsets of a stopped source connector are altered and reset; offset is last record, position is next', async () => {
  const flow = new ScriptedFlow(aToB({ halted: { MirrorSourceConnector: 'stopped' } }))
  const offsets = '/connectors/MirrorSourceConnector/offsets'
  const place = (topic: string, partition: number) => ({ cluster: 'A', partition, topic })
  const entries = [
    { partition: place('orders', 0), offset: { offset: 41 } },
    { partition: place('orders', 1), offset: null },
    { partition: place('other', 0), offset: { offset: 0 } },
  ]
  const altered = await change(portOf(flow), 'PATCH', offsets, JSON.stringify({ offsets: entries }))
  assert.deepEqual(altered.status, 200)
  await change(portOf(flow), 'DELETE', offsets)
  const topic = (name: string, partitions: object[]) => ({ topic: name, sourceTopicId: '', partitions })
  const topics = [
    topic('orders', [
      { partition: 0, to: 42 },
      { partition: 1, to: null },
    ]),
    topic('other', [{ partition: 0, to: 1 }]),
  ]
  assert.deepEqual(flow.calls, [
    `reset ${JSON.stringify({ targetClusterId: '', topics })}`,
    `reset ${JSON.stringify({ targetClusterId: '', topics: [], all: true })}`,
  ])
})

test('offsets of another source cluster are refused; removing them (a null offset) is accepted', async () => {
  const flow = new ScriptedFlow(aToB({ halted: { MirrorSourceConnector: 'stopped' } }))
  const patch = (offset: object | null) => {
    const offsets = [{ partition: { cluster: 'X', partition: 0, topic: 'orders' }, offset }]
    return change(portOf(flow), 'PATCH', '/connectors/MirrorSourceConnector/offsets', JSON.stringify({ offsets }))
  }
  const refused = await patch({ offset: 5 })
  assert.equal(refused.status, 400)
  assert.equal(messageOf(refused), 'this connector copies from cluster A; it has no offsets of X')
  assert.equal((await patch(null)).status, 200)
  assert.deepEqual(flow.calls, [])
})

test('a failed reset is answered with the status code and message of its failure', async () => {
  const flow = new ScriptedFlow(aToB({ halted: { MirrorSourceConnector: 'stopped' } }))
  flow.resetError = new Failure('REQUEST_TIMED_OUT', 'cluster B does not answer')
  const failed = await change(portOf(flow), 'DELETE', '/connectors/MirrorSourceConnector/offsets')
  assert.deepEqual([failed.status, messageOf(failed)], [504, 'cluster B does not answer'])
})

test('restart returns nothing, or what it restarts; onlyFailed does not restart working tasks', () => {
  const flow = new ScriptedFlow(aToB())
  const restart = (query: string) => ask(portOf(flow), 'POST', `/connectors/MirrorSourceConnector/restart${query}`)
  assert.deepEqual(restart(''), { status: 204 })
  assert.equal(restart('?onlyFailed=true').status, 202)
  assert.equal(restart('?includeTasks=true').status, 202)
  assert.deepEqual(flow.calls, ['restart MirrorSourceConnector', 'restart MirrorSourceConnector'])
})

test('checkpoints and heartbeats have the offsets MirrorMaker 2 keeps for them', () => {
  const known = { topic: 'orders', targetTopic: 'A.orders', upstream: 5, targetCommitted: 5, lag: 0, result: 'synced' }
  const partitions = [
    { ...known, partition: 0, downstream: 5 },
    { ...known, partition: 1, downstream: -1 },
  ]
  const group = { group: 'billing', sourceState: 'Empty', targetState: 'Empty', protocol: 'classic', partitions }
  const port = portOf(new ScriptedFlow(aToB({ groups: [group] })))
  assert.deepEqual(ask(port, 'GET', '/connectors/MirrorCheckpointConnector/offsets').body, {
    offsets: [{ partition: { group: 'billing', partition: 0, topic: 'A.orders' }, offset: { offset: 0 } }],
  })
  assert.deepEqual(ask(port, 'GET', '/connectors/MirrorHeartbeatConnector/offsets').body, {
    offsets: [{ partition: { sourceClusterAlias: 'A', targetClusterAlias: 'B' }, offset: { offset: 0 } }],
  })
})

test('offsets and heartbeats use the aliases that the file gives the connectors', () => {
  const port = portOf(new ScriptedFlow(aToB({ aliases: { source: 'usdf', target: 'prod' } })))
  const offsets = JSON.stringify(ask(port, 'GET', '/connectors/MirrorSourceConnector/offsets').body)
  assert.match(offsets, /"cluster":"usdf"/)
  assert.deepEqual(ask(port, 'GET', '/connectors/MirrorHeartbeatConnector/offsets').body, {
    offsets: [{ partition: { sourceClusterAlias: 'usdf', targetClusterAlias: 'prod' }, offset: { offset: 0 } }],
  })
})

test("only Connect's own paths are answered as by Connect", () => {
  for (const path of ['/', '/connectors', '/connectors/', '/connectors/x/status']) assert.ok(isOfConnect(path), path)
  for (const path of ['/connectorsx', '/metrics', '/health', '/api/v1/status']) assert.ok(!isOfConnect(path), path)
  const port = portOf(new ScriptedFlow(aToB()))
  assert.equal(ask(port, 'GET', '/connectors/%E0%A4%A').status, 404)
  assert.equal(ask(port, 'HEAD', '/connectors').status, 200)
})
