// The plan of a positions reset: where each partition continues, and the effect on its records. No I/O.
import { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { StartAt } from '../mirror/start.ts'
import type { PositionsReset } from '../model/positions-reset.ts'
import type { Destination } from './destination.ts'
import type { FlowPositions, PartitionPositions } from './memory.ts'

/** One partition of a reset. */
export interface PlannedPartition {
  readonly topic: string
  readonly partition: number
  readonly targetTopic: string
  /** next source offset by the stored position; null: nothing is stored */
  readonly before: number | null
  /** next source offset afterwards; null: not known yet */
  readonly after: number | null
  /** the position is deleted, and the partition begins as a new one */
  readonly isForgotten: boolean
  /** number of source offsets that are copied again into a topic that already has them */
  readonly copiedAgain: number
  /** number of source offsets that are never copied */
  readonly leftOut: number
  /** the effect in one sentence */
  readonly means: string
}

/** Start rule for partitions with a destination, which do not need one. */
const NEVER: StartAt = { kind: 'none' }

export interface PlanParts {
  /** undefined: positions are deleted */
  readonly destination: Destination | undefined
  /** offsets by `topic-partition`, for a destination that is a time */
  readonly atTime?: ReadonlyMap<string, number>
  /** where partitions without a stored position begin. @param isNew the flow has positions of others, so these count as created later */
  readonly startAt: (topic: string, isNew: boolean) => StartAt
  /** all stored positions of the flow */
  readonly all: readonly PartitionPositions[]
  /** alias of the source, for messages */
  readonly source: string
}

/**
 * The plan for these partitions, in their order. With a destination, partitions that no longer exist on the source are left out.
 * @throws Failure USAGE for an offset outside the log, LEADER_MOVED when the offsets of a log cannot be read
 */
export function planReset(partitions: readonly PartitionPositions[], parts: PlanParts): PlannedPartition[] {
  const { destination } = parts
  if (!destination) return forgotten(partitions, parts)
  const there = partitions.filter(({ sourceStanding }) => sourceStanding !== 'gone')
  const wrong = there.filter((one) => isOutside(one, destination))
  if (wrong.length > 0 && destination.kind === 'offset') throw outside(wrong, destination.offset, parts.source)
  return there.map((one) => planned(one, offsetOf(one, destination, parts), NEVER))
}

/** The reset request for the process that works on the flow. @param all delete all positions: no topic, partition or offset was given */
export function resetOf(
  plan: readonly PlannedPartition[],
  { sourceIds, targetClusterId }: Pick<FlowPositions, 'sourceIds' | 'targetClusterId'>,
  all: boolean,
): PositionsReset {
  if (all) return { targetClusterId, topics: [], all }
  const topics = [...Map.groupBy(plan, ({ topic }) => topic)].map(([topic, partitions]) => ({
    topic,
    sourceTopicId: sourceIds.get(topic) ?? '',
    partitions: partitions.map(({ partition, after, isForgotten }) => ({ partition, to: isForgotten ? null : after })),
  }))
  return { targetClusterId, topics }
}

/** If the flow keeps other positions, deleted partitions begin like ones created later; otherwise as on the first start. */
function forgotten(partitions: readonly PartitionPositions[], { all, startAt }: PlanParts): PlannedPartition[] {
  const gone = new Set(partitions)
  const isNew = all.some((one) => !gone.has(one) && (one.stored.position ?? one.stored.beginning) !== undefined)
  const known = partitions.filter(({ isStored }) => isStored)
  return known.map((one) => planned(one, undefined, startAt(one.topic, isNew)))
}

function planned(one: PartitionPositions, to: number | undefined, startAt: StartAt): PlannedPartition {
  const { topic, partition, targetTopic, next, sourceStart } = one
  const after = to ?? startOf(one, startAt)
  const isSame = next !== undefined && after !== undefined && one.sourceStanding === 'same'
  const isHeld = isSame && (one.targetStanding === 'same' || one.targetStanding === 'new')
  const reached = Math.min(next ?? 0, one.sourceEnd ?? Number.POSITIVE_INFINITY)
  return {
    ...{ topic, partition, targetTopic, before: next ?? null, after: after ?? null, isForgotten: to === undefined },
    copiedAgain: isHeld ? Math.max(0, reached - Math.max(after, sourceStart ?? 0)) : 0,
    leftOut: isSame ? Math.max(0, after - (isHeld ? next : (sourceStart ?? 0))) : 0,
    means: meaningOf(one, after, startAt),
  }
}

function meaningOf(one: PartitionPositions, after: number | undefined, startAt: StartAt): string {
  const { sourceStanding, targetStanding, otherTargetTopic, targetTopic, topic } = one
  if (sourceStanding === 'gone') return 'forgotten; the source no longer has this partition'
  if (after === undefined) return unknownStart(startAt)
  const from = `copied from offset ${after} on`
  const isNewTarget = targetStanding === 'recreated' || targetStanding === 'gone'
  if (otherTargetTopic !== undefined)
    return `${from} into ${targetTopic}; what was copied before stays in ${otherTargetTopic}`
  if (sourceStanding === 'recreated' && isNewTarget) return `the new topic ${topic} is ${from}`
  if (sourceStanding === 'recreated')
    return `the new topic ${topic} is ${from}; records of the old one stay on the target before them`
  if (isNewTarget) return `${from} into the new target topic${leftOutWords(after - (one.sourceStart ?? 0))}`
  return ofTheSame(one, after, from)
}

/** The effect when both topics are the same as before. */
function ofTheSame({ next, sourceStart, sourceEnd }: PartitionPositions, after: number, from: string): string {
  if (next === undefined) return from
  const reached = Math.min(next, sourceEnd ?? next)
  const again = reached - Math.max(after, sourceStart ?? 0)
  if (again > 0) return `${offsets(again)} copied again: their records are duplicated on the target`
  if (after > next) return `${from}${leftOutWords(after - next)}`
  return next > reached ? from : 'continues at the same offset'
}

const leftOutWords = (count: number) =>
  count > 0 ? `; ${offsets(count)} left out: their records are never copied` : ''
const offsets = (count: number) => `${count} ${count === 1 ? 'offset is' : 'offsets are'}`

function unknownStart({ kind }: StartAt): string {
  return kind === 'none'
    ? 'not copied until an offset is set with --to: auto.offset.reset is none'
    : 'copied as a new partition from the next start on'
}

/** Where a new partition begins, if that is already known. */
function startOf({ sourceStart, sourceEnd }: PartitionPositions, { kind }: StartAt): number | undefined {
  if (kind === 'earliest') return sourceStart
  return kind === 'latest' ? sourceEnd : undefined
}

function offsetOf(one: PartitionPositions, destination: Destination, { atTime, source }: PlanParts): number {
  const { topic, partition, sourceStart, sourceEnd } = one
  if (sourceStart === undefined || sourceEnd === undefined)
    throw new Failure('LEADER_MOVED', `partition ${topic}-${partition} has no leader on cluster ${source}`, {
      ...{ cluster: source, topic, partition },
      remedy: 'run the command again once it has one',
    })
  if (destination.kind === 'offset') return destination.offset
  if (destination.kind === 'earliest') return sourceStart
  if (destination.kind === 'latest') return sourceEnd
  return atTime?.get(topicPartitionKey(topic, partition)) ?? sourceEnd
}

function isOutside({ sourceStart, sourceEnd }: PartitionPositions, destination: Destination): boolean {
  if (destination.kind !== 'offset' || sourceStart === undefined || sourceEnd === undefined) return false
  return destination.offset < sourceStart || destination.offset > sourceEnd
}

function outside(wrong: readonly PartitionPositions[], offset: number, source: string): Failure {
  const logs = wrong.map(
    ({ topic, partition, sourceStart, sourceEnd }) => `${topic}-${partition} (${sourceStart} to ${sourceEnd})`,
  )
  const more = logs.length > 5 ? ` and ${logs.length - 5} more` : ''
  const sentence = `offset ${offset} is outside the log on cluster ${source} of ${logs.slice(0, 5).join(', ')}${more}`
  return new Failure('USAGE', sentence, {
    cluster: source,
    remedy: 'give an offset within the log, or earliest or latest; name single partitions with --topic and --partition',
  })
}
