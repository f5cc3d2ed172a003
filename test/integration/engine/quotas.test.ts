// Client quotas of both clusters: a flow continues within the quota, reports it with the command that raises it, and has no
// problem.
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { after, before, test } from 'node:test'
import type { FlowStatus, ThrottleStatus } from '../../../src/model/flow-status.ts'
import type { TestCluster } from '../../harness/cluster.ts'
import { executeCommands } from '../../harness/kafka-tools.ts'
import { startLoad } from '../../harness/load.ts'
import type { GodwitProcess, LogLine } from './godwit-process.ts'
import { Site } from './site.ts'

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

/** Changes the default user quota of clusters with kafka-configs.sh. */
const quota = (clusters: readonly TestCluster[], change: string) =>
  executeCommands(
    clusters.map(
      ({ bootstrap }) =>
        `kafka-configs.sh --bootstrap-server ${bootstrap} --alter ${change} --entity-type users --entity-default`,
    ),
    tmpdir(),
  )

const isThrottledBy =
  (quotaName: string) =>
  ({ message, quota: name }: LogLine): boolean =>
    name === quotaName && message.includes(' throttles ')

/** The first log line about the quota. */
function throttleLine({ log }: GodwitProcess, quotaName: string): LogLine {
  const line = log.find(isThrottledBy(quotaName))
  assert.ok(line, `no line about ${quotaName}`)
  return line
}

/** Executes the command that a remedy contains. */
const executeRemedy = (line: LogLine) =>
  executeCommands([/kafka-configs\.sh .*$/.exec(String(line['remedy']))?.[0] ?? 'no command'], tmpdir())

const throttleOf = (status: FlowStatus, kind: keyof ThrottleStatus) => status.work?.throttle?.[kind] ?? 0

function assertNoProblem(godwit: GodwitProcess, status: FlowStatus): void {
  assert.deepEqual(status.problems, [])
  const loud = godwit.log.filter(
    ({ level, message }) =>
      level !== 'debug' && /reached|did not respond|did not answer|could not be|cannot/.test(message),
  )
  assert.deepEqual(loud, [])
}

test('14 MB at a producer quota of 100 kB/s: no problem, heartbeats continue, the command raises the quota', async () => {
  await site.create('slow', 4)
  const ends = await site.produce('slow', { count: 1400, partitions: [0, 1, 2, 3], size: 10_000 })
  await quota([site.target], '--add-config producer_byte_rate=100000')
  const heartbeats = [
    'emit.heartbeats.enabled = true',
    'heartbeats.topic.replication.factor = 1',
    'emit.heartbeats.interval.seconds = 1',
  ]
  await using godwit = await site.godwit('q', 'slow', ...heartbeats)
  await godwit.until('it is throttled', (status) => throttleOf(status, 'producing') > 0)
  const started = Date.now()
  let longest = 0
  await godwit.until('40 s have passed', (status) => {
    assertNoProblem(godwit, status)
    longest = Math.max(longest, throttleOf(status, 'producing'))
    return Date.now() > started + 40_000
  })
  assert.ok(longest > 0 && longest < 20_000, `an answer was throttled for ${longest} ms`)
  const metrics = await (await fetch(`http://${godwit.address}/metrics`)).text()
  assert.match(metrics, /^godwit_flow_produce_throttle_seconds\{[^}]*\} [1-9\d.]/m)
  assert.match(metrics, /^kafka_producer_produce_throttle_time_max\{[^}]*\} [1-9]\d+/m)
  const told = godwit.log.filter(({ message }) => message.includes(' throttles writing records'))
  assert.equal(told.length, 1)
  await executeRemedy(throttleLine(godwit, 'producer_byte_rate'))
  const status = await godwit.untilCopied('slow', ends)
  assertNoProblem(godwit, status)
  const beats = status.periodicTasks.find(({ task }) => task === 'heartbeats')
  assert.ok(beats && beats.runs > 4 && beats.failures === 0, JSON.stringify(beats))
  await site.assertEqual('slow')
  await quota([site.target], '--delete-config producer_byte_rate')
  const { message } = await godwit.untilLogged(({ message }) => message.includes('no longer throttles writing records'))
  assert.equal(message, 'cluster Bq no longer throttles writing records')
})

test('with a consumer quota on the source records are copied within the quota, without a problem', async () => {
  await site.create('read', 2)
  const ends = await site.produce('read', { count: 400, partitions: [0, 1], size: 10_000 })
  await quota([site.source], '--add-config consumer_byte_rate=300000')
  await using godwit = await site.godwit('c', 'read')
  await godwit.until('it is throttled', (status) => throttleOf(status, 'fetching') > 0)
  const status = await godwit.untilCopied('read', ends)
  assertNoProblem(godwit, status)
  assert.equal(
    throttleLine(godwit, 'consumer_byte_rate')['message'],
    'cluster Ac throttles reading records: a quota is exceeded',
  )
  await quota([site.source], '--delete-config consumer_byte_rate')
  await site.assertEqual('read')
})

test('with a request quota on both clusters everything continues more slowly', async () => {
  await site.create('asked', 2)
  const both = [site.source, site.target]
  await using godwit = await site.godwit('p', 'asked')
  // Each record is a request: several times more than the quota permits.
  await using load = await startLoad(site.source, { topics: ['asked'], partitions: 2, perSecond: 300, lingerMs: 0 })
  await quota(both, '--add-config request_percentage=1')
  await godwit.untilLogged(isThrottledBy('request_percentage'))
  const before = (await godwit.status())?.records ?? 0
  const slow = await godwit.until('100 more records are copied', ({ records }) => records >= before + 100)
  assertNoProblem(godwit, slow)
  await quota(both, '--delete-config request_percentage')
  await load.stop()
  const status = await godwit.untilCopied('asked', await site.ends('asked'))
  assertNoProblem(godwit, status)
  assert.match(String(throttleLine(godwit, 'request_percentage')['remedy']), /request_percentage=1000 /)
  await site.assertEqual('asked')
})

test('a controller mutation quota delays the creation of topics, and all are created and copied', async () => {
  const topics = Array.from({ length: 8 }, (_, i) => `many${i}`)
  for (const topic of topics) await site.create(topic, 3)
  await Promise.all(topics.map((topic) => site.produce(topic, { count: 10, partition: 0 })))
  await quota([site.target], '--add-config controller_mutation_rate=1')
  await using godwit = await site.godwit('m', 'many.*')
  for (const topic of topics) await godwit.untilCopied(topic, { 0: 10 })
  const status = await godwit.until('no topic waits', ({ problems }) => problems.length === 0)
  assertNoProblem(godwit, status)
  assert.match(String(throttleLine(godwit, 'controller_mutation_rate')['remedy']), /controller_mutation_rate=1000 /)
  await quota([site.target], '--delete-config controller_mutation_rate')
})
