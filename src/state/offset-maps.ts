// The offset maps of a flow, in `mm2-godwit-offset-map.<source>.internal` on the target: the target offset of each source offset.
// They are written before the positions that depend on them, so a restored position has its map.
import type { Logger } from '../base/logger.ts'
import { type TopicPartition, topicPartitionKey } from '../base/topic-partition.ts'
import { OffsetMap } from '../mirror/offset-map.ts'
import type { StorageTopic } from '../model/flow-settings.ts'
import { latestRecords } from '../records/latest-records.ts'
import type { NewLogRecord, RecordLog } from '../records/record-log.ts'
import {
  encodeFlowRecord,
  encodeMapBlock,
  encodeMapBlockKey,
  type FlowRecord,
  flowRecordKey,
  isFlowRecordKey,
  type MapBlock,
  type MapBlockKey,
  parseFlowRecord,
  parseMapBlock,
  parseMapBlockKey,
} from './offset-map-record.ts'

/** Small, as for positions, because the whole topic is read at the start. */
const SEGMENT_BYTES = 4 * 1024 * 1024

/** The topic of a flow's offset maps; named as positionsTopic names its own. @param offsetStorage FlowSettings.offsetStorage */
export function offsetMapsTopic(source: string, offsetStorage: StorageTopic): StorageTopic {
  const configs = { ...offsetStorage.configs, 'segment.bytes': `${SEGMENT_BYTES}` }
  return { ...offsetStorage, name: `mm2-godwit-offset-map.${source}.internal`, partitions: 1, configs }
}

interface OffsetMapsOptions {
  readonly log: RecordLog
  /** as `offsetMapsTopic` gives it */
  readonly storage: StorageTopic
  readonly logger: Logger
}

/** The partition of a map, with its topic ids: a recreated topic has another id and no map. */
export interface MapOwner {
  readonly topic: string
  readonly partition: number
  readonly sourceTopicId: string
  readonly targetTopicId: string
}

type Stored = MapBlock & { readonly first: number }

/** Size of a stored map: number of entries, and the source offsets of the first and the last one. */
export interface MapExtent {
  readonly entries: number
  readonly from: number
  readonly to: number
}

export class OffsetMaps {
  readonly #options: OffsetMapsOptions
  readonly #stored = new Map<string, Stored[]>()
  readonly #partitions = new Map<string, TopicPartition>()
  /** encoded, not yet written */
  readonly #pending = new Map<string, NewLogRecord>()
  #tail: Promise<void> = Promise.resolve()
  #flow: FlowRecord | undefined

  constructor(options: OffsetMapsOptions) {
    this.#options = options
  }

  /** Creates the topic if it does not exist and reads all of it. Unreadable records are ignored with a warning. @throws Failure of the topic */
  async load(): Promise<void> {
    const { log, storage, logger } = this.#options
    this.#stored.clear()
    this.#partitions.clear()
    this.#pending.clear()
    await log.ensure({ ...storage, cleanupPolicy: 'compact' })
    let unreadable = 0
    for (const { key, value } of await latestRecords(log)) {
      if (value === null) continue
      if (isFlowRecordKey(key)) {
        this.#flow = parseFlowRecord(value)
        continue
      }
      const blockKey = parseMapBlockKey(key)
      const block = parseMapBlock(value)
      if (blockKey && block) this.#take(blockKey, block)
      else unreadable++
    }
    if (unreadable === 0) return
    logger.warn(
      'records in the offset map topic cannot be read and are ignored; missing target offsets are searched for in both logs',
      {
        topic: log.topic,
        count: unreadable,
      },
    )
  }

  /** The map as last written; undefined when there is none for these topic ids. Each map is returned only once. */
  take(owner: MapOwner): OffsetMap | undefined {
    const key = topicPartitionKey(owner.topic, owner.partition)
    const blocks = this.#stored.get(key)
    this.#stored.delete(key)
    const [first] = blocks ?? []
    if (!blocks || !first) return undefined
    if (blocks.every((block) => isOf(block, owner))) {
      const isComplete = blocks.reduce((a, b) => (a.first < b.first ? a : b)).isComplete
      return OffsetMap.of(
        blocks.map(({ entries }) => entries),
        isComplete,
      )
    }
    for (const block of blocks) this.#remove(owner, block.first)
    return undefined
  }

  /** Extent of a map that was read and not yet taken; undefined where there is none. */
  extentOf(topic: string, partition: number): MapExtent | undefined {
    const blocks = this.#stored.get(topicPartitionKey(topic, partition))
    if (!blocks || blocks.length === 0) return undefined
    const [first, last] = [
      blocks.reduce((a, b) => (a.first < b.first ? a : b)),
      blocks.reduce((a, b) => (a.first > b.first ? a : b)),
    ]
    const entries = blocks.reduce((sum, block) => sum + block.entries.length, 0)
    return { entries, from: first.first, to: last.entries.at(-1)?.upstream ?? last.first }
  }

  /** Partitions that have a map. */
  get partitions(): readonly TopicPartition[] {
    return [...this.#partitions.values()]
  }

  /** Deletes a map that was read and not yet taken; the next flush writes tombstones. */
  forget(topic: string, partition: number): void {
    const key = topicPartitionKey(topic, partition)
    for (const { first } of this.#stored.get(key) ?? []) this.#put({ topic, partition, first }, null)
    this.#stored.delete(key)
    this.#partitions.delete(key)
  }

  /** Records the changes of a map, to be written by the next flush. */
  note(owner: MapOwner, map: OffsetMap): void {
    const { changed, removed } = map.takeChanges()
    for (const first of removed) this.#remove(owner, first)
    const { topic, partition, sourceTopicId, targetTopicId } = owner
    for (const entries of changed) {
      const blockKey = { topic, partition, first: entries[0]?.upstream ?? 0 }
      const value = encodeMapBlock({ sourceTopicId, targetTopicId, isComplete: map.isComplete, entries })
      this.#put(blockKey, value)
    }
  }

  /** Records the clusters of the flow and its producer id (undefined: not known yet), to be written by the next flush. */
  noteFlow(flow: Omit<FlowRecord, 'producerIds'>, producerId: bigint | undefined): void {
    const known = this.#flow?.producerIds ?? []
    const producerIds = [...new Set([...known, ...(producerId === undefined ? [] : [String(producerId)])])]
    const record = { ...flow, producerIds }
    const value = encodeFlowRecord(record)
    if (this.#flow && encodeFlowRecord(this.#flow).equals(value)) return
    this.#flow = record
    const key = flowRecordKey()
    this.#pending.set(key.toString(), { key, value, partition: 0 })
  }

  /** Writes the recorded changes. @throws Failure of the append; the changes are kept for the next flush */
  flush(): Promise<void> {
    const writing = this.#tail.then(() => this.#write())
    this.#tail = writing.catch(() => {})
    return writing
  }

  /** Closes the connections of the log, without a flush. */
  close(): Promise<void> {
    return this.#options.log.close()
  }

  async #write(): Promise<void> {
    const batch = [...this.#pending]
    if (batch.length === 0) return
    await this.#options.log.append(batch.map(([, record]) => record))
    for (const [id, record] of batch) if (this.#pending.get(id) === record) this.#pending.delete(id)
  }

  #take({ topic, partition, first }: MapBlockKey, block: MapBlock): void {
    const key = topicPartitionKey(topic, partition)
    const blocks = this.#stored.get(key)
    const stored = { ...block, first }
    this.#partitions.set(key, { topic, partition })
    if (blocks) blocks.push(stored)
    else this.#stored.set(key, [stored])
  }

  #remove({ topic, partition }: MapOwner, first: number): void {
    this.#put({ topic, partition, first }, null)
  }

  #put(blockKey: MapBlockKey, value: Buffer | null): void {
    const key = encodeMapBlockKey(blockKey)
    this.#pending.set(key.toString(), { key, value, partition: 0 })
  }
}

/** Ids are compared only where both are known. */
function isOf(block: MapBlock, owner: MapOwner): boolean {
  const agrees = (was: string, is: string) => was === '' || is === '' || was === is
  return agrees(block.sourceTopicId, owner.sourceTopicId) && agrees(block.targetTopicId, owner.targetTopicId)
}
