// What the demo shows of two status samples: sums, rates, lag, ETA, and the output.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { progressLine, progressTable, topicsProgress, totalProgress } from '../../../demo/progress.ts'
import { screenFor } from '../../../demo/screen.ts'
import { wrapped } from '../../../demo/table.ts'
import { hasReached, watchUntil } from '../../../demo/watch.ts'
import type { FlowStatus, PartitionStatus } from '../../../src/model/flow-status.ts'

function partition(position: number, end: number, records = position): PartitionStatus {
  const lag = end - position
  const fixed = { state: 'copying', sourceStart: 0, targetEnd: records, lagMs: 0, doubtful: 0, missed: 0 } as const
  return { ...fixed, partition: 0, sourceEnd: end, position, lag, records, bytes: records * 100 }
}

function status(topics: Record<string, readonly PartitionStatus[]>, more: Partial<FlowStatus> = {}): FlowStatus {
  const list = Object.entries(topics).map(([topic, partitions]) => ({
    topic,
    targetTopic: topic,
    partitions: partitions.map((p, i) => ({ ...p, partition: i })),
  }))
  const base = {
    flow: 'old->new',
    source: 'old',
    target: 'new',
    state: 'running',
    inSync: false,
    asOf: 0,
    startedAt: 0,
  } as const
  return { ...base, records: 0, bytes: 0, lag: 0, topics: list, periodicTasks: [], problems: [], ...more }
}

const before = { at: 1000, status: status({ b: [partition(100, 1000)], a: [partition(0, 0)] }) }
const now = { at: 3000, status: status({ b: [partition(500, 1000)], a: [partition(0, 0)] }) }

test('rates are per second since the earlier sample, and the ETA is lag divided by rate', () => {
  const [a, b] = topicsProgress(before, now)
  assert.deepEqual(b, {
    topic: 'b',
    partitions: 1,
    records: 500,
    bytes: 50_000,
    recordRate: 200,
    byteRate: 20_000,
    known: true,
    lag: 500,
    etaMs: 2500,
  })
  assert.equal(a?.etaMs, 0)
})

test('a topic with lag and without progress has no ETA, nor has the total', () => {
  const rows = topicsProgress(before, { at: 3000, status: before.status })
  assert.equal(rows[1]?.etaMs, undefined)
  assert.equal(totalProgress(rows).etaMs, undefined)
  assert.match(progressLine(totalProgress(rows)), /lag 900, ETA \?$/)
})

test('the ETA counts offsets: compaction and aborted transactions leave fewer records than offsets', () => {
  const holes = (position: number, records: number) => status({ t: [partition(position, 1000, records)] })
  const [row] = topicsProgress({ at: 0, status: holes(0, 0) }, { at: 1000, status: holes(500, 10) })
  assert.equal(row?.recordRate, 10)
  assert.equal(row?.etaMs, 1000)
})

test('the table has one row per topic, a total, and every problem once', () => {
  const problem = {
    code: 'TOO_LARGE',
    message: 'a record is too large',
    remedy: 'raise max.message.bytes',
    topic: 'b',
    partition: 0,
    since: 0,
  }
  const broken = status({ b: [{ ...partition(1, 2), problem }] }, { problems: [problem] })
  const lines = progressTable(topicsProgress(undefined, { at: 0, status: broken }), broken)
  assert.deepEqual(
    lines.map((line) => line.split(' ')[0]),
    ['topic', '--------------', 'b', 'all', '!'],
  )
  assert.equal(lines.at(-1), '! TOO_LARGE b-0: a record is too large - raise max.message.bytes')
})

test('on a terminal the table is redrawn in place, and messages stay above it', () => {
  const out = Object.assign(new PassThrough(), { isTTY: true, columns: 60 })
  const screen = screenFor(out)
  screen.show(before)
  const height = String(out.read()).split('\n').length - 1
  screen.say('in sync')
  assert.ok(String(out.read()).startsWith(`\x1b[${height}A\x1b[Jin sync\ntopic`))
  screen.show(now)
  const redrawn = String(out.read())
  assert.ok(redrawn.startsWith(`\x1b[${height}A\x1b[Jtopic`))
  const rows = redrawn.slice(redrawn.indexOf('topic')).split('\n')
  assert.ok(rows.every((row) => row.length < 60))
})

test('without a terminal, lines show the total each second, and topics on a state change or every 5 s', () => {
  const out = new PassThrough()
  const screen = screenFor(out)
  const at = (ms: number, b: PartitionStatus) =>
    screen.show({ at: ms, status: status({ a: [partition(0, 0)], b: [b] }) })
  const told = () =>
    String(out.read() ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf(':')))
  at(1000, partition(100, 1000))
  assert.deepEqual(told(), ['a', 'b', 'all topics'])
  at(1500, partition(200, 1000))
  assert.deepEqual(told(), [''])
  at(2000, partition(300, 1000))
  assert.deepEqual(told(), ['all topics'])
  at(3000, partition(1000, 1000))
  assert.deepEqual(told(), ['b', 'all topics'])
  at(4000, partition(1100, 1101))
  at(5000, partition(1101, 1101))
  assert.deepEqual(told(), ['all topics', 'all topics'])
  at(9000, partition(1200, 1200))
  assert.deepEqual(told(), ['b', 'all topics'])
  at(10_000, partition(1200, 1200))
  assert.deepEqual(told(), [''])
})

test('a topic that godwit does not know yet is neither reported nor counted as caught up', () => {
  const out = new PassThrough()
  const unknown = { at: 1000, status: status({ a: [partition(-1, -1, 0)] }) }
  screenFor(out).show(unknown)
  assert.equal(out.read(), null)
  assert.match(progressTable(topicsProgress(undefined, unknown), unknown.status)[2] ?? '', / \? {2,}\?$/)
})

test('a plain line has everything the table has', () => {
  const [, row] = topicsProgress(before, now)
  assert.ok(row)
  assert.equal(progressLine(row), 'b: 1 partitions, 500 records, 50.0 KB, 200 records/s, 20.0 KB/s, lag 500, ETA 2.5 s')
})

test('watching ends when the position is reached, and gives up when nothing progresses', async () => {
  const screen = { show() {}, say() {}, end() {} }
  const ends = new Map([['b-0', 500]])
  let asked = 0
  const moving = async () => (asked++ < 1 ? before.status : now.status)
  const signal = new AbortController().signal
  const reached = (s: FlowStatus) => hasReached(s, ends)
  assert.equal(await watchUntil({ status: moving, screen, signal, patienceMs: 60_000 }, reached), true)
  const still = async () => before.status
  assert.equal(await watchUntil({ status: still, screen, signal, patienceMs: 10 }, reached), false)
  assert.equal(hasReached(now.status, new Map([['c-0', 0]])), false)
})

test('the signal interrupts watching', async () => {
  const screen = { show() {}, say() {}, end() {} }
  const watch = { status: async () => before.status, screen, signal: AbortSignal.abort(), patienceMs: 60_000 }
  await assert.rejects(
    watchUntil(watch, () => false),
    { name: 'Interrupted' },
  )
})

test('on a narrow terminal partitions and bytes are left out, lag and ETA stay', () => {
  const problem = { code: 'TOO_LARGE', message: 'a record is too large '.repeat(9), topic: 'b', partition: 0, since: 0 }
  const sample = { at: 0, status: status({ b: [partition(1, 2)] }, { problems: [problem] }) }
  const table = (width: number) => progressTable(topicsProgress(undefined, sample), sample.status, width)
  assert.match(table(120)[0] ?? '', /^topic +partitions +records +bytes +records\/s +bytes\/s +lag +ETA$/)
  assert.match(table(79)[0] ?? '', /^topic +records +records\/s +bytes\/s +lag +ETA$/)
  for (const line of table(79)) assert.ok(line.length <= 79, line)
})

test('a sentence is wrapped at blanks, and aligned columns in it stay', () => {
  assert.deepEqual(wrapped('  37 s  godwit run mm2.properties --http here', 24, 8), [
    '  37 s  godwit run',
    '        mm2.properties',
    '        --http here',
  ])
  assert.deepEqual(wrapped('         customers    3 partitions', 80, 9), ['         customers    3 partitions'])
})
