// Everything one flow (source -> target) needs to know, compiled from the configuration: the port between config and engine.

export interface Duty {
  readonly enabled: boolean
  readonly intervalMs: number
}

export interface PolicySettings {
  readonly kind: 'default' | 'identity'
  /** replication.policy.separator, raw (a trailing blank is part of it) */
  readonly separator: string
  /** separator inside the names of MM2's internal topics: `separator`, or `.` */
  readonly internalSeparator: string
}

export type IncrementalAlter = 'requested' | 'required' | 'never'

export interface NameFilter {
  /** compiled Java patterns; a name passes when it matches an include wholly and no exclude */
  readonly include: readonly RegExp[]
  readonly exclude: readonly RegExp[]
}

/** One of Connect's internal topics, as the worker of this flow would create it. */
export interface StorageTopic {
  readonly name: string
  readonly partitions: number
  /** -1: the broker's default */
  readonly replicationFactor: number
  /** extra topic configs, e.g. from offset.storage.<config> */
  readonly configs: Readonly<Record<string, string>>
}

/** A compacted topic of MM2's own with one partition, made if it is missing. */
export interface InternalTopic {
  readonly name: string
  /** -1: the broker's default */
  readonly replicationFactor: number
}

/** What a flow does beside the records. */
export interface DutySettings {
  readonly refreshTopics: Duty
  readonly syncTopicConfigs: Duty
  readonly syncTopicAcls: Duty
  readonly heartbeats: Duty & { readonly topic: InternalTopic }
  readonly offsetSyncs: {
    readonly enabled: boolean
    /** the cluster that hosts the topic */
    readonly location: 'source' | 'target'
    readonly topic: InternalTopic
    /** offset.lag.max, records */
    readonly maxLag: number
  }
  readonly groups: NameFilter
  readonly refreshGroups: Duty
  readonly checkpoints: Duty & { readonly topic: InternalTopic }
  readonly syncGroupOffsets: Duty
}

export interface FlowSettings extends DutySettings {
  readonly source: string
  readonly target: string
  /** `A->B` */
  readonly name: string
  /** false: only heartbeats are emitted */
  readonly enabled: boolean
  readonly policy: PolicySettings
  readonly topics: NameFilter
  readonly heartbeatsReplicationEnabled: boolean
  readonly configProperties: {
    readonly exclude: readonly RegExp[]
    /** use.defaults.from = source */
    readonly defaultsFromSource: boolean
    /**
     * use.incremental.alter.configs (MM2 3.5 to 3.9): IncrementalAlterConfigs, and AlterConfigs where the target lacks it
     * (requested); only the one (required); only the other (never)
     */
    readonly incrementalAlter: IncrementalAlter
  }
  readonly replicationFactor: number
  readonly isolation: 'read_committed' | 'read_uncommitted'
  /** where a partition begins that has no stored offset; `none`: it is not copied and said loudly */
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none'
  readonly offsetStorage: StorageTopic
  /** the name Connect knows the source connector by, part of every key in the offsets topic */
  readonly connectorName: string
  /** how often positions are written, ms */
  readonly offsetFlushIntervalMs: number
  /** Connect group of this flow on the target, `A-mm2` unless the file says otherwise */
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly adminTimeoutMs: number
  readonly fetch: {
    /** upper bound of one fetch answer, bytes */
    readonly maxBytes: number
    /** upper bound per partition in one fetch, bytes */
    readonly maxPartitionBytes: number
    readonly minBytes: number
    readonly maxWaitMs: number
    readonly rack: string
  }
  readonly produce: {
    /** upper bound of one produce request, bytes; batches larger than it still travel alone */
    readonly maxRequestBytes: number
    readonly inFlight: number
    readonly timeoutMs: number
  }
  /** memory for records on their way, bytes (godwit's own key `godwit.memory.bytes`) */
  readonly memoryBytes: number
  /** what to do where doubling cannot be ruled out (godwit's own key `godwit.on.doubt`) */
  readonly onDoubt: 'stop' | 'at-least-once'
  /** how offsets of groups are translated (`godwit.offset.translation`) */
  readonly translation: 'exact' | 'mm2'
  /** also copies what a flow in the opposite direction has brought (`godwit.allow.loops`) */
  readonly allowLoops: boolean
  /** copies again what was copied from the same source under another alias (`godwit.allow.recopy`) */
  readonly allowRecopy: boolean
  /** what to do when the source has deleted records that were not copied yet (`godwit.on.gap`) */
  readonly onGap: 'continue' | 'stop'
}
