// The state of a flow on the target cluster: MM2's source offsets, the positions that let a restart verify what arrived, and the maps
// that translate offsets of groups.
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import type { Anchor, TopicNames } from '../mirror/copied-partition.ts'
import { OffsetMap } from '../mirror/offset-map.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { MapOwner, OffsetMaps } from './offset-maps.ts'
import type { Positions } from './positions.ts'
import type { SourceOffsets } from './source-offsets.ts'

/** Interval of writing positions (ms): it limits how much of the target log has to be checked after a kill. */
const POSITIONS_MS = 1000

type Side = 'source' | 'target'

/** What is needed of a partition to store it. */
interface StoredPartition {
  readonly shared: TopicNames
  readonly partition: number
  readonly position: {
    readonly anchor: Anchor | undefined
    readonly map: OffsetMap
    /** source offset of the anchor; -1 without one */
    readonly next: number
    /** whether it has changed since it was written */
    readonly isDirty: boolean
    /** source offset of the durably written position; -1 for none */
    readonly durable: number
    markClean(): void
    markDirty(): void
    markDurable(next: number): void
  }
  /** the producer that writes into the target partition */
  readonly queue: { readonly producerId: bigint; readonly stamp: { readonly epoch: number } }
  /** leader epoch of the last batch from the source */
  readonly source: { readonly lastEpoch: number }
}

/** Stored state of a partition, written by an earlier process. */
export type Restored =
  | { readonly kind: 'restored'; readonly map: OffsetMap; readonly anchor: Anchor; readonly producer: StoredProducer }
  /** no valid position, but perhaps a map */
  | { readonly kind: 'none'; readonly map: OffsetMap | undefined }
  | { readonly kind: 'other-source-topic' }
  | { readonly kind: 'other-target-topic' }

/** The producer state of the last batch before a position. */
interface StoredProducer {
  readonly id: bigint
  readonly epoch: number
  /** leader epoch of the last batch from the source */
  readonly sourceLeaderEpoch: number
}

export interface StateStores {
  readonly positions: Positions
  readonly offsets: SourceOffsets
  readonly maps: OffsetMaps
}

/** The stored state of a flow's partitions, which tells a restart what has arrived. */
export class StoredProgress {
  readonly #settings: FlowSettings
  readonly #positions: Positions
  readonly #offsets: SourceOffsets
  readonly #maps: OffsetMaps
  readonly #log: Logger
  readonly #dirtyOffsets = new Set<StoredPartition>()

  constructor(settings: FlowSettings, { positions, offsets, maps }: StateStores, log: Logger) {
    this.#settings = settings
    this.#positions = positions
    this.#offsets = offsets
    this.#maps = maps
    this.#log = log
  }

  async load(): Promise<void> {
    await Promise.all([this.#positions.load(), this.#offsets.load(), this.#maps.load()])
  }

  /**
   * The next source offset to copy, by the stored state; undefined where nothing is stored, or only for a topic that was recreated
   * since. An MM2 offset ahead of the position means that MirrorMaker 2 has continued from there.
   */
  nextOffset(topic: string, partition: number, topicId: string): number | undefined {
    const position = this.#positions.get(topic, partition) ?? this.#positions.beginning(topic, partition)
    if (position && differs(position.sourceTopicId, topicId)) return undefined
    const offset = this.#offsets.get(topic, partition)
    const behind = offset === undefined ? undefined : offset + 1
    return position === undefined ? behind : Math.max(position.sourceNext, behind ?? 0)
  }

  /**
   * The side whose topic was recreated after the position of a partition was stored, as in `restore`. Ids are empty where a cluster
   * has none.
   */
  recreatedSince(topic: string, partition: number, ids: { source: string; target: string }): Side | undefined {
    const position = this.#positions.get(topic, partition)
    if (position && differs(position.sourceTopicId, ids.source)) return 'source'
    return position && differs(position.targetTopicId, ids.target) ? 'target' : undefined
  }

  /** Whether godwit has worked on the flow before: it stores a position of every partition whose copying begins. */
  get hasStarted(): boolean {
    return this.#positions.size > 0
  }

  /** Whether records of a source topic with this many partitions were copied, by godwit or by MirrorMaker 2. */
  knows(topic: string, partitions: number): boolean {
    for (let partition = 0; partition < partitions; partition++) if (this.#hasCopied(topic, partition)) return true
    return false
  }

  /** Source topics that something was stored of, also where it was forgotten since (a reset) and is not compacted away yet. */
  get everStoredTopics(): ReadonlySet<string> {
    return new Set([...this.#positions.everStoredTopics, ...this.#offsets.everStoredTopics])
  }

  /** Where the target partition ended at the stored position; undefined where none is stored. */
  targetEnd(topic: string, partition: number): number | undefined {
    return this.#positions.get(topic, partition)?.targetNext
  }

  /** Records the clusters of the flow, and its producer id once that is known. */
  noteFlow(ends: { readonly sourceClusterId: string; readonly targetClusterId: string }, producerId?: bigint): void {
    const { source, target, policy } = this.#settings
    this.#maps.noteFlow({ source, target, ...ends, keepsNames: policy.kind === 'identity' }, producerId)
  }

  /** Whether the partition was copied into a topic with another id than this. */
  isOtherTarget(topic: string, partition: number, targetTopicId: string): boolean {
    return differs(this.#positions.get(topic, partition)?.targetTopicId ?? '', targetTopicId)
  }

  /**
   * Last source offset copied by MM2 or godwit; undefined when none is stored. For a beginning, the offset before it (-1 for 0), unless
   * MM2 has continued from there.
   */
  storedOffset({ shared: { topic }, partition }: Pick<StoredPartition, 'shared' | 'partition'>): number | undefined {
    const offset = this.#offsets.get(topic, partition)
    const beginning = this.#positions.beginning(topic, partition)
    return beginning ? Math.max(beginning.sourceNext - 1, offset ?? -1) : offset
  }

  /** Known ids of the target topics that the stored positions of these partitions belong to. */
  targetIdsOf(topic: string, partitions: Iterable<number>): ReadonlySet<string> {
    const ids = [...partitions].map((partition) => this.#positions.get(topic, partition)?.targetTopicId ?? '')
    return new Set(ids.filter((id) => id !== ''))
  }

  /** Whether records were copied since the partition was new, or since an operator set where it begins. */
  #hasCopied(topic: string, partition: number): boolean {
    if (this.#positions.get(topic, partition)) return true
    const offset = this.#offsets.get(topic, partition)
    return offset !== undefined && offset >= (this.#positions.beginning(topic, partition)?.sourceNext ?? 0)
  }

  /**
   * The last position of a partition, unless MM2 has continued from there: godwit writes a position before the offset that follows
   * from it, so an offset ahead of the position was written by MM2. The map is returned only once.
   */
  restore({ shared, partition }: Pick<StoredPartition, 'shared' | 'partition'>): Restored {
    const position = this.#positions.get(shared.topic, partition)
    const map = this.#maps.take(ownerOf(shared, partition))
    if (!position) {
      const beginning = this.#positions.beginning(shared.topic, partition)
      if (beginning && differs(beginning.sourceTopicId, shared.sourceId)) return { kind: 'other-source-topic' }
      map?.breakAtLast()
      return { kind: 'none', map }
    }
    if (differs(position.sourceTopicId, shared.sourceId)) return { kind: 'other-source-topic' }
    if (differs(position.targetTopicId, shared.targetId)) return { kind: 'other-target-topic' }
    const stored = this.#offsets.get(shared.topic, partition)
    const { producerId: id, producerEpoch, sourceLeaderEpoch, sourceNext, targetNext, sequence } = position
    const at = { upstream: sourceNext, downstream: targetNext }
    if (stored !== undefined && stored + 1 > sourceNext) {
      // Offsets copied since then are not in the map.
      const broken = map ?? new OffsetMap()
      broken.breakAt(at)
      return { kind: 'none', map: broken }
    }
    const known = map ?? new OffsetMap()
    if (!map) known.start(at, false)
    const producer = { id, epoch: Math.max(0, producerEpoch), sourceLeaderEpoch }
    return { kind: 'restored', map: known, anchor: { sourceNext, targetNext, sequence }, producer }
  }

  /** The producer id that partitions were copied with before; undefined if none. */
  knownProducer(copies: Iterable<StoredPartition>): bigint | undefined {
    for (const copy of copies) if (copy.position.anchor) return copy.queue.producerId
    return undefined
  }

  /** Writes the positions of these partitions and waits until they are durable. @throws Failure of the target */
  async keep(copies: readonly StoredPartition[]): Promise<void> {
    for (const copy of copies) this.#note(copy)
    if (copies.length > 0) await this.#flushAnchors()
  }

  /** Writes changes at intervals until the signal is aborted. Failed writes are logged and retried. `onCommit` receives each commit. */
  async run(
    copies: () => Iterable<StoredPartition>,
    signal: AbortSignal,
    onCommit: (commit: { tookMs: number; isDone: boolean }) => void,
  ): Promise<void> {
    let offsetsDue = Date.now() + this.#settings.offsetFlushIntervalMs
    while (!signal.aborted) {
      await sleep(Math.min(POSITIONS_MS, this.#settings.offsetFlushIntervalMs), signal)
      const begun = performance.now()
      try {
        const withOffsets = Date.now() >= offsetsDue
        await this.flush(copies(), withOffsets)
        if (!withOffsets) continue
        offsetsDue = Date.now() + this.#settings.offsetFlushIntervalMs
        onCommit({ tookMs: performance.now() - begun, isDone: true })
      } catch (error) {
        onCommit({ tookMs: performance.now() - begun, isDone: false })
        this.#log.warn('positions could not be written; godwit retries', {
          cluster: this.#settings.target,
          reason: String(error),
        })
      }
    }
  }

  /** Positions first, then the offsets that follow from them. */
  async flush(copies: Iterable<StoredPartition>, withOffsets: boolean): Promise<void> {
    const written: [StoredPartition, number][] = []
    for (const copy of copies) {
      if (!copy.position.isDirty) continue
      copy.position.markClean()
      this.#note(copy)
      written.push([copy, copy.position.next])
    }
    try {
      await this.#flushAnchors()
    } catch (error) {
      for (const [copy] of written) copy.position.markDirty()
      throw error
    }
    for (const [copy, position] of written) {
      copy.position.markDurable(position)
      this.#dirtyOffsets.add(copy)
    }
    if (!withOffsets) return
    for (const copy of this.#dirtyOffsets)
      if (copy.position.durable > 0) this.#offsets.set(copy.shared.topic, copy.partition, copy.position.durable - 1)
    await this.#offsets.flush()
    this.#dirtyOffsets.clear()
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#positions.close(), this.#offsets.close(), this.#maps.close()])
  }

  /** The maps first: without its map, target offsets before a position would be unknown. */
  async #flushAnchors(): Promise<void> {
    await this.#maps.flush()
    await this.#positions.flush()
  }

  #note(copy: StoredPartition): void {
    const { shared } = copy
    const { anchor } = copy.position
    if (!anchor) return
    this.#maps.note(ownerOf(copy.shared, copy.partition), copy.position.map)
    this.#positions.set(shared.topic, copy.partition, {
      sourceTopicId: shared.sourceId,
      targetTopicId: shared.targetId,
      producerId: copy.queue.producerId,
      producerEpoch: copy.queue.stamp.epoch,
      sequence: anchor.sequence,
      sourceNext: anchor.sourceNext,
      targetNext: anchor.targetNext,
      sourceLeaderEpoch: copy.source.lastEpoch,
      writtenAt: Date.now(),
    })
  }
}

function ownerOf(shared: TopicNames, partition: number): MapOwner {
  return { topic: shared.topic, partition, sourceTopicId: shared.sourceId, targetTopicId: shared.targetId }
}

/** Ids are compared only where both are known. */
function differs(was: string, is: string): boolean {
  return was !== '' && is !== '' && was !== is
}
