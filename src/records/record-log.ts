// The interface to one compacted topic on the target. All persistent state is stored in such topics.
// topic-record-log.ts implements it; tests use other implementations.
import type { RecordHeader } from '../batch/records.ts'
import type { StorageTopic } from '../model/flow-settings.ts'

/** A record that was read; `timestamp` is in ms since the epoch. */
export interface LogRecord {
  readonly key: Buffer | null
  /** null: a tombstone */
  readonly value: Buffer | null
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
}

export interface NewLogRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly partition: number
  /** ms since the epoch; default: the current time */
  readonly timestamp?: number
  /** default: none */
  readonly headers?: readonly RecordHeader[]
}

/** The configuration for creating the topic if it is missing. */
export interface CompactTopic extends StorageTopic {
  readonly cleanupPolicy: 'compact'
  /** settings key of the replication factor, for messages; default: `offset.storage.replication.factor` */
  readonly replicationKey?: string
  /** skips the check that an existing topic is compacted, for topics that do not contain state of godwit */
  readonly skipPolicyCheck?: boolean
}

export interface RecordLog {
  /** Name of the topic, for messages. */
  readonly topic: string
  /**
   * Creates the topic if it is missing, as Connect does, and returns its actual number of partitions.
   * @throws Failure STATE_UNREADABLE if an existing topic is not compacted, CONFIG_INVALID if it cannot be created with this spec
   */
  ensure(spec: CompactTopic): Promise<number>
  /**
   * Reads all committed records of all partitions up to the current end, in order within a partition. Keys and values are only valid
   * during the call of `onRecord`. @throws Failure
   */
  readAll(onRecord: (record: LogRecord) => void): Promise<void>
  /** Appends with acks=all; resolves when all records are acknowledged. @throws Failure; some records may have been written */
  append(records: readonly NewLogRecord[]): Promise<void>
  /** Closes open connections; later calls open new ones. */
  close(): Promise<void>
}
