// Where copying of a partition without a stored position begins.
import type { FlowSettings, StartAt } from '../model/flow-settings.ts'
import { matchesAny } from './topic-selection.ts'

export type { StartAt } from '../model/flow-settings.ts'

type Start = Pick<FlowSettings, 'autoOffsetReset' | 'start' | 'newPartitions'>

/**
 * The configured start of a source topic's partitions: the first matching rule of `godwit.start`, else auto.offset.reset.
 * @param isNew whether the partition was created after the flow first started
 */
export function startAtOf(settings: Start, topic: string, isNew = false): StartAt {
  if (isNew && settings.newPartitions === 'earliest') return { kind: 'earliest' }
  const rule = settings.start.find(({ topics }) => topics === undefined || matchesAny([topics], topic))
  return rule?.at ?? { kind: settings.autoOffsetReset }
}

/** The timestamp for ListOffsets, ms since the epoch; undefined where the start is not a time. @param now ms since the epoch */
export function startTime(at: StartAt, now: number): number | undefined {
  if (at.kind === 'time') return at.timestamp
  return at.kind === 'ago' ? now - at.ms : undefined
}
