// Takes the next batch of one partition from its queue and lays it into a Produce request:
// forwarded as it lies, merged with its neighbours, or transcoded. Every checksum is verified here, once.
import { Failure } from '../../../base/failure.ts'
import { baseOffsetOf, maxTimestampOf, recordCountOf, rewriteHead, sizeOf } from '../../../batch/header.ts'
import type { Merge } from '../../../batch/merge.ts'
import { transcode } from '../../../batch/transcode.ts'
import { ProduceRequest } from '../../../kafka/raw-produce.ts'
import { inspect, lastOffsetOf } from '../inspect.ts'
import type { PartitionCopy } from '../partition-copy.ts'
import type { Segment, Sent, Transcoded } from '../send-queue.ts'
import { passOverArrived } from '../skip-arrived.ts'
import { mergeKind, mergePlain, mergeSmallCompressed, startsSingles } from './merge-run.ts'

/** In flight per partition: the broker remembers five batches of a producer. */
const IN_FLIGHT = 5
/** Half of producer.id.expiration.ms' default: older records leave no producer state behind that would catch a hole. */
const OLD_MS = 12 * 3600 * 1000

export interface TakeContext {
  readonly request: ProduceRequest
  readonly merge: Merge
  /** where compressed batches are opened while they are joined */
  readonly opened: Buffer
  /** no batch is added once the request has this many bytes, unless it is empty */
  readonly maxRequestBytes: number
  readonly now: number
  /** called when bytes of this segment's frame are referenced by the request */
  readonly onReference: (segment: Segment) => void
}

/** sent: a batch was added; empty: nothing is queued; held: its time has not come (in flight, or no room in this request) */
export type Taken = 'sent' | 'empty' | 'held'

/**
 * A batch that cannot be sent waits until those before it are acknowledged, so that the partition stops exactly in front of it.
 * @throws Failure CORRUPT_BATCH, TOO_LARGE, DUPLICATES_POSSIBLE
 */
export function takeNext(copy: PartitionCopy, context: TakeContext): Taken {
  if (copy.queue.inFlight.length >= IN_FLIGHT) return 'held'
  try {
    return take(copy, context)
  } catch (error) {
    if (error instanceof Failure && copy.queue.inFlight.length > 0) return 'held'
    throw error
  }
}

function take(copy: PartitionCopy, context: TakeContext): Taken {
  while (copy.queue.transcoded.length === 0) {
    const segment = copy.queue.segments[0]
    if (!segment) return 'empty'
    const { bytes, at } = segment
    const size = sizeOf(bytes, at)
    const isRun = startsSingles(copy, segment, context.maxRequestBytes)
    const passage = isRun ? 'forward' : inspect(copy, segment, size)
    if (passage === 'skip') {
      skip(copy, segment, size)
      continue
    }
    if (copy.queue.arrived) {
      passOverArrived(copy, segment, copy.queue.arrived, size)
      continue
    }
    if (mustWait(copy, maxTimestampOf(bytes, at), context.now)) return 'held'
    if (passage === 'forward') {
      const taken = forwardOrMerge(copy, segment, size, context)
      if (taken !== 'unsound') return taken
      // What could not be joined unseen is inspected now.
      segment.isSuspect = true
      if (isRun) continue
    }
    transcodeHead(copy, segment, size)
  }
  return sendTranscoded(copy, copy.queue.transcoded[0] as Transcoded, context)
}

function skip(copy: PartitionCopy, segment: Segment, size: number): void {
  const next = Math.max(copy.queue.cursor, lastOffsetOf(segment.bytes, segment.at) + 1)
  copy.queue.consume(segment, size)
  copy.passOver(next)
}

/**
 * Records dated long ago leave no producer state on the target after its next check, so nothing would notice
 * that a batch went missing before its successor: they travel one at a time. So does the first batch of all,
 * and the first after a long time: if it were refused, its successor would be taken for the first of an unknown producer.
 */
function mustWait(copy: PartitionCopy, maxTimestamp: number, now: number): boolean {
  const last = copy.queue.inFlight.at(-1)
  return last !== undefined && (last.old || maxTimestamp < now - OLD_MS || copy.queue.knownSince < now - OLD_MS)
}

function forwardOrMerge(copy: PartitionCopy, segment: Segment, size: number, context: TakeContext): Taken | 'unsound' {
  const kind = mergeKind(segment, size)
  if (kind !== undefined) {
    const merged = kind === 'plain' ? mergePlain(copy, segment, context) : mergeSmallCompressed(copy, segment, context)
    if (merged === 'held' || merged === 'unsound') return merged
    if (merged !== 'alone') {
      launch(copy, merged, context.now)
      return 'sent'
    }
  }
  const { request } = context
  if (!fits(request, size, context)) return 'held'
  const { bytes, at } = segment
  const baseOffset = baseOffsetOf(bytes, at)
  const next = lastOffsetOf(bytes, at) + 1
  const records = recordCountOf(bytes, at)
  const maxTimestamp = maxTimestampOf(bytes, at)
  rewriteHead(bytes, at, size, copy.queue.stamp, copy.queue.sequence)
  if (request.add(copy.shared.targetTopic, copy.partition, bytes, at, size)) context.onReference(segment)
  copy.queue.consume(segment, size)
  launch(copy, { records, bytes: size, maxTimestamp, next, runs: [0, baseOffset] }, context.now)
  return 'sent'
}

function transcodeHead(copy: PartitionCopy, segment: Segment, size: number): void {
  const { bytes: source, at } = segment
  const { batches } = transcode(source, at, size, {
    fromOffset: copy.queue.cursor,
    appendTime: copy.shared.targetAppendTime ? 'create' : 'keep',
    maxBytes: copy.shared.maxMessageBytes,
    ...(copy.shared.recodeTo !== undefined && { codec: copy.shared.recodeTo }),
  })
  const next = lastOffsetOf(source, at) + 1
  copy.queue.consume(segment, size)
  for (const [index, batch] of batches.entries()) {
    const behind = index === batches.length - 1 ? next : batch.lastOffset + 1
    const { bytes, records, maxTimestamp, runs } = batch
    copy.queue.transcoded.push({ bytes, records, next: behind, maxTimestamp, runs })
  }
  if (batches.length === 0) copy.passOver(next)
}

function sendTranscoded(copy: PartitionCopy, batch: Transcoded, context: TakeContext): Taken {
  if (mustWait(copy, batch.maxTimestamp, context.now) || !fits(context.request, batch.bytes.length, context))
    return 'held'
  rewriteHead(batch.bytes, 0, batch.bytes.length, copy.queue.stamp, copy.queue.sequence)
  context.request.add(copy.shared.targetTopic, copy.partition, batch.bytes, 0, batch.bytes.length)
  copy.queue.transcoded.shift()
  const { records, maxTimestamp, next, runs } = batch
  launch(copy, { records, bytes: batch.bytes.length, maxTimestamp, next, runs }, context.now)
  return 'sent'
}

function launch(
  copy: PartitionCopy,
  batch: Pick<Sent, 'records' | 'bytes' | 'maxTimestamp' | 'next' | 'runs'>,
  now: number,
): void {
  const { limitsRead: limits } = copy.shared
  const old = batch.maxTimestamp < now - OLD_MS
  copy.queue.launch({ ...batch, expected: copy.queue.targetNext, old, limits, at: now })
}

function fits(request: ProduceRequest, size: number, context: TakeContext): boolean {
  if (request.batches === 0) return true
  return request.size + size <= context.maxRequestBytes && (size < request.room || !ProduceRequest.copies(size))
}
