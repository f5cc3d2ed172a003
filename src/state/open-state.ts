// Opens the state that a flow stores on its target: to work with it, to read it, or to reset positions (ADR 0015).
import type { Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { type TopicPartition, topicPartitionKey } from '../base/topic-partition.ts'
import { Admin } from '../kafka/admin.ts'
import type { Cluster } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { PositionsReset, TopicReset } from '../model/positions-reset.ts'
import { ReadOnlyLog } from '../records/read-only-log.ts'
import { TopicRecordLog } from '../records/topic-record-log.ts'
import { type MapExtent, OffsetMaps, offsetMapsTopic } from './offset-maps.ts'
import type { Beginning, Position } from './position-record.ts'
import { Positions, positionsTopic } from './positions.ts'
import { SourceOffsets } from './source-offsets.ts'
import { type StateStores, StoredProgress } from './stored-progress.ts'

export interface StateParts {
  readonly settings: FlowSettings
  readonly target: Cluster
  /** settings to read and write records on the target */
  readonly targetCluster: ClusterSettings
  readonly log: Logger
}

/** The state of a flow, not yet loaded. @param use `look` is read-only: missing topics are empty, nothing is created or written */
export function openStoredProgress(parts: StateParts, use: 'work' | 'look'): StoredProgress {
  return new StoredProgress(parts.settings, openStores(parts, use), parts.log)
}

/**
 * The stores of a flow's state, not yet loaded.
 * @param onUnreadable called for records that cannot be read; without it they make loading fail
 */
function openStores(
  { settings, target, targetCluster, log }: StateParts,
  use: 'work' | 'look',
  onUnreadable?: (failure: Failure) => void,
): StateStores {
  const { source, offsetStorage } = settings
  const admin = new Admin(target)
  const open = (topic: string) => {
    const records = new TopicRecordLog({ topic, cluster: target, admin, settings: targetCluster })
    return use === 'look' ? new ReadOnlyLog(records) : records
  }
  const positionsStorage = positionsTopic(source, offsetStorage)
  const positions = new Positions({
    log: open(positionsStorage.name),
    storage: positionsStorage,
    target: settings.target,
    file: settings.file,
    ...(onUnreadable && { onUnreadable }),
  })
  const offsets = new SourceOffsets({
    log: open(offsetStorage.name),
    storage: offsetStorage,
    source: settings.sourceAlias,
    target: settings.target,
    file: settings.file,
    connector: settings.connectorName,
    logger: log,
    ...(onUnreadable && { onUnreadable }),
  })
  const mapsStorage = offsetMapsTopic(source, offsetStorage)
  const maps = new OffsetMaps({ log: open(mapsStorage.name), storage: mapsStorage, logger: log })
  return { positions, offsets, maps }
}

/** What is stored of one partition; members without a stored value are absent. */
export interface StoredPosition {
  /** godwit's position: how far it has copied */
  readonly position?: Position
  /** where copying begins, as set by `positions reset` */
  readonly beginning?: Beginning
  /** source offset of the last record that has arrived, as stored by MM2's Connect worker */
  readonly mm2Offset?: number
  readonly map?: MapExtent
}

export class StoredPositions implements AsyncDisposable {
  /** failures of records that could not be read: they count as not stored, and a reset of their partitions removes them */
  readonly unreadable: readonly Failure[]
  readonly #stores: StateStores

  private constructor(stores: StateStores, unreadable: readonly Failure[]) {
    this.#stores = stores
    this.unreadable = unreadable
  }

  /**
   * Opens and reads them. @param use `look` is read-only: missing topics are empty, nothing is created or written
   * @throws Failure when the target does not answer, or a topic has the wrong cleanup policy
   */
  static async open(parts: StateParts, use: 'work' | 'look'): Promise<StoredPositions> {
    const unreadable: Failure[] = []
    const stores = openStores(parts, use, (failure) => unreadable.push(failure))
    const stored = new StoredPositions(stores, unreadable)
    try {
      await Promise.all([stores.positions.load(), stores.offsets.load(), stores.maps.load()])
      return stored
    } catch (error) {
      await stored[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Partitions with any stored state, in no order. */
  get partitions(): readonly TopicPartition[] {
    const { positions, offsets, maps } = this.#stores
    const all = [...positions.partitions, ...offsets.partitions, ...maps.partitions]
    return [...new Map(all.map((one) => [topicPartitionKey(one.topic, one.partition), one])).values()]
  }

  of(topic: string, partition: number): StoredPosition {
    const { positions, offsets, maps } = this.#stores
    const position = positions.get(topic, partition)
    const beginning = positions.beginning(topic, partition)
    const mm2Offset = offsets.get(topic, partition)
    const map = maps.extentOf(topic, partition)
    return {
      ...(position && { position }),
      ...(beginning && { beginning }),
      ...(mm2Offset !== undefined && { mm2Offset }),
      ...(map && { map }),
    }
  }

  /**
   * Forgets partitions, or sets where they continue. No process may work on the flow meanwhile. Positions are written last: if it fails
   * before, copying continues at the old or at the new position, never elsewhere. May be repeated after a failure.
   * @throws Failure of the target
   */
  async reset({ topics, all = false }: PositionsReset): Promise<void> {
    if (all) for (const { topic, partition } of this.partitions) this.#forget(topic, partition)
    for (const topic of topics) this.#note(topic)
    const { positions, offsets, maps } = this.#stores
    await maps.flush()
    await offsets.flush()
    await positions.flush()
    if (all) await positions.removeUnrecognised()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { positions, offsets, maps } = this.#stores
    await Promise.allSettled([positions.close(), offsets.close(), maps.close()])
  }

  #forget(topic: string, partition: number): void {
    const { positions, offsets, maps } = this.#stores
    maps.forget(topic, partition)
    offsets.remove(topic, partition)
    positions.remove(topic, partition)
  }

  #note({ topic, sourceTopicId, partitions }: TopicReset): void {
    const { positions, offsets } = this.#stores
    const writtenAt = Date.now()
    for (const { partition, to } of partitions) {
      this.#forget(topic, partition)
      if (to === null) continue
      // MM2 continues after the last stored offset; without one it starts at the log start.
      if (to > 0) offsets.set(topic, partition, to - 1)
      positions.begin(topic, partition, { sourceTopicId, sourceNext: to, writtenAt })
    }
  }
}
