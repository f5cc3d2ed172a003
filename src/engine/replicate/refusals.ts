// What the error codes of Fetch and Produce mean for a partition of a flow (spec 2.8, 3.3-3.6).
import { Failure } from '../../base/failure.ts'
import type { FetchedPartition } from '../../kafka/raw-fetch.ts'
import type { ProducedPartition } from '../../kafka/raw-produce.ts'
import { failureOfCode, wireErrorName } from '../../kafka/wire-errors.ts'
import type { FlowSettings } from '../../mirror/flow-settings.ts'
import { damageRemedy } from './inspect.ts'
import type { PartitionCopy } from './partition-copy.ts'

const OFFSET_OUT_OF_RANGE = 1
const CORRUPT_MESSAGE = 2
const TOO_LARGE = new Set([10, 18])
const INVALID_TIMESTAMP = 32
const INVALID_RECORD = 87
const POLICY = new Set([17, 44])
/** 45, 46, 47, 59: the producer's numbering and the target's memory of it differ; what arrived must be learnt. */
const SEQUENCE = new Set([45, 46, 47, 59])

/** A source broker refuses a partition, or tells that its log diverges from what was read before (KIP-595). */
export function fetchFailure(copy: PartitionCopy, fetched: FetchedPartition, settings: FlowSettings): Failure {
  const where = {
    cluster: settings.source,
    topic: copy.shared.topic,
    partition: copy.partition,
    offset: BigInt(Math.max(0, copy.fetchOffset)),
  }
  if (fetched.divergingEnd >= 0) {
    return new Failure(
      'SOURCE_TRUNCATED',
      `source partition ${copy.key} lost the records from offset ${fetched.divergingEnd} on, which were read before (unclean leader election)`,
      {
        ...where,
        remedy:
          'the target holds records that the source no longer has; decide which side is right, then delete the target topic or go on from the source end',
      },
    )
  }
  if (fetched.error === OFFSET_OUT_OF_RANGE)
    return new Failure(
      'OFFSET_OUT_OF_RANGE',
      `offset ${copy.fetchOffset} of source partition ${copy.key} does not exist`,
      where,
    )
  return failureOfCode(fetched.error, where)
}

/** A target broker refuses a batch. */
export function produceFailure(copy: PartitionCopy, produced: ProducedPartition, settings: FlowSettings): Failure {
  const { targetTopic: topic, maxMessageBytes } = copy.shared
  const where = {
    cluster: settings.target,
    topic,
    partition: copy.partition,
    offset: BigInt(Math.max(0, copy.position)),
  }
  const name = wireErrorName(produced.error)
  const detail = produced.message ? `: ${produced.message}` : ''
  const sentence = `target partition ${topic}-${copy.partition} refuses a batch (${name})${detail}`
  if (TOO_LARGE.has(produced.error))
    return new Failure('TOO_LARGE', sentence, {
      ...where,
      remedy: `raise max.message.bytes of ${topic} above ${maxMessageBytes}`,
    })
  if (SEQUENCE.has(produced.error)) return new Failure('BROKER_BUSY', sentence, where)
  if (produced.error === CORRUPT_MESSAGE && copy.attempts < 3) return new Failure('BROKER_BUSY', sentence, where)
  if (produced.error === INVALID_TIMESTAMP) {
    const remedy = `the timestamps lie outside message.timestamp.before.max.ms / message.timestamp.after.max.ms of ${topic}; widen them on the target topic`
    return new Failure('REFUSED_BY_TARGET', sentence, { ...where, remedy })
  }
  if (produced.error === INVALID_RECORD) {
    const remedy = `most often a record without a key for a compacted topic: set cleanup.policy of ${topic} as on the source`
    return new Failure('REFUSED_BY_TARGET', sentence, { ...where, remedy })
  }
  if (POLICY.has(produced.error) || produced.error === CORRUPT_MESSAGE)
    return new Failure('REFUSED_BY_TARGET', sentence, where)
  return failureOfCode(produced.error, where, sentence)
}

/** A batch that cannot be sent at all: names the partition where whoever looked into the batch did not know it. */
export function unfitFailure(copy: PartitionCopy, failure: Failure, settings: FlowSettings): Failure {
  const { shared, partition, cursor } = copy
  const { circumstances, code } = failure
  if (circumstances.topic !== undefined) return failure
  if (code === 'TOO_LARGE') {
    const sentence = `source partition ${copy.key} cannot go on into topic ${shared.targetTopic}: ${failure.message}`
    return new Failure(code, sentence, {
      ...circumstances,
      cluster: settings.target,
      topic: shared.targetTopic,
      partition,
    })
  }
  const sentence = `source partition ${copy.key} cannot be read behind offset ${cursor}: ${failure.message}`
  const where = { cluster: settings.source, topic: shared.topic, partition, offset: BigInt(Math.max(0, cursor)) }
  return new Failure(code, sentence, {
    ...where,
    ...(code === 'CORRUPT_BATCH' && { remedy: damageRemedy }),
    ...circumstances,
  })
}

/** A topic was deleted and made anew: its offsets mean something else now. */
export function recreated(topic: string, cluster: string, side: 'source' | 'target'): Failure {
  const remedy =
    side === 'source'
      ? `nothing of the new topic is copied until you decide: delete its target topic as well, and its lines in the positions and offsets topics, then restart`
      : `records copied before are gone with the old target topic; to copy everything again delete the lines of ${topic} in the positions and offsets topics, then restart`
  return new Failure('TOPIC_RECREATED', `the ${side} topic ${topic} was deleted and made anew`, {
    cluster,
    topic,
    remedy,
  })
}
