// Takes the next batch of one partition from its queue and adds it to a Produce request: forwarded, joined with its neighbours,
// or transcoded. batch-fate.ts decides how. Every checksum is verified once.
import { expectedFailure, Failure } from '../../base/failure.ts'
import { baseOffsetOf, nextOffsetOf, recordCountOf, rewriteHead } from '../../batch/header.ts'
import { transcode } from '../../batch/transcode.ts'
import { ProduceRequest } from '../../kafka/raw-produce.ts'
import type { Segment, Sent, Transcoded } from '../partition/send-queue.ts'
import type { PartitionCopy } from '../partition-copy.ts'
import { type BatchHead, decide, type Fate, mustWait, OLD_MS, type Situation } from './batch-fate.ts'
import { countArrived } from './count-arrived.ts'
import { inspectHead } from './inspect.ts'
import { joinCompressed, joinPlain, type TakeContext } from './join.ts'

/** Maximum batches in flight per partition: a broker remembers five batches of a producer. */
const IN_FLIGHT = 5

/**
 * The batch that was added; empty: nothing is queued; held: it must wait (for batches in flight, or for room in a request); a
 * Failure (CORRUPT_BATCH, TOO_LARGE, DUPLICATES_POSSIBLE, REPLICATION_LOOP): the partition stops here.
 */
export type Taken = Sent | 'empty' | 'held' | Failure

/** Takes the next batch of this partition. */
export function takeNext(copy: PartitionCopy, context: TakeContext): Taken {
  if (copy.queue.inFlight.length >= IN_FLIGHT) return 'held'
  const taken = attempt(copy, context)
  // A batch that cannot be sent waits until earlier ones are acknowledged, so that the partition stops exactly before it.
  return taken instanceof Failure && copy.queue.inFlight.length > 0 ? 'held' : taken
}

/** Functions that decode a batch throw a Failure with its problem. */
function attempt(copy: PartitionCopy, context: TakeContext): Taken {
  try {
    return take(copy, context)
  } catch (error) {
    return expectedFailure(error)
  }
}

function take(copy: PartitionCopy, context: TakeContext): Taken {
  const { queue } = copy
  while (queue.transcoded.length === 0) {
    const segment = queue.segments[0]
    if (!segment) return 'empty'
    const head = inspectHead(copy, segment, context.maxRequestBytes)
    const taken = actOn(decide(head, situationOf(copy, context.now)), { copy, segment, head }, context)
    if (taken !== undefined) return taken
  }
  return sendTranscoded(copy, queue.transcoded[0] as Transcoded, context)
}

/** The batch at the head of a queue. */
interface Queued {
  readonly copy: PartitionCopy
  readonly segment: Segment
  readonly head: BatchHead
}

/** @returns undefined to look at the queue again: the batch was consumed, or is not what it seemed to be */
function actOn(fate: Fate, queued: Queued, context: TakeContext): Taken | undefined {
  const { copy, segment, head } = queued
  switch (fate) {
    case 'refuse':
      return head.refusal
    case 'wait':
      return 'held'
    case 'skip':
      return skip(copy, segment, head.size)
    case 'count':
      return countArrived(copy, segment, head.size)
    case 'transcode':
      return transcodeHead(copy, segment, head.size)
    case 'join':
      return joinHead(queued, context)
    case 'forward':
      return forward(queued, context)
  }
}

function situationOf({ queue }: PartitionCopy, now: number): Situation {
  const last = queue.inFlight.at(-1)
  const { arrived, knownSince } = queue
  return {
    isCounting: arrived !== undefined,
    isBusy: last !== undefined,
    isLastOld: last?.old ?? false,
    knownSince,
    now,
  }
}

function skip(copy: PartitionCopy, segment: Segment, size: number): undefined {
  const next = Math.max(copy.queue.cursor, nextOffsetOf(segment.bytes, segment.at))
  copy.queue.consume(segment, size)
  copy.passOver(next)
}

/** @returns undefined if its records do not match its header: it is inspected again, or transcoded */
function joinHead(queued: Queued, context: TakeContext): Taken | undefined {
  const { copy, segment, head } = queued
  const joined = head.join === 'compressed' ? joinCompressed(copy, segment, context) : joinPlain(copy, segment, context)
  if (joined === 'alone') return forward(queued, context)
  if (joined === 'held') return joined
  if (joined !== 'unsound') return launch(copy, joined, context.now)
  segment.isSuspect = true
  if (head.join !== 'singles') segment.passage = 'transcode'
  return undefined
}

function forward({ copy, segment, head: { size, maxTimestamp } }: Queued, context: TakeContext): Taken {
  const { request } = context
  if (!fits(request, size, context)) return 'held'
  const { bytes, at } = segment
  const { queue } = copy
  const baseOffset = baseOffsetOf(bytes, at)
  const next = nextOffsetOf(bytes, at)
  const records = recordCountOf(bytes, at)
  rewriteHead(bytes, at, size, queue.stamp, queue.sequence)
  if (request.add(copy.shared.targetTopic, copy.partition, bytes, at, size)) context.onReference(segment)
  queue.consume(segment, size)
  return launch(copy, { records, bytes: size, maxTimestamp, next, runs: [0, baseOffset] }, context.now)
}

function transcodeHead(copy: PartitionCopy, segment: Segment, size: number): undefined {
  const { bytes: source, at } = segment
  const { queue, shared } = copy
  const { batches } = transcode(source, at, size, {
    fromOffset: queue.cursor,
    appendTime: shared.targetAppendTime ? 'create' : 'keep',
    maxBytes: shared.maxMessageBytes,
    ...(shared.recodeTo !== undefined && { codec: shared.recodeTo }),
  })
  const next = nextOffsetOf(source, at)
  queue.consume(segment, size)
  const transcoded = batches.map(({ bytes, records, maxTimestamp, runs, lastOffset }, index) => {
    const behind = index === batches.length - 1 ? next : lastOffset + 1
    return { bytes, records, next: behind, maxTimestamp, runs }
  })
  queue.putTranscoded(transcoded)
  if (batches.length === 0) copy.passOver(next)
}

function sendTranscoded(copy: PartitionCopy, batch: Transcoded, context: TakeContext): Taken {
  const { bytes, records, maxTimestamp, next, runs } = batch
  const { queue } = copy
  if (mustWait(maxTimestamp, situationOf(copy, context.now))) return 'held'
  if (!fits(context.request, bytes.length, context)) return 'held'
  rewriteHead(bytes, 0, bytes.length, queue.stamp, queue.sequence)
  context.request.add(copy.shared.targetTopic, copy.partition, bytes, 0, bytes.length)
  queue.dropTranscoded()
  return launch(copy, { records, bytes: bytes.length, maxTimestamp, next, runs }, context.now)
}

function launch(
  { queue, shared }: PartitionCopy,
  batch: Pick<Sent, 'records' | 'bytes' | 'maxTimestamp' | 'next' | 'runs'>,
  now: number,
): Sent {
  const old = batch.maxTimestamp < now - OLD_MS
  const sent = { ...batch, expected: queue.targetNext, old, limits: shared.limitsRead, at: now }
  queue.launch(sent)
  return sent
}

function fits(request: ProduceRequest, size: number, context: TakeContext): boolean {
  if (request.batches === 0) return true
  return request.size + size <= context.maxRequestBytes && (size < request.room || !ProduceRequest.copies(size))
}
