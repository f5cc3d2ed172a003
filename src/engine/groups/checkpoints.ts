// Checkpoints: for each group and partition the pair of offsets it stands at, in MM2's checkpoints topic on the target. Written when
// the group got on or went back on the source; never backwards otherwise, and never a tombstone (spec mm2.md 8.3, 8.4).
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../mirror/checkpoint.ts'
import { topicPartitionKey } from '../../mirror/topic-partition.ts'
import type { InternalTopic } from '../../state/internal-topic.ts'
import type { GroupOffset } from './translation.ts'

interface Offsets {
  readonly upstream: number
  readonly downstream: number
}

export class Checkpoints {
  readonly #topic: InternalTopic
  /** by group, then by partition of the target */
  #last: Map<string, Map<string, Offsets>> | undefined

  constructor(topic: InternalTopic) {
    this.#topic = topic
  }

  get topic(): string {
    return this.#topic.name
  }

  /**
   * Writes what is new among these offsets; gives the checkpoints that were written. Reads all there are before the first time.
   * @throws Failure; what was not written is new again the next time
   */
  async emit(groups: ReadonlyMap<string, readonly GroupOffset[]>, at: number): Promise<Checkpoint[]> {
    const last = await this.#loaded()
    const fresh = [...groups].flatMap(([group, offsets]) => {
      const before = last.get(group)
      return offsets.filter((one) => isNews(one, before?.get(keyOf(one)))).map((one) => checkpointOf(group, one))
    })
    if (fresh.length === 0) {
      await this.#topic.ensure()
      return fresh
    }
    await this.#topic.append(fresh.map(encodeCheckpoint), at)
    for (const checkpoint of fresh) take(last, checkpoint)
    return fresh
  }

  async #loaded(): Promise<Map<string, Map<string, Offsets>>> {
    if (this.#last) return this.#last
    const last = new Map<string, Map<string, Offsets>>()
    await this.#topic.readAll(({ key, value }) => {
      const checkpoint = decodeCheckpoint(key, value)
      if (checkpoint) take(last, checkpoint)
    })
    this.#last = last
    return last
  }
}

/** MM2's rule: the first one, a group that went back on the source, or one that got on on the target. */
function isNews({ upstream, downstream }: GroupOffset, before: Offsets | undefined): boolean {
  if (downstream < 0) return false
  return before === undefined || upstream < before.upstream || downstream > before.downstream
}

function take(last: Map<string, Map<string, Offsets>>, checkpoint: Checkpoint): void {
  const { group, topic, partition, upstreamOffset: upstream, downstreamOffset: downstream } = checkpoint
  const own = last.get(group) ?? new Map<string, Offsets>()
  last.set(group, own)
  own.set(topicPartitionKey(topic, partition), { upstream, downstream })
}

const keyOf = ({ targetTopic, partition }: GroupOffset) => topicPartitionKey(targetTopic, partition)

function checkpointOf(
  group: string,
  { targetTopic, partition, upstream, downstream, metadata }: GroupOffset,
): Checkpoint {
  return { group, topic: targetTopic, partition, upstreamOffset: upstream, downstreamOffset: downstream, metadata }
}
