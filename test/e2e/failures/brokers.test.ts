// Brokers that are stopped, hang, or are not brokers: the printed remedy is followed, and copying continues. The target has three
// brokers.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { FlowStatus } from '../../../src/model/flow-status.ts'
import type { GodwitProcess, LogLine } from '../../integration/engine/godwit-process.ts'
import { Site } from '../../integration/engine/site.ts'
import { remedyOf, Trial, untilNoProblem } from './trial.ts'

let site: Site
before(async () => {
  const configs = { 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' }
  site = await Site.start({}, { brokers: 3, heapMb: 256, configs })
})
// The previous test may have stopped some.
beforeEach(() => site.target.start())
after(() => site[Symbol.asyncDispose]())

/** The flow's state survives the loss of one broker. */
const kept = [
  'offset.storage.replication.factor = 3',
  'offset-syncs.topic.location = target',
  'offset-syncs.topic.replication.factor = 3',
  'checkpoints.topic.replication.factor = 3',
]
const quick = ['TARGET.producer.request.timeout.ms = 3000', 'TARGET.request.timeout.ms = 3000']

/** Waits for a problem with this code (and topic) that has a remedy. @returns the remedy */
async function told(godwit: GodwitProcess, code: string, topic?: string): Promise<string> {
  const of = ({ problems }: FlowStatus) =>
    problems.find((one) => one.code === code && one.remedy !== undefined && (!topic || one.topic === topic))
  return remedyOf(of(await godwit.until(`${code} of ${topic}`, (status) => of(status) !== undefined)))
}

const waiting = (code: string) => (line: LogLine) => line['code'] === code && typeof line['remedy'] === 'string'

test('LEADER_MOVED: a partition without a leader has one again when the named broker is started', async () => {
  await site.create('alone', 1)
  await site.onTarget({ do: 'create', topic: 'alone', replicasOn: [3] })
  await using godwit = await site.godwit('led', 'alone', ...kept)
  await godwit.untilCopied('alone', await site.produce('alone', { count: 10, partition: 0 }))
  await site.target.brokers[2]?.kill9()
  const ends = await site.produce('alone', { count: 10, partition: 0, label: 'later' })
  const [, id] = /^start broker (\d+) again/.exec(await told(godwit, 'LEADER_MOVED', 'alone')) ?? []
  await site.target.brokers.find((broker) => String(broker.id) === id)?.start()
  await godwit.untilCopied('alone', ends)
  await untilNoProblem(godwit)
  await site.assertEqual('alone')
})

test('REQUEST_TIMED_OUT: the broker that hangs is named, and restarting it is enough', async () => {
  await site.create('hung', 1)
  await site.onTarget({ do: 'create', topic: 'hung', replicasOn: [3] })
  await using godwit = await site.godwit('hung', 'hung', ...quick, ...kept)
  await godwit.untilCopied('hung', await site.produce('hung', { count: 10, partition: 0 }))
  const third = site.target.brokers[2]
  assert.ok(third)
  third.freeze(true)
  const ends = await site.produce('hung', { count: 10, partition: 0, label: 'later' })
  const line = await godwit.untilLogged(waiting('REQUEST_TIMED_OUT'))
  const [, port] = /^check whether broker \S+:(\d+) hangs or is overloaded .* restart it if it does/.exec(
    String(line['remedy']),
  ) ?? [undefined, '']
  assert.equal(port, String(third.port))
  await third.kill9()
  await third.start()
  await godwit.untilCopied('hung', ends)
  await untilNoProblem(godwit)
  await site.assertEqual('hung')
})

test('BROKER_UNREACHABLE: after the named address is corrected, the flow starts', async () => {
  await site.create('reached', 1)
  const ends = await site.produce('reached', { count: 10, partition: 0 })
  const text = site.configuration('reach', 'reached')
  using trial = new Trial(text.replace(site.source.bootstrap, '127.0.0.1:1'))
  {
    await using godwit = await trial.start()
    const remedy = await told(godwit, 'BROKER_UNREACHABLE')
    const [, key] = /^check (\S+\.bootstrap\.servers), and that the broker runs$/.exec(remedy) ?? []
    trial.write([`${key} = ${site.source.bootstrap}`])
    assert.equal(await godwit.stop(), 0)
  }
  await using godwit = await trial.start()
  await godwit.untilCopied('reached', ends)
  await untilNoProblem(godwit)
})

test('UNSUPPORTED_VERSION: the address of a controller is replaced by that of a broker', async () => {
  await site.create('served', 1)
  const ends = await site.produce('served', { count: 10, partition: 0 })
  const text = site.configuration('serve', 'served')
  using trial = new Trial(text.replace(site.source.bootstrap, `127.0.0.1:${site.source.broker.controllerPort}`))
  {
    await using godwit = await trial.start()
    assert.notEqual(await godwit.exit(), 0)
    const end = godwit.log.find(({ code }) => code === 'UNSUPPORTED_VERSION')
    assert.match(
      String(end?.['remedy']),
      /use the port of a broker: this one does not serve clients, and may be that of a KRaft controller/,
    )
    trial.write([`Aserve.bootstrap.servers = ${site.source.bootstrap}`])
  }
  await using godwit = await trial.start()
  await godwit.untilCopied('served', ends)
  await untilNoProblem(godwit)
})
