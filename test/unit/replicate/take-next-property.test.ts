// For any source log and any space in requests: the sent records are the visible ones, in order, once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import type { BatchRecord } from '../../../src/batch/records.ts'
import { SEQUENCES } from '../../../src/replicate/partition/sequence.ts'
import type { PartitionCopy } from '../../../src/replicate/partition-copy.ts'
import { OLD_MS } from '../../../src/replicate/send/batch-fate.ts'
import { takeNext } from '../../../src/replicate/send/take-next.ts'
import { copyingFrom, enqueue, Outbox, PRODUCER, topicCopy } from './data-path-parts.ts'
import { kinds, type Piece, SourceLog } from './source-log.ts'

const piece: fc.Arbitrary<Piece> = fc.record({
  kind: fc.constantFrom(...kinds),
  records: fc.integer({ min: 1, max: 6 }),
  codec: fc.constantFrom(0, 0, 1, 2, 3, 4),
  size: fc.oneof(fc.integer({ min: 12, max: 60 }), fc.constantFrom(600, 5000)),
  age: fc.constantFrom(0, 0, 0, 0, OLD_MS + 60_000),
})

/** One step of a sink: space in the request, bytes already in it, and the number of answers before it. */
const step = fc.record({
  room: fc.constantFrom(300, 2000, 8000, 64 * 1024),
  before: fc.constantFrom(0, 0, 500, 7000, 63 * 1024),
  acknowledged: fc.integer({ min: 0, max: 2 }),
})

const scene = fc.record({
  pieces: fc.array(piece, { minLength: 1, maxLength: 14 }),
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
  perAnswer: fc.integer({ min: 1, max: 6 }),
  start: fc.constantFrom(0, 1000, SEQUENCES - 8),
  maxMessageBytes: fc.constantFrom(8000, 1_000_000),
  recodeTo: fc.constantFrom(undefined, undefined, 1),
})

const withoutOffset = (records: readonly BatchRecord[]) => records.map((record) => ({ ...record, offset: 0 }))

const outbox = new Outbox(160 * 1024)

/** Takes batch after batch as a sink does, and records what is sent. */
class Sender {
  readonly received: BatchRecord[] = []
  readonly #copy: PartitionCopy

  constructor(copy: PartitionCopy) {
    this.#copy = copy
  }

  /** @param other bytes that are already in the request */
  take(room: number, other: number): void {
    const { queue } = this.#copy
    const context = outbox.context({ maxRequestBytes: room })
    if (other > 61) context.request.copyIn('another', 0, Buffer.alloc(other))
    const wasBusy = queue.inFlight.length > 0
    const first = queue.sequence
    const taken = takeNext(this.#copy, context)
    assert.ok(!(taken instanceof Failure), String(taken))
    if (taken === 'held' && context.request.batches === 0) {
      assert.ok(wasBusy, 'a batch waits although nothing is in flight and the request is empty')
      this.acknowledge(1)
    }
    if (typeof taken !== 'object') return
    const [batch, ...more] = outbox.send(context, 'old.orders')
    assert.ok(batch && more.length === 0)
    assert.deepEqual([batch.producer, batch.sequence, batch.records.length], [PRODUCER, first, taken.records])
    assert.ok(batch.bytes.length <= this.#copy.shared.maxMessageBytes)
    this.received.push(...batch.records)
  }

  /** Handles up to this number of answers. */
  acknowledge(answers: number): void {
    for (let left = answers; left > 0; left--) {
      const [oldest] = this.#copy.queue.inFlight
      if (oldest) this.#copy.acknowledge(oldest.expected)
    }
  }
}

test('for any log and space in requests the visible records are sent once, in order, without a gap', () => {
  fc.assert(
    fc.property(scene, ({ pieces, steps, perAnswer, start, maxMessageBytes, recodeTo }) => {
      const log = new SourceLog(start).add(...pieces)
      const shared = topicCopy({ maxMessageBytes, recodeTo })
      const copy = copyingFrom({ sourceNext: start, targetNext: 500, sequence: start % SEQUENCES }, { shared })
      copy.position.map.start({ upstream: start, downstream: 500 }, false)
      const frames = []
      for (let at = 0; at < log.batches.length; at += perAnswer)
        frames.push(enqueue(copy, log.batches.slice(at, at + perAnswer), log.aborted))
      const sender = new Sender(copy)
      for (let turn = 0; copy.queue.hasWork; turn++) {
        const { room, before, acknowledged } = steps[turn % steps.length] as (typeof steps)[number]
        sender.acknowledge(acknowledged)
        // Every second request is empty, so that a batch that waits for space finds some.
        sender.take(room, turn % 2 === 0 ? Math.min(before, room - 200) : 0)
      }
      sender.acknowledge(5)

      const { length } = log.visible
      const sequence = (start + length) % SEQUENCES
      assert.deepEqual(withoutOffset(sender.received), withoutOffset(log.visible))
      assert.deepEqual(copy.position.anchor, { sourceNext: log.end, targetNext: 500 + length, sequence })
      assert.equal(copy.queue.sequence, sequence)
      assert.ok(frames.every((frame) => frame.released === 1))
      const end = { upstream: log.end, downstream: 500 + length }
      for (const [index, { offset }] of log.visible.entries())
        assert.deepEqual(copy.position.map.locate(offset, end), { kind: 'exact', downstream: 500 + index })
    }),
    { numRuns: 150 },
  )
})
