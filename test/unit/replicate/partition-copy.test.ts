import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Sent } from '../../../src/replicate/partition/send-queue.ts'
import { sequenceAfter, sequenceDistance } from '../../../src/replicate/partition/sequence.ts'
import { PartitionCopy } from '../../../src/replicate/partition-copy.ts'

const topic = {
  topic: 'orders',
  targetTopic: 'old.orders',
  sourceId: '',
  targetId: '',
  maxMessageBytes: 1_000_000,
  targetAppendTime: false,
  recodeTo: undefined,
  limitsRead: 0,
}

function copyAt(sourceNext: number, targetNext: number, toSkip = 0): PartitionCopy {
  const copy = new PartitionCopy(topic, 3)
  copy.begin(
    { sourceNext, targetNext, sequence: 7 },
    {
      sequence: 7 + toSkip,
      targetNext: targetNext + toSkip,
      arrived: { records: toSkip, firstAt: targetNext, proof: '' },
    },
  )
  return copy
}

function sent(copy: PartitionCopy, records: number, next: number): Sent {
  return {
    records,
    bytes: records * 10,
    maxTimestamp: 1,
    expected: copy.queue.targetNext,
    old: false,
    limits: 0,
    at: 1,
    next,
    runs: [0, next - records],
  }
}

test('sequence numbers wrap at 2^31, and the distance is the shorter one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7fffffff }), fc.integer({ min: 0, max: 1 << 29 }), (from, records) => {
      const to = sequenceAfter(from, records)
      assert.ok(to >= 0 && to <= 0x7fffffff)
      assert.equal(sequenceDistance(from, to), records)
      assert.equal(sequenceDistance(to, from), records === 0 ? 0 : -records)
    }),
  )
  assert.equal(sequenceAfter(0x7fffffff, 1), 0)
})

test('the anchor advances with acknowledgements, in order, with offset and sequence number together', () => {
  const copy = copyAt(100, 50)
  copy.queue.launch(sent(copy, 5, 110))
  copy.queue.launch(sent(copy, 2, 112))
  assert.equal(copy.position.next, 100)
  assert.equal(copy.queue.sequence, 14)
  copy.acknowledge(50)
  assert.deepEqual(copy.position.anchor, { sourceNext: 110, targetNext: 55, sequence: 12 })
  copy.acknowledge(55)
  assert.deepEqual(copy.position.anchor, { sourceNext: 112, targetNext: 57, sequence: 14 })
})

test('an offset skipped behind a batch in flight is passed when that batch is acknowledged', () => {
  const copy = copyAt(0, 0)
  copy.queue.launch(sent(copy, 1, 1))
  copy.passOver(5)
  assert.equal(copy.position.next, 0)
  copy.acknowledge(0)
  assert.equal(copy.position.next, 5)
})

test('an offset skipped with nothing in flight is passed at once', () => {
  const copy = copyAt(0, 0)
  copy.passOver(3)
  assert.equal(copy.position.next, 3)
})

test('abandoning remembers batches in flight, and that the target may have more than the anchor says', () => {
  const copy = copyAt(0, 0)
  const was = copy.incarnation
  copy.queue.launch(sent(copy, 4, 4))
  copy.abandon('recovering')
  assert.equal(copy.position.mayBeAhead, true)
  assert.equal(copy.queue.lost.length, 1)
  assert.equal(copy.queue.inFlight.length, 0)
  assert.notEqual(copy.incarnation, was)
})

test('abandoning with nothing in flight keeps the anchor certain', () => {
  const copy = copyAt(0, 0)
  copy.queue.launch(sent(copy, 4, 4))
  copy.acknowledge(0)
  copy.abandon('recovering')
  assert.equal(copy.position.mayBeAhead, false)
})

test("a failure while arrived records are being counted keeps the target's state uncertain", () => {
  const copy = copyAt(0, 0, 9)
  copy.abandon('recovering')
  assert.equal(copy.position.mayBeAhead, true)
})

test('copying again from the anchor counts possible duplicates and continues with new sequence numbers', () => {
  const copy = copyAt(20, 30, 9)
  copy.countArrived(24, 4)
  copy.restartAtAnchor()
  assert.equal(copy.position.doubtful, 9)
  assert.deepEqual(copy.position.anchor, { sourceNext: 20, targetNext: 39, sequence: 16 })
  copy.abandon('recovering')
  assert.equal(copy.position.mayBeAhead, false)
})

test('a gap on the source is counted as missed', () => {
  const copy = copyAt(20, 30)
  copy.position.jumpTo(25)
  assert.equal(copy.position.missed, 5)
  assert.equal(copy.position.next, 25)
  copy.position.jumpTo(10)
  assert.equal(copy.position.next, 25)
})

test('lag in time is measured from when the end offset that is still to be reached was first seen', () => {
  const copy = copyAt(0, 0)
  copy.source.noteRange(-1, 10)
  copy.noteEnd(1000)
  assert.deepEqual(copy.position.behind, { end: 10, since: 1000 })
  copy.passOver(10)
  copy.source.noteRange(-1, 12)
  copy.noteEnd(1500)
  assert.deepEqual(copy.position.behind, { end: 12, since: 1500 })
  copy.passOver(12)
  copy.noteEnd(1600)
  assert.equal(copy.position.behind, undefined)
})
