// Inspects each batch once: header, checksum, whether it must be transcoded, and whether it can be joined.
import { Failure } from '../../base/failure.ts'
import { verifiedUntil } from '../../batch/checksums.ts'
import { type Passage, type PassageContext, passageOf } from '../../batch/forward.ts'
import {
  baseOffsetOf,
  codecOf,
  maxTimestampOf,
  nextOffsetOf,
  problemOfHead,
  producerIdOf,
  sizeOf,
} from '../../batch/header.ts'
import { GROWTH, MERGE_UP_TO } from '../../batch/joined-record.ts'
import { isMergeable } from '../../batch/merge.ts'
import { isCompressedMergeable, MERGE_COMPRESSED_BELOW } from '../../batch/merge-compressed.ts'
import { singleSize } from '../../batch/singles.ts'
import type { Segment } from '../partition/send-queue.ts'
import type { PartitionCopy } from '../partition-copy.ts'
import type { BatchHead, JoinKind } from './batch-fate.ts'

/** The remedy for a damaged batch on the source. */
export const damageRemedy =
  'nothing of it was forwarded and nothing skipped. Choices: move the partition to another replica that holds a sound copy (kafka-leader-election.sh, ' +
  'kafka-reassign-partitions.sh); restore the segment; or give the damaged records up with kafka-delete-records.sh up to the offset behind the batch - godwit then reports the gap and goes on'

/** Inspects the batch at the head of a partition's queue. @param maxRequestBytes limit for a joined batch */
export function inspectHead(copy: PartitionCopy, segment: Segment, maxRequestBytes: number): BatchHead {
  if (!startsSingles(copy, segment, maxRequestBytes)) return inspect(copy, segment)
  const { bytes, at } = segment
  const maxTimestamp = maxTimestampOf(bytes, at)
  return {
    size: sizeOf(bytes, at),
    refusal: undefined,
    passage: 'forward',
    join: 'singles',
    isLast: false,
    maxTimestamp,
  }
}

/** Inspects the batch at the head of a segment. Its passage is cached. */
export function inspect(copy: PartitionCopy, segment: Segment): BatchHead {
  const { bytes, at, end } = segment
  const size = sizeOf(bytes, at)
  const refusal = segment.inspected === at ? undefined : verify(copy, segment, size)
  const join = refusal ? undefined : joinKind(bytes, at, size)
  const passage = refusal ? 'skip' : segment.passage
  return { size, refusal, passage, join, isLast: at + size >= end, maxTimestamp: maxTimestampOf(bytes, at) }
}

/** Verifies the batch and records its passage. @returns why it must not be copied, if there is a reason */
function verify(copy: PartitionCopy, segment: Segment, size: number): Failure | undefined {
  const { bytes, at } = segment
  const problem = problemAt(segment, at)
  if (problem !== undefined) return corrupt(copy, baseOffsetOf(bytes, at), problem)
  const isPassedOver = segment.filter.drops(bytes, at) || nextOffsetOf(bytes, at) <= copy.queue.cursor
  if (!isPassedOver && !copy.queue.arrived && isOpposite(copy, bytes, at)) return loop(copy, baseOffsetOf(bytes, at))
  segment.inspected = at
  segment.passage = isPassedOver ? 'skip' : passageAt(copy, bytes, at, size)
  return undefined
}

/** The passage of a valid batch that is not skipped. */
export function passageAt(copy: PartitionCopy, bytes: Buffer, at: number, size: number): Passage {
  const { maxMessageBytes, targetAppendTime, recodeTo } = copy.shared
  const context: PassageContext = {
    fromOffset: copy.queue.cursor,
    maxBytes: maxMessageBytes,
    keepAppendTime: !targetAppendTime,
  }
  const passage = passageOf(bytes, at, size, context)
  return passage === 'forward' && recodeTo !== undefined && codecOf(bytes, at) !== recodeTo ? 'transcode' : passage
}

/** The problem of a batch in the segment, if it has one. The checksums of a run are verified in one call. */
export function problemAt(segment: Segment, at: number): string | undefined {
  const problem = problemOfHead(segment.bytes, at, segment.end)
  if (problem !== undefined || at < segment.verified) return problem
  segment.verified = verifiedUntil(segment.bytes, at, segment.end)
  return segment.verified > at ? undefined : 'its checksum does not match its bytes'
}

/** Whether a run of single records starts here. They are verified while they are joined, so nothing else is checked. */
function startsSingles(copy: PartitionCopy, segment: Segment, maxRequestBytes: number): boolean {
  const { bytes, at, end, isSuspect } = segment
  const { recodeTo, maxMessageBytes, opposite } = copy.shared
  if (isSuspect || recodeTo !== undefined || copy.queue.arrived || opposite !== undefined) return false
  const size = singleSize(bytes, at, end)
  if (size === 0 || size + GROWTH > Math.min(maxMessageBytes, maxRequestBytes)) return false
  return baseOffsetOf(bytes, at) >= copy.queue.cursor && singleSize(bytes, at + size, end) > 0
}

function joinKind(bytes: Buffer, at: number, size: number): JoinKind | undefined {
  if (size > MERGE_UP_TO) return undefined
  if (isMergeable(bytes, at)) return 'plain'
  return size <= MERGE_COMPRESSED_BELOW && isCompressedMergeable(bytes, at) ? 'compressed' : undefined
}

/** Whether a flow in the opposite direction has written the batch, so that it came from our target. */
export function isOpposite({ shared }: PartitionCopy, bytes: Buffer, at: number): boolean {
  return shared.opposite?.has(producerIdOf(bytes, at)) ?? false
}

function loop(copy: PartitionCopy, offset: number): Failure {
  const sentence = `the batch at offset ${offset} of source partition ${copy.key} was written by a godwit flow in the opposite direction, which keeps topic names too: copied on, its records would be copied in a loop without end`
  return new Failure('REPLICATION_LOOP', sentence, whereOf(copy, offset))
}

function corrupt(copy: PartitionCopy, offset: number, problem: string): Failure {
  const sentence = `the batch at offset ${offset} of source partition ${copy.key} is damaged: ${problem}`
  return new Failure('CORRUPT_BATCH', sentence, { ...whereOf(copy, offset), remedy: damageRemedy })
}

function whereOf({ shared, partition }: PartitionCopy, offset: number) {
  return { topic: shared.topic, partition, offset: BigInt(Math.max(0, offset)) }
}
