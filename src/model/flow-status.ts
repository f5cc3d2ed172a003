// What a flow says about itself: the port between the engine and everything that shows it (HTTP, CLI, metrics, demo).
// Offsets are plain numbers here: they are exact up to 2^53, and JSON has nothing better.

export type FlowState = 'starting' | 'standby' | 'running' | 'draining' | 'stopped' | 'failed'

/** waiting: for topic creation, metadata or a retry; recovering: learning what the target holds; quarantined: needs a person */
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
  /** source offsets still to copy, those behind an open transaction included; null while unknown */
  readonly lag: number | null
  /** where the lag is unknown, though the source answers (the target does not): source offsets above `position` */
  readonly sourceLag?: number
  /** age of the oldest record still to copy as far as known, ms; 0 when in sync */
  readonly lagMs: number
  /** since the start of this process */
  readonly records: number
  readonly bytes: number
  /** records that may be duplicated on the target, by godwit's own admission */
  readonly doubtful: number
  /** source offsets that were gone (retention, deletion) before they could be copied */
  readonly missed: number
  readonly problem?: Problem
}

/** What a flow does beside copying records, at intervals. */
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
  /** what it comes to on the target; -1 while that is not known */
  readonly downstream: number
  /** the offset the group has on the target; -1: none, or not known */
  readonly targetCommitted: number
  /** source offsets the group has not read yet: end of the partition less `upstream`; -1 while the end is not known */
  readonly lag: number
  /** what came of the last translation and sync, in a word: `synced`, `ahead`, `active`, `untranslated` ... */
  readonly result: string
  /** why, where the word does not tell it */
  readonly reason?: string
}

/** A consumer group of the source whose offsets the flow looks after. */
export interface GroupStatus {
  readonly group: string
  /** in Kafka's words: Stable, Empty, Dead ...; empty text while unknown */
  readonly sourceState: string
  /** on the target; `Dead` where the group does not exist */
  readonly targetState: string
  /** how its members agree: `classic`, `consumer` (KIP-848) ...; empty text while unknown */
  readonly protocol: string
  readonly partitions: readonly GroupPartitionStatus[]
}

/** For how long quotas throttled the last answers of each kind, ms; 0 where nothing is throttled. */
export interface ThrottleStatus {
  /** Produce answers of the target */
  readonly producing: number
  /** Fetch answers of the source, or of the target where it is read */
  readonly fetching: number
  /** topics and partitions that are created */
  readonly changing: number
  /** every other request */
  readonly asking: number
}

/** What runs beneath a flow, for those who watch the process rather than the data. */
export interface WorkStatus {
  /** how often this process has taken the flow's lease, and how often copying has begun after that */
  readonly taken: number
  readonly begun: number
  /** when it was taken last, ms since the epoch; 0: never */
  readonly takenAt: number
  /** it waits to learn its place among the processes of the flow */
  readonly joining: boolean
  /** of the target; empty text while unknown */
  readonly targetClusterId: string
  /** memory for records on their way and what of it is free, bytes; 0 while the flow does not run */
  readonly memoryBytes: number
  readonly memoryFree: number
  /** open connections: those that fetch and produce, and those to look after source and target */
  readonly connections: {
    readonly fetching: number
    readonly producing: number
    readonly source: number
    readonly target: number
  }
  readonly throttle?: ThrottleStatus
}

/** The connectors MM2 makes of a flow, in its order. */
export const connectorNames = [
  'MirrorSourceConnector',
  'MirrorHeartbeatConnector',
  'MirrorCheckpointConnector',
] as const

export type ConnectorName = (typeof connectorNames)[number]

/** What each connector does as periodic tasks of the flow; records, and the offset syncs that follow from them, are the source connector's. */
export const tasksOf: Readonly<Record<ConnectorName, readonly PeriodicTaskName[]>> = {
  MirrorSourceConnector: ['topics', 'topic-configs', 'topic-acls'],
  MirrorHeartbeatConnector: ['heartbeats'],
  MirrorCheckpointConnector: ['groups', 'checkpoints', 'group-offsets'],
}

/** How a person has halted a connector; Connect's words for the same thing here: stopped ones show no tasks. */
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
  /** the last stable offset: nothing from here on can be read */
  readonly offset: number
  /** offsets from there to the end of the partition */
  readonly records: number
  /** of the transaction that holds the offset back; -1 while unknown */
  readonly producerId: number
  /** when its last record was written, or when it was first seen, ms since the epoch */
  readonly since: number
  /** the command that ends it */
  readonly remedy: string
}

/** What the flow has to deliver, by the source's own listing, against what is on the target. */
export interface Completeness {
  readonly verdict: CompletenessVerdict
  /** partitions of the source that the flow has to deliver */
  readonly partitions: number
  /** those of them of which something is missing, or which are unknown */
  readonly missing: number
  /** it has been complete before, since this process took up the flow */
  readonly wasComplete: boolean
  /** nothing is missing but what waits for a person: no waiting will help */
  readonly isStuck: boolean
  /** why it is not complete, a sentence each; empty when it is */
  readonly reasons: readonly string[]
  readonly openTransactions: readonly OpenTransaction[]
}

export interface FlowStatus {
  readonly flow: string
  readonly source: string
  readonly target: string
  /** what MM2's connectors call the two clusters, where the file overrides that */
  readonly aliases?: Readonly<Record<'source' | 'target', string>>
  readonly state: FlowState
  /** why it is in this state, when that is not obvious */
  readonly reason?: string
  /** everything that was on the source at `asOf` has arrived, and that is only a few seconds ago */
  readonly inSync: boolean
  /** when the source was listed on which `inSync` and every lag rest, ms since the epoch; 0: not yet */
  readonly asOf: number
  /** what of the flow's task is done, as of that listing; undefined before the first */
  readonly completeness?: Completeness
  readonly startedAt: number
  /** the pair is not enabled: it copies nothing and only emits heartbeats, as MM2 runs it */
  readonly heartbeatsOnly?: true
  readonly records: number
  readonly bytes: number
  /** source offsets still to copy, over all partitions; null while that of any is unknown, or the flow selects no topic */
  readonly lag: number | null
  readonly topics: readonly TopicStatus[]
  /** groups whose offsets are translated, as of the last round of checkpoints or synced offsets */
  readonly groups?: readonly GroupStatus[]
  /** what is done beside the records; empty while the flow does not run */
  readonly periodicTasks: readonly PeriodicTaskStatus[]
  /** connectors that a person has halted, once they stand still; kept in memory only */
  readonly halted?: Readonly<Partial<Record<ConnectorName, Halt>>>
  readonly work?: WorkStatus
  readonly problems: readonly Problem[]
}
