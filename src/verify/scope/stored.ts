// How far the flow has copied, by its own state: godwit's positions, or MirrorMaker 2's offsets topic. The topics are read, never created.
import { Failure } from '../../base/failure.ts'
import { topicPartitionKey } from '../../base/topic-partition.ts'
import { Admin } from '../../kafka/admin.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import { parseSourceKey, parseSourceOffset } from '../../mirror/connect-offset.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { latestRecords } from '../../records/latest-records.ts'
import type { LogRecord } from '../../records/record-log.ts'
import { TopicRecordLog } from '../../records/topic-record-log.ts'
import { isPosition, type Position, parsePosition, parsePositionKey } from '../../state/position-record.ts'
import { positionsTopic } from '../../state/positions.ts'

/** How far a partition was copied. godwit: source and target offset are known; mm2: only the source offset. */
export type CopyPosition =
  | { readonly by: 'godwit'; readonly sourceNext: number; readonly position: Position }
  | { readonly by: 'mm2'; readonly sourceNext: number }

/** For a partition that has not been copied yet. */
export const nothingStored =
  'no position is stored for this partition: neither godwit nor MirrorMaker 2 has begun to copy it'

/** Minimum time between two reads of the topics (ms). */
const APART_MS = 1000

export class CopyPositions {
  readonly #settings: FlowSettings
  readonly #positions: TopicRecordLog
  readonly #offsets: TopicRecordLog
  #copied: ReadonlyMap<string, CopyPosition> = new Map()
  #readAt = 0
  #reading: Promise<void> | undefined

  /** @param records connection of the target for records */
  constructor(settings: FlowSettings, cluster: Cluster, records: ClusterSettings) {
    const admin = new Admin(cluster)
    const open = (topic: string) => new TopicRecordLog({ topic, cluster, admin, settings: records })
    this.#settings = settings
    this.#positions = open(positionsTopic(settings.source, settings.offsetStorage).name)
    this.#offsets = open(settings.offsetStorage.name)
  }

  /** The stored position of a source partition, at most a second old. @throws Failure when the topics cannot be read */
  async of(topic: string, partition: number): Promise<CopyPosition | undefined> {
    await this.#fresh()
    return this.#copied.get(topicPartitionKey(topic, partition))
  }

  /** Names of the source topics that have a stored position. @throws Failure when the topics cannot be read */
  async topics(): Promise<string[]> {
    await this.#fresh()
    return [...new Set([...this.#copied.keys()].map((key) => key.slice(0, key.lastIndexOf('-'))))]
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#positions.close(), this.#offsets.close()])
  }

  async #fresh(): Promise<void> {
    if (Date.now() - this.#readAt <= APART_MS) return
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    await this.#reading
  }

  async #read(): Promise<void> {
    const copied = new Map<string, CopyPosition>()
    for (const record of await existing(this.#offsets)) this.#takeOffset(record, copied)
    for (const record of await existing(this.#positions)) takePosition(record, copied)
    this.#copied = copied
    this.#readAt = Date.now()
  }

  #takeOffset({ key, value }: LogRecord, copied: Map<string, CopyPosition>): void {
    const parsed = parseSourceKey(key)
    const offset = parseSourceOffset(value)
    const { sourceAlias, connectorName } = this.#settings
    if (parsed.kind !== 'source' || parsed.cluster !== sourceAlias || parsed.connector !== connectorName) return
    if (offset.kind !== 'stored') return
    copied.set(topicPartitionKey(parsed.topic, parsed.partition), { by: 'mm2', sourceNext: offset.offset + 1 })
  }
}

/** Keeps the greater offset: MM2 may have continued after godwit. godwit writes its position before the MM2 offset derived from it. */
function takePosition({ key, value }: LogRecord, copied: Map<string, CopyPosition>): void {
  const found = parsePositionKey(key)
  const position = value === null ? undefined : parsePosition(value)
  if (!found || !position || !isPosition(position)) return
  const id = topicPartitionKey(found.topic, found.partition)
  if ((copied.get(id)?.sourceNext ?? 0) > position.sourceNext) return
  copied.set(id, { by: 'godwit', sourceNext: position.sourceNext, position })
}

/** The newest record of every key; none if the topic does not exist. */
async function existing(log: TopicRecordLog): Promise<Iterable<LogRecord>> {
  try {
    return await latestRecords(log)
  } catch (error) {
    if (error instanceof Failure && error.code === 'UNKNOWN_TOPIC') return []
    throw error
  }
}
