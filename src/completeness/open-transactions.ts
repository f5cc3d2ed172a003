// Open transactions: which records a cluster holds back from read_committed consumers, the producers, and the command to abort one.
import { Failure } from '../base/failure.ts'
import { shellWord } from '../base/shell-word.ts'
import type { Admin, ProducerState } from '../kafka/admin.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'

interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface OpenTransaction {
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
  readonly transactions: readonly OpenTransaction[]
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
    const key = `${topic}-${partition}`
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

function openOf(states: readonly ProducerState[]): OpenTransaction[] {
  return states
    .filter(({ currentTransactionStart }) => currentTransactionStart >= 0)
    .map(({ producerId, epoch, currentTransactionStart, lastTimestamp }): OpenTransaction => {
      return { producerId, epoch, startOffset: currentTransactionStart, lastTimestamp }
    })
    .sort((a, b) => a.startOffset - b.startOffset)
}

/**
 * The kafka-transactions.sh command that aborts the open transaction of a partition, as a shell line. It needs Alter on the cluster. For a
 * cluster with TLS or SASL it refers to a file with client settings of an administrator.
 */
export function abortCommand(
  settings: Pick<ClusterSettings, 'alias' | 'bootstrapServers' | 'protocol'>,
  { topic, partition }: TopicPartition,
  startOffset: number,
): string {
  const login = settings.protocol === 'PLAINTEXT' ? [] : ['--command-config', `${settings.alias}-admin.properties`]
  const words = [
    ...['--bootstrap-server', settings.bootstrapServers.join(','), ...login, 'abort'],
    ...['--topic', topic, '--partition', String(partition), '--start-offset', String(startOffset)],
  ]
  return ['kafka-transactions.sh', ...words.map(shellWord)].join(' ')
}
