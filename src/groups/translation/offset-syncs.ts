// Offset syncs: pairs of source and target offsets in MM2's offset-syncs topic. MM2 derives its checkpoints from them, so they are
// written as MM2 writes them. godwit's exact translation does not need them.
import { topicPartitionKey } from '../../base/topic-partition.ts'
import type { CopiedPartition } from '../../mirror/copied-partition.ts'
import { OffsetTranslation, type SyncPoint } from '../../mirror/offset-translation.ts'
import { decodeOffsetSync, encodeOffsetSync, type OffsetSync } from '../../mirror/sync-emission.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { InternalTopic } from '../../records/internal-topic.ts'

export class OffsetSyncs {
  /** MM2's translation by the syncs; filled only with godwit.offset.translation = mm2 */
  readonly translation = new OffsetTranslation()
  readonly #topic: InternalTopic
  readonly #settings: FlowSettings
  readonly #copies: () => Iterable<CopiedPartition>
  #promotedAt = 0
  #loaded: boolean

  constructor(topic: InternalTopic, settings: FlowSettings, copies: () => Iterable<CopiedPartition>) {
    this.#topic = topic
    this.#settings = settings
    this.#copies = copies
    this.#loaded = settings.translation === 'exact'
  }

  get topic(): string {
    return this.#topic.name
  }

  /**
   * Writes the syncs that are due, and every offset.flush.interval.ms the newest pair of each partition that has advanced.
   * @param all writes the newest pairs now, e.g. when the flow stops
   * @returns how many were written @throws Failure; they stay due
   */
  async write(all = false): Promise<number> {
    await this.#load()
    const promote = all || Date.now() - this.#promotedAt >= this.#settings.offsetFlushIntervalMs
    const due = [...this.#copies()].filter(({ position: { syncs } }) => syncs?.isDue || (promote && syncs?.isNew))
    const taken = due.map((copy) => [copy, copy.position.syncs?.take() ?? []] as const)
    const syncs = taken.flatMap(([copy, points]) => points.map((point) => syncOf(copy, point)))
    try {
      if (syncs.length > 0) await this.#topic.append(syncs.map(encodeOffsetSync))
      else await this.#topic.ensure()
    } catch (error) {
      for (const [copy, points] of taken) copy.position.syncs?.putBack(points)
      throw error
    }
    if (promote) this.#promotedAt = Date.now()
    if (this.#settings.translation === 'mm2') for (const sync of syncs) this.#add(sync)
    return syncs.length
  }

  /** Reads the syncs of earlier processes and of MM2, where its translation is configured. */
  async #load(): Promise<void> {
    if (this.#loaded) return
    await this.#topic.readAll(({ key, value }) => {
      const sync = decodeOffsetSync(key, value)
      if (sync) this.#add(sync)
    })
    this.#loaded = true
  }

  #add({ topic, partition, upstreamOffset: upstream, downstreamOffset: downstream }: OffsetSync): void {
    this.translation.add(topicPartitionKey(topic, partition), { upstream, downstream })
  }
}

function syncOf({ shared, partition }: CopiedPartition, { upstream, downstream }: SyncPoint): OffsetSync {
  return { topic: shared.topic, partition, upstreamOffset: upstream, downstreamOffset: downstream }
}
