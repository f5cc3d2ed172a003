// Transactions that are open on the source: what they hold back from read_committed, since when, and whose they are.
import { Admin } from '../../kafka/admin.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import type { TopicPair } from '../basics.ts'

export interface OpenTransaction {
  readonly topic: string
  readonly partition: number
  readonly startOffset: number
  readonly producerId: bigint
  /** when the producer wrote last, ms since the epoch */
  readonly lastAt: number
  /** records and markers that read_committed does not get to see meanwhile */
  readonly heldBack: number
}

/** Of all partitions whose last stable offset lags behind. @throws Failure when no broker answers */
export async function openTransactions(cluster: Cluster, pairs: readonly TopicPair[]): Promise<OpenTransaction[]> {
  const held = pairs.flatMap(({ topic }) =>
    topic.partitions.flatMap(({ index: partition, latest = 0, stable = 0 }) =>
      stable < latest ? [{ topic: topic.name, partition, heldBack: latest - stable }] : [],
    ),
  )
  if (held.length === 0) return []
  const producers = await new Admin(cluster).describeProducers(held)
  return held.flatMap(({ topic, partition, heldBack }) => {
    const states = producers.get(`${topic}-${partition}`)
    if (!Array.isArray(states)) return []
    return states
      .filter(({ currentTransactionStart }) => currentTransactionStart >= 0)
      .map(({ currentTransactionStart: startOffset, producerId, lastTimestamp: lastAt }) => {
        return { topic, partition, heldBack, startOffset, producerId, lastAt }
      })
  })
}
