// Checkpoints: for each group and partition a pair of source and target offsets, in MM2's checkpoints topic on the target. A checkpoint
// is written when the target offset advances or the group was reset to an earlier source offset. Otherwise it never moves back, except
// from an offset beyond the log end, as MirrorMaker 2 before 3.3 wrote them. Tombstones are never written (MirrorCheckpointTask).
import { topicPartitionKey } from '../../base/topic-partition.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../mirror/checkpoint.ts'
import type { InternalTopic } from '../../records/internal-topic.ts'
import type { TargetEnds } from '../target-ends.ts'
import type { GroupOffset, OffsetsByGroup } from './translation.ts'

interface Offsets {
  upstream: number
  downstream: number
}

/** By group, then by partition of the target. */
type Last = Map<string, Map<string, Offsets>>

export class Checkpoints {
  readonly #topic: InternalTopic
  /** one shared string per partition: thousands of groups have the same partitions */
  readonly #keys = new Map<string, string>()
  readonly #newEnds: () => TargetEnds
  #last: Promise<Last> | undefined

  /** @param newEnds gives a fresh TargetEnds for each `emit` */
  constructor(topic: InternalTopic, newEnds: () => TargetEnds) {
    this.#topic = topic
    this.#newEnds = newEnds
  }

  get topic(): string {
    return this.#topic.name
  }

  /** Creates the topic if it does not exist. @throws Failure */
  ensure(): Promise<void> {
    return this.#topic.ensure()
  }

  /**
   * Writes a checkpoint for each of these offsets that is new. The first call reads all existing checkpoints.
   * @param at when the committed offsets were read, ms since the epoch
   * @returns the checkpoints that were written @throws Failure; the next call writes the same ones again
   */
  async emit(groups: OffsetsByGroup, at: number): Promise<readonly Checkpoint[]> {
    const last = await this.#loaded()
    const ends = await this.#lookForEnds(groups, last)
    const fresh = [...groups].flatMap(([group, offsets]) => {
      const before = last.get(group)
      return offsets.filter((one) => isNews(one, before?.get(keyOf(one)), ends)).map((one) => checkpointOf(group, one))
    })
    if (fresh.length === 0) return fresh
    await this.#topic.append(fresh.map(encodeCheckpoint), at)
    for (const checkpoint of fresh) this.#take(last, checkpoint)
    return fresh
  }

  /** Reads log ends where a checkpoint is ahead of the translated offset: its offset may not exist. */
  async #lookForEnds(groups: OffsetsByGroup, last: Last): Promise<TargetEnds> {
    const ends = this.#newEnds()
    const suspects = [...groups].flatMap(([group, offsets]) => {
      const before = last.get(group)
      return offsets.flatMap((one) => {
        const { downstream = -1 } = before?.get(keyOf(one)) ?? {}
        const { targetTopic: topic, partition } = one
        return one.downstream >= 0 && downstream > one.downstream ? [{ topic, partition, offset: downstream }] : []
      })
    })
    await ends.look(suspects)
    return ends
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

  /** The shared instance of an equal string, to save memory. */
  #one(key: string): string {
    const known = this.#keys.get(key)
    if (known === undefined) this.#keys.set(key, key)
    return known ?? key
  }
}

/** MM2's rule: the first one, a group that moved back on the source or advanced on the target. And ours: the last one is beyond the log end. */
function isNews(
  { upstream, downstream, targetTopic: topic, partition }: GroupOffset,
  before: Offsets | undefined,
  ends: TargetEnds,
): boolean {
  if (downstream < 0) return false
  if (before === undefined || upstream < before.upstream || downstream > before.downstream) return true
  return downstream < before.downstream && ends.isBeyond({ topic, partition, offset: before.downstream })
}

const keyOf = ({ targetTopic, partition }: GroupOffset) => topicPartitionKey(targetTopic, partition)

function checkpointOf(
  group: string,
  { targetTopic, partition, upstream, downstream, metadata }: GroupOffset,
): Checkpoint {
  return { group, topic: targetTopic, partition, upstreamOffset: upstream, downstreamOffset: downstream, metadata }
}
