// Everything one flow (source -> target) needs to know, compiled from the configuration: the port between config and engine.
/** A replication factor as the configuration gives it. */
export interface WantedFactor {
  /** -1: the broker's default */
  readonly replicationFactor: number
  /** the file does not set it: it is MirrorMaker 2's default, and lowered to the number of brokers */
  readonly factorIsDefault?: boolean
}

export interface TaskSchedule {
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
  /** the lists of the file, item by item as written; absent where the file says nothing */
  readonly written?: { readonly include: readonly WrittenItem[]; readonly exclude: readonly WrittenItem[] }
}

/** A pattern of a list in the file. */
export interface WrittenItem {
  readonly text: string
  /** MM2's default for the list has it too */
  readonly isDefault: boolean
}

/** One of Connect's internal topics, as the worker of this flow would create it. */
export interface StorageTopic extends WantedFactor {
  readonly name: string
  readonly partitions: number
  /** extra topic configs, e.g. from offset.storage.<config> */
  readonly configs: Readonly<Record<string, string>>
}

/** A compacted topic of MM2's own with one partition, made if it is missing. */
export interface InternalTopic extends WantedFactor {
  readonly name: string
}

/** What a flow does beside the records. */
export interface PeriodicTaskSettings {
  readonly refreshTopics: TaskSchedule
  readonly syncTopicConfigs: TaskSchedule
  readonly syncTopicAcls: TaskSchedule
  readonly heartbeats: TaskSchedule & { readonly topic: InternalTopic }
  readonly offsetSyncs: {
    readonly enabled: boolean
    /** the cluster that hosts the topic */
    readonly location: 'source' | 'target'
    readonly topic: InternalTopic
    /** offset.lag.max, records */
    readonly maxLag: number
  }
  readonly groups: NameFilter
  readonly refreshGroups: TaskSchedule
  readonly checkpoints: TaskSchedule & { readonly topic: InternalTopic }
  readonly syncGroupOffsets: TaskSchedule
}

/**
 * Where copying of a partition begins that has no stored position. earliest: the start of the log; latest: its end; none: nowhere,
 * which is reported as a problem; time: the first record of that time (ms since the epoch) or later; ago: the first record that is
 * not older than so many ms when the partition begins.
 */
export type StartAt =
  | { readonly kind: 'earliest' | 'latest' | 'none' }
  | { readonly kind: 'time'; readonly timestamp: number }
  | { readonly kind: 'ago'; readonly ms: number }

/** Where topics begin whose whole name the pattern matches; without a pattern, all. */
export interface StartRule {
  readonly topics?: RegExp
  readonly at: StartAt
}

/** Its replication factor is that of the copies. */
export interface FlowSettings extends PeriodicTaskSettings, WantedFactor {
  /** path of the configuration as the user gave it, for commands in messages */
  readonly file: string
  /** alias of the source in the file: it names the flow, the cluster in messages, godwit's own topics */
  readonly source: string
  readonly target: string
  /**
   * `source.cluster.alias`, what MM2's connectors call the source: it names target topics, offset syncs, checkpoints, and
   * stands in the keys of stored offsets and in heartbeats. It is `source` unless the file overrides it, and may be empty
   */
  readonly sourceAlias: string
  /** `target.cluster.alias`, likewise */
  readonly targetAlias: string
  /** `A->B` */
  readonly name: string
  /** false: only heartbeats are emitted */
  readonly enabled: boolean
  readonly policy: PolicySettings
  readonly topics: NameFilter
  /** the lists topics.exclude and config.properties.exclude as they hold, defaults included: lines that lengthen them repeat all of it */
  readonly leftOut: { readonly topics: readonly string[]; readonly configProperties: readonly string[] }
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
  readonly isolation: 'read_committed' | 'read_uncommitted'
  /** where a partition begins that has no stored offset and that no rule of `start` is about; `none`: it is not copied, which is reported */
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none'
  /** rules of `godwit.start`; the first one that matches counts */
  readonly start: readonly StartRule[]
  /**
   * where a partition begins that was created after the flow first started (`godwit.new.partitions`): at its beginning, or as
   * configured for all
   */
  readonly newPartitions: 'earliest' | 'as-configured'
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

/**
 * The replication factor to create a topic with. One that the file sets is kept, whether it is possible or not.
 * @param brokers of the cluster that hosts the topic, when it is created
 */
export function factorFor({ replicationFactor, factorIsDefault }: WantedFactor, brokers: number): number {
  return factorIsDefault === true && brokers > 0 ? Math.min(replicationFactor, brokers) : replicationFactor
}

/** Whether the flow translates committed offsets of groups: into checkpoints, or for the groups of the target. */
export function translatesGroups({
  checkpoints,
  syncGroupOffsets,
}: Pick<FlowSettings, 'checkpoints' | 'syncGroupOffsets'>): boolean {
  return checkpoints.enabled || syncGroupOffsets.enabled
}
