// Finds committed target offsets beyond the log end. Log ends are read after the offsets, and again only where the known end does not
// settle it: within a round a log only grows.
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

  /** The log end of a partition as last read; undefined where unknown. */
  of(topic: string, partition: number): number | undefined {
    return this.#ends.get(topicPartitionKey(topic, partition))
  }

  /**
   * Reads the log ends that `isBeyond` needs for these offsets, which must have been read before.
   * Partitions without an answer (deleted, or without a leader) stay unknown. @throws Failure when the cluster does not answer
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
