// MM2's source offsets in `mm2-offsets.<source>.internal` on the target: read what a Java worker wrote, write what it reads.
import { Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { partitionForKey } from '../kafka/murmur2.ts'
import {
  encodeSourceKey,
  encodeSourceOffset,
  mirrorSourceConnector,
  parseSourceKey,
  parseSourceOffset,
} from '../mirror/connect-offset.ts'
import type { StorageTopic } from '../mirror/flow-settings.ts'
import { topicPartitionKey } from '../mirror/topic-partition.ts'
import { latestRecords, recordsIfAny } from './latest-records.ts'
import type { LogRecord, NewLogRecord, RecordLog } from './record-log.ts'
import { WriteBehind } from './write-behind.ts'

export interface SourceOffsetsOptions {
  readonly log: RecordLog
  /** FlowSettings.offsetStorage */
  readonly storage: StorageTopic
  /** alias of the source cluster, part of every key */
  readonly source: string
  /** alias of the target cluster, for messages */
  readonly target: string
  /** the name the connector is registered under; another one on a shared Connect cluster */
  readonly connector?: string
  readonly logger: Logger
}

interface Entry {
  readonly topic: string
  readonly partition: number
  /** undefined: removed */
  offset: number | undefined
  /** when the record that decided was written, ms since the epoch */
  readonly timestamp: number
}

export class SourceOffsets {
  readonly #options: SourceOffsetsOptions
  readonly #connector: string
  readonly #entries = new Map<string, Entry>()
  readonly #writes: WriteBehind<string>
  #partitions = 1

  constructor(options: SourceOffsetsOptions) {
    this.#options = options
    this.#connector = options.connector ?? mirrorSourceConnector
    this.#writes = new WriteBehind(options.log, (key) => this.#record(key))
  }

  /**
   * Creates the topic if need be and reads all of it; what was set and not flushed is forgotten.
   * @throws Failure STATE_UNREADABLE for a wrong cleanup policy or an offset that is no number
   */
  async load(): Promise<void> {
    const { log, storage } = this.#options
    this.#entries.clear()
    this.#writes.clear()
    this.#partitions = await log.ensure({ ...storage, cleanupPolicy: 'compact' })
    const records = await latestRecords(log)
    this.#warn(records.filter((record) => !this.#take(record)))
  }

  /**
   * Reads what is there and changes nothing, for those who only look; a topic that does not exist holds nothing.
   * @throws Failure STATE_UNREADABLE for an offset that is no number
   */
  async look(): Promise<void> {
    this.#entries.clear()
    this.#writes.clear()
    const records = await recordsIfAny(this.#options.log)
    this.#warn(records.filter((record) => !this.#take(record)))
  }

  /** Offset of the last record of this partition known to have arrived, as Connect counts: go on at this + 1. */
  get(topic: string, partition: number): number | undefined {
    return this.#entries.get(topicPartitionKey(topic, partition))?.offset
  }

  /** Notes the offset of the last acknowledged record, to be written by the next flush. */
  set(topic: string, partition: number, offset: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw new Failure('INTERNAL', `${offset} is no source offset`, { topic, partition })
    }
    const key = topicPartitionKey(topic, partition)
    const entry = this.#entries.get(key)
    if (entry?.offset === offset) return
    if (entry) entry.offset = offset
    else this.#entries.set(key, { topic, partition, offset, timestamp: 0 })
    this.#writes.mark(key)
  }

  /**
   * Writes the offsets that changed since the last flush, in one append; see WriteBehind for flushes that meet.
   * @throws Failure of the append; the changes are kept for the next flush
   */
  flush(): Promise<void> {
    return this.#writes.flush()
  }

  /** Ends the connections of the log, without a flush. */
  close(): Promise<void> {
    return this.#options.log.close()
  }

  /** False for a key that is not Connect's; keys of other flows and connectors are passed over. */
  #take(record: LogRecord): boolean {
    const key = parseSourceKey(record.key)
    if (key.kind === 'garbled') return false
    if (key.kind === 'other' || key.connector !== this.#connector || key.cluster !== this.#options.source) return true
    const id = topicPartitionKey(key.topic, key.partition)
    const { topic, partition } = key
    const { timestamp } = record
    // One partition may have several keys that mean the same (another member order), or the same key lies in several log
    // partitions (added later). Connect leaves the winner open there; godwit takes what was written last.
    if (timestamp < (this.#entries.get(id)?.timestamp ?? timestamp)) return true
    this.#entries.set(id, { topic, partition, offset: this.#offsetOf(record, topic, partition), timestamp })
    return true
  }

  #offsetOf(record: LogRecord, topic: string, partition: number): number | undefined {
    const value = parseSourceOffset(record.value)
    if (value.kind === 'stored') return value.offset
    if (value.kind === 'none') return undefined
    const { log, target } = this.#options
    const place = `record ${record.offset} of ${log.topic}-${record.partition} on cluster ${target}`
    throw new Failure('STATE_UNREADABLE', `${place} holds no offset for ${topic}-${partition}`, {
      cluster: target,
      topic: log.topic,
      partition: record.partition,
      offset: BigInt(record.offset),
      remedy:
        'write a correct value or a tombstone for that key; after a tombstone the partition is copied from its beginning',
    })
  }

  #record(id: string): NewLogRecord {
    const entry = this.#entries.get(id)
    if (entry?.offset === undefined) throw new Failure('INTERNAL', `no source offset is known for ${id}`)
    const { topic, partition, offset } = entry
    const key = encodeSourceKey({ connector: this.#connector, cluster: this.#options.source, topic, partition })
    return { key, value: encodeSourceOffset(offset), partition: partitionForKey(key, this.#partitions) }
  }

  #warn(garbled: readonly LogRecord[]): void {
    const first = garbled[0]
    if (!first) return
    this.#options.logger.warn('records with keys that are not of Connect were passed over', {
      cluster: this.#options.target,
      topic: this.#options.log.topic,
      partition: first.partition,
      offset: first.offset,
      records: garbled.length,
    })
  }
}
