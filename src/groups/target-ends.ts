// Finds committed offsets of the target that lie beyond the end of their log. Ends are asked for after the offsets were read, and only
// where what was asked before does not settle it: a log only grows while a round looks at it.
import { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { Admin } from '../kafka/admin.ts'
import { type CommittedOffset, isBeyondEnd } from '../kafka/groups.ts'

type CommittedPartition = Pick<CommittedOffset, 'topic' | 'partition' | 'offset'>

export class TargetEnds {
  readonly #admin: Pick<Admin, 'listOffsets'>
  readonly #ends = new Map<string, number>()

  /** @param admin of the target */
  constructor(admin: Pick<Admin, 'listOffsets'>) {
    this.#admin = admin
  }

  /** The end of a partition as last asked for; undefined where it was not, or is not told. */
  of(topic: string, partition: number): number | undefined {
    return this.#ends.get(topicPartitionKey(topic, partition))
  }

  /**
   * Asks for what has to be known to judge these offsets, which were read before; `isBeyond` then tells of each.
   * Partitions that do not tell their end (gone, or without a leader) stay unknown. @throws Failure when the cluster does not answer
   */
  async look(partitions: Iterable<CommittedPartition>): Promise<void> {
    const asked = new Map<string, { topic: string; partition: number; at: 'latest' }>()
    for (const { topic, partition, offset } of partitions) {
      const key = topicPartitionKey(topic, partition)
      if (offset > (this.#ends.get(key) ?? -1)) asked.set(key, { topic, partition, at: 'latest' })
    }
    if (asked.size === 0) return
    for (const [key, one] of await this.#admin.listOffsets([...asked.values()], 'read_uncommitted'))
      if (!(one instanceof Failure)) this.#ends.set(key, one.offset)
  }

  isBeyond({ topic, partition, offset }: CommittedPartition): boolean {
    return isBeyondEnd(offset, this.of(topic, partition))
  }
}
