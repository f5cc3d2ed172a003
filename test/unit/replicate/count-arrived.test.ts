// After a restart records that the target already has are counted and not sent, and the last of them must equal the target's last
// record.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import { digestOf } from '../../../src/batch/record-digest.ts'
import type { Anchor } from '../../../src/mirror/copied-partition.ts'
import type { PartitionCopy } from '../../../src/replicate/partition-copy.ts'
import { takeNext } from '../../../src/replicate/send/take-next.ts'
import { copyingFrom, enqueue, Outbox } from './data-path-parts.ts'
import { type Piece, SourceLog } from './source-log.ts'

const TARGET = 50
const outbox = new Outbox()

/**
 * A partition restored at the start of the log; the target has `arrived` of its visible records, from TARGET on.
 * @param fetched how many records were fetched so far
 */
function restored(
  log: SourceLog,
  arrived: number,
  changes: { proof?: string; firstAt?: number } = {},
  fetched: SourceLog['batches'] = log.batches,
): PartitionCopy {
  const last = log.visible[arrived - 1]
  const proof = last ? digestOf(last) : ''
  const sourceNext = log.batches[0]?.base ?? 0
  const copy = copyingFrom(
    { sourceNext, targetNext: TARGET, sequence: 9 },
    {
      resume: {
        sequence: 9 + arrived,
        targetNext: TARGET + arrived,
        arrived: { records: arrived, firstAt: TARGET, proof, ...changes },
      },
    },
  )
  copy.position.map.start({ upstream: sourceNext, downstream: TARGET }, false)
  enqueue(copy, fetched, log.aborted)
  return copy
}

/** Takes batches until the queue is empty. @returns keys and values of what was sent, and the failure it stopped at */
function drain(copy: PartitionCopy): { sent: string[]; sequences: number[]; failure: Failure | undefined } {
  const sent: string[] = []
  const sequences: number[] = []
  for (;;) {
    const context = outbox.context()
    const taken = takeNext(copy, context)
    if (taken === 'empty') return { sent, sequences, failure: undefined }
    if (taken instanceof Failure) return { sent, sequences, failure: taken }
    assert.ok(taken !== 'held', 'nothing is in flight')
    for (const batch of outbox.send(context)) {
      sequences.push(batch.sequence)
      for (const record of batch.records) sent.push(String(record.value))
    }
    copy.acknowledge(taken.expected)
  }
}

/** The target offset of each record in the map, or why it is unknown. */
function placesOf(log: SourceLog, { position: { map, anchor } }: PartitionCopy): (number | string)[] {
  const end = { upstream: anchor?.sourceNext ?? -1, downstream: anchor?.targetNext ?? -1 }
  return log.visible.map(({ offset }) => {
    const found = map.locate(offset, end)
    return found.kind === 'exact' ? found.downstream : found.kind
  })
}

const values = (log: SourceLog, from: number) => log.visible.slice(from).map((record) => String(record.value))

const mixed: readonly Piece[] = [
  { kind: 'plain', records: 3 },
  { kind: 'aborted', records: 2 },
  { kind: 'holes', records: 3 },
  { kind: 'committed', records: 2, codec: 2 },
  { kind: 'singles', records: 3 },
  { kind: 'append-time', records: 2, codec: 4 },
  { kind: 'legacy', records: 1 },
  { kind: 'empty', records: 2 },
  { kind: 'plain', records: 4, codec: 1 },
]

test('however many records the target has, exactly the others are sent, with the next sequence numbers', () => {
  const records = new SourceLog(30).add(...mixed).visible.length
  for (let arrived = 0; arrived <= records; arrived++) {
    const log = new SourceLog(30).add(...mixed)
    const copy = restored(log, arrived)
    const { sent, sequences, failure } = drain(copy)
    assert.equal(failure, undefined, `${arrived} arrived`)
    assert.deepEqual(sent, values(log, arrived))
    if (sent.length > 0) assert.equal(sequences[0], 9 + arrived)
    assert.deepEqual(copy.position.anchor, {
      ...{ sourceNext: log.end, targetNext: TARGET + records, sequence: 9 + records },
    })
    assert.equal(copy.queue.arrived, undefined)
  }
})

test('the anchor advances while records are counted, and finally has the end offset of the target', () => {
  const log = new SourceLog(30).add({ kind: 'plain', records: 4 }, { kind: 'plain', records: 4 })
  const copy = restored(log, 6)
  const taken = takeNext(copy, outbox.context())
  assert.ok(typeof taken === 'object' && !(taken instanceof Failure))
  assert.deepEqual([taken.records, taken.expected], [2, TARGET + 6])
  assert.deepEqual(copy.position.anchor, { sourceNext: 36, targetNext: TARGET + 6, sequence: 15 })
})

test('wherever counting is interrupted, the anchor is the next record on both clusters', () => {
  const records = new SourceLog(30).add(...mixed).visible.length
  for (let batches = 1; batches < mixed.length; batches++) {
    const log = new SourceLog(30).add(...mixed)
    const copy = restored(log, records, {}, log.batches.slice(0, batches))
    drain(copy)
    const counted = log.visible.filter(({ offset }) => offset < copy.position.next).length
    const { targetNext, sequence } = copy.position.anchor as Anchor
    assert.deepEqual([targetNext, sequence], [TARGET + counted, 9 + counted])
  }
})

test('each counted record is mapped to its offset on the target', () => {
  const log = new SourceLog(30).add({ kind: 'plain', records: 3 }, { kind: 'holes', records: 3 })
  const copy = restored(log, 5)
  drain(copy)
  assert.deepEqual(
    placesOf(log, copy),
    log.visible.map((_, index) => TARGET + index),
  )
})

test('counted records that are not consecutive on the target have no target offset in the map', () => {
  const log = new SourceLog(30).add({ kind: 'plain', records: 3 }, { kind: 'plain', records: 3 })
  const copy = restored(log, 3, { firstAt: -1 })
  copy.queue.targetNext = TARGET + 10
  copy.position.map.breakAt({ upstream: 30, downstream: TARGET })
  drain(copy)
  assert.deepEqual(placesOf(log, copy), [TARGET, 'between', 'between', TARGET + 10, TARGET + 11, TARGET + 12])
})

test("if the target's last record differs the partition stops, wherever in a batch the record is", () => {
  for (const arrived of [1, 3, 4, 6, 8]) {
    const log = new SourceLog(30).add(...mixed)
    const copy = restored(log, arrived, { proof: 'of another record' })
    const { sent, failure } = drain(copy)
    assert.deepEqual(sent, [])
    assert.equal(failure?.code, 'DUPLICATES_POSSIBLE')
    assert.equal(failure?.circumstances.offset, BigInt(log.visible[arrived - 1]?.offset ?? -1))
  }
})

test('after a different last record the target may still have more than the anchor says', () => {
  for (const arrived of [1, 3, 4, 6, 8]) {
    const log = new SourceLog(30).add(...mixed)
    const copy = restored(log, arrived, { proof: 'of another record' })
    copy.position.confirm()
    const { failure } = drain(copy)
    assert.ok(failure)
    assert.ok((copy.queue.arrived?.left ?? 0) > 0, 'records that are not proved are not counted')
    copy.fail(failure, 1000)
    assert.equal(copy.position.mayBeAhead, true, `${arrived} arrived`)
    assert.ok(copy.position.next <= (log.visible[arrived - 1]?.offset ?? -1), 'the anchor stays before it')
  }
})

test('without a proof counting is sufficient', () => {
  const log = new SourceLog(30).add(...mixed)
  const { sent, failure } = drain(restored(log, 5, { proof: '' }))
  assert.equal(failure, undefined)
  assert.deepEqual(sent, values(log, 5))
})

test('a damaged batch among the counted ones is refused, and nothing of it is counted', () => {
  const log = new SourceLog(30).add({ kind: 'plain', records: 3 }, { kind: 'plain', records: 3 })
  const damaged = log.batches[1]?.bytes as Buffer
  damaged.writeUInt8((damaged.at(-1) as number) ^ 0xff, damaged.length - 1)
  const copy = restored(log, 5)
  const { sent, failure } = drain(copy)
  assert.deepEqual([sent, failure?.code, copy.queue.arrived?.left ?? 0], [[], 'CORRUPT_BATCH', 2])
  copy.fail(failure as Failure, 1000)
  assert.equal(copy.position.mayBeAhead, true)
})

test('batches written by the opposite flow are counted if the target has them, and not copied', () => {
  const log = new SourceLog(30).add({ kind: 'stamped', records: 2 }, { kind: 'stamped', records: 2 })
  const copy = restored(log, 2)
  copy.shared.opposite = new Set([9001n, 9002n])
  const { sent, failure } = drain(copy)
  assert.deepEqual([sent, failure?.code, copy.position.next], [[], 'REPLICATION_LOOP', 32])
})

test('counting can be interrupted by the end of the fetched batches, and continues with the next answer', () => {
  const pieces = fc.integer({ min: 0, max: 20 })
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 5 }), (arrived, perAnswer) => {
      const log = new SourceLog(30).add(...mixed)
      const copy = restored(log, Math.min(arrived, log.visible.length))
      copy.dropQueue()
      const sent: string[] = []
      for (let at = 0; at < log.batches.length; at += perAnswer) {
        enqueue(copy, log.batches.slice(at, at + perAnswer), log.aborted)
        sent.push(...drain(copy).sent)
      }
      assert.deepEqual(sent, values(log, Math.min(arrived, log.visible.length)))
    }),
    { numRuns: 40 },
  )
})
