// Takes the next batch of one partition from its queue and lays it into a Produce request:
// forwarded as it lies, merged with its neighbours, or made anew. Every checksum is verified here, once.
import { Failure } from '../../base/failure.ts'
import { type Passage, passageOf } from '../../batch/forward.ts'
import {
  baseOffsetOf,
  lastOffsetDeltaOf,
  magicOf,
  maxTimestampOf,
  problemOfHead,
  recordCountOf,
  rewriteHead,
  sizeOf,
  verifyChecksum,
} from '../../batch/header.ts'
import { isMergeable, type Merge } from '../../batch/merge.ts'
import { transcode } from '../../batch/transcode.ts'
import { ProduceRequest } from '../../kafka/raw-produce.ts'
import type { PartitionCopy, Remade, Segment, Sent } from './partition-copy.ts'
import { passOverArrived } from './skip-arrived.ts'

/** Batches up to this size are merged with their neighbours; larger ones travel as they are (measured.md 1). */
const MERGE_BELOW = 64 * 1024
/** In flight per partition: the broker remembers five batches of a producer. */
const IN_FLIGHT = 5
/** Half of producer.id.expiration.ms' default: older records leave no producer state behind that would catch a hole. */
const OLD_MS = 12 * 3600 * 1000

export interface TakeContext {
  readonly request: ProduceRequest
  readonly merge: Merge
  /** no batch is added once the request has this many bytes, unless it is empty */
  readonly maxRequestBytes: number
  readonly now: number
  /** called when bytes of this segment's frame are referenced by the request */
  readonly onReference: (segment: Segment) => void
}

/** sent: a batch was added; empty: nothing is queued; held: its time has not come (in flight, or no room in this request) */
export type Taken = 'sent' | 'empty' | 'held'

/** @throws Failure CORRUPT_BATCH, TOO_LARGE */
export function takeNext(copy: PartitionCopy, context: TakeContext): Taken {
  if (copy.inFlight.length >= IN_FLIGHT) return 'held'
  while (copy.remade.length === 0) {
    const segment = copy.queue[0]
    if (!segment) return 'empty'
    const { bytes, at } = segment
    const size = sizeOf(bytes, at)
    const passage = inspect(copy, segment, size)
    if (passage === 'skip') {
      skip(copy, segment, size)
      continue
    }
    if (copy.toSkip > 0) {
      passOverArrived(copy, segment, size)
      continue
    }
    if (mustWait(copy, maxTimestampOf(bytes, at), context.now)) return 'held'
    if (passage === 'forward') {
      const taken = forwardOrMerge(copy, segment, size, context)
      if (taken !== 'unsound') return taken
    }
    remake(copy, segment, size)
  }
  return sendRemade(copy, copy.remade[0] as Remade, context)
}

/** Checks a batch when it is first looked at, and says how it passes. The answer is remembered while it is at the head. */
function inspect(copy: PartitionCopy, segment: Segment, size: number): Passage {
  if (segment.inspected === segment.at) return segment.passage
  const { bytes, at } = segment
  const problem =
    problemOfHead(bytes, at, segment.end) ??
    (verifyChecksum(bytes, at, size) ? undefined : 'its checksum does not match its bytes')
  if (problem !== undefined) throw corrupt(copy, baseOffsetOf(bytes, at), problem)
  segment.inspected = at
  segment.passage =
    segment.filter.drops(bytes, at) || lastOffset(bytes, at) < copy.cursor
      ? 'skip'
      : passageOf(bytes, at, size, passageContext(copy))
  return segment.passage
}

function passageContext(copy: PartitionCopy): { fromOffset: number; maxBytes: number; keepAppendTime: boolean } {
  return {
    fromOffset: copy.cursor,
    maxBytes: copy.shared.maxMessageBytes,
    keepAppendTime: !copy.shared.targetAppendTime,
  }
}

function lastOffset(bytes: Buffer, at: number): number {
  return baseOffsetOf(bytes, at) + (magicOf(bytes, at) === 2 ? lastOffsetDeltaOf(bytes, at) : 0)
}

function skip(copy: PartitionCopy, segment: Segment, size: number): void {
  const next = Math.max(copy.cursor, lastOffset(segment.bytes, segment.at) + 1)
  copy.consume(segment, size)
  copy.passOver(next)
}

/**
 * Records dated long ago leave no producer state on the target after its next check, so nothing would notice
 * that a batch went missing before its successor: they travel one at a time (measured.md 6).
 */
function mustWait(copy: PartitionCopy, maxTimestamp: number, now: number): boolean {
  const last = copy.inFlight.at(-1)
  return last !== undefined && (last.old || maxTimestamp < now - OLD_MS)
}

function forwardOrMerge(copy: PartitionCopy, segment: Segment, size: number, context: TakeContext): Taken | 'unsound' {
  const { request } = context
  const hasNeighbour = segment.at + size < segment.end
  if (size <= MERGE_BELOW && hasNeighbour && isMergeable(segment.bytes, segment.at)) {
    return mergeRun(copy, segment, context)
  }
  if (!fits(request, size, context)) return 'held'
  const { bytes, at } = segment
  const next = lastOffset(bytes, at) + 1
  const records = recordCountOf(bytes, at)
  const maxTimestamp = maxTimestampOf(bytes, at)
  rewriteHead(bytes, at, size, copy.stamp, copy.sequence)
  if (request.add(copy.shared.targetTopic, copy.partition, bytes, at, size)) context.onReference(segment)
  copy.consume(segment, size)
  launch(copy, { records, bytes: size, maxTimestamp, next }, context.now)
  return 'sent'
}

/**
 * Joins the run of small batches at the head into one, in place in the request. unsound: the records of the first one do not
 * lie as its header says; a broker would store that as it is (measured.md 6), so it is made anew instead.
 */
function mergeRun(copy: PartitionCopy, segment: Segment, context: TakeContext): Taken | 'unsound' {
  const { request, merge } = context
  const { targetTopic, maxMessageBytes } = copy.shared
  const spot = request.spot(targetTopic)
  merge.begin(request.scratch, spot, Math.min(maxMessageBytes, context.maxRequestBytes, request.room))
  const { bytes } = segment
  let size = sizeOf(bytes, segment.at)
  if (!merge.fits(bytes, segment.at, size)) return 'held'
  const from = segment.at
  let next = copy.cursor
  while (merge.add(bytes, segment.at, size)) {
    next = lastOffset(bytes, segment.at) + 1
    if (segment.at + size >= segment.end) {
      copy.consume(segment, size)
      break
    }
    copy.consume(segment, size)
    size = sizeOf(bytes, segment.at)
    if (size > MERGE_BELOW || inspect(copy, segment, size) !== 'forward' || !isMergeable(bytes, segment.at)) break
    if (!merge.fits(bytes, segment.at, size)) break
    copy.cursor = next
  }
  if (merge.records === 0) return 'unsound'
  const consumed = segment.at - from
  const { records, maxTimestamp } = merge
  request.addInPlace(targetTopic, copy.partition, merge.finish(copy.stamp, copy.sequence))
  launch(copy, { records, bytes: consumed, maxTimestamp, next }, context.now)
  return 'sent'
}

function remake(copy: PartitionCopy, segment: Segment, size: number): void {
  const { bytes, at } = segment
  const { batches } = transcode(bytes, at, size, {
    fromOffset: copy.cursor,
    appendTime: copy.shared.targetAppendTime ? 'create' : 'keep',
    maxBytes: copy.shared.maxMessageBytes,
  })
  const next = lastOffset(bytes, at) + 1
  copy.consume(segment, size)
  for (const [index, batch] of batches.entries()) {
    const behind = index === batches.length - 1 ? next : batch.lastOffset + 1
    copy.remade.push({ bytes: batch.bytes, records: batch.records, next: behind, maxTimestamp: batch.maxTimestamp })
  }
  if (batches.length === 0) copy.passOver(next)
}

function sendRemade(copy: PartitionCopy, batch: Remade, context: TakeContext): Taken {
  if (mustWait(copy, batch.maxTimestamp, context.now) || !fits(context.request, batch.bytes.length, context))
    return 'held'
  rewriteHead(batch.bytes, 0, batch.bytes.length, copy.stamp, copy.sequence)
  context.request.add(copy.shared.targetTopic, copy.partition, batch.bytes, 0, batch.bytes.length)
  copy.remade.shift()
  launch(
    copy,
    { records: batch.records, bytes: batch.bytes.length, maxTimestamp: batch.maxTimestamp, next: batch.next },
    context.now,
  )
  return 'sent'
}

function launch(
  copy: PartitionCopy,
  batch: Pick<Sent, 'records' | 'bytes' | 'maxTimestamp' | 'next'>,
  now: number,
): void {
  copy.launch({ ...batch, expected: copy.targetNext, old: batch.maxTimestamp < now - OLD_MS })
}

function fits(request: ProduceRequest, size: number, context: TakeContext): boolean {
  if (request.batches === 0) return true
  return request.size + size <= context.maxRequestBytes && (size < request.room || !ProduceRequest.copies(size))
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
      remedy:
        `nothing was forwarded and nothing skipped. Choices: move the partition to another replica that holds a sound copy (kafka-leader-election.sh, ` +
        `kafka-reassign-partitions.sh); restore the segment; or give the damaged records up with kafka-delete-records.sh up to the offset behind the batch - godwit then reports the gap and goes on`,
    },
  )
}
