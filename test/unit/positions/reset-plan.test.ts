// The effect of removing or moving positions, partition by partition.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StartAt } from '../../../src/mirror/start.ts'
import type { Destination } from '../../../src/positions/destination.ts'
import type { PartitionPositions } from '../../../src/positions/memory.ts'
import { planReset, resetOf } from '../../../src/positions/reset-plan.ts'

function memory(given: Partial<PartitionPositions> = {}): PartitionPositions {
  const names = { topic: 'orders', partition: 0, targetTopic: 'A.orders' }
  const standing = { sourceStanding: 'same', targetStanding: 'same' } as const
  return { ...names, stored: {}, isStored: true, next: 100, ...standing, sourceStart: 10, sourceEnd: 120, ...given }
}

const earliest = { kind: 'earliest' } as const

function planned(one: PartitionPositions, destination?: Destination, start: StartAt = earliest) {
  const parts = { startAt: () => start, source: 'A', all: [], atTime: new Map([['orders-0', 70]]) }
  const [plan] = planReset([one], { ...parts, destination })
  const { before, after, isForgotten, copiedAgain, leftOut, means } = plan ?? assert.fail('nothing is planned')
  return { before, after, isForgotten, copiedAgain, leftOut, means }
}

test('without a position copying starts by the start rules, and records copied again are duplicated', () => {
  assert.deepEqual(planned(memory()), {
    ...{ before: 100, after: 10, isForgotten: true, copiedAgain: 90, leftOut: 0 },
    means: '90 offsets are copied again: their records are duplicated on the target',
  })
  assert.deepEqual(planned(memory(), undefined, { kind: 'latest' }), {
    ...{ before: 100, after: 120, isForgotten: true, copiedAgain: 0, leftOut: 20 },
    means: 'copied from offset 120 on; 20 offsets are left out: their records are never copied',
  })
  const none = planned(memory(), undefined, { kind: 'none' })
  assert.deepEqual(
    [none.after, none.means],
    [null, 'not copied until an offset is set with --to: auto.offset.reset is none'],
  )
})

test('a position is moved to an end of the log, an offset or a time, backwards or forwards', () => {
  const to = (destination: Destination) => {
    const { after, copiedAgain, leftOut, isForgotten } = planned(memory(), destination)
    assert.equal(isForgotten, false)
    return [after, copiedAgain, leftOut]
  }
  assert.deepEqual(to({ kind: 'earliest' }), [10, 90, 0])
  assert.deepEqual(to({ kind: 'latest' }), [120, 0, 20])
  assert.deepEqual(to({ kind: 'offset', offset: 99 }), [99, 1, 0])
  assert.deepEqual(to({ kind: 'offset', offset: 100 }), [100, 0, 0])
  assert.deepEqual(to({ kind: 'offset', offset: 101 }), [101, 0, 1])
  assert.deepEqual(to({ kind: 'time', at: 5 }), [70, 30, 0])
  assert.equal(planned(memory(), { kind: 'offset', offset: 100 }).means, 'continues at the same offset')
})

test('a recreated target topic gets no duplicates, even under another name and after old records', () => {
  const recreated = planned(memory({ targetStanding: 'recreated' }))
  assert.deepEqual([recreated.copiedAgain, recreated.means], [0, 'copied from offset 10 on into the new target topic'])
  const renamed = planned(memory({ targetStanding: 'recreated', otherTargetTopic: 'orders' }))
  assert.equal(renamed.means, 'copied from offset 10 on into A.orders; what was copied before stays in orders')
  const newSource = planned(memory({ sourceStanding: 'recreated', sourceStart: 0, sourceEnd: 5 }))
  assert.deepEqual(
    [newSource.after, newSource.copiedAgain, newSource.means],
    [0, 0, 'the new topic orders is copied from offset 0 on; records of the old one stay on the target before them'],
  )
  const both = planned(memory({ sourceStanding: 'recreated', targetStanding: 'gone', sourceStart: 0 }))
  assert.equal(both.means, 'the new topic orders is copied from offset 0 on')
})

test('a source that ends before the copied position has only its remaining records to copy again', () => {
  const { copiedAgain } = planned(memory({ sourceEnd: 60 }))
  assert.equal(copiedAgain, 50)
})

test('an offset outside the log is refused with the log range; a deleted partition is removed, not moved', () => {
  const parts = { startAt: () => earliest, source: 'A', all: [] }
  const plan = (offset: number) => planReset([memory()], { ...parts, destination: { kind: 'offset', offset } })
  assert.throws(() => plan(121), /offset 121 is outside the log on cluster A of orders-0 \(10 to 120\)/)
  assert.throws(() => plan(9), /offset 9 is outside/)
  const gone = memory({ sourceStanding: 'gone', partition: 3 })
  const { sourceStart: _start, sourceEnd: _end, ...rest } = gone
  const without = { ...rest, sourceStart: undefined, sourceEnd: undefined }
  assert.deepEqual(planReset([without], { ...parts, destination: earliest }), [])
  const [forgotten] = planReset([without], { ...parts, destination: undefined })
  assert.equal(forgotten?.means, 'forgotten; the source no longer has this partition')
  const leaderless = { ...without, sourceStanding: 'same' as const }
  assert.throws(
    () => planReset([leaderless], { ...parts, destination: earliest }),
    /orders-3 has no leader on cluster A/,
  )
})

test('partitions without stored values are left out, unless a start is set for them', () => {
  const fresh = { ...memory({ isStored: false, targetStanding: 'new' }), next: undefined }
  const parts = { startAt: () => earliest, source: 'A', all: [] }
  assert.deepEqual(planReset([fresh], { ...parts, destination: undefined }), [])
  const [moved] = planReset([fresh], { ...parts, destination: { kind: 'offset', offset: 50 } })
  assert.deepEqual([moved?.before, moved?.after, moved?.means], [null, 50, 'copied from offset 50 on'])
})

test('the request names each topic once, with the topic id that the offsets belong to', () => {
  const known = { sourceIds: new Map([['orders', 'id-1']]), targetClusterId: 'K' }
  const plan = planReset([memory(), memory({ partition: 1 })], {
    ...{ startAt: () => earliest, source: 'A', all: [], destination: { kind: 'offset', offset: 50 } },
  })
  const partitions = [0, 1].map((partition) => ({ partition, to: 50 }))
  const topics = [{ topic: 'orders', sourceTopicId: 'id-1', partitions }]
  assert.deepEqual(resetOf(plan, known, false), { targetClusterId: 'K', topics })
  assert.deepEqual(resetOf(plan, known, true), { targetClusterId: 'K', topics: [], all: true })
})

test('a partition without a position counts as created later if the flow still has other positions', () => {
  const startAt = (_topic: string, isNew: boolean): StartAt => ({ kind: isNew ? 'earliest' : 'latest' })
  const beginning = { kind: 'beginning', sourceTopicId: '', sourceNext: 0, writtenAt: 0 } as const
  const [one, other] = [memory(), memory({ partition: 1, stored: { beginning } })]
  const parts = { startAt, source: 'A', all: [one, other], destination: undefined }
  assert.deepEqual(
    planReset([one], parts).map(({ after }) => after),
    [10],
  )
  assert.deepEqual(
    planReset([one, other], parts).map(({ after }) => after),
    [120, 120],
  )
})
