// What the batches at the end of a target partition show.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LAST_OFFSET_DELTA_AT } from '../../../src/batch/header.ts'
import { digestOf } from '../../../src/batch/record-digest.ts'
import { encodeBatch } from '../../../src/batch/records.ts'
import { Tally } from '../../../src/replicate/target-log.ts'

const record = (n: number) => ({ timestamp: n, key: Buffer.from(`k${n}`), value: Buffer.from(`v${n}`), headers: [] })

/** A batch on the target; the producer id is 7 (ours) by default. */
function batch(offset: number, records: number, sequence: number, producer = 7): Buffer {
  const bytes = encodeBatch(
    Array.from({ length: records }, (_, i) => record(offset + i)),
    { stamp: { idHigh: 0, idLow: producer, epoch: 0 }, sequence },
  )
  bytes.writeBigInt64BE(BigInt(offset), 0)
  return bytes
}

function findings(from: number, sequence: number, ...batches: Buffer[]) {
  const bytes = Buffer.concat(batches)
  const tally = new Tally(7n, sequence)
  tally.walk(bytes, { start: 0, end: bytes.length }, from)
  return tally.findings()
}

test('own records are counted by sequence number, others by batch, and the last own record is the proof', () => {
  const proof = digestOf({ ...record(19), offset: 19 })
  const found = findings(10, 100, batch(10, 5, 100), batch(15, 3, 0, 8), batch(18, 2, 105), batch(20, 1, 0, 8))
  assert.deepEqual(found, { ours: 7, doubled: 0, foreign: 2, proof })
})

test('a second copy is distinguished from a first one, and records before the anchor are not counted', () => {
  const found = findings(10, 100, batch(8, 2, 98), batch(10, 5, 100), batch(15, 5, 100))
  assert.deepEqual([found.ours, found.doubled], [5, 5])
})

test('a compacted batch counts with all its sequence numbers, but proves nothing without its last record', () => {
  const compacted = batch(10, 3, 100)
  compacted.writeInt32BE(7, LAST_OFFSET_DELTA_AT)
  assert.deepEqual(findings(10, 100, compacted), { ours: 8, doubled: 0, foreign: 0, proof: '' })
})

test('a batch with a deleted start is counted', () => {
  assert.equal(findings(13, 100, batch(10, 5, 100)).ours, 5)
})

test('in a batch that contains the anchor only the records after it are counted', () => {
  assert.deepEqual(counts(findings(13, 103, batch(10, 5, 100))), [2, 0])
  assert.deepEqual(counts(findings(13, 103, batch(10, 5, 100), batch(15, 2, 105))), [4, 0])
  // All of it was counted before.
  assert.deepEqual(counts(findings(10, 105, batch(10, 5, 100), batch(15, 2, 105))), [2, 0])
})

const counts = ({ ours, doubled }: { ours: number; doubled: number }) => [ours, doubled]
