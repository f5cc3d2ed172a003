// What a flow says about itself: the port between the engine and everything that shows it (HTTP, CLI, metrics, demo).
// Offsets are plain numbers here: they are exact up to 2^53, and JSON has nothing better.

export type FlowState = 'starting' | 'standby' | 'running' | 'draining' | 'stopped' | 'failed'

/** waiting: for topic creation, metadata or a retry; settling: learning what the target holds; quarantined: needs a person */
export type PartitionState = 'waiting' | 'settling' | 'copying' | 'quarantined'

export interface Problem {
  /** a code of base/failure.ts */
  readonly code: string
  readonly message: string
  readonly remedy?: string
  readonly cluster?: string
  readonly topic?: string
  readonly partition?: number
  /** ms since the epoch */
  readonly since: number
}

export interface PartitionStatus {
  readonly partition: number
  readonly state: PartitionState
  /** log start and end (high watermark, or last stable offset under read_committed) of the source; -1 while unknown */
  readonly sourceStart: number
  readonly sourceEnd: number
  /** next source offset to be acknowledged by the target; everything below it has arrived. -1 while unknown */
  readonly position: number
  /** next offset of the target partition; -1 while unknown */
  readonly targetEnd: number
  /** source offsets still to copy: sourceEnd - position */
  readonly lag: number
  /** age of the oldest record still to copy as far as known, ms; 0 when in sync */
  readonly lagMs: number
  /** since the start of this process */
  readonly records: number
  readonly bytes: number
  /** records that may stand twice on the target, by godwit's own admission */
  readonly doubtful: number
  /** source offsets that were gone (retention, deletion) before they could be copied */
  readonly missed: number
  readonly problem?: Problem
}

/** What a flow does beside copying records, at intervals. */
export const dutyNames = [
  'topics',
  'topic-configs',
  'topic-acls',
  'heartbeats',
  'offset-syncs',
  'groups',
  'checkpoints',
  'group-offsets',
] as const

export type DutyName = (typeof dutyNames)[number]

/** none: it has not run yet */
export type DutyResult = 'none' | 'fine' | 'failed'

export interface DutyStatus {
  readonly duty: DutyName
  readonly intervalMs: number
  readonly state: 'waiting' | 'running'
  readonly runs: number
  readonly failures: number
  /** when the last run began, ms since the epoch; 0 before the first */
  readonly lastRun: number
  readonly tookMs: number
  /** when the next one begins, ms since the epoch; 0 when there will be none */
  readonly nextRun: number
  readonly result: DutyResult
  /** what the last run did, or why it failed; empty before the first */
  readonly message: string
  /** of the failure: a code of base/failure.ts, and what to do */
  readonly code?: string
  readonly remedy?: string
}

export interface TopicStatus {
  readonly topic: string
  readonly targetTopic: string
  readonly partitions: readonly PartitionStatus[]
}

export interface FlowStatus {
  readonly flow: string
  readonly source: string
  readonly target: string
  readonly state: FlowState
  /** why it is in this state, when that is not obvious */
  readonly reason?: string
  /** every partition known at the start of the process has reached the source end seen then or later */
  readonly inSync: boolean
  readonly startedAt: number
  readonly records: number
  readonly bytes: number
  readonly lag: number
  readonly topics: readonly TopicStatus[]
  /** what is done beside the records; empty while the flow does not run */
  readonly duties: readonly DutyStatus[]
  readonly problems: readonly Problem[]
}
