// The status of a flow, derived from the state of its partitions and the last listing of the source.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import type { Checked } from '../../../src/completeness/assess.ts'
import { assess } from '../../../src/completeness/assess.ts'
import type { ListedPartition } from '../../../src/completeness/source-listing.ts'
import { type ReportInput, reportFlow } from '../../../src/engine/flow-report.ts'
import type { FlowSettings } from '../../../src/model/flow-settings.ts'
import { PartitionCopy } from '../../../src/replicate/partition-copy.ts'

const NOW = 1_000_000
const names = { source: 'A', sourceAlias: 'A', target: 'B', targetAlias: 'B', name: 'A->B', enabled: true }
const settings = names as unknown as FlowSettings
const work = {
  ...{ taken: 1, begun: 1, takenAt: 0, joining: false, targetClusterId: '', memoryBytes: 0, memoryFree: 0 },
  connections: { fetching: 0, producing: 0, source: 0, target: 0 },
  throttle: { source: 0, target: 0 },
} as unknown as ReportInput['work']

function copyOf(name: string, next?: number): PartitionCopy {
  const limits = { maxMessageBytes: 1_000_000, targetAppendTime: false, recodeTo: undefined, limitsRead: 0 }
  const copy = new PartitionCopy({ topic: name, targetTopic: name, sourceId: 'a', targetId: 'b', ...limits }, 0)
  if (next !== undefined)
    copy.begin({ sourceNext: next, targetNext: next, sequence: 0 }, { sequence: 0, targetNext: next })
  return copy
}

const listedAs = (topic: string, end: number): ListedPartition => ({
  ...{ topic, topicId: 'a', partition: 0, start: 0, end, stableEnd: end },
})

function checkedOf(partitions: readonly ListedPartition[], copies: readonly PartitionCopy[]): Checked {
  const listing = { at: NOW - 100, selectsTopic: true, partitions }
  const next = (topic: string) => copies.find(({ shared }) => shared.topic === topic)?.position.next ?? -1
  const assessment = assess(listing, ({ topic }) => ({ kind: 'copied', next: next(topic) }))
  return { listing, assessment, listed: new Map(partitions.map((one) => [`${one.topic}-0`, one])), heldBack: new Map() }
}

function report(
  copies: readonly PartitionCopy[],
  partitions: readonly ListedPartition[],
  given: Partial<ReportInput> = {},
) {
  const flow: ReportInput = {
    ...{ settings, state: 'running', reason: '', startedAt: 0, copies, topicProblems: new Map() },
    ...{
      checked: checkedOf(partitions, copies),
      isCurrent: true,
      endsSince: NOW - 5000,
      silent: [],
      wasComplete: false,
    },
    ...{ checkFailure: undefined, transactions: [], periodicTasks: [], work, halted: {}, flowProblem: undefined },
    progressOf: ({ topic }) => {
      const next = copies.find(({ shared }) => shared.topic === topic)?.position.next ?? -1
      return { kind: 'copied', next }
    },
    targetTopicOf: (topic) => topic,
    ...given,
  }
  return reportFlow(flow, NOW)
}

const orders = () => copyOf('orders', 10)

test('a source topic deleted before it was copied does not keep the flow from being in sync', () => {
  const deleted = copyOf('short-lived')
  deleted.failures.current = new Failure('UNKNOWN_TOPIC', 'cluster A does not list source topic short-lived any more')
  deleted.failures.since = NOW - 60_000
  const { inSync, lag, completeness, problems } = report([orders(), deleted], [listedAs('orders', 10)])
  assert.deepEqual([inSync, lag, completeness?.missing], [true, 0, 0])
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['UNKNOWN_TOPIC'],
    'the deleted topic is still reported',
  )
})

test('a partition that was found after the listing has an unknown lag, and the flow is not in sync', () => {
  const { inSync, lag, completeness } = report([orders(), copyOf('new')], [listedAs('orders', 10)])
  assert.deepEqual([inSync, lag, completeness?.missing], [false, null, 1])
})

test('while only the target is unreachable, lag is unknown and the records after the position are reported', () => {
  const copy = orders()
  copy.source.noteListed(17, NOW - 4000)
  const { lag, topics } = report([copy], [listedAs('orders', 10)], { isCurrent: false })
  const [{ lag: own, sourceLag } = { lag: 0 }] = topics[0]?.partitions ?? []
  assert.deepEqual([lag, own, sourceLag], [null, null, 7])
  copy.source.noteListed(17, NOW - 6000)
  const late = report([copy], [listedAs('orders', 10)], { isCurrent: false })
  assert.equal(late.topics[0]?.partitions[0]?.sourceLag, undefined, 'the last answer of the source is too old')
})
