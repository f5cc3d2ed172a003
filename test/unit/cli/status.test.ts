import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCli } from '../../../src/cli/cli.ts'
import { statusCommand } from '../../../src/cli/commands/status.ts'
import { type Look, pacesBetween } from '../../../src/cli/output/pace.ts'
import { bytesText, countText, durationText } from '../../../src/cli/output/quantities.ts'
import { statusLines } from '../../../src/cli/output/status-text.ts'
import type { StatusAnswer } from '../../../src/http/contract.ts'
import { HttpServer } from '../../../src/http/server.ts'
import type { FlowStatus } from '../../../src/mirror/flow-status.ts'
import { noConnect } from '../http/no-connect.ts'
import { captured, flow, partition } from './scripted.ts'

const second = 1000
const noPace = () => undefined

function look(flows: readonly FlowStatus[], at = 62 * second): Look {
  return { at, answer: { version: '1.2.3', startedAt: second, flows } }
}

function lines(flows: readonly FlowStatus[], topicsShown = Number.POSITIVE_INFINITY): string[] {
  return statusLines(look(flows), { paces: noPace, topicsShown })
}

test('a flow is a heading and a table of its topics', () => {
  assert.deepEqual(lines([flow()]), [
    'godwit 1.2.3, up 1m 1s',
    '',
    'old->new  running  (90 records, 90.0 kB, lag 10)',
    '  TOPIC                 PARTITIONS  RECORDS    BYTES  RATE  LAG  BEHIND  ETA  STATE',
    '  orders -> old.orders           1       90  90.0 kB     -   10    2.5s  -    copying'.replace(
      '-    copying',
      '  -  copying',
    ),
  ])
})

test('topics that are behind come first, and what does not fit is summed up', () => {
  const topics = ['a', 'b', 'c'].map((topic, i) => ({
    topic,
    targetTopic: topic,
    partitions: [partition({ lag: i })],
  }))
  const text = lines([flow({ topics })], 1)
  assert.match(text[4] ?? '', /^ {2}c /)
  assert.equal(text[5], '  ... and 2 topics more, lag 1')
  const synced = lines([flow({ topics: topics.slice(0, 1).concat({ ...(topics[0] ?? neverTopic), topic: 'z' }) })], 1)
  assert.equal(synced[5], '  ... and 1 topics more, nothing left to copy there')
})
const neverTopic = { topic: '', targetTopic: '', partitions: [] }

test('partitions in several states are told apart', () => {
  const partitions = [partition(), partition({ partition: 1 }), partition({ partition: 2, state: 'quarantined' })]
  const text = lines([flow({ topics: [{ topic: 't', targetTopic: 't', partitions }] })])
  assert.match(text[4] ?? '', /2 copying, 1 quarantined$/)
})

test('problems stand below their flow with place, age and remedy', () => {
  const problem = {
    code: 'TOO_LARGE',
    message: 'a record of 1.5 MB is larger than the target accepts',
    remedy: 'raise max.message.bytes',
    cluster: 'new',
    topic: 'orders',
    partition: 3,
    since: 2 * second,
  }
  assert.deepEqual(lines([flow({ problems: [problem] })]).slice(5), [
    '  Problems:',
    '  ! a record of 1.5 MB is larger than the target accepts (TOO_LARGE, cluster new, orders-3, for 1m 0s)',
    '    remedy: raise max.message.bytes',
  ])
})

test('a flow says why it is in its state, and that it is in sync', () => {
  assert.match(
    lines([flow({ state: 'standby', reason: 'host-1 works on it' })])[2] ?? '',
    /standby: host-1 works on it/,
  )
  assert.match(lines([flow({ inSync: true })])[2] ?? '', /running, in sync/)
})

test('a flow says which of its connectors a person has halted', () => {
  const halted = { MirrorSourceConnector: 'paused', MirrorHeartbeatConnector: 'stopped' } as const
  assert.match(
    lines([flow({ halted })])[2] ?? '',
    /old->new {2}running, MirrorSourceConnector paused, MirrorHeartbeatConnector stopped {2}\(/,
  )
})

test('rate and remaining time come from two looks', () => {
  const topics = (records: number, lag: number) => [
    { topic: 't', targetTopic: 't', partitions: [partition({ records, bytes: records * 100, lag })] },
  ]
  const before = look([flow({ topics: topics(100, 900) })], 60 * second)
  const now = look([flow({ topics: topics(700, 300) })], 62 * second)
  const paces = pacesBetween(before, now)
  const [only] = now.answer.flows
  const [topic] = only?.topics ?? []
  assert.ok(only && topic)
  assert.deepEqual(paces(only, topic), { recordsPerSecond: 300, bytesPerSecond: 30_000, etaMs: 1000 })
  assert.match(statusLines(now, { paces, topicsShown: 9 })[4] ?? '', /300\/s 30\.0 kB\/s {2}300 {4}2\.5s {2}1\.0s/)
})

test('a lag that does not shrink has no remaining time, and none is guessed across a restart', () => {
  const at = (lag: number, startedAt: number, time: number): Look => {
    const topics = [{ topic: 't', targetTopic: 't', partitions: [partition({ lag })] }]
    return { at: time, answer: { version: '1', startedAt, flows: [flow({ topics })] } }
  }
  const text = (before: Look, now: Look) =>
    statusLines(now, { paces: pacesBetween(before, now), topicsShown: 9 })[4] ?? ''
  assert.match(text(at(10, 1, 0), at(20, 1, second)), /not shrinking/)
  assert.match(text(at(20, 1, 0), at(10, 2, second)), / - {2}copying/)
  assert.match(text(at(20, 1, 0), at(0, 1, second)), /done {2}copying/)
})

test('numbers are written for people', () => {
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
  const shown = { connect: noConnect, status: answer, live: () => health, ready: () => health, metrics }
  const server = await HttpServer.listen({ host: '127.0.0.1', port: 0 }, shown)
  try {
    await use(server.address)
  } finally {
    await server.close()
  }
}

test('as JSON the answer is printed as it came', async () => {
  const { answer } = look([flow()])
  await answering(
    () => answer,
    async (address) => {
      const { around, out } = captured()
      const words = ['status', '--output', 'json', '--http', address]
      assert.equal(await runCli([statusCommand], words, '1', around), 0)
      assert.deepEqual(JSON.parse(out.join('')), answer)
    },
  )
})

test('watching on a terminal overwrites the screen, cut to its size, until it is stopped', async () => {
  const stop = new AbortController()
  const { answer } = look([flow()])
  const shown = () => {
    stop.abort()
    return answer
  }
  // Stopped while the first answer is on its way: nothing is shown and nothing has gone wrong.
  await answering(shown, async (address) => {
    const { around, out } = captured({ signal: stop.signal, isTerminal: true })
    assert.equal(await runCli([statusCommand], ['status', '--watch', '--http', address], '1', around), 0)
    assert.deepEqual(out, ['\u001b[2J'])
  })
})

test('watching where nobody reads a screen prints plain lines', async () => {
  const stop = new AbortController()
  const { answer } = look([flow()])
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

test('on a small terminal no line is longer or lower than the screen', async () => {
  const stop = new AbortController()
  const topics = Array.from({ length: 50 }, (_, i) => ({ topic: `t${i}`, targetTopic: `t${i}`, partitions: [] }))
  await answering(
    () => look([flow({ topics })]).answer,
    async (address) => {
      const { around, out } = captured()
      const print = (text: string) => {
        out.push(text)
        if (out.length > 1) stop.abort()
      }
      const size = { isTerminal: true, terminalSize: () => ({ rows: 8, columns: 30 }), signal: stop.signal }
      await runCli([statusCommand], ['status', '--watch', '--http', address], '1', { ...around, print, ...size })
      const screen = (out[1] ?? '').replaceAll('\u001b[H', '').replaceAll('\u001b[K', '').replaceAll('\u001b[J', '')
      const shown = screen.trimEnd().split('\n')
      assert.ok(shown.length < 8 && shown.every((line) => line.length <= 30))
    },
  )
})

test('when nobody answers, the message says what to look at, and the exit code is 69', async () => {
  const server = await HttpServer.listen(
    { host: '127.0.0.1', port: 0 },
    {
      connect: noConnect,
      status: () => look([]).answer,
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
