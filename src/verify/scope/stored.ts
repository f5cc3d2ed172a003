// How far the flow says it has copied: godwit's positions, else what MirrorMaker 2 keeps in its offsets topic. Only read, never made.
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

/** godwit: an anchor, so the target offset is known too; mm2: only how far the source was read. */
export type StoredPlace =
  | { readonly by: 'godwit'; readonly sourceNext: number; readonly position: Position }
  | { readonly by: 'mm2'; readonly sourceNext: number }

/** Of a partition that nobody has begun to copy. */
export const nothingStored =
  'no position is stored for this partition: neither godwit nor MirrorMaker 2 has begun to copy it'

/** Readings lie so far apart at least (ms). */
const APART_MS = 1000

export class StoredPlaces {
  readonly #settings: FlowSettings
  readonly #positions: TopicRecordLog
  readonly #offsets: TopicRecordLog
  #places: ReadonlyMap<string, StoredPlace> = new Map()
  #readAt = 0
  #reading: Promise<void> | undefined

  /** @param records how the target is reached for records */
  constructor(settings: FlowSettings, cluster: Cluster, records: ClusterSettings) {
    const admin = new Admin(cluster)
    const open = (topic: string) => new TopicRecordLog({ topic, cluster, admin, settings: records })
    this.#settings = settings
    this.#positions = open(positionsTopic(settings.source, settings.offsetStorage).name)
    this.#offsets = open(settings.offsetStorage.name)
  }

  /** What is stored of a source partition, at most a second old. @throws Failure when the topics cannot be read */
  async of(topic: string, partition: number): Promise<StoredPlace | undefined> {
    await this.#fresh()
    return this.#places.get(topicPartitionKey(topic, partition))
  }

  /** Names of the source topics of which something is stored. @throws Failure when the topics cannot be read */
  async topics(): Promise<string[]> {
    await this.#fresh()
    return [...new Set([...this.#places.keys()].map((key) => key.slice(0, key.lastIndexOf('-'))))]
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
    const places = new Map<string, StoredPlace>()
    for (const record of await existing(this.#offsets)) this.#takeOffset(record, places)
    for (const record of await existing(this.#positions)) takePosition(record, places)
    this.#places = places
    this.#readAt = Date.now()
  }

  #takeOffset({ key, value }: LogRecord, places: Map<string, StoredPlace>): void {
    const parsed = parseSourceKey(key)
    const offset = parseSourceOffset(value)
    const { sourceAlias, connectorName } = this.#settings
    if (parsed.kind !== 'source' || parsed.cluster !== sourceAlias || parsed.connector !== connectorName) return
    if (offset.kind !== 'stored') return
    places.set(topicPartitionKey(parsed.topic, parsed.partition), { by: 'mm2', sourceNext: offset.offset + 1 })
  }
}

/** The newer one counts: MM2 may have worked on behind godwit, which writes positions before the offsets that follow from them. */
function takePosition({ key, value }: LogRecord, places: Map<string, StoredPlace>): void {
  const place = parsePositionKey(key)
  const position = value === null ? undefined : parsePosition(value)
  if (!place || !position || !isPosition(position)) return
  const id = topicPartitionKey(place.topic, place.partition)
  if ((places.get(id)?.sourceNext ?? 0) > position.sourceNext) return
  places.set(id, { by: 'godwit', sourceNext: position.sourceNext, position })
}

/** The newest record of every key; none where the topic does not exist. */
async function existing(log: TopicRecordLog): Promise<Iterable<LogRecord>> {
  try {
    return await latestRecords(log)
  } catch (error) {
    if (error instanceof Failure && error.code === 'UNKNOWN_TOPIC') return []
    throw error
  }
}
