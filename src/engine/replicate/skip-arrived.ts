// After a restart the target may hold more than the last stored position says. The records that are there already
// are passed over by counting, and the last of them is compared with what the target really holds.
import { Failure } from '../../base/failure.ts'
import { baseOffsetOf, lastOffsetDeltaOf, recordCountOf } from '../../batch/header.ts'
import { type BatchRecord, decodeBatch } from '../../batch/records.ts'
import { addRun, type Runs } from '../../batch/runs.ts'
import type { PartitionCopy, Segment } from './partition-copy.ts'

/** An import would evaluate all of its names, and so load web cryptography. */
const { createHash } = process.getBuiltinModule('node:crypto')

/**
 * Passes over one batch of which all or some records have arrived; `copy.toSkip` counts down to 0.
 * @throws Failure DUPLICATES_POSSIBLE when the last of them is not what the target's last batch ends with
 */
export function passOverArrived(copy: PartitionCopy, segment: Segment, size: number): void {
  const { bytes, at } = segment
  const count = recordCountOf(bytes, at)
  const baseOffset = baseOffsetOf(bytes, at)
  const next = baseOffset + lastOffsetDeltaOf(bytes, at) + 1
  const whole = baseOffset >= copy.cursor
  const isDense = count === next - baseOffset
  if (whole && isDense && count < copy.toSkip) {
    copy.noteRuns([0, baseOffset], placeOf(copy), count)
    copy.toSkip -= count
    copy.consume(segment, size)
    copy.passOver(next, count)
    return
  }
  const records = decodeBatch(bytes, at, size).filter((record) => record.offset >= copy.cursor)
  const arrived = records.slice(0, copy.toSkip)
  const runs: Runs = []
  for (const [index, { offset }] of arrived.entries()) addRun(runs, index, offset)
  copy.noteRuns(runs, placeOf(copy), arrived.length)
  const last = arrived.at(-1)
  copy.toSkip -= arrived.length
  if (copy.toSkip === 0 && copy.skipProof !== '' && last && proofOf(last) !== copy.skipProof)
    throw mismatch(copy, last.offset)
  if (arrived.length === records.length) {
    copy.consume(segment, size)
    copy.passOver(next, arrived.length)
  } else if (last) {
    // The rest of this batch is still to come: it is looked at again, from the middle on.
    copy.passOver(last.offset + 1, arrived.length)
    segment.inspected = -1
  }
}

/** Where the next of the records that have arrived stands on the target; -1 when that is not known. */
function placeOf({ skipAt, skipRecords, toSkip }: PartitionCopy): number {
  return skipAt < 0 ? -1 : skipAt + skipRecords - toSkip
}

/** A digest of what makes a record the same on both sides. */
export function proofOf(record: BatchRecord): string {
  const hash = createHash('sha256')
  hash.update(String(record.timestamp))
  for (const part of [record.key, record.value]) hash.update(part ? `|${part.length}|` : '|null|').update(part ?? '')
  return hash.digest('base64')
}

function mismatch(copy: PartitionCopy, offset: number): Failure {
  return new Failure(
    'DUPLICATES_POSSIBLE',
    `the target of ${copy.key} does not end with the record that the source has at offset ${offset}: the source has changed since (compaction), or someone else wrote`,
    { topic: copy.shared.topic, partition: copy.partition, offset: BigInt(offset) },
  )
}
