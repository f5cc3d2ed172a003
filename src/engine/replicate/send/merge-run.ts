// Joins the run of small batches at the head of a partition's queue into one batch of a Produce request.

import { passageOf } from '../../../batch/forward.ts'
import {
  baseOffsetOf,
  codecOf,
  isControl,
  isTransactional,
  lastOffsetDeltaOf,
  recordCountOf,
  sizeOf,
} from '../../../batch/header.ts'
import { GROWTH, MERGE_UP_TO } from '../../../batch/joined-record.ts'
import { isMergeable, type Merge } from '../../../batch/merge.ts'
import {
  type BatchPlace,
  isCompressedMergeable,
  MERGE_COMPRESSED_BELOW,
  mergeCompressed,
} from '../../../batch/merge-compressed.ts'
import { addRun, type Runs } from '../../../batch/runs.ts'
import { singleSize } from '../../../batch/singles.ts'
import { inspectNext, isOpposite, lastOffsetOf, passageContext, problemAt } from '../inspect.ts'
import type { PartitionCopy } from '../partition-copy.ts'
import type { Segment, Sent } from '../send-queue.ts'
import type { TakeContext } from './take-next.ts'

/** Compressed bytes that are opened for one merge. */
const COMPRESSED_RUN = 128 * 1024

/**
 * merged: the batch to launch; unsound: the records of the first one do not lie as its head says; held: no room in this request;
 * alone: what its records might grow by when merged would exceed the target's limit, so it goes as it is
 */
export type Merged = Pick<Sent, 'records' | 'bytes' | 'maxTimestamp' | 'next' | 'runs'> | 'unsound' | 'held' | 'alone'

/** Whether a run of single records begins here, which are verified as they are joined: nothing else is to be asked about them. */
export function startsSingles(copy: PartitionCopy, segment: Segment, maxRequestBytes: number): boolean {
  const { bytes, at, end, isSuspect } = segment
  const { recodeTo, maxMessageBytes } = copy.shared
  if (isSuspect || recodeTo !== undefined || copy.queue.arrivedLeft > 0 || copy.shared.opposite !== undefined)
    return false
  const size = singleSize(bytes, at, end)
  if (size === 0 || size + GROWTH > Math.min(maxMessageBytes, maxRequestBytes)) return false
  return baseOffsetOf(bytes, at) >= copy.queue.cursor && singleSize(bytes, at + size, end) > 0
}

/** How the batch at the head may be joined with what follows it, if at all. */
export function mergeKind(segment: Segment, size: number): 'plain' | 'compressed' | undefined {
  const { bytes, at } = segment
  if (size > MERGE_UP_TO || at + size >= segment.end) return undefined
  if (isMergeable(bytes, at)) return 'plain'
  return size <= MERGE_COMPRESSED_BELOW && isCompressedMergeable(bytes, at) ? 'compressed' : undefined
}

/** Uncompressed: records are copied in place into the request. A broker would store unsound deltas as they are, so they are not joined. */
export function mergePlain(copy: PartitionCopy, segment: Segment, context: TakeContext): Merged {
  const { request, merge } = context
  const { targetTopic, maxMessageBytes } = copy.shared
  const { bytes } = segment
  const most = Math.min(maxMessageBytes, context.maxRequestBytes)
  const size = sizeOf(bytes, segment.at)
  merge.begin(request.scratch, 0, most)
  if (!merge.fits(bytes, segment.at, size)) return 'alone'
  merge.begin(request.scratch, request.spot(targetTopic), Math.min(most, request.room))
  if (!merge.fits(bytes, segment.at, size)) return 'held'
  const from = segment.at
  const runs: Runs = []
  while (joinNext(copy, segment, merge, runs));
  if (merge.records === 0) return 'unsound'
  const { records, maxTimestamp } = merge
  request.addInPlace(targetTopic, copy.partition, merge.finish(copy.queue.stamp, copy.queue.sequence))
  return { records, bytes: segment.at - from, maxTimestamp, next: copy.queue.cursor, runs }
}

/** Joins what is at the head of the segment; false when nothing more can follow, or nothing could be joined. */
function joinNext(copy: PartitionCopy, segment: Segment, merge: Merge, runs: Runs): boolean {
  const { bytes, at } = segment
  let behind =
    segment.isSuspect || copy.shared.opposite ? at : merge.addSingles(bytes, at, segment.end, copy.queue.cursor, runs)
  segment.isSuspect ||= behind < 0
  if (behind > at) copy.queue.moveTo(merge.behindSingles)
  else {
    const size = sizeOf(bytes, at)
    const index = merge.records
    if (!mayJoin(copy, segment, size) || !merge.fits(bytes, at, size) || !merge.add(bytes, at, size)) return false
    const base = baseOffsetOf(bytes, at)
    addRun(runs, index, base)
    copy.queue.moveTo(base + lastOffsetDeltaOf(bytes, at) + 1)
    behind = at + size
  }
  const isLast = behind === segment.end
  copy.queue.consume(segment, behind - at)
  return !isLast
}

function mayJoin(copy: PartitionCopy, segment: Segment, size: number): boolean {
  if (size > MERGE_UP_TO || inspectNext(copy, segment, size) !== 'forward') return false
  return isMergeable(segment.bytes, segment.at)
}

/** Compressed: opened, joined and compressed again, where batches are so small that this is cheaper than sending each alone. */
export function mergeSmallCompressed(copy: PartitionCopy, segment: Segment, context: TakeContext): Merged {
  const { request } = context
  const { targetTopic, maxMessageBytes } = copy.shared
  const places = runOf(copy, segment)
  const codec = codecOf(segment.bytes, segment.at)
  const maxBytes = Math.min(maxMessageBytes, context.maxRequestBytes, request.room)
  const { stamp, sequence } = copy.queue
  const joined = mergeCompressed(places, { codec, scratch: context.opened, maxBytes, stamp, sequence })
  if (!joined) return request.batches > 0 ? 'held' : 'unsound'
  const last = places[joined.batches - 1] as BatchPlace
  const next = lastOffsetOf(last.bytes, last.at) + 1
  const bytes = last.at + last.size - segment.at
  request.copyIn(targetTopic, copy.partition, joined.bytes)
  const runs: Runs = []
  let index = 0
  for (const place of places.slice(0, joined.batches)) {
    addRun(runs, index, baseOffsetOf(place.bytes, place.at))
    index += recordCountOf(place.bytes, place.at)
    copy.queue.consume(segment, place.size)
  }
  return { records: joined.records, bytes, maxTimestamp: joined.maxTimestamp, next, runs }
}

/** The sound small batches of one codec at the head. Transactional ones are left out: whether they pass is asked in order, once. */
function runOf(copy: PartitionCopy, segment: Segment): BatchPlace[] {
  const { bytes } = segment
  const codec = codecOf(bytes, segment.at)
  const context = passageContext(copy)
  const places: BatchPlace[] = []
  for (let at = segment.at; at < segment.end && at - segment.at < COMPRESSED_RUN; ) {
    const size = sizeOf(bytes, at)
    const first = at === segment.at
    if (!first && (size > MERGE_COMPRESSED_BELOW || problemAt(segment, at) !== undefined)) break
    if (!first && (isTransactional(bytes, at) || isControl(bytes, at) || isOpposite(copy, bytes, at))) break
    if (codecOf(bytes, at) !== codec || !isCompressedMergeable(bytes, at)) break
    if (!first && passageOf(bytes, at, size, context) !== 'forward') break
    places.push({ bytes, at, size })
    at += size
  }
  return places
}
