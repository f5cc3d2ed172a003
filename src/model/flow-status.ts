// The status of a flow: the interface between the engine and everything that shows it (HTTP, CLI, metrics, demo).
// Offsets are plain numbers, exact up to 2^53.

export type FlowState = 'starting' | 'standby' | 'running' | 'draining' | 'stopped' | 'failed'

/** waiting: for topic creation, metadata or a retry; recovering: reading what the target has; quarantined: needs a manual action */
export type PartitionState = 'waiting' | 'recovering' | 'copying' | 'quarantined'

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
  /** source offsets fetched and not yet acknowledged */
  readonly active?: number
  /** source offsets still to copy, including those after an open transaction; null while unknown */
  readonly lag: number | null
  /** source offsets above `position`, while the lag is unknown because the target does not answer */
  readonly sourceLag?: number
  /** age of the oldest known record still to copy, ms; 0 when in sync */
  readonly lagMs: number
  /** since the start of this process */
  readonly records: number
  readonly bytes: number
  /** records that may be duplicated on the target */
  readonly doubtful: number
  /** source offsets that were deleted (retention, DeleteRecords) before they could be copied */
  readonly missed: number
  readonly problem?: Problem
}

/** The periodic tasks of a flow. */
const taskNames = [
  'topics',
  'topic-configs',
  'topic-acls',
  'heartbeats',
  'offset-syncs',
  'groups',
  'checkpoints',
  'group-offsets',
] as const

export type PeriodicTaskName = (typeof taskNames)[number]

/** none: it has not run yet */
type PeriodicTaskResult = 'none' | 'fine' | 'failed'

export interface PeriodicTaskStatus {
  readonly task: PeriodicTaskName
  readonly intervalMs: number
  readonly state: 'waiting' | 'running'
  readonly runs: number
  readonly failures: number
  /** when the last run began, ms since the epoch; 0 before the first */
  readonly lastRun: number
  readonly tookMs: number
  /** when the next one begins, ms since the epoch; 0 when there will be none */
  readonly nextRun: number
  readonly result: PeriodicTaskResult
  /** what the last run did, or why it failed; empty before the first */
  readonly message: string
  /** since when every run has failed, ms since the epoch; absent where the last one succeeded */
  readonly failingSince?: number
  /** of the failure: a code of base/failure.ts, and what to do */
  readonly code?: string
  readonly remedy?: string
}

/** One partition for which a group has committed an offset on the source. */
export interface GroupPartitionStatus {
  /** name on the source, and on the target */
  readonly topic: string
  readonly targetTopic: string
  readonly partition: number
  /** the offset the group has committed on the source */
  readonly upstream: number
  /** the translated offset on the target; -1 while unknown */
  readonly downstream: number
  /** the offset committed on the target; -1: none or unknown */
  readonly targetCommitted: number
  /** source offsets the group has not read yet: end of the partition minus `upstream`; -1 while the end is unknown */
  readonly lag: number
  /** result of the last translation and sync: `synced`, `ahead`, `active`, `untranslated` ... */
  readonly result: string
  /** why, where the result needs an explanation */
  readonly reason?: string
}

/** A consumer group of the source whose offsets the flow translates. */
export interface GroupStatus {
  readonly group: string
  /** state as Kafka names it: Stable, Empty, Dead ...; empty while unknown */
  readonly sourceState: string
  /** on the target; `Dead` where the group does not exist */
  readonly targetState: string
  /** group protocol: `classic`, `consumer` (KIP-848) ...; empty while unknown */
  readonly protocol: string
  readonly partitions: readonly GroupPartitionStatus[]
}

/** Throttle time of the last answers of each kind, ms; 0 where nothing is throttled. */
export interface ThrottleStatus {
  /** Produce answers of the target */
  readonly producing: number
  /** Fetch answers of the source, or of the target where it is read */
  readonly fetching: number
  /** creation of topics and partitions */
  readonly changing: number
  /** all other requests */
  readonly asking: number
}

/** Lease, memory and connections of a flow, for monitoring of the process. */
export interface WorkStatus {
  /** how often this process has taken the flow's lease, and how often copying has begun after that */
  readonly taken: number
  readonly begun: number
  /** when it was taken last, ms since the epoch; 0: never */
  readonly takenAt: number
  /** it is joining the group of the flow's processes */
  readonly joining: boolean
  /** cluster id of the target; empty while unknown */
  readonly targetClusterId: string
  /** memory for records in flight, and how much of it is free, bytes; 0 while the flow does not run */
  readonly memoryBytes: number
  readonly memoryFree: number
  /** open connections: for Fetch and Produce, and admin connections to source and target */
  readonly connections: {
    readonly fetching: number
    readonly producing: number
    readonly source: number
    readonly target: number
  }
  readonly throttle?: ThrottleStatus
}

/** The connectors that MM2 runs for a flow, in its order. */
export const connectorNames = [
  'MirrorSourceConnector',
  'MirrorHeartbeatConnector',
  'MirrorCheckpointConnector',
] as const

export type ConnectorName = (typeof connectorNames)[number]

/** The periodic tasks of each connector. Copying records and offset syncs also belong to the source connector. */
export const tasksOf: Readonly<Record<ConnectorName, readonly PeriodicTaskName[]>> = {
  MirrorSourceConnector: ['topics', 'topic-configs', 'topic-acls'],
  MirrorHeartbeatConnector: ['heartbeats'],
  MirrorCheckpointConnector: ['groups', 'checkpoints', 'group-offsets'],
}

/** How an operator has halted a connector, in Connect's terms. Both have the same effect; stopped connectors show no tasks. */
export type Halt = 'paused' | 'stopped'

export interface TopicStatus {
  readonly topic: string
  readonly targetTopic: string
  readonly partitions: readonly PartitionStatus[]
}

/**
 * complete: all of it has arrived; missing: some has not; nothing-selected: the flow selects no topic of the source;
 * unknown: a cluster does not answer
 */
export type CompletenessVerdict = 'complete' | 'missing' | 'nothing-selected' | 'unknown'

/** Records that consumers with isolation.level=read_committed cannot read yet. */
export interface OpenTransaction {
  readonly topic: string
  readonly partition: number
  /** the last stable offset: records from here on cannot be read */
  readonly offset: number
  /** offsets from there to the end of the partition */
  readonly records: number
  /** of the transaction that holds the offset back; -1 while unknown */
  readonly producerId: number
  /** when its last record was written, or when it was first seen, ms since the epoch */
  readonly since: number
  /** the command that aborts it */
  readonly remedy: string
}

/** Comparison of what the flow has to deliver, listed from the source, with what is on the target. */
export interface Completeness {
  readonly verdict: CompletenessVerdict
  /** partitions of the source that the flow has to deliver */
  readonly partitions: number
  /** the partitions with missing records or unknown state */
  readonly missing: number
  /** whether it was complete before, since this process started the flow */
  readonly wasComplete: boolean
  /** whether all that is missing needs a manual action */
  readonly isStuck: boolean
  /** why it is not complete, one message each; empty when it is */
  readonly reasons: readonly string[]
  readonly openTransactions: readonly OpenTransaction[]
}

export interface FlowStatus {
  readonly flow: string
  readonly source: string
  readonly target: string
  /** the cluster aliases of MM2's connectors, where the file overrides them */
  readonly aliases?: Readonly<Record<'source' | 'target', string>>
  readonly state: FlowState
  /** why it is in this state, when that is not obvious */
  readonly reason?: string
  /** whether everything that was on the source at `asOf`, a few seconds ago, has arrived */
  readonly inSync: boolean
  /** time of the source listing that `inSync` and every lag are based on, ms since the epoch; 0: not yet */
  readonly asOf: number
  /** completeness as of that listing; absent before the first */
  readonly completeness?: Completeness
  readonly startedAt: number
  /** the pair is not enabled: it copies nothing and only emits heartbeats, as MM2 runs it */
  readonly heartbeatsOnly?: true
  readonly records: number
  readonly bytes: number
  /** sum of the lag of all partitions; null while that of any is unknown, or the flow selects no topic */
  readonly lag: number | null
  readonly topics: readonly TopicStatus[]
  /** groups whose offsets are translated, as of the last round of checkpoints or synced offsets */
  readonly groups?: readonly GroupStatus[]
  /** empty while the flow does not run */
  readonly periodicTasks: readonly PeriodicTaskStatus[]
  /** connectors that an operator has halted, once they have no work in progress; kept in memory only */
  readonly halted?: Readonly<Partial<Record<ConnectorName, Halt>>>
  readonly work?: WorkStatus
  readonly problems: readonly Problem[]
}
