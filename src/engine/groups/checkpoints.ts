// Checkpoints: for each group and partition the pair of offsets it stands at, in MM2's checkpoints topic on the target. Written when
// the group got on or went back on the source; never backwards otherwise, and never a tombstone (spec mm2.md 8.3, 8.4).
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../mirror/checkpoint.ts'
import { topicPartitionKey } from '../../mirror/topic-partition.ts'
import type { InternalTopic } from '../../state/internal-topic.ts'
import type { GroupOffset, OffsetsByGroup } from './translation.ts'

interface Offsets {
  upstream: number
  downstream: number
}

/** By group, then by partition of the target. */
type Last = Map<string, Map<string, Offsets>>

export class Checkpoints {
  readonly #topic: InternalTopic
  /** Thousands of groups name the same partitions. */
  readonly #keys = new Map<string, string>()
  #last: Promise<Last> | undefined

  constructor(topic: InternalTopic) {
    this.#topic = topic
  }

  get topic(): string {
    return this.#topic.name
  }

  /** Makes the topic unless it is there. @throws Failure */
  ensure(): Promise<void> {
    return this.#topic.ensure()
  }

  /**
   * Writes what is new among these offsets; gives the checkpoints that were written. Reads all there are before the first time.
   * @param at when the groups were asked for, ms since the epoch
   * @throws Failure; what was not written is new again the next time
   */
  async emit(groups: OffsetsByGroup, at: number): Promise<readonly Checkpoint[]> {
    const last = await this.#loaded()
    const fresh = [...groups].flatMap(([group, offsets]) => {
      const before = last.get(group)
      return offsets.filter((one) => isNews(one, before?.get(keyOf(one)))).map((one) => checkpointOf(group, one))
    })
    if (fresh.length === 0) return fresh
    await this.#topic.append(fresh.map(encodeCheckpoint), at)
    for (const checkpoint of fresh) this.#take(last, checkpoint)
    return fresh
  }

  #loaded(): Promise<Last> {
    this.#last ??= this.#load().catch((error: unknown) => {
      this.#last = undefined
      throw error
    })
    return this.#last
  }

  async #load(): Promise<Last> {
    const last: Last = new Map()
    await this.#topic.readAll(({ key, value }) => {
      const checkpoint = decodeCheckpoint(key, value)
      if (checkpoint) this.#take(last, checkpoint)
    })
    return last
  }

  #take(last: Last, { group, topic, partition, upstreamOffset, downstreamOffset }: Checkpoint): void {
    const own = last.get(group) ?? new Map<string, Offsets>()
    last.set(group, own)
    const key = this.#one(topicPartitionKey(topic, partition))
    const known = own.get(key)
    if (!known) own.set(key, { upstream: upstreamOffset, downstream: downstreamOffset })
    else {
      known.upstream = upstreamOffset
      known.downstream = downstreamOffset
    }
  }

  /** The one string that stands for all that are equal to it. */
  #one(key: string): string {
    const known = this.#keys.get(key)
    if (known === undefined) this.#keys.set(key, key)
    return known ?? key
  }
}

/** MM2's rule: the first one, a group that went back on the source, or one that got on on the target. */
function isNews({ upstream, downstream }: GroupOffset, before: Offsets | undefined): boolean {
  if (downstream < 0) return false
  return before === undefined || upstream < before.upstream || downstream > before.downstream
}

const keyOf = ({ targetTopic, partition }: GroupOffset) => topicPartitionKey(targetTopic, partition)

function checkpointOf(
  group: string,
  { targetTopic, partition, upstream, downstream, metadata }: GroupOffset,
): Checkpoint {
  return { group, topic: targetTopic, partition, upstreamOffset: upstream, downstreamOffset: downstream, metadata }
}
