// After a restart the target may have more than the stored position says. Records that it already has are counted and skipped,
// and the last of them is compared with the target's last record.
import { Failure } from '../../base/failure.ts'
import { baseOffsetOf, nextOffsetOf, recordCountOf } from '../../batch/header.ts'
import { digestOf } from '../../batch/record-digest.ts'
import { decodeBatch } from '../../batch/records.ts'
import { addRun, type Runs } from '../../batch/runs.ts'
import type { AlreadyArrived, Segment } from '../partition/send-queue.ts'
import type { PartitionCopy } from '../partition-copy.ts'

/**
 * Counts and skips the records of one batch that the target already has.
 * @throws Failure DUPLICATES_POSSIBLE if the last of them differs from the target's last record; nothing is counted then
 */
export function countArrived(copy: PartitionCopy, segment: Segment, size: number): undefined {
  const { bytes, at } = segment
  const { queue, position } = copy
  const { arrived } = queue
  if (!arrived) return
  const count = recordCountOf(bytes, at)
  const baseOffset = baseOffsetOf(bytes, at)
  const next = nextOffsetOf(bytes, at)
  const isWhole = baseOffset >= queue.cursor
  const isDense = count === next - baseOffset
  if (isWhole && isDense && count < arrived.left) {
    position.noteRuns([0, baseOffset], nextAt(arrived), count)
    queue.consume(segment, size)
    copy.countArrived(next, count)
    return
  }
  const records = decodeBatch(bytes, at, size).filter((record) => record.offset >= queue.cursor)
  const here = records.slice(0, arrived.left)
  const last = here.at(-1)
  if (here.length === arrived.left && arrived.proof !== '' && last && digestOf(last) !== arrived.proof)
    throw mismatch(copy, last.offset)
  const runs: Runs = []
  for (const [index, { offset }] of here.entries()) addRun(runs, index, offset)
  position.noteRuns(runs, nextAt(arrived), here.length)
  if (here.length === records.length) {
    queue.consume(segment, size)
    copy.countArrived(next, here.length)
  } else if (last) {
    // The rest of this batch is not on the target: it is taken again, from within the batch.
    copy.countArrived(last.offset + 1, here.length)
    segment.inspected = -1
  }
}

/** Target offset of the next counted record; -1 if unknown. */
function nextAt({ firstAt, records, left }: AlreadyArrived): number {
  return firstAt < 0 ? -1 : firstAt + records - left
}

function mismatch(copy: PartitionCopy, offset: number): Failure {
  return new Failure(
    'DUPLICATES_POSSIBLE',
    `the target of ${copy.key} does not end with the record that the source has at offset ${offset}: the source has changed since (compaction), or someone else wrote`,
    { topic: copy.shared.topic, partition: copy.partition, offset: BigInt(offset) },
  )
}
