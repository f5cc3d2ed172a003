// Open transactions: what a cluster withholds from read_committed consumers, by whom, and the command that ends it.
import { type ToolReach, toolLine } from '../base/config-command.ts'
import { Failure } from '../base/failure.ts'
import { type TopicPartition, topicPartitionKey } from '../base/topic-partition.ts'
import type { Admin, ProducerState } from '../kafka/admin.ts'

export interface ProducerTransaction {
  readonly producerId: bigint
  readonly epoch: number
  /** offset of its first record in this partition */
  readonly startOffset: number
  /** when its producer last wrote to this partition, ms since the epoch; -1 while unknown */
  readonly lastTimestamp: number
}

/** A partition whose last stable offset is below its high watermark. */
export interface HeldBack extends TopicPartition {
  /** the last stable offset: the first one that read_committed does not return */
  readonly firstUnstable: number
  readonly highWatermark: number
  /**
   * Sorted by start offset; the first one determines the last stable offset. Empty where unknown: the broker is older than 2.8, or the
   * transaction has just ended.
   */
  readonly transactions: readonly ProducerTransaction[]
  /** why the transactions are not known, e.g. a missing Read permission on the topic */
  readonly unknown?: Failure
}

/**
 * The partitions with records that read_committed does not return yet, with the open transactions.
 * Each partition takes two ListOffsets entries, and a DescribeProducers entry if records are held back.
 * @returns by `topic-partition`; no entry: nothing is held back. A Failure: the offsets of that partition could not be read
 * @throws Failure when no broker of the cluster answers
 */
export async function openTransactions(
  admin: Pick<Admin, 'listOffsets' | 'describeProducers'>,
  partitions: readonly TopicPartition[],
): Promise<Map<string, HeldBack | Failure>> {
  const latest = partitions.map(({ topic, partition }) => ({ topic, partition, at: 'latest' as const }))
  // The high watermark first, so that records committed between the two requests do not count as held back.
  const ends = await admin.listOffsets(latest, 'read_uncommitted')
  const stable = await admin.listOffsets(latest, 'read_committed')
  const found = new Map<string, HeldBack | Failure>()
  for (const { topic, partition } of partitions) {
    const key = topicPartitionKey(topic, partition)
    const [end, lso] = [ends.get(key), stable.get(key)]
    if (end instanceof Failure || lso instanceof Failure)
      found.set(key, end instanceof Failure ? end : (lso as Failure))
    else if (end && lso && lso.offset < end.offset)
      found.set(key, { topic, partition, firstUnstable: lso.offset, highWatermark: end.offset, transactions: [] })
  }
  await addProducers(admin, found)
  return found
}

async function addProducers(
  admin: Pick<Admin, 'describeProducers'>,
  found: Map<string, HeldBack | Failure>,
): Promise<void> {
  const held = [...found].filter((one): one is [string, HeldBack] => !(one[1] instanceof Failure))
  const producers = await admin.describeProducers(held.map(([, { topic, partition }]) => ({ topic, partition })))
  for (const [key, one] of held) {
    const states = producers.get(key)
    if (states instanceof Failure) found.set(key, { ...one, unknown: states })
    else if (states) found.set(key, { ...one, transactions: openOf(states) })
  }
}

function openOf(states: readonly ProducerState[]): ProducerTransaction[] {
  return states
    .filter(({ currentTransactionStart }) => currentTransactionStart >= 0)
    .map(({ producerId, epoch, currentTransactionStart, lastTimestamp }): ProducerTransaction => {
      return { producerId, epoch, startOffset: currentTransactionStart, lastTimestamp }
    })
    .sort((a, b) => a.startOffset - b.startOffset)
}

/**
 * The command of Kafka's own tool that aborts the open transaction of this partition which begins at `startOffset`, as a line for a
 * shell (kafka-transactions.sh, TransactionsCommand). It needs Alter on the cluster.
 */
export function abortCommand(reach: ToolReach, { topic, partition }: TopicPartition, startOffset: number): string {
  const place = ['--topic', topic, '--partition', String(partition)]
  return toolLine('kafka-transactions.sh', reach, ['abort', ...place, '--start-offset', String(startOffset)])
}
