// All settings of one flow (source -> target), compiled from the configuration: the interface between config and engine.
/** A replication factor as the configuration gives it. */
export interface WantedFactor {
  /** -1: the broker's default */
  readonly replicationFactor: number
  /** the file does not set it: MirrorMaker 2's default, lowered to the number of brokers */
  readonly factorIsDefault?: boolean
}

export interface TaskSchedule {
  readonly enabled: boolean
  readonly intervalMs: number
}

export interface PolicySettings {
  readonly kind: 'default' | 'identity'
  /** replication.policy.separator, untrimmed (a trailing blank is part of it) */
  readonly separator: string
  /** separator in the names of MM2's internal topics: `separator`, or `.` */
  readonly internalSeparator: string
}

export type IncrementalAlter = 'requested' | 'required' | 'never'

export interface NameFilter {
  /** compiled Java patterns; a name is selected when an include matches the whole name and no exclude does */
  readonly include: readonly RegExp[]
  readonly exclude: readonly RegExp[]
  /** the lists of the file, item by item as written; absent where the file has none */
  readonly written?: { readonly include: readonly WrittenItem[]; readonly exclude: readonly WrittenItem[] }
}

/** A pattern of a list in the file. */
export interface WrittenItem {
  readonly text: string
  /** whether MM2's default for the list contains it too */
  readonly isDefault: boolean
}

/** One of Connect's internal topics, as the Connect worker of this flow would create it. */
export interface StorageTopic extends WantedFactor {
  readonly name: string
  readonly partitions: number
  /** extra topic configs, e.g. from offset.storage.<config> */
  readonly configs: Readonly<Record<string, string>>
}

/** A compacted internal topic of MM2 with one partition, created if it does not exist. */
export interface InternalTopicSettings extends WantedFactor {
  readonly name: string
}

/** Settings of the periodic tasks of a flow. */
export interface PeriodicTaskSettings {
  readonly refreshTopics: TaskSchedule
  readonly syncTopicConfigs: TaskSchedule
  readonly syncTopicAcls: TaskSchedule
  readonly heartbeats: TaskSchedule & { readonly topic: InternalTopicSettings }
  readonly offsetSyncs: {
    readonly enabled: boolean
    /** the cluster that hosts the topic */
    readonly location: 'source' | 'target'
    readonly topic: InternalTopicSettings
    /** offset.lag.max, records */
    readonly maxLag: number
  }
  readonly groups: NameFilter
  readonly refreshGroups: TaskSchedule
  readonly checkpoints: TaskSchedule & { readonly topic: InternalTopicSettings }
  readonly syncGroupOffsets: TaskSchedule
}

/**
 * Where copying of a partition without a stored position begins. earliest: the log start; latest: the log end; none: it is not copied,
 * which is reported as a problem; time: the first record of that time (ms since the epoch) or later; ago: the first record that is
 * at most this old (ms) when copying begins.
 */
export type StartAt =
  | { readonly kind: 'earliest' | 'latest' | 'none' }
  | { readonly kind: 'time'; readonly timestamp: number }
  | { readonly kind: 'ago'; readonly ms: number }

/** Where topics whose whole name matches the pattern begin; without a pattern, all topics. */
export interface StartRule {
  readonly topics?: RegExp
  readonly at: StartAt
}

/** The settings of a flow. Its replication factor is that of the target topics. */
export interface FlowSettings extends PeriodicTaskSettings, WantedFactor {
  /** path of the configuration as the user gave it, for commands in messages */
  readonly file: string
  /** alias of the source in the file, used in the flow name, in messages, and in names of godwit's topics */
  readonly source: string
  readonly target: string
  /**
   * `source.cluster.alias`, the source alias of MM2's connectors, used in names of target topics, offset syncs and checkpoints, in
   * keys of stored offsets and in heartbeats. It is `source` unless the file overrides it, and may be empty
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
  /** the effective lists topics.exclude and config.properties.exclude, with defaults: remedies repeat them with an item added */
  readonly leftOut: { readonly topics: readonly string[]; readonly configProperties: readonly string[] }
  readonly heartbeatsReplicationEnabled: boolean
  readonly configProperties: {
    readonly exclude: readonly RegExp[]
    /** use.defaults.from = source */
    readonly defaultsFromSource: boolean
    /**
     * use.incremental.alter.configs (MM2 3.5 to 3.9). requested: IncrementalAlterConfigs, or AlterConfigs where the target does not
     * support it; required: only IncrementalAlterConfigs; never: only AlterConfigs
     */
    readonly incrementalAlter: IncrementalAlter
  }
  readonly isolation: 'read_committed' | 'read_uncommitted'
  /** where a partition without a stored offset and a rule of `start` begins; `none`: it is not copied, which is reported */
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none'
  /** rules of `godwit.start`; the first one that matches applies */
  readonly start: readonly StartRule[]
  /**
   * where a partition created after the first start of the flow begins (`godwit.new.partitions`): at its log start, or as configured
   * for all
   */
  readonly newPartitions: 'earliest' | 'as-configured'
  readonly offsetStorage: StorageTopic
  /** Connect's name of the source connector, part of every key in the offsets topic */
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
    /** upper bound of one produce request, bytes; a larger batch is sent alone */
    readonly maxRequestBytes: number
    readonly inFlight: number
    readonly timeoutMs: number
  }
  /** memory for records in flight, bytes (`godwit.memory.bytes`) */
  readonly memoryBytes: number
  /** what to do where duplicates cannot be ruled out (`godwit.on.doubt`) */
  readonly onDoubt: 'stop' | 'at-least-once'
  /** how offsets of groups are translated (`godwit.offset.translation`) */
  readonly translation: 'exact' | 'mm2'
  /** also copies records written by a flow in the opposite direction (`godwit.allow.loops`) */
  readonly allowLoops: boolean
  /** copies topics again that were copied from the same source under another alias (`godwit.allow.recopy`) */
  readonly allowRecopy: boolean
  /** what to do when the source has deleted records that were not copied yet (`godwit.on.gap`) */
  readonly onGap: 'continue' | 'stop'
}

/**
 * The replication factor to create a topic with. One that the file sets is not lowered.
 * @param brokers number of brokers of the topic's cluster; 0 while unknown
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
