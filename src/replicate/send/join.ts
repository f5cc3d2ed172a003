// Joins small batches at the head of a partition's queue into one batch of a Produce request.
import {
  baseOffsetOf,
  codecOf,
  isControl,
  isTransactional,
  nextOffsetOf,
  recordCountOf,
  sizeOf,
} from '../../batch/header.ts'
import type { Merge } from '../../batch/merge.ts'
import {
  type BatchPlace,
  isCompressedMergeable,
  MERGE_COMPRESSED_BELOW,
  mergeCompressed,
} from '../../batch/merge-compressed.ts'
import { addRun, type Runs } from '../../batch/runs.ts'
import type { ProduceRequest } from '../../kafka/raw-produce.ts'
import type { Segment, Sent } from '../partition/send-queue.ts'
import type { PartitionCopy } from '../partition-copy.ts'
import { mayFollow } from './batch-fate.ts'
import { inspect, isOpposite, passageAt, problemAt } from './inspect.ts'

/** The request that batches are added to, and what is needed for that. */
export interface TakeContext {
  readonly request: ProduceRequest
  readonly merge: Merge
  /** buffer for decompressed batches while they are joined */
  readonly opened: Buffer
  /** no batch is added once the request has this size, unless it is empty */
  readonly maxRequestBytes: number
  /** ms since the epoch */
  readonly now: number
  /** called when bytes of this segment's frame are referenced by the request */
  readonly onReference: (segment: Segment) => void
}

/** Compressed bytes that are decompressed for one joined batch. */
const COMPRESSED_RUN = 128 * 1024

/**
 * The joined batch; or unsound: the records of the first batch do not match its header; held: no space in this request; alone:
 * joined records could grow above the target's limit, so the batch is sent unchanged
 */
type Joined = Pick<Sent, 'records' | 'bytes' | 'maxTimestamp' | 'next' | 'runs'> | 'unsound' | 'held' | 'alone'

/**
 * Uncompressed: records are copied into the request. Batches with invalid offset deltas are not joined, because a broker would
 * store the deltas unchanged.
 */
export function joinPlain(copy: PartitionCopy, segment: Segment, context: TakeContext): Joined {
  const { request, merge } = context
  const { targetTopic, maxMessageBytes } = copy.shared
  const { bytes, at: from } = segment
  const most = Math.min(maxMessageBytes, context.maxRequestBytes)
  const size = sizeOf(bytes, from)
  merge.begin(request.scratch, 0, most)
  if (!merge.fits(bytes, from, size)) return 'alone'
  merge.begin(request.scratch, request.spot(targetTopic), Math.min(most, request.room))
  if (!merge.fits(bytes, from, size)) return 'held'
  const runs: Runs = []
  while (joinNext(copy, segment, context, runs));
  if (merge.records === 0) return 'unsound'
  const { records, maxTimestamp } = merge
  request.addInPlace(targetTopic, copy.partition, merge.finish(copy.queue.stamp, copy.queue.sequence))
  return { records, bytes: segment.at - from, maxTimestamp, next: copy.queue.cursor, runs }
}

/** Joins the head of the segment; false if nothing more can be joined. */
function joinNext(copy: PartitionCopy, segment: Segment, context: TakeContext, runs: Runs): boolean {
  const { merge } = context
  const { bytes, at, end, isSuspect } = segment
  const { queue } = copy
  let behind = isSuspect || copy.shared.opposite ? at : merge.addSingles(bytes, at, end, queue.cursor, runs)
  segment.isSuspect ||= behind < 0
  if (behind > at) queue.moveTo(merge.behindSingles)
  else {
    const head = inspect(copy, segment)
    const { size } = head
    const index = merge.records
    if (!mayFollow(head) || !merge.fits(bytes, at, size) || !merge.add(bytes, at, size)) return false
    const base = baseOffsetOf(bytes, at)
    addRun(runs, index, base)
    queue.moveTo(nextOffsetOf(bytes, at))
    behind = at + size
  }
  queue.consume(segment, behind - at)
  return behind < end
}

/**
 * Compressed: decompressed, joined and compressed again, if batches are so small that this costs less than sending each alone.
 */
export function joinCompressed(copy: PartitionCopy, segment: Segment, context: TakeContext): Joined {
  const { request } = context
  const { targetTopic, maxMessageBytes } = copy.shared
  const { stamp, sequence } = copy.queue
  const batches = compressedRun(copy, segment)
  const codec = codecOf(segment.bytes, segment.at)
  const maxBytes = Math.min(maxMessageBytes, context.maxRequestBytes, request.room)
  const joined = mergeCompressed(batches, { codec, scratch: context.opened, maxBytes, stamp, sequence })
  if (!joined) return request.batches > 0 ? 'held' : 'unsound'
  const taken = batches.slice(0, joined.batches)
  const last = taken.at(-1) as BatchPlace
  const next = nextOffsetOf(last.bytes, last.at)
  const bytes = last.at + last.size - segment.at
  request.copyIn(targetTopic, copy.partition, joined.bytes)
  const runs: Runs = []
  let index = 0
  for (const batch of taken) {
    addRun(runs, index, baseOffsetOf(batch.bytes, batch.at))
    index += recordCountOf(batch.bytes, batch.at)
    copy.queue.consume(segment, batch.size)
  }
  return { records: joined.records, bytes, maxTimestamp: joined.maxTimestamp, next, runs }
}

/** The valid small batches with one codec at the head, which was inspected. */
function compressedRun(copy: PartitionCopy, segment: Segment): BatchPlace[] {
  const { bytes } = segment
  const codec = codecOf(bytes, segment.at)
  const batches: BatchPlace[] = []
  for (let at = segment.at; at < segment.end && at - segment.at < COMPRESSED_RUN; ) {
    const size = sizeOf(bytes, at)
    if (at !== segment.at && !mayFollowCompressed(copy, segment, at, codec)) break
    batches.push({ bytes, at, size })
    at += size
  }
  return batches
}

/** Transactional batches are not joined: whether they were aborted must be checked once and in order. */
function mayFollowCompressed(copy: PartitionCopy, segment: Segment, at: number, codec: number): boolean {
  const { bytes } = segment
  const size = sizeOf(bytes, at)
  if (size > MERGE_COMPRESSED_BELOW || problemAt(segment, at) !== undefined) return false
  if (isTransactional(bytes, at) || isControl(bytes, at) || isOpposite(copy, bytes, at)) return false
  if (codecOf(bytes, at) !== codec || !isCompressedMergeable(bytes, at)) return false
  return passageAt(copy, bytes, at, size) === 'forward'
}
