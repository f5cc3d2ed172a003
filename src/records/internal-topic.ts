// One of MM2's internal topics: offset syncs, checkpoints, heartbeats. Only partition 0 is used. It is compacted and never contains
// tombstones, because MM2's readers fail on them. Created when first needed, and again after it was deleted.
import { Failure } from '../base/failure.ts'
import type { InternalTopicSettings as TopicSettings } from '../model/flow-settings.ts'
import type { LogRecord, RecordLog } from './record-log.ts'

interface KeyAndValue {
  readonly key: Buffer
  readonly value: Buffer
}

interface InternalTopicParts {
  readonly log: RecordLog
  readonly topic: TopicSettings
  /** settings key of its replication factor for this flow, for messages */
  readonly replicationKey: string
}

export class InternalTopic {
  readonly #parts: InternalTopicParts
  #created: Promise<unknown> | undefined

  constructor(parts: InternalTopicParts) {
    this.#parts = parts
  }

  get name(): string {
    return this.#parts.topic.name
  }

  /** Creates the topic if it is missing; the configs of an existing one are not checked. @throws Failure, including NOT_AUTHORIZED and CONFIG_INVALID */
  async ensure(): Promise<void> {
    const { log, topic, replicationKey } = this.#parts
    const spec = { ...topic, partitions: 1, configs: {} }
    const creating =
      this.#created ?? log.ensure({ ...spec, cleanupPolicy: 'compact', replicationKey, skipPolicyCheck: true })
    this.#created = creating
    try {
      await creating
    } catch (error) {
      this.#created = undefined
      throw error
    }
  }

  /**
   * Writes the records in this order. @param timestamp of all records, ms since the epoch
   * @throws Failure; some of the records may have been written
   */
  async append(records: readonly KeyAndValue[], timestamp = Date.now()): Promise<void> {
    await this.ensure()
    try {
      await this.#parts.log.append(records.map((record) => ({ ...record, partition: 0, timestamp })))
    } catch (error) {
      // The topic may have been deleted: the next call checks again.
      this.#created = undefined
      throw error
    }
  }

  /** Reads partition 0 to its current end; a missing topic counts as empty. @throws Failure */
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
