// MM2's source offsets in `mm2-offsets.<source>.internal` on the target: reads what a Java worker wrote, and writes what it reads.
import { Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { resetCommand } from '../base/reset-command.ts'
import { type TopicPartition, topicPartitionKey } from '../base/topic-partition.ts'
import {
  encodeSourceKey,
  encodeSourceOffset,
  mirrorSourceConnector,
  parseSourceKey,
  parseSourceOffset,
  type SourcePartition,
} from '../mirror/connect-offset.ts'
import type { StorageTopic } from '../model/flow-settings.ts'
import { latestRecords } from '../records/latest-records.ts'
import { partitionForKey } from '../records/murmur2.ts'
import type { LogRecord, NewLogRecord, RecordLog } from '../records/record-log.ts'
import { WriteBehind } from '../records/write-behind.ts'

interface SourceOffsetsOptions {
  readonly log: RecordLog
  /** FlowSettings.offsetStorage */
  readonly storage: StorageTopic
  /** alias of the source cluster, part of every key */
  readonly source: string
  /** alias of the target cluster, for messages */
  readonly target: string
  /** path of the configuration, for commands in messages */
  readonly file: string
  /** registered name of the connector; default: that of dedicated mode */
  readonly connector?: string
  readonly logger: Logger
  /** called for offsets that cannot be read, instead of `load` failing; they count as not stored, and `remove` deletes them */
  readonly onUnreadable?: (failure: Failure) => void
}

/** A key in another log partition, or with other bytes, than godwit would write for the same meaning. */
interface OtherKey {
  readonly key: Buffer
  readonly partition: number
}

interface Entry {
  readonly topic: string
  readonly partition: number
  /** undefined: removed */
  offset: number | undefined
  /** timestamp of the record that this offset is from, ms since the epoch */
  readonly timestamp: number
}

export class SourceOffsets {
  readonly #options: SourceOffsetsOptions
  readonly #connector: string
  readonly #entries = new Map<string, Entry>()
  readonly #writes: WriteBehind<string>
  readonly #otherKeys = new Map<string, OtherKey[]>()
  readonly #garbled = new Set<string>()
  #partitions = 1

  constructor(options: SourceOffsetsOptions) {
    this.#options = options
    this.#connector = options.connector ?? mirrorSourceConnector
    this.#writes = new WriteBehind(options.log, (key) => this.#record(key))
  }

  /**
   * Creates the topic if it does not exist and reads all of it; unflushed changes are discarded.
   * @throws Failure STATE_UNREADABLE for a wrong cleanup policy or an offset that is not a number
   */
  async load(): Promise<void> {
    const { log, storage } = this.#options
    this.#entries.clear()
    this.#otherKeys.clear()
    this.#garbled.clear()
    this.#writes.clear()
    this.#partitions = await log.ensure({ ...storage, cleanupPolicy: 'compact' })
    const unrecognised: LogRecord[] = []
    for (const record of await latestRecords(log)) if (!this.#take(record)) unrecognised.push(record)
    this.#warn(unrecognised)
  }

  /** Source offset of the last record known to have arrived, as Connect counts: copying continues at this + 1. */
  get(topic: string, partition: number): number | undefined {
    return this.#entries.get(topicPartitionKey(topic, partition))?.offset
  }

  /** Sets the offset of the last acknowledged record, to be written by the next flush. */
  set(topic: string, partition: number, offset: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw new Failure('INTERNAL', `${offset} is not a source offset`, { topic, partition })
    }
    const key = topicPartitionKey(topic, partition)
    const entry = this.#entries.get(key)
    if (entry?.offset === offset) return
    if (entry) entry.offset = offset
    else this.#entries.set(key, { topic, partition, offset, timestamp: 0 })
    this.#writes.mark(key)
  }

  /** Partitions with a record. */
  get partitions(): readonly TopicPartition[] {
    const written = [...this.#entries].filter(([id, { offset }]) => offset !== undefined || this.#garbled.has(id))
    return written.map(([, { topic, partition }]) => ({ topic, partition }))
  }

  /** Source topics that have an offset, or had one when the topic was last compacted. */
  get everStoredTopics(): ReadonlySet<string> {
    return new Set([...this.#entries.values()].map(({ topic }) => topic))
  }

  /** Forgets the offset; the next flush writes tombstones, also for keys of the same meaning that were written otherwise. */
  remove(topic: string, partition: number): void {
    const key = topicPartitionKey(topic, partition)
    const entry = this.#entries.get(key)
    if (!entry) return
    entry.offset = undefined
    this.#writes.mark(key)
  }

  /**
   * Writes the offsets that changed since the last flush, in one append; see WriteBehind for concurrent flushes.
   * @throws Failure of the append; the changes are kept for the next flush
   */
  async flush(): Promise<void> {
    await this.#removeOthers()
    await this.#writes.flush()
  }

  /** Closes the connections of the log, without a flush. */
  close(): Promise<void> {
    return this.#options.log.close()
  }

  /** False for a key that is not Connect's; keys of other flows and connectors are ignored. */
  #take(record: LogRecord): boolean {
    const key = parseSourceKey(record.key)
    if (key.kind === 'garbled') return false
    if (key.kind === 'other' || key.connector !== this.#connector || key.cluster !== this.#options.source) return true
    const id = topicPartitionKey(key.topic, key.partition)
    const { topic, partition } = key
    const { timestamp } = record
    this.#noteOther(id, key, record)
    // One source partition may have several keys with the same meaning (another member order), or the same key in several log
    // partitions (added later). Connect does not define which one wins; godwit uses the newest.
    if (timestamp < (this.#entries.get(id)?.timestamp ?? timestamp)) return true
    this.#entries.set(id, { topic, partition, offset: this.#offsetOf(record, topic, partition), timestamp })
    return true
  }

  #offsetOf(record: LogRecord, topic: string, partition: number): number | undefined {
    const value = parseSourceOffset(record.value)
    if (value.kind === 'stored') return value.offset
    if (value.kind === 'none') return undefined
    const { log, target, file, onUnreadable } = this.#options
    const where = `record ${record.offset} of ${log.topic}-${record.partition} on cluster ${target}`
    const failure = new Failure('STATE_UNREADABLE', `${where} contains no offset for ${topic}-${partition}`, {
      cluster: target,
      topic: log.topic,
      partition: record.partition,
      offset: BigInt(record.offset),
      remedy: `set where copying continues, e.g. ${resetCommand({ file, topic, partition, to: 'latest' })}, or --to an offset; without --to the partition is copied as a new one`,
    })
    if (!onUnreadable) throw failure
    this.#garbled.add(topicPartitionKey(topic, partition))
    onUnreadable(failure)
    return undefined
  }

  /** Remembers a key that a tombstone with our own key would not delete. */
  #noteOther(id: string, source: SourcePartition, { key, partition }: LogRecord): void {
    if (key === null) return
    const own = encodeSourceKey(source)
    if (own.equals(key) && partition === partitionForKey(own, this.#partitions)) return
    const others = this.#otherKeys.get(id) ?? []
    this.#otherKeys.set(id, [...others, { key: Buffer.from(key), partition }])
  }

  /** Writes tombstones for the other keys of removed offsets, before our own tombstone: else another key could outlive it. */
  async #removeOthers(): Promise<void> {
    const gone = [...this.#otherKeys].filter(([id]) => this.#entries.get(id)?.offset === undefined)
    if (gone.length === 0) return
    await this.#options.log.append(gone.flatMap(([, keys]) => keys.map((one) => ({ ...one, value: null }))))
    for (const [id] of gone) this.#otherKeys.delete(id)
  }

  #record(id: string): NewLogRecord {
    const entry = this.#entries.get(id)
    if (!entry) throw new Failure('INTERNAL', `no source offset is known for ${id}`)
    const { topic, partition, offset } = entry
    const key = encodeSourceKey({ connector: this.#connector, cluster: this.#options.source, topic, partition })
    const value = offset === undefined ? null : encodeSourceOffset(offset)
    return { key, value, partition: partitionForKey(key, this.#partitions) }
  }

  #warn(garbled: readonly LogRecord[]): void {
    const first = garbled[0]
    if (!first) return
    this.#options.logger.warn('records whose keys Kafka Connect did not write were ignored', {
      cluster: this.#options.target,
      topic: this.#options.log.topic,
      partition: first.partition,
      offset: first.offset,
      records: garbled.length,
    })
  }
}
