// One of MM2's internal topics beside the records: offset syncs, checkpoints, heartbeats. Partition 0, compacted, never a tombstone
// (Java's readers fail on one); made when it is first needed, and made again when somebody has deleted it.
import { Failure } from '../base/failure.ts'
import type { InternalTopic as TopicSettings } from '../model/flow-settings.ts'
import type { LogRecord, RecordLog } from './record-log.ts'

interface KeyAndValue {
  readonly key: Buffer
  readonly value: Buffer
}

interface InternalTopicParts {
  readonly log: RecordLog
  readonly topic: TopicSettings
  /** key that sets its replication factor for this flow, for messages */
  readonly replicationKey: string
}

export class InternalTopic {
  readonly #parts: InternalTopicParts
  #made: Promise<unknown> | undefined

  constructor(parts: InternalTopicParts) {
    this.#parts = parts
  }

  get name(): string {
    return this.#parts.topic.name
  }

  /** Makes the topic unless it is there; an existing one is taken as it is. @throws Failure, among them NOT_AUTHORIZED and CONFIG_INVALID */
  async ensure(): Promise<void> {
    const { log, topic, replicationKey } = this.#parts
    const spec = { ...topic, partitions: 1, configs: {} }
    const making = this.#made ?? log.ensure({ ...spec, cleanupPolicy: 'compact', replicationKey, asItIs: true })
    this.#made = making
    try {
      await making
    } catch (error) {
      this.#made = undefined
      throw error
    }
  }

  /**
   * Writes the records in this order, each with the time of the call unless one is given (ms since the epoch).
   * @throws Failure; any part may have been written
   */
  async append(records: readonly KeyAndValue[], timestamp = Date.now()): Promise<void> {
    await this.ensure()
    try {
      await this.#parts.log.append(records.map((record) => ({ ...record, partition: 0, timestamp })))
    } catch (error) {
      // Perhaps it was deleted: the next call looks again.
      this.#made = undefined
      throw error
    }
  }

  /** Reads partition 0 to the end it has now; a topic that is missing is empty. @throws Failure */
  async readAll(onRecord: (record: LogRecord) => void): Promise<void> {
    try {
      await this.#parts.log.readAll((record) => {
        if (record.partition === 0) onRecord(record)
      })
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'UNKNOWN_TOPIC') throw error
    }
  }

  close(): Promise<void> {
    return this.#parts.log.close()
  }
}
