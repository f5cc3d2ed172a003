// The port to one compacted topic on the target: everything that outlives a process is kept in such a topic.
// The state of this room is written against this port; topic-record-log.ts is the real one.
import type { RecordHeader } from '../batch/records.ts'
import type { StorageTopic } from '../model/flow-settings.ts'

/** A record as it was read; offsets are plain numbers, `timestamp` is in ms since the epoch. */
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
  /** ms since the epoch; the time of writing unless given */
  readonly timestamp?: number
  /** none unless given */
  readonly headers?: readonly RecordHeader[]
}

/** How the topic is to be, should it be missing; it is always compacted. */
export interface CompactTopic extends StorageTopic {
  readonly cleanupPolicy: 'compact'
  /** key of the file that gives the replication factor, for messages; `offset.storage.replication.factor` unless given */
  readonly replicationKey?: string
  /** an existing topic is taken as it is, whatever its policy: nothing of ours is lost with it */
  readonly asItIs?: boolean
}

export interface RecordLog {
  /** Name of the topic, for messages. */
  readonly topic: string
  /**
   * Creates the topic if it is missing, as Connect does, and gives the number of partitions it really has.
   * @throws Failure STATE_UNREADABLE when an existing topic is not compacted, CONFIG_INVALID when it cannot be made as asked
   */
  ensure(spec: CompactTopic): Promise<number>
  /** Reads every partition up to the end it has now; within a partition in order. Committed records only. Their bytes are lent for the call. */
  readAll(onRecord: (record: LogRecord) => void): Promise<void>
  /** Appends with acks=all; resolves when every record is acknowledged. On a failure any part may have been written. */
  append(records: readonly NewLogRecord[]): Promise<void>
  /** Ends connections that are open; not the log: a later call opens new ones. */
  close(): Promise<void>
}
