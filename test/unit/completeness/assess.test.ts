import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { assess, isStuck, lagOf, type Progress, reasonsOf, reassess } from '../../../src/completeness/assess.ts'
import type { ListedPartition, SourceListing } from '../../../src/completeness/source-listing.ts'

const at = 1_700_000_000_000

function listed(partition: number, given: Partial<ListedPartition> = {}): ListedPartition {
  return { topic: 'orders', topicId: 'id', partition, start: 0, end: 100, stableEnd: 100, ...given }
}

const listing = (...partitions: ListedPartition[]): SourceListing => ({
  ...{ at, partitions },
  selectsTopic: partitions.length > 0,
})
const copied = (next: number): Progress => ({ kind: 'copied', next })
const quarantined = new Failure('TOO_LARGE', 'a record is too large')

test('a listing is complete exactly when every partition is copied up to its end', () => {
  const done = assess(listing(listed(0), listed(1)), () => copied(100))
  assert.deepEqual(done, { asOf: at, verdict: 'complete', partitions: 2, missing: [] })
  const short = assess(listing(listed(0), listed(1)), ({ partition }) => copied(partition === 0 ? 100 : 99))
  assert.equal(short.verdict, 'missing')
  assert.deepEqual(
    short.missing.map(({ listed: { partition }, why, lag }) => ({ partition, why, lag })),
    [{ partition: 1, why: 'copying', lag: 1 }],
  )
})

test('a flow that selects nothing is not complete', () => {
  const nothing = assess({ ...listing(), selectsTopic: false }, () => copied(0))
  assert.equal(nothing.verdict, 'nothing-selected')
  assert.deepEqual(reasonsOf(nothing), ['the flow selects no topic of the source'])
})

test('a flow that selects nothing is not complete, although it copies heartbeats', () => {
  const heartbeats = { ...listing(listed(0, { topic: 'heartbeats' })), selectsTopic: false }
  assert.equal(assess(heartbeats, () => copied(100)).verdict, 'nothing-selected')
  assert.equal(assess(heartbeats, () => copied(99)).verdict, 'nothing-selected')
})

test('an empty partition that was not started is missing: its topic may not exist on the target', () => {
  const waiting: Progress = { kind: 'not-begun', next: 0, reason: 'its target topic is not created yet' }
  const found = assess(listing(listed(0, { end: 0, stableEnd: 0 })), () => waiting)
  assert.equal(found.verdict, 'missing')
  assert.equal(found.missing[0]?.why, 'not-begun')
  assert.equal(found.missing[0]?.lag, 0)
})

test('a stopped partition is missing, even if it was copied up to the end', () => {
  const found = assess(listing(listed(0)), () => ({ kind: 'stopped', next: 100, failure: quarantined }))
  assert.equal(found.verdict, 'missing')
  assert.equal(found.missing[0]?.why, 'stopped')
})

test('a partition with an unknown end is missing', () => {
  const failure = new Failure('LEADER_MOVED', 'no leader')
  const found = assess(listing(listed(0, { end: -1, stableEnd: -1, failure })), () => copied(100))
  assert.equal(found.missing[0]?.why, 'unknown')
  assert.equal(found.missing[0]?.lag, undefined)
})

test('a partition that the source no longer lists is missing, and waits for a user', () => {
  const failure = new Failure('UNKNOWN_TOPIC', 'not listed any more')
  const gone = listed(0, { end: -1, stableEnd: -1, failure, isGone: true })
  const found = assess(listing(gone, listed(1)), () => copied(100))
  assert.deepEqual([found.verdict, found.missing[0]?.lag, isStuck(found)], ['missing', undefined, true])
})

test('records behind an open transaction are missing, with their own reason', () => {
  const found = assess(listing(listed(0, { stableEnd: 60 })), () => copied(60))
  assert.equal(found.missing[0]?.why, 'open-transaction')
  assert.equal(found.missing[0]?.lag, 40)
  assert.match(reasonsOf(found)[0] ?? '', /^1 partition is behind an open transaction of the source \(orders-0: /)
})

test('only missing partitions are checked again, and they may have failed meanwhile', () => {
  const all = listing(listed(0), listed(1))
  const first = assess(all, ({ partition }) => copied(partition === 0 ? 100 : 50))
  assert.equal(reassess(first, all, () => copied(100)).verdict, 'complete')
  const stopped = reassess(first, all, () => ({ kind: 'stopped', next: 50, failure: quarantined }))
  assert.deepEqual(
    stopped.missing.map(({ why }) => why),
    ['stopped'],
  )
})

test('a flow is stuck when everything that is missing waits for a user', () => {
  const stopped: Progress = { kind: 'stopped', next: 50, failure: quarantined }
  const busy: Progress = { kind: 'stopped', next: 50, failure: new Failure('BROKER_UNREACHABLE', 'no broker') }
  const two = listing(listed(0), listed(1))
  const with2 = (second: Progress) => assess(two, ({ partition }) => (partition === 0 ? stopped : second))
  assert.equal(isStuck(with2(copied(100))), true)
  assert.equal(isStuck(with2(copied(99))), false)
  assert.equal(isStuck(with2(busy)), false)
  assert.equal(isStuck(assess(two, () => copied(100))), false)
})

test('records before the log start do not count as lag; with an unknown start of copying lag is unknown', () => {
  assert.equal(lagOf(listed(0, { start: 40 }), 10), 60)
  assert.equal(lagOf(listed(0), 100), 0)
  assert.equal(lagOf(listed(0, { start: undefined }), -1), undefined)
  assert.equal(lagOf(listed(0, { start: 100 }), -1), 0)
})
