// How the batch at the head of a queue is handled: forwarded, joined, transcoded or skipped, and what is recorded about it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { codecOf } from '../../../src/batch/header.ts'
import type { Sent } from '../../../src/replicate/partition/send-queue.ts'
import type { PartitionCopy, TopicCopy } from '../../../src/replicate/partition-copy.ts'
import { type Taken, takeNext } from '../../../src/replicate/send/take-next.ts'
import { copyingFrom, enqueue, Outbox, PRODUCER, type SentBatch, topicCopy } from './data-path-parts.ts'
import { kinds, type Piece, SourceLog } from './source-log.ts'

const outbox = new Outbox()

/** Takes one batch into a new request. */
function takeOne(copy: PartitionCopy, room?: number): { taken: Taken; sent: SentBatch[] } {
  const context = outbox.context(room === undefined ? {} : { maxRequestBytes: room })
  const taken = takeNext(copy, context)
  return { taken, sent: outbox.send(context) }
}

/** Takes and acknowledges until the queue is empty. @returns all batches */
function takeAll(copy: PartitionCopy, room?: number): { sent: SentBatch[]; flights: Sent[] } {
  const all: SentBatch[] = []
  const flights: Sent[] = []
  for (;;) {
    const { taken, sent } = takeOne(copy, room)
    if (taken === 'empty') return { sent: all, flights }
    assert.ok(typeof taken === 'object' && !(taken instanceof Failure), String(taken))
    assert.equal(sent.length, 1)
    all.push(...sent)
    flights.push(taken)
    copy.acknowledge(taken.expected)
  }
}

function queued(log: SourceLog, shared: Partial<TopicCopy> = {}): PartitionCopy {
  const copy = copyingFrom({ targetNext: 40, sequence: 7 }, { shared: topicCopy(shared) })
  enqueue(copy, log.batches, log.aborted)
  return copy
}

/** All batches of these pieces, taken one after the other. */
function taken(pieces: readonly Piece[], shared: Partial<TopicCopy> = {}, room?: number) {
  const log = new SourceLog().add(...pieces)
  const copy = queued(log, shared)
  return { log, copy, ...takeAll(copy, room) }
}

const withoutOffset = (records: readonly object[]) => records.map((record) => ({ ...record, offset: 0 }))

/**
 * Checks that the records are the source's, in order, with our sequence numbers without gaps, and that the anchor is after them.
 */
function assertWhole({ log, copy, sent }: Pick<ReturnType<typeof taken>, 'log' | 'copy' | 'sent'>): void {
  assert.deepEqual(withoutOffset(sent.flatMap((batch) => batch.records)), withoutOffset(log.visible))
  let sequence = 7
  for (const batch of sent) {
    assert.deepEqual([batch.producer, batch.epoch, batch.sequence], [PRODUCER, 3, sequence])
    sequence += batch.records.length
  }
  const records = log.visible.length
  assert.deepEqual(copy.position.anchor, { sourceNext: log.end, targetNext: 40 + records, sequence: 7 + records })
  assert.equal(copy.queue.bytes, 0)
}

test('batches of every kind and codec are copied as the records visible on the source', () => {
  for (const kind of kinds) {
    for (const codec of kind === 'legacy' || kind === 'holes' ? [0] : [0, 1, 2, 3, 4]) {
      const all = taken([{ kind, records: 3, codec }])
      assertWhole(all)
      for (const batch of all.sent) assert.equal(codecOf(batch.bytes, 0), codec, `${kind} does not keep its codec`)
    }
  }
})

test('a large batch is forwarded unchanged except for our producer stamp', () => {
  const all = taken([{ kind: 'stamped', records: 10, size: 9000 }])
  assertWhole(all)
  const [source, target] = [all.log.batches[0]?.bytes, all.sent[0]?.bytes]
  assert.equal(source?.subarray(61).toString('hex'), target?.subarray(61).toString('hex'))
})

test('the frame of a referenced batch is held until the request is written, then released', () => {
  const log = new SourceLog().add({ kind: 'plain', records: 10, size: 9000 })
  const copy = copyingFrom()
  const frame = enqueue(copy, log.batches)
  const context = outbox.context()
  takeNext(copy, context)
  assert.equal(frame.released, 0)
  outbox.send(context)
  assert.equal(frame.released, 1)
})

test('the frame of a batch that was copied is released at once', () => {
  const log = new SourceLog().add({ kind: 'plain', records: 3 })
  const copy = copyingFrom()
  const frame = enqueue(copy, log.batches)
  takeNext(copy, outbox.context())
  assert.equal(frame.released, 1)
})

test('small neighbouring batches are joined into one, plain and compressed ones separately', () => {
  for (const codec of [0, 1, 2, 3, 4]) {
    const all = taken(Array.from({ length: 6 }, () => ({ kind: 'plain', records: 3, codec }) as const))
    assertWhole(all)
    assert.equal(all.sent.length, 1, `codec ${codec}`)
    assert.equal(all.flights[0]?.records, 18)
    assert.deepEqual(all.flights[0]?.runs, [0, 0])
  }
})

test('runs of single records are joined, even with larger batches after them', () => {
  const all = taken([
    { kind: 'singles', records: 20 },
    { kind: 'plain', records: 4 },
    { kind: 'singles', records: 5 },
  ])
  assertWhole(all)
  assert.equal(all.sent.length, 1)
})

test('a marker between small batches ends a joined batch, and its offset is in no run', () => {
  const all = taken([
    { kind: 'singles', records: 3 },
    { kind: 'committed', records: 2 },
    { kind: 'singles', records: 3 },
  ])
  assertWhole(all)
  assert.deepEqual(
    all.flights.map((flight) => flight.runs),
    [
      [0, 0],
      [0, 6],
    ],
  )
})

test('batches with different codecs are not joined', () => {
  const pieces = [0, 1, 2, 3, 4].map((codec) => ({ kind: 'plain', records: 2, codec }) as const)
  const all = taken(pieces)
  assertWhole(all)
  assert.deepEqual(
    all.sent.map((batch) => codecOf(batch.bytes, 0)),
    [0, 1, 2, 3, 4],
  )
})

test("offset gaps of a compacted batch are closed, and the runs contain each record's source offset", () => {
  const all = taken([
    { kind: 'holes', records: 4 },
    { kind: 'tail-hole', records: 2 },
  ])
  assertWhole(all)
  assert.deepEqual(
    all.flights.map(({ runs, next }) => ({ runs, next })),
    [
      { runs: [0, 0, 1, 2, 2, 4, 3, 6], next: 8 },
      { runs: [0, 8], next: 13 },
    ],
  )
})

test('a batch without visible records is skipped and advances the anchor', () => {
  const all = taken([
    { kind: 'aborted', records: 3 },
    { kind: 'empty', records: 5 },
    { kind: 'interleaved', records: 2 },
    { kind: 'aborted', records: 1 },
  ])
  assertWhole(all)
  assert.deepEqual(
    all.flights.map((flight) => flight.records),
    [2],
  )
})

test('a batch skipped behind one in flight advances the anchor only with that batch', () => {
  const log = new SourceLog().add({ kind: 'plain', records: 2 }, { kind: 'aborted', records: 3 })
  const copy = queued(log)
  takeOne(copy)
  assert.equal(takeOne(copy).taken, 'empty')
  assert.equal(copy.position.next, 0)
  copy.acknowledge(40)
  assert.equal(copy.position.next, log.end)
})

test('LogAppendTime is written into the records, unless the target has LogAppendTime itself', () => {
  const pieces: Piece[] = [{ kind: 'append-time', records: 4 }]
  assertWhole(taken(pieces))
  const { sent, log } = taken(pieces, { targetAppendTime: true })
  const times = new Set(sent[0]?.records.map((record) => record.timestamp))
  assert.equal(times.size, 4, "the producer's times stay")
  assert.equal(log.visible.length, 4)
})

test("a batch above the target's limit is split, and a record above it is refused", () => {
  const pieces: Piece[] = [{ kind: 'plain', records: 10, size: 300 }]
  const split = taken(pieces, { maxMessageBytes: 1000 })
  assertWhole(split)
  assert.ok(split.sent.length > 3 && split.sent.every((batch) => batch.bytes.length <= 1000))
  const log = new SourceLog(20).add({ kind: 'plain', records: 1, size: 3000 })
  const failure = takeOne(queued(log, { maxMessageBytes: 1000 })).taken
  assert.ok(failure instanceof Failure)
  assert.deepEqual([failure.code, failure.circumstances.offset], ['TOO_LARGE', 20n])
})

test('batches are recompressed with the codec of the topic if requested', () => {
  const all = taken([{ kind: 'plain', records: 10, codec: 4 }], { recodeTo: 1 })
  assertWhole(all)
  assert.equal(codecOf(all.sent[0]?.bytes as Buffer, 0), 1)
})

test('copying starts within a batch, even within a compressed one', () => {
  for (const codec of [0, 2]) {
    const log = new SourceLog().add({ kind: 'plain', records: 9, codec })
    const copy = copyingFrom({ sourceNext: 4 })
    enqueue(copy, log.batches)
    const { sent, flights } = takeAll(copy)
    assert.deepEqual(withoutOffset(sent.flatMap((batch) => batch.records)), withoutOffset(log.visible.slice(4)))
    assert.deepEqual(flights[0]?.runs, [0, 4])
    assert.equal(copy.position.next, 9)
  }
})

test('a batch written by a flow in the opposite direction is refused, not joined to earlier batches', () => {
  const log = new SourceLog().add(
    { kind: 'singles', records: 2 },
    { kind: 'stamped', records: 1 },
    { kind: 'singles', records: 2 },
  )
  const copy = queued(log, { opposite: new Set([9001n]) })
  const first = takeOne(copy)
  assert.equal(first.sent[0]?.records.length, 2)
  assert.equal(takeOne(copy).taken, 'held', 'expected to wait for batches in flight')
  copy.acknowledge(40)
  const failure = takeOne(copy).taken
  assert.ok(failure instanceof Failure)
  assert.deepEqual([failure.code, failure.circumstances.offset], ['REPLICATION_LOOP', 2n])
  assert.equal(copy.position.next, 2)
})

test('batches before the position where copying continues are skipped', () => {
  const log = new SourceLog().add(...Array.from({ length: 5 }, () => ({ kind: 'plain', records: 2 }) as const))
  const copy = copyingFrom({ sourceNext: 6 })
  enqueue(copy, log.batches)
  const { sent } = takeAll(copy)
  assert.deepEqual(withoutOffset(sent.flatMap((batch) => batch.records)), withoutOffset(log.visible.slice(6)))
})
