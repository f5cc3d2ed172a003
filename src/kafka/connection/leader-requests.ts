// Requests that must go to the partition leader: many partitions at once, grouped by leader, with a result or Failure for each.
import { expectedFailure, Failure } from '../../base/failure.ts'
import { topicPartitionKey } from '../../base/topic-partition.ts'
import type { Cluster, ClusterMetadata } from '../cluster.ts'
import { failureOfAnswer } from '../wire-errors.ts'

interface PartitionOf {
  readonly topic: string
  readonly partition: number
}

export interface TopicPartitionAt extends PartitionOf {
  /** earliest, latest, or a timestamp in ms since the epoch */
  readonly at: 'earliest' | 'latest' | number
}

export interface ListedOffset {
  /** -1 if no record has this timestamp or a later one */
  readonly offset: number
  /** ms since the epoch, -1 for none */
  readonly timestamp: number
  readonly leaderEpoch: number
}

/** The state of a producer in one partition, as the leader stores it (DescribeProducers, KIP-664). */
export interface ProducerState {
  readonly producerId: bigint
  readonly epoch: number
  /** -1 after a transaction marker has raised the epoch */
  readonly lastSequence: number
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  /** -1 when no transaction is open */
  readonly currentTransactionStart: number
}

interface ListedOffsets {
  topics: {
    name: string
    partitions: { partitionIndex: number; errorCode: number; timestamp: bigint; offset: bigint; leaderEpoch: number }[]
  }[]
}

interface DescribedProducers {
  topics: {
    name: string
    partitions: {
      partitionIndex: number
      errorCode: number
      errorMessage: string | null
      activeProducers: {
        producerId: bigint
        producerEpoch: number
        lastSequence: number
        lastTimestamp: bigint
        coordinatorEpoch: number
        currentTxnStartOffset: bigint
      }[]
    }[]
  }[]
}

const EARLIEST = -2n
const LATEST = -1n
/** Failures that fresh metadata may resolve. */
const TRANSIENT = new Set(['LEADER_MOVED', 'UNKNOWN_TOPIC', 'CONNECTION_LOST', 'BROKER_UNREACHABLE'])

type Found<T> = Map<string, T | Failure>
type Asking<A, T> = (broker: number, part: readonly A[]) => Promise<Found<T>>

export class LeaderRequests {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /**
   * @param known recent metadata for the first attempt; reading it again takes megabytes with thousands of partitions
   * @throws Failure if no broker returns metadata; all other failures are results
   */
  listOffsets(
    asked: readonly TopicPartitionAt[],
    isolation: 'read_committed' | 'read_uncommitted',
    known?: ClusterMetadata,
  ): Promise<Found<ListedOffset>> {
    const level = isolation === 'read_committed' ? 1 : 0
    const ask: Asking<TopicPartitionAt, ListedOffset> = (id, part) => this.#listOffsetsAt(id, part, level)
    return this.#twice(asked, (now, list) => this.#askLeaders(list, now, ask), known)
  }

  /**
   * A follower answers DescribeProducers too, with its own state and without an error. So a response is valid only
   * if the partition had the same leader and leader epoch before and after it.
   * @throws Failure if no broker returns metadata; all other failures are results
   */
  describeProducers(asked: readonly PartitionOf[]): Promise<Found<ProducerState[]>> {
    return this.#twice(asked, async (before, list) => {
      const found = await this.#askLeaders(list, before, (id, part) => this.#describeProducersAt(id, part))
      const after = await this.#metadataFor(list)
      for (const one of list) {
        const [was, is] = [leadershipOf(before, one), leadershipOf(after, one)]
        if (was?.leader !== is?.leader || was?.leaderEpoch !== is?.leaderEpoch) found.set(keyOf(one), this.#moved(one))
      }
      return found
    })
  }

  /** Sends the requests, and repeats the transient failures once with fresh metadata. */
  async #twice<A extends PartitionOf, T>(
    asked: readonly A[],
    ask: (now: ClusterMetadata, list: readonly A[]) => Promise<Found<T>>,
    known?: ClusterMetadata,
  ): Promise<Found<T>> {
    if (asked.length === 0) return new Map()
    const found = await ask(known ?? (await this.#metadataFor(asked)), asked)
    const again = asked.filter((one) => isTransient(found.get(keyOf(one))))
    if (again.length === 0) return found
    for (const [key, outcome] of await ask(await this.#metadataFor(again), again)) found.set(key, outcome)
    return found
  }

  #metadataFor(list: readonly PartitionOf[]): Promise<ClusterMetadata> {
    return this.#cluster.metadata([...new Set(list.map((one) => one.topic))])
  }

  async #askLeaders<A extends PartitionOf, T>(
    asked: readonly A[],
    now: ClusterMetadata,
    ask: Asking<A, T>,
  ): Promise<Found<T>> {
    const found: Found<T> = new Map()
    const groups = Map.groupBy(asked, (one) => leadershipOf(now, one)?.leader ?? -1)
    await Promise.all(
      [...groups].map(async ([leader, part]) => {
        const answers = leader < 0 ? undefined : await ask(leader, part).catch(expectedFailure)
        for (const one of part) {
          const answer = answers instanceof Failure ? answers : answers?.get(keyOf(one))
          found.set(keyOf(one), answer ?? this.#noLeader(now, one))
        }
      }),
    )
    return found
  }

  async #listOffsetsAt(broker: number, part: readonly TopicPartitionAt[], level: number): Promise<Found<ListedOffset>> {
    const topics = [...Map.groupBy(part, (p) => p.topic)].map(([name, list]) => ({
      name,
      partitions: list.map((p) => ({
        partitionIndex: p.partition,
        currentLeaderEpoch: -1,
        timestamp: timestampOf(p.at),
      })),
    }))
    const answer = await this.#cluster.callBroker<ListedOffsets>(broker, 'listOffsets', [-1, level, topics])
    return this.#outcomes(answer.topics, (p) => ({
      offset: Number(p.offset),
      timestamp: Number(p.timestamp),
      leaderEpoch: p.leaderEpoch,
    }))
  }

  async #describeProducersAt(broker: number, part: readonly PartitionOf[]): Promise<Found<ProducerState[]>> {
    const topics = [...Map.groupBy(part, (p) => p.topic)].map(([name, list]) => ({
      name,
      partitionIndexes: list.map((p) => p.partition),
    }))
    const answer = await this.#cluster.callBroker<DescribedProducers>(broker, 'describeProducers', [topics])
    return this.#outcomes(answer.topics, (p) => p.activeProducers.map(stateOf))
  }

  #outcomes<P extends { partitionIndex: number; errorCode: number; errorMessage?: string | null }, T>(
    topics: readonly { readonly name: string; readonly partitions: readonly P[] }[],
    read: (partition: P) => T,
  ): Found<T> {
    const found: Found<T> = new Map()
    for (const topic of topics) {
      for (const p of topic.partitions) {
        const one = { topic: topic.name, partition: p.partitionIndex }
        found.set(keyOf(one), p.errorCode === 0 ? read(p) : this.#refused(p.errorCode, one, p.errorMessage))
      }
    }
    return found
  }

  #noLeader(now: ClusterMetadata, one: PartitionOf): Failure {
    const topic = now.topics.get(one.topic)
    const error = topic?.error || topic?.partitions.find((p) => p.index === one.partition)?.error
    if (error) return this.#refused(error, one)
    if (!topic?.partitions.some((p) => p.index === one.partition)) return this.#refused(3, one)
    return this.#moved(one)
  }

  #refused(code: number, { topic, partition }: PartitionOf, message?: string | null): Failure {
    return failureOfAnswer(code, message, { cluster: this.#cluster.alias, topic, partition })
  }

  #moved({ topic, partition }: PartitionOf): Failure {
    const sentence = `${topic}-${partition} on cluster ${this.#cluster.alias} has no stable leader at the moment`
    return new Failure('LEADER_MOVED', sentence, { cluster: this.#cluster.alias, topic, partition })
  }
}

const keyOf = (one: PartitionOf) => topicPartitionKey(one.topic, one.partition)

function leadershipOf(now: ClusterMetadata, one: PartitionOf): { leader: number; leaderEpoch: number } | undefined {
  return now.topics.get(one.topic)?.partitions[one.partition]
}

function isTransient(answer: unknown): boolean {
  return answer instanceof Failure && TRANSIENT.has(answer.code)
}

function timestampOf(at: TopicPartitionAt['at']): bigint {
  return at === 'earliest' ? EARLIEST : at === 'latest' ? LATEST : BigInt(Math.floor(at))
}

function stateOf(
  p: DescribedProducers['topics'][number]['partitions'][number]['activeProducers'][number],
): ProducerState {
  return {
    producerId: p.producerId,
    epoch: p.producerEpoch,
    lastSequence: p.lastSequence,
    lastTimestamp: Number(p.lastTimestamp),
    coordinatorEpoch: p.coordinatorEpoch,
    currentTransactionStart: Number(p.currentTxnStartOffset),
  }
}
