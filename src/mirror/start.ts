// Where copying of a partition begins that has no stored position.
import type { FlowSettings, StartAt } from '../model/flow-settings.ts'
import { matchesAny } from './topic-selection.ts'

export type { StartAt } from '../model/flow-settings.ts'

type Start = Pick<FlowSettings, 'autoOffsetReset' | 'start' | 'newPartitions'>

/**
 * What the configuration says for partitions of a source topic: the first rule of `godwit.start` that matches it, else
 * auto.offset.reset. @param isNew the partition was created after the flow first started
 */
export function startAtOf(settings: Start, topic: string, isNew = false): StartAt {
  if (isNew && settings.newPartitions === 'earliest') return { kind: 'earliest' }
  const rule = settings.start.find(({ topics }) => topics === undefined || matchesAny([topics], topic))
  return rule?.at ?? { kind: settings.autoOffsetReset }
}

/** The time to ask ListOffsets for, ms since the epoch; undefined where the start is no time. @param now ms since the epoch */
export function startTime(at: StartAt, now: number): number | undefined {
  if (at.kind === 'time') return at.timestamp
  return at.kind === 'ago' ? now - at.ms : undefined
}
