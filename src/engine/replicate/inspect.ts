// Looks at each batch once before anything is done with it: header, checksum, and how it is to pass.
import { Failure } from '../../base/failure.ts'
import { verifiedUntil } from '../../batch/checksums.ts'
import { type Passage, type PassageContext, passageOf } from '../../batch/forward.ts'
import { baseOffsetOf, codecOf, lastOffsetDeltaOf, magicOf, problemOfHead, producerIdOf } from '../../batch/header.ts'
import type { PartitionCopy } from './partition-copy.ts'
import type { Segment } from './send-queue.ts'

/** What can be done about a damaged batch on the source. */
export const damageRemedy =
  'nothing of it was forwarded and nothing skipped. Choices: move the partition to another replica that holds a sound copy (kafka-leader-election.sh, ' +
  'kafka-reassign-partitions.sh); restore the segment; or give the damaged records up with kafka-delete-records.sh up to the offset behind the batch - godwit then reports the gap and goes on'

/**
 * How the batch at the head of a segment passes. The answer is remembered while it is at the head.
 * @throws Failure CORRUPT_BATCH with the place and the choices
 */
export function inspect(copy: PartitionCopy, segment: Segment, size: number): Passage {
  if (segment.inspected === segment.at) return segment.passage
  const { bytes, at } = segment
  const problem = problemAt(segment, at)
  if (problem !== undefined) throw corrupt(copy, baseOffsetOf(bytes, at), problem)
  const passedOver = segment.filter.drops(bytes, at) || lastOffsetOf(bytes, at) < copy.queue.cursor
  if (!passedOver && copy.queue.arrivedLeft === 0 && isOpposite(copy, bytes, at))
    throw loop(copy, baseOffsetOf(bytes, at))
  segment.inspected = at
  segment.passage = passedOver ? 'skip' : passageOf(bytes, at, size, passageContext(copy))
  const { recodeTo } = copy.shared
  if (segment.passage === 'forward' && recodeTo !== undefined && codecOf(bytes, at) !== recodeTo)
    segment.passage = 'transcode'
  return segment.passage
}

/**
 * The same for a batch that is to join those before it; a damaged one does not, so that what lies before it is sent first.
 */
export function inspectNext(copy: PartitionCopy, segment: Segment, size: number): Passage | 'damaged' {
  const { bytes, at } = segment
  if (segment.inspected !== at && (problemAt(segment, at) !== undefined || isOpposite(copy, bytes, at)))
    return 'damaged'
  return inspect(copy, segment, size)
}

/** What is wrong with a batch of the segment, if anything: the checksums of a run are verified in one go. */
export function problemAt(segment: Segment, at: number): string | undefined {
  const problem = problemOfHead(segment.bytes, at, segment.end)
  if (problem !== undefined || at < segment.verified) return problem
  segment.verified = verifiedUntil(segment.bytes, at, segment.end)
  return segment.verified > at ? undefined : 'its checksum does not match its bytes'
}

/** Whether a flow in the opposite direction has written the batch, which then came from our target. */
export function isOpposite({ shared }: PartitionCopy, bytes: Buffer, at: number): boolean {
  return shared.opposite?.has(producerIdOf(bytes, at)) ?? false
}

function loop(copy: PartitionCopy, offset: number): Failure {
  const { topic } = copy.shared
  return new Failure(
    'REPLICATION_LOOP',
    `the batch at offset ${offset} of source partition ${copy.key} was written by a godwit flow in the opposite direction, which keeps topic names too: copied on, its records would be copied in a loop without end`,
    {
      topic,
      partition: copy.partition,
      offset: BigInt(Math.max(0, offset)),
    },
  )
}

export function passageContext(copy: PartitionCopy): PassageContext {
  const { maxMessageBytes, targetAppendTime } = copy.shared
  return { fromOffset: copy.queue.cursor, maxBytes: maxMessageBytes, keepAppendTime: !targetAppendTime }
}

/** Offset of the last record a batch stands for. */
export function lastOffsetOf(bytes: Buffer, at: number): number {
  return baseOffsetOf(bytes, at) + (magicOf(bytes, at) === 2 ? lastOffsetDeltaOf(bytes, at) : 0)
}

function corrupt(copy: PartitionCopy, offset: number, problem: string): Failure {
  const { topic } = copy.shared
  return new Failure(
    'CORRUPT_BATCH',
    `the batch at offset ${offset} of source partition ${copy.key} is damaged: ${problem}`,
    {
      topic,
      partition: copy.partition,
      offset: BigInt(Math.max(0, offset)),
      remedy: damageRemedy,
    },
  )
}
