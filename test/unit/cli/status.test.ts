import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCli } from '../../../src/cli/cli.ts'
import { statusCommand } from '../../../src/cli/commands/status.ts'
import { noRates, type Rates, RateWindow, type StatusSample } from '../../../src/cli/output/pace.ts'
import { bytesText, countText, durationText } from '../../../src/cli/output/quantities.ts'
import { type StatusView, statusLines } from '../../../src/cli/output/status-text.ts'
import { everything } from '../../../src/cli/status/selection.ts'
import type { StatusAnswer } from '../../../src/http/contract.ts'
import { HttpServer } from '../../../src/http/server.ts'
import type { FlowStatus } from '../../../src/model/flow-status.ts'
import { noConnect } from '../http/no-connect.ts'
import { captured, flow, partition } from './scripted.ts'

const second = 1000

function sample(flows: readonly FlowStatus[], at = 62 * second): StatusSample {
  return { at, answer: { version: '1.2.3', startedAt: second, flows } }
}

function lines(flows: readonly FlowStatus[], given: Partial<StatusView> = {}): string[] {
  const view = { rates: noRates, flows, filter: everything, sort: 'lag', view: 'all', ...given } as const
  return statusLines(sample(flows), view)
}

/** Rates of the second of two samples. */
function ratesBetween(before: StatusSample, now: StatusSample): Rates {
  const window = new RateWindow()
  window.note(before)
  return window.note(now)
}

test('a flow is a heading and a table of its topics', () => {
  assert.deepEqual(lines([flow()]), [
    'godwit 1.2.3, up 1m 1s',
    '',
    'old->new  catching up  (90 records, 90.0 kB, lag 10)',
    '  1 of 1 partition is not complete: the source was listed 1m 0s ago',
    '  - orders is late',
    '  TOPIC                 PARTITIONS  RECORDS    BYTES  RATE  LAG  BEHIND  ETA  STATE',
    '  orders -> old.orders           1       90  90.0 kB     -   10    2.5s  -    copying'.replace(
      '-    copying',
      '  -  copying',
    ),
  ])
})

test('topics that are behind come first by default; a filter leaves rows out', () => {
  const topics = ['a', 'b', 'c'].map((topic, i) => ({ topic, targetTopic: topic, partitions: [partition({ lag: i })] }))
  const names = (given: Partial<StatusView>) =>
    lines([flow({ topics })], given)
      .slice(6)
      .map((line) => line.trim()[0])
  assert.deepEqual(names({}), ['c', 'b', 'a'])
  assert.deepEqual(names({ sort: 'name' }), ['a', 'b', 'c'])
  assert.deepEqual(names({ filter: (name) => name !== 'b' }), ['c', 'a'])
})

test('a single table can be requested', () => {
  const problem = { code: 'TOO_LARGE', message: 'too large', since: 0 }
  const flows = [flow({ problems: [problem] })]
  assert.deepEqual(lines(flows, { view: 'problems' }).slice(5), ['  Problems:', '  ! too large (TOO_LARGE, for 1m 2s)'])
  assert.deepEqual(lines(flows, { view: 'partitions' }).slice(5), [
    '  TOPIC                 PARTITION  POSITION  SOURCE END  TARGET END  RATE  LAG  BEHIND  ETA  STATE',
    '  orders -> old.orders          0        90         100          90     -   10    2.5s    -  copying',
  ])
})

test('partitions in several states are distinguished', () => {
  const partitions = [partition(), partition({ partition: 1 }), partition({ partition: 2, state: 'quarantined' })]
  const text = lines([flow({ topics: [{ topic: 't', targetTopic: 't', partitions }] })])
  assert.match(text[6] ?? '', /2 copying, 1 quarantined$/)
})

test('problems are listed under their flow with partition, age and remedy', () => {
  const problem = {
    code: 'TOO_LARGE',
    message: 'a record of 1.5 MB is larger than the target accepts',
    remedy: 'raise max.message.bytes',
    cluster: 'new',
    topic: 'orders',
    partition: 3,
    since: 2 * second,
  }
  assert.deepEqual(lines([flow({ problems: [problem] })]).slice(7), [
    '  Problems:',
    '  ! a record of 1.5 MB is larger than the target accepts (TOO_LARGE, cluster new, orders-3, for 1m 0s)',
    '    remedy: raise max.message.bytes',
  ])
})

test('a flow shows the reason for its state, and that it is in sync', () => {
  assert.match(
    lines([flow({ state: 'standby', reason: 'host-1 works on it' })])[2] ?? '',
    /standby: host-1 works on it/,
  )
  assert.match(lines([flow({ inSync: true })])[2] ?? '', /old->new {2}in sync {2}\(/)
})

test('a flow shows which of its connectors a user has halted', () => {
  const halted = { MirrorSourceConnector: 'paused', MirrorHeartbeatConnector: 'stopped' } as const
  assert.match(
    lines([flow({ halted })])[2] ?? '',
    /old->new {2}halted, MirrorSourceConnector paused, MirrorHeartbeatConnector stopped {2}\(/,
  )
})

test('rate and remaining time are calculated from two samples', () => {
  const topics = (records: number, lag: number) => [
    { topic: 't', targetTopic: 't', partitions: [partition({ records, bytes: records * 100, lag })] },
  ]
  const before = sample([flow({ topics: topics(100, 900) })], 60 * second)
  const now = sample([flow({ topics: topics(700, 300) })], 62 * second)
  const rates = ratesBetween(before, now)
  const [only] = now.answer.flows
  const [topic] = only?.topics ?? []
  const [first] = topic?.partitions ?? []
  assert.ok(only && topic && first)
  const rate = { recordsPerSecond: 300, bytesPerSecond: 30_000, lagPerSecond: -300, etaMs: 1000 }
  assert.deepEqual(
    [rates.flow(only), rates.topic(only, topic), rates.partition(only, topic, first)],
    [rate, rate, rate],
  )
  assert.match(lines(now.answer.flows, { rates })[6] ?? '', /300\/s 30\.0 kB\/s {2}300 {4}2\.5s {2}1\.0s/)
})

test('a lag that does not shrink has no remaining time, nor has the first sample after a restart', () => {
  const at = (lag: number, startedAt: number, time: number): StatusSample => {
    const topics = [{ topic: 't', targetTopic: 't', partitions: [partition({ lag })] }]
    return { at: time, answer: { version: '1', startedAt, flows: [flow({ topics })] } }
  }
  const text = (before: StatusSample, now: StatusSample) =>
    lines(now.answer.flows, { rates: ratesBetween(before, now) })[6] ?? ''
  assert.match(text(at(10, 1, 0), at(20, 1, second)), /growing/)
  assert.match(text(at(10, 1, 0), at(10, 1, second)), /steady/)
  assert.match(text(at(20, 1, 0), at(10, 2, second)), / - {2}copying/)
  assert.match(text(at(20, 1, 0), at(0, 1, second)), /done {2}copying/)
})

test('numbers have units and separators', () => {
  assert.deepEqual([0, 999, 1000, 1_234_567].map(countText), ['0', '999', '1,000', '1,234,567'])
  assert.deepEqual([0, 999, 1000, 99_940, 100_000, 999_600, 1.5e9].map(bytesText), [
    '0 B',
    '999 B',
    '1.0 kB',
    '99.9 kB',
    '100 kB',
    '1.0 MB',
    '1.5 GB',
  ])
  assert.deepEqual([0, 40, 2500, 59_000, 61_000, 3_599_000, 3_600_000, 93_784_000].map(durationText), [
    '0s',
    '0s',
    '2.5s',
    '59s',
    '1m 1s',
    '1h 0m',
    '1h 0m',
    '1d 2h',
  ])
})

async function answering(answer: () => StatusAnswer, use: (address: string) => Promise<void>): Promise<void> {
  const health = { ok: true, reasons: [] }
  const metrics = () => ({ contentType: 'text/plain', pieces: [] })
  const shown = {
    connect: noConnect,
    check: () => Promise.resolve(),
    status: answer,
    live: () => health,
    ready: () => health,
    metrics,
  }
  const server = await HttpServer.listen({ host: '127.0.0.1', port: 0 }, shown)
  try {
    await use(server.address)
  } finally {
    await server.close()
  }
}

test('JSON and YAML contain the complete answer, with phase, age, rates and remaining time', async () => {
  const { answer } = sample([flow()])
  await answering(
    () => answer,
    async (address) => {
      const { around, out } = captured()
      assert.equal(await runCli([statusCommand], ['status', '--output', 'json', '--http', address], '1', around), 0)
      const { at, ...value } = JSON.parse(out.join('')) as { at: number; flows: unknown }
      assert.ok(Math.abs(Date.now() - at) < 60_000)
      const measured = { lagMs: 2500, recordsPerSecond: 0, bytesPerSecond: 0, etaMs: null }
      const [topic] = flow().topics
      const topics = [{ ...topic, records: 90, bytes: 90_000, lag: 10, ...measured }]
      assert.deepEqual(value, { ...answer, flows: [{ ...flow(), phase: 'catching up', ...measured, topics }] })
      out.length = 0
      assert.equal(await runCli([statusCommand], ['status', '--output', 'yaml', '--http', address], '1', around), 0)
      assert.match(out.join(''), /^version: 1\.2\.3\n[\s\S]*phase: catching up\n[\s\S]*topic: orders\n/)
    },
  )
})

test('a flow that does not exist is answered with the nearest name and all flows', async () => {
  const { answer } = sample([flow(), flow({ flow: 'new->old' })])
  await answering(
    () => answer,
    async (address) => {
      const { around, out, err } = captured()
      assert.equal(await runCli([statusCommand], ['status', '--flow', 'odl->new', '--http', address], '1', around), 64)
      assert.match(
        err.join(''),
        /there is no flow odl->new; did you mean old->new\?[\s\S]*there are old->new, new->old/,
      )
      assert.equal(await runCli([statusCommand], ['status', '--flow', 'new->old', '--http', address], '1', around), 0)
      assert.match(out.join(''), /new->old/)
      assert.doesNotMatch(out.join(''), /old->new/)
    },
  )
})

test('an invalid regular expression as a filter is refused before any request', async () => {
  const { around, err } = captured()
  assert.equal(await runCli([statusCommand], ['status', '--filter', '(', '--http', '127.0.0.1:1'], '1', around), 64)
  assert.match(err.join(''), /'\(' is not a regular expression: [\s\S]*remedy: .*backslash/)
})

test('--watch without a terminal prints plain lines', async () => {
  const stop = new AbortController()
  const { answer } = sample([flow()])
  await answering(
    () => answer,
    async (address) => {
      const { around, out } = captured()
      const print = (text: string) => {
        out.push(text)
        stop.abort()
      }
      const words = ['status', '--watch', '--http', address]
      assert.equal(await runCli([statusCommand], words, '1', { ...around, print, signal: stop.signal }), 0)
      assert.match(out[0] ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z\ngodwit 1\.2\.3/)
      assert.ok(!out.join('').includes('\u001b'))
    },
  )
})

test('if nothing answers, the message says what to check, and the exit code is 69', async () => {
  const server = await HttpServer.listen(
    { host: '127.0.0.1', port: 0 },
    {
      connect: noConnect,
      check: () => Promise.resolve(),
      status: () => sample([]).answer,
      live: () => ({ ok: true, reasons: [] }),
      ready: () => ({ ok: true, reasons: [] }),
      metrics: () => ({ contentType: '', pieces: [] }),
    },
  )
  const { address } = server
  await server.close()
  const { around, err } = captured()
  assert.equal(await runCli([statusCommand], ['status', '--http', address], '1', around), 69)
  assert.match(err.join(''), /no godwit answers on 127\.0\.0\.1:\d+[\s\S]*remedy: is 'godwit run' running/)
})
