// What a flow keeps on the target cluster: MM2's source offsets, the positions that let a restart prove what arrived, and the maps
// by which offsets of groups are translated.
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import type { Anchor, TopicNames } from '../mirror/copied-partition.ts'
import { OffsetMap } from '../mirror/offset-map.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { MapOwner, OffsetMaps } from './offset-maps.ts'
import type { Positions } from './positions.ts'
import type { SourceOffsets } from './source-offsets.ts'

/** Positions are written this often: it bounds how much of the target has to be looked at after a kill (ms). */
const POSITIONS_MS = 1000

type Side = 'source' | 'target'

/** What is asked of a partition that is stored. */
interface StoredPartition {
  readonly shared: TopicNames
  readonly partition: number
  readonly position: {
    readonly anchor: Anchor | undefined
    readonly map: OffsetMap
    /** source offset of the anchor; -1 without one */
    readonly next: number
    /** it has changed since it was written */
    readonly isDirty: boolean
    /** source offset of the position that is written durably; -1 for none */
    readonly durable: number
    markClean(): void
    markDirty(): void
    markDurable(next: number): void
  }
  /** the producer that writes into the target partition */
  readonly queue: { readonly producerId: bigint; readonly stamp: { readonly epoch: number } }
  /** leader epoch of the last batch that came from the source */
  readonly source: { readonly lastEpoch: number }
}

/** What an earlier process has stored of a partition. */
export type Restored =
  | { readonly kind: 'restored'; readonly map: OffsetMap; readonly anchor: Anchor; readonly producer: StoredProducer }
  /** no position that counts, but perhaps a map */
  | { readonly kind: 'none'; readonly map: OffsetMap | undefined }
  | { readonly kind: 'other-source-topic' }
  | { readonly kind: 'other-target-topic' }

/** How the last batch before a position was written. */
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

/** What a flow has stored of its partitions; by it a restart knows what has arrived. */
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
   * The next source offset to copy, by what was stored last; undefined: nothing is known, or only of a topic that was recreated
   * since. An offset ahead of the position is of a MirrorMaker 2 that has gone on from there.
   */
  nextOffset(topic: string, partition: number, topicId: string): number | undefined {
    const position = this.#positions.get(topic, partition) ?? this.#positions.beginning(topic, partition)
    if (position && differs(position.sourceTopicId, topicId)) return undefined
    const offset = this.#offsets.get(topic, partition)
    const behind = offset === undefined ? undefined : offset + 1
    return position === undefined ? behind : Math.max(position.sourceNext, behind ?? 0)
  }

  /**
   * The topic that the stored position of a partition does not belong to any more, as `restore` finds it; ids are empty where a
   * cluster tells none.
   */
  recreatedSince(topic: string, partition: number, ids: { source: string; target: string }): Side | undefined {
    const position = this.#positions.get(topic, partition)
    if (position && differs(position.sourceTopicId, ids.source)) return 'source'
    return position && differs(position.targetTopicId, ids.target) ? 'target' : undefined
  }

  /** Whether godwit has worked on the flow before: it stores a position of every partition that it begins. */
  get hasStarted(): boolean {
    return this.#positions.size > 0
  }

  /** Whether anything is stored of a source topic with so many partitions, by godwit or by MirrorMaker 2. */
  knows(topic: string, partitions: number): boolean {
    for (let partition = 0; partition < partitions; partition++) if (this.#hasCopied(topic, partition)) return true
    return false
  }

  /** Where the target partition ended at the stored position; undefined where none is stored. */
  targetEnd(topic: string, partition: number): number | undefined {
    return this.#positions.get(topic, partition)?.targetNext
  }

  /** Notes between which clusters the flow runs, and as which producer it writes once that is known. */
  noteFlow(ends: { readonly sourceClusterId: string; readonly targetClusterId: string }, producerId?: bigint): void {
    const { source, target, policy } = this.#settings
    this.#maps.noteFlow({ source, target, ...ends, keepsNames: policy.kind === 'identity' }, producerId)
  }

  /** Whether the partition was copied into another topic than the one of this id. */
  isOtherTarget(topic: string, partition: number, targetTopicId: string): boolean {
    return differs(this.#positions.get(topic, partition)?.targetTopicId ?? '', targetTopicId)
  }

  /**
   * Last offset that MM2, or godwit in its stead, has copied. Where a person has decided where to begin, the offset before it
   * (-1 before the first), unless MM2 has gone on from there since.
   */
  storedOffset({ shared: { topic }, partition }: Pick<StoredPartition, 'shared' | 'partition'>): number | undefined {
    const offset = this.#offsets.get(topic, partition)
    const beginning = this.#positions.beginning(topic, partition)
    return beginning ? Math.max(beginning.sourceNext - 1, offset ?? -1) : offset
  }

  /** Ids of the target topics that the stored positions of these partitions belong to, as far as they are known. */
  targetIdsOf(topic: string, partitions: Iterable<number>): ReadonlySet<string> {
    const ids = [...partitions].map((partition) => this.#positions.get(topic, partition)?.targetTopicId ?? '')
    return new Set(ids.filter((id) => id !== ''))
  }

  /** Records have gone into the target since the partition was new, or since a person said where it begins. */
  #hasCopied(topic: string, partition: number): boolean {
    if (this.#positions.get(topic, partition)) return true
    const offset = this.#offsets.get(topic, partition)
    return offset !== undefined && offset >= (this.#positions.beginning(topic, partition)?.sourceNext ?? 0)
  }

  /**
   * The last position of a partition, unless MM2 has gone on from there since: godwit writes a position before the
   * offset that follows from it, so an offset ahead of the position is somebody else's. The map is handed out once.
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
      // What was copied since was not noted.
      const broken = map ?? new OffsetMap()
      broken.breakAt(at)
      return { kind: 'none', map: broken }
    }
    const known = map ?? new OffsetMap()
    if (!map) known.start(at, false)
    const producer = { id, epoch: Math.max(0, producerEpoch), sourceLeaderEpoch }
    return { kind: 'restored', map: known, anchor: { sourceNext, targetNext, sequence }, producer }
  }

  /** The producer id that partitions were copied with before, if any. */
  knownProducer(copies: Iterable<StoredPartition>): bigint | undefined {
    for (const copy of copies) if (copy.position.anchor) return copy.queue.producerId
    return undefined
  }

  /** Writes the anchors of these partitions and waits until they are durable. */
  async keep(copies: readonly StoredPartition[]): Promise<void> {
    for (const copy of copies) this.#note(copy)
    if (copies.length > 0) await this.#flushAnchors()
  }

  /** Writes what has changed, again and again, until onCommit to stop. Failing writes are said and tried again; `onCommit` hears of each commit. */
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

  /** The maps first: a position without its map would make what lies before it unknown. */
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

/** Ids differ only where both are known. */
function differs(was: string, is: string): boolean {
  return was !== '' && is !== '' && was !== is
}
