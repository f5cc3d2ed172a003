// What a run does with a target topic that exists, or that it would create.
import type { StoredTopics } from '../../engine/stored-lag.ts'
import { cleanupConflict } from '../../model/cleanup-policy.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { PlannedPair } from '../facts/flow-basis.ts'
import { configOf, type TopicFacts } from '../facts/topics.ts'
import { type ConfigBasis, targetValue } from './target-configs.ts'

/** The number of records between the log starts and the high watermarks; 0 where the offsets are not known. */
export function recordsIn({ partitions }: TopicFacts): number {
  return partitions.reduce((sum, { earliest = 0, latest = 0 }) => sum + latest - earliest, 0)
}

/** How many records of a source topic a run can copy now: those below the last stable offset where it reads committed records only. */
export function readableRecords({ partitions }: TopicFacts, { isolation }: Pick<FlowSettings, 'isolation'>): number {
  const end = isolation === 'read_committed' ? 'stable' : 'latest'
  return partitions.reduce((sum, { earliest = 0, [end]: last = 0 }) => sum + last - earliest, 0)
}

/**
 * How many records a target topic holds that the flow, or MirrorMaker 2 before it, did not copy: a run puts everything of the source
 * behind them. 0 where something of the source topic was copied before, as it is not known which records came of it.
 */
export function foreignRecords({ topic, there }: PlannedPair, { copied }: Pick<StoredTopics, 'copied'>): number {
  return there === undefined || copied.has(topic.name) ? 0 : recordsIn(there)
}

/** How many records a target topic holds that a run copies again behind them, as the position of the source topic was forgotten. */
export function repeatedRecords({ topic, there }: PlannedPair, { copied, known }: StoredTopics): number {
  const isForgotten = copied.has(topic.name) && !known.has(topic.name)
  return there === undefined || !isForgotten ? 0 : recordsIn(there)
}

/** How many partitions of a target topic stay empty, as its source has none of these numbers; 0 where it is to be created. */
export function surplusPartitions({ topic, there }: PlannedPair): number {
  return Math.max(0, (there?.partitions.length ?? 0) - topic.partitions.length)
}

interface CleanupDifference {
  readonly source: string
  readonly target: string
  readonly why: string
}

/** Values of cleanup.policy that do not go together, once the flow has set what it sets; undefined where they do, or are not known. */
export function cleanupDifference(pair: PlannedPair, basis: ConfigBasis): CleanupDifference | undefined {
  const source = configOf(pair.topic.configs, 'cleanup.policy')
  const target = targetValue(pair, 'cleanup.policy', basis)
  if (source === undefined || target === undefined) return undefined
  const why = cleanupConflict(source, target)
  return why === undefined ? undefined : { source, target, why }
}
