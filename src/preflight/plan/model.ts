// The plan of one flow: what a run would create and change, and what needs a decision before. Its JSON is what `godwit plan` prints.
import type { TopicAcl } from '../../mirror/topic-acls.ts'
import type { ConfigChange } from '../../mirror/topic-configs.ts'
import type { SelectionReason, UnmatchedItem } from '../../mirror/topic-selection.ts'

/** What would fail, or be regretted, and what to do about it. */
export interface Conflict {
  readonly what: string
  readonly remedy: string
}

export type ChangedConfig = ConfigChange & {
  /** on the target now; null: not set there */ readonly before: string | null
}

export interface TopicPlan {
  readonly topic: string
  readonly targetTopic: string
  readonly action: 'create' | 'change' | 'leave' | 'conflict'
  readonly partitions: { readonly source: number; readonly target: number }
  /** on the source, as far as a run can copy them now */
  readonly records: number
  readonly create?: { readonly replicationFactor: number; readonly configs: Readonly<Record<string, string>> }
  /** partitions to add on the target */
  readonly grow: number
  readonly configs: readonly ChangedConfig[]
  readonly acls: readonly TopicAcl[]
  readonly conflicts: readonly Conflict[]
  /** what differs and stays as it is */
  readonly notes: readonly string[]
}

/** An internal topic of the flow. */
export interface InternalPlan {
  readonly name: string
  /** alias */
  readonly cluster: string
  readonly partitions: number
  /** with which it is created */
  readonly replicationFactor: number
  /** that sets it, as it is written for this flow */
  readonly key: string
  readonly exists: boolean
  readonly action: 'create' | 'leave'
}

export interface Plan {
  readonly flow: string
  readonly source: { readonly alias: string; readonly clusterId: string }
  readonly target: { readonly alias: string; readonly clusterId: string }
  readonly topics: readonly TopicPlan[]
  readonly skipped: readonly { readonly topic: string; readonly why: SelectionReason }[]
  /** in the order in which a run meets them */
  readonly internal: readonly InternalPlan[]
  /** for all topics (`*`), where names stay */
  readonly acls: readonly TopicAcl[]
  readonly conflicts: readonly Conflict[]
  /** items of the file's lists that match no topic, or no group, of the source */
  readonly unmatched: readonly (UnmatchedItem & { readonly what: string })[]
}

/** Whether a run would change anything beside copying records. */
export function hasChanges({ topics, internal, acls }: Plan): boolean {
  return (
    acls.length > 0 ||
    internal.some(({ action }) => action === 'create') ||
    topics.some(({ action, configs, acls: own, grow }) => action === 'create' || configs.length + own.length + grow > 0)
  )
}

/** All conflicts: those of the flow, then those of its topics. */
export function conflictsOf({ topics, conflicts }: Plan): readonly Conflict[] {
  return [...conflicts, ...topics.flatMap((topic) => topic.conflicts)]
}
