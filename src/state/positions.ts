// godwit's positions, one per source partition, in `mm2-godwit-positions.<source>.internal` on the target. They let a restart
// verify what the target has; without them only MM2's offsets are available.
import { Failure } from '../base/failure.ts'
import { resetCommand } from '../base/reset-command.ts'
import { type TopicPartition, topicPartitionKey } from '../base/topic-partition.ts'
import type { StorageTopic } from '../model/flow-settings.ts'
import { latestRecords } from '../records/latest-records.ts'
import type { LogRecord, NewLogRecord, RecordLog } from '../records/record-log.ts'
import { WriteBehind } from '../records/write-behind.ts'
import {
  type Beginning,
  encodeBeginning,
  encodePosition,
  encodePositionKey,
  isBeginning,
  isPosition,
  type Position,
  parsePosition,
  parsePositionKey,
  type Unreadable,
} from './position-record.ts'

/** Only full segments are compacted, and the whole topic is read at the start: with Kafka's default of 1 GiB that would take minutes. */
const SEGMENT_BYTES = 4 * 1024 * 1024

/**
 * The topic of a flow's positions: one partition, so that a flush is one batch. The name begins and ends as MM2's internal topics
 * do, so MM2's default excludes (`mm2.*\.internal`) and its internal-topic rule keep it from being replicated.
 * @param offsetStorage FlowSettings.offsetStorage, whose replication factor and extra configs it shares
 */
export function positionsTopic(source: string, offsetStorage: StorageTopic): StorageTopic {
  const configs = { ...offsetStorage.configs, 'segment.bytes': `${SEGMENT_BYTES}` }
  return { ...offsetStorage, name: `mm2-godwit-positions.${source}.internal`, partitions: 1, configs }
}

interface PositionsOptions {
  readonly log: RecordLog
  /** as `positionsTopic` gives it */
  readonly storage: StorageTopic
  /** alias of the target cluster, for messages */
  readonly target: string
  /** path of the configuration, for commands in messages */
  readonly file: string
  /** called for records that are not a position, instead of `load` failing; they are ignored, and `remove` deletes them */
  readonly onUnreadable?: (failure: Failure) => void
}

interface Entry {
  readonly topic: string
  readonly partition: number
  /** undefined: removed or unreadable; a tombstone has to be written */
  position: Position | Beginning | undefined
  /** a record with this key is in the log */
  isWritten: boolean
}

export class Positions {
  readonly #options: PositionsOptions
  readonly #entries = new Map<string, Entry>()
  readonly #writes: WriteBehind<string>
  /** keys of records that belong to no partition */
  #unrecognised: (Buffer | null)[] = []
  /** source topics of which a record was removed that is not compacted away yet */
  readonly #removed = new Set<string>()

  constructor(options: PositionsOptions) {
    this.#options = options
    this.#writes = new WriteBehind(options.log, (key) => this.#record(key))
  }

  /**
   * Creates the topic if it does not exist and reads all of it; unflushed changes are discarded.
   * @throws Failure STATE_UNREADABLE for a wrong cleanup policy, or a record that is not a position of a known version
   */
  async load(): Promise<void> {
    const { log, storage } = this.#options
    this.#entries.clear()
    this.#unrecognised = []
    this.#removed.clear()
    this.#writes.clear()
    await log.ensure({ ...storage, cleanupPolicy: 'compact' })
    for (const record of await latestRecords(log)) this.#take(record)
  }

  /** Number of partitions with a record. */
  get size(): number {
    return this.#entries.size
  }

  get(topic: string, partition: number): Position | undefined {
    const known = this.#entries.get(topicPartitionKey(topic, partition))?.position
    return known && isPosition(known) ? known : undefined
  }

  /** Where copying begins, as set by an operator; undefined once there is a position. */
  beginning(topic: string, partition: number): Beginning | undefined {
    const known = this.#entries.get(topicPartitionKey(topic, partition))?.position
    return known && isBeginning(known) ? known : undefined
  }

  /** Partitions with a record, including unreadable ones. */
  get partitions(): readonly TopicPartition[] {
    return [...this.#entries.values()].map(({ topic, partition }) => ({ topic, partition }))
  }

  /** Source topics with a position. */
  get topics(): ReadonlySet<string> {
    return new Set([...this.#entries.values()].filter(({ position }) => position).map(({ topic }) => topic))
  }

  /** Source topics that have a position, or had one when the topic was last compacted. */
  get everStoredTopics(): ReadonlySet<string> {
    return new Set([...this.partitions.map(({ topic }) => topic), ...this.#removed])
  }

  /** Notes the anchor, to be written by the next flush; one that says nothing new is not written again. */
  set(topic: string, partition: number, position: Position): void {
    const key = topicPartitionKey(topic, partition)
    const known = this.#entries.get(key)?.position
    if (known && isPosition(known) && isSameAnchor(known, position)) return
    this.#entries.set(key, { topic, partition, position, isWritten: true })
    this.#writes.mark(key)
  }

  /** Replaces the position by a beginning, to be written by the next flush. */
  begin(topic: string, partition: number, beginning: Omit<Beginning, 'kind'>): void {
    const key = topicPartitionKey(topic, partition)
    const position: Beginning = { ...beginning, kind: 'beginning' }
    this.#entries.set(key, { topic, partition, position, isWritten: true })
    this.#writes.mark(key)
  }

  /** Removes the position; the next flush writes a tombstone. */
  remove(topic: string, partition: number): void {
    const key = topicPartitionKey(topic, partition)
    const entry = this.#entries.get(key)
    if (!entry?.isWritten) return
    entry.position = undefined
    entry.isWritten = false
    this.#writes.mark(key)
  }

  /**
   * Writes the positions that changed since the last flush, in one append; see WriteBehind for concurrent flushes.
   * @throws Failure of the append; the changes are kept for the next flush
   */
  flush(): Promise<void> {
    return this.#writes.flush()
  }

  /** Deletes records whose keys are not a topic and a partition; known only after a load with `onUnreadable`. @throws Failure of the append */
  async removeUnrecognised(): Promise<void> {
    const keys = this.#unrecognised.filter((key) => key !== null)
    if (keys.length > 0) await this.#options.log.append(keys.map((key) => ({ key, value: null, partition: 0 })))
    this.#unrecognised = []
  }

  /** Closes the connections of the log, without a flush. */
  close(): Promise<void> {
    return this.#options.log.close()
  }

  #take(record: LogRecord): void {
    const key = parsePositionKey(record.key)
    if (record.value === null) {
      if (key) this.#removed.add(key.topic)
      return
    }
    if (!key) return this.#refuse(record, { kind: 'unreadable', why: 'its key is not a topic and a partition' })
    const id = topicPartitionKey(key.topic, key.partition)
    const read = parsePosition(record.value)
    const position = isPosition(read) || isBeginning(read) ? read : undefined
    this.#entries.set(id, { ...key, position, isWritten: true })
    if (!isPosition(read) && !isBeginning(read)) this.#refuse(record, read, key)
  }

  #refuse(record: LogRecord, found: Unreadable, key?: TopicPartition): void {
    const failure = this.#failure(record, found, key)
    if (!this.#options.onUnreadable) throw failure
    if (!key) this.#unrecognised.push(record.key)
    this.#options.onUnreadable(failure)
  }

  #record(id: string): NewLogRecord {
    const entry = this.#entries.get(id)
    if (!entry) throw new Failure('INTERNAL', `no position is known for ${id}`)
    const { topic, partition, position } = entry
    const value =
      position === undefined ? null : isPosition(position) ? encodePosition(position) : encodeBeginning(position)
    return { key: encodePositionKey(topic, partition), value, partition: 0 }
  }

  #failure(record: LogRecord, found: Unreadable, key?: TopicPartition): Failure {
    const { log, target, file } = this.#options
    const where = `record ${record.offset} of ${log.topic}-${record.partition} on cluster ${target}`
    const circumstances = {
      cluster: target,
      topic: log.topic,
      partition: record.partition,
      offset: BigInt(record.offset),
    }
    const otherwise = key
      ? `forget the partition, so that it is copied as a new one: ${resetCommand({ file, ...key })}; with --to and an offset, copying continues there (\`godwit positions show\` shows the offset stored by MM2)`
      : `forget it and everything else that is stored for the flow: ${resetCommand({ file })}`
    if (found.kind === 'newer') {
      const sentence = `${where} was written by a newer godwit (version ${found.version})`
      return new Failure('STATE_UNREADABLE', sentence, {
        ...circumstances,
        remedy: `run that version of godwit; or ${otherwise}`,
      })
    }
    const sentence = `${where} is not a godwit position: ${found.why}`
    return new Failure('STATE_UNREADABLE', sentence, {
      ...circumstances,
      remedy: `find out which other program writes to this topic, then ${otherwise}`,
    })
  }
}

/** Equal except for the time of writing. */
function isSameAnchor(a: Position, b: Position): boolean {
  return (
    a.sourceNext === b.sourceNext &&
    a.targetNext === b.targetNext &&
    a.sequence === b.sequence &&
    a.producerId === b.producerId &&
    a.producerEpoch === b.producerEpoch &&
    a.sourceLeaderEpoch === b.sourceLeaderEpoch &&
    a.sourceTopicId === b.sourceTopicId &&
    a.targetTopicId === b.targetTopicId
  )
}
