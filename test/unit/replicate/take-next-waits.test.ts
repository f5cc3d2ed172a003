// When the batch at the head of a queue waits: for batches in flight, for room in a request, or because it is damaged.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import type { PartitionCopy } from '../../../src/replicate/partition-copy.ts'
import { OLD_MS } from '../../../src/replicate/send/batch-fate.ts'
import { type Taken, takeNext } from '../../../src/replicate/send/take-next.ts'
import { copyingFrom, enqueue, Outbox, topicCopy } from './data-path-parts.ts'
import { SourceLog } from './source-log.ts'

const outbox = new Outbox()
const takeOne = (copy: PartitionCopy, room = 256 * 1024): Taken =>
  takeNext(copy, outbox.context({ maxRequestBytes: room }))
const isSent = (taken: Taken) => typeof taken === 'object' && !(taken instanceof Failure)

/** The result of each attempt, in short. */
const outcome = (taken: Taken) => (taken instanceof Failure ? taken.code : typeof taken === 'object' ? 'sent' : taken)

/** Batches that are too large to be joined. */
const large = (log: SourceLog, count: number, age = 0) =>
  log.add(...Array.from({ length: count }, () => ({ kind: 'plain', records: 1, size: 70_000, age }) as const))

function damage(bytes: Buffer): void {
  bytes.writeUInt8((bytes.at(-1) as number) ^ 0xff, bytes.length - 1)
}

test('at most five batches of a partition are in flight, and each acknowledgement permits one more', () => {
  const log = large(new SourceLog(), 7)
  const copy = copyingFrom()
  enqueue(copy, log.batches)
  assert.deepEqual(
    Array.from({ length: 7 }, () => outcome(takeOne(copy))),
    ['sent', 'sent', 'sent', 'sent', 'sent', 'held', 'held'],
  )
  copy.acknowledge(0)
  assert.deepEqual([outcome(takeOne(copy)), outcome(takeOne(copy))], ['sent', 'held'])
})

test('the first batch is sent alone, and so is the first after a long time', () => {
  for (const knownSince of [0, Date.now() - OLD_MS - 60_000]) {
    const copy = copyingFrom()
    copy.queue.knownSince = knownSince
    enqueue(copy, large(new SourceLog(), 3).batches)
    assert.deepEqual([outcome(takeOne(copy)), outcome(takeOne(copy))], ['sent', 'held'])
    copy.acknowledge(0)
    assert.deepEqual([outcome(takeOne(copy)), outcome(takeOne(copy))], ['sent', 'sent'])
  }
})

test('batches with old timestamps are sent one at a time', () => {
  const copy = copyingFrom()
  enqueue(copy, large(new SourceLog(), 3, OLD_MS + 60_000).batches)
  for (const offset of [0, 1, 2]) {
    assert.deepEqual([outcome(takeOne(copy)), outcome(takeOne(copy))], ['sent', offset === 2 ? 'empty' : 'held'])
    copy.acknowledge(offset)
  }
})

test('an old batch waits for a recent one before it, and a recent one for an old one', () => {
  for (const [first, second] of [
    [0, OLD_MS + 60_000],
    [OLD_MS + 60_000, 0],
  ] as const) {
    const copy = copyingFrom()
    enqueue(copy, large(large(new SourceLog(), 1, first), 1, second).batches)
    assert.deepEqual([outcome(takeOne(copy)), outcome(takeOne(copy))], ['sent', 'held'])
    copy.acknowledge(0)
    assert.equal(outcome(takeOne(copy)), 'sent')
  }
})

test('the first batch after an old one is sent alone: the target may have dropped its producer state', () => {
  const copy = copyingFrom()
  enqueue(copy, large(large(new SourceLog(), 1, OLD_MS + 60_000), 3).batches)
  for (const outcomes of [
    ['sent', 'held'],
    ['sent', 'held'],
    ['sent', 'sent'],
  ]) {
    assert.deepEqual([outcome(takeOne(copy)), outcome(takeOne(copy))], outcomes)
    copy.acknowledge(copy.position.anchor?.targetNext ?? 0)
  }
})

test('the parts of an old batch that was split are sent one at a time too', () => {
  const log = new SourceLog().add({ kind: 'plain', records: 9, size: 300, age: OLD_MS + 60_000 })
  const copy = copyingFrom({}, { shared: topicCopy({ maxMessageBytes: 1000 }) })
  enqueue(copy, log.batches)
  assert.deepEqual([outcome(takeOne(copy)), outcome(takeOne(copy))], ['sent', 'held'])
  copy.acknowledge(0)
  assert.deepEqual([outcome(takeOne(copy)), outcome(takeOne(copy))], ['sent', 'held'])
})

test('a batch without room waits for the next request, where it is sent alone whatever its size', () => {
  for (const size of [1000, 15_000, 40_000, 70_000]) {
    for (const codec of [0, 1]) {
      const log = new SourceLog().add({ kind: 'plain', records: 2, size, codec })
      const copy = copyingFrom()
      enqueue(copy, log.batches)
      const context = outbox.context({ maxRequestBytes: 1200 })
      context.request.copyIn('another', 0, Buffer.alloc(1100))
      const fits = (log.batches[0]?.bytes.length as number) + context.request.size <= 1200
      assert.equal(outcome(takeNext(copy, context)), fits ? 'sent' : 'held', `${size} bytes, codec ${codec}`)
      if (!fits) assert.equal(outcome(takeOne(copy, 1200)), 'sent')
      assert.equal(copy.queue.hasWork, false)
    }
  }
})

test('small batches wait for the next request if this one has no room to join them', () => {
  for (const codec of [0, 3]) {
    const log = new SourceLog().add({ kind: 'singles', records: 30, codec, size: 60 })
    const copy = copyingFrom()
    enqueue(copy, log.batches)
    const context = outbox.context({ maxRequestBytes: 64 * 1024 })
    context.request.copyIn('another', 0, Buffer.alloc(context.request.room - 100))
    assert.equal(outcome(takeNext(copy, context)), 'held')
    assert.equal(copy.queue.cursor, 0)
    const next = takeOne(copy)
    assert.ok(typeof next === 'object' && !(next instanceof Failure))
    assert.equal(next.records, 30)
  }
})

test('a damaged batch stops the partition exactly before it, once batches in flight are acknowledged', () => {
  for (const kind of ['plain', 'singles', 'holes'] as const) {
    for (const codec of kind === 'holes' ? [0] : [0, 2]) {
      const log = new SourceLog(100).add({ kind: 'plain', records: 2 })
      const good = log.batches.length
      log.add({ kind, records: 3, codec })
      damage(log.batches[good]?.bytes as Buffer)
      const copy = copyingFrom({ sourceNext: 100 })
      enqueue(copy, log.batches)
      assert.equal(outcome(takeOne(copy)), 'sent')
      assert.equal(outcome(takeOne(copy)), 'held', `${kind}, codec ${codec}`)
      copy.acknowledge(0)
      const failure = takeOne(copy)
      assert.ok(failure instanceof Failure)
      assert.deepEqual([failure.code, failure.circumstances.offset], ['CORRUPT_BATCH', 102n])
      assert.deepEqual([copy.position.next, copy.queue.cursor], [102, 102])
      assert.equal(outcome(takeOne(copy)), 'CORRUPT_BATCH', 'the result does not change')
    }
  }
})

test('damage within a run of single records is found, and the records before it are sent', () => {
  for (const at of [0, 1, 5, 9]) {
    const log = new SourceLog().add({ kind: 'singles', records: 10 })
    damage(log.batches[at]?.bytes as Buffer)
    const copy = copyingFrom()
    enqueue(copy, log.batches)
    let sent = 0
    let taken = takeOne(copy)
    for (; isSent(taken); taken = takeOne(copy)) {
      sent += (taken as { records: number }).records
      copy.acknowledge(copy.position.anchor?.targetNext as number)
    }
    assert.deepEqual([sent, outcome(taken), copy.position.next], [at, 'CORRUPT_BATCH', at])
  }
})

test('a batch with an impossible length, codec or count is damaged', () => {
  const changes: ((bytes: Buffer) => void)[] = [
    (bytes) => bytes.writeInt16BE(7, 21),
    (bytes) => bytes.writeInt32BE(-1, 23),
    (bytes) => bytes.writeInt32BE(99, 57),
    (bytes) => bytes.writeInt32BE(bytes.length + 100, 8),
    (bytes) => bytes.writeInt8(9, 16),
  ]
  for (const change of changes) {
    const log = new SourceLog().add({ kind: 'plain', records: 3 })
    const [batch] = log.batches
    assert.ok(batch)
    change(batch.bytes)
    const copy = copyingFrom()
    enqueue(copy, log.batches)
    assert.equal(outcome(takeOne(copy)), 'CORRUPT_BATCH')
  }
})

test('a record too large for the target waits too, until earlier records are acknowledged', () => {
  const log = new SourceLog().add({ kind: 'plain', records: 1 }, { kind: 'plain', records: 1, size: 5000 })
  const copy = copyingFrom({}, { shared: topicCopy({ maxMessageBytes: 1000 }) })
  enqueue(copy, log.batches)
  assert.deepEqual([outcome(takeOne(copy)), outcome(takeOne(copy))], ['sent', 'held'])
  copy.acknowledge(0)
  assert.equal(outcome(takeOne(copy)), 'TOO_LARGE')
})
