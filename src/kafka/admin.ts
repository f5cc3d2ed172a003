// The administrative calls godwit needs, in its own words: many topics or partitions per call, and an outcome for each.
import { Failure } from '../base/failure.ts'
import type { Cluster, ClusterMetadata } from './cluster.ts'
import { failureOfCode } from './wire-errors.ts'

export interface NewTopic {
  readonly name: string
  readonly partitions: number
  /** -1: the broker's default */
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}

export interface ConfigEntry {
  readonly name: string
  /** null where the broker keeps it back */
  readonly value: string | null
  /** Kafka's ConfigSource: 1 topic, 2 dynamic broker, 3 dynamic default broker, 4 static broker, 5 default */
  readonly source: number
  readonly isDefault: boolean
  readonly readOnly: boolean
  readonly sensitive: boolean
}

export interface TopicPartitionAt {
  readonly topic: string
  readonly partition: number
  /** earliest, latest, or a time in ms since the epoch */
  readonly at: 'earliest' | 'latest' | number
}

export interface ListedOffset {
  readonly offset: number
  /** ms since the epoch, -1 for none */
  readonly timestamp: number
  readonly leaderEpoch: number
}

/** What a leader remembers of a producer in one partition (DescribeProducers, KIP-664). */
export interface ProducerState {
  readonly producerId: bigint
  readonly epoch: number
  /** -1 after an epoch bump by a marker */
  readonly lastSequence: number
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  readonly currentTransactionStart: number
}

interface Outcome {
  name: string
  errorCode: number
  errorMessage: string | null
}

const TOPIC_RESOURCE = 2
const BROKER_RESOURCE = 4
const DEFAULT_SOURCE = 5
const SET = 0
const DELETE = 1
const EARLIEST = -2n
const LATEST = -1n
/** Topics per DescribeConfigs request: an answer of all configs of one topic takes about 3 KiB. */
const TOPICS_PER_REQUEST = 500
const MOVED = new Set(['LEADER_MOVED', 'UNKNOWN_TOPIC'])

export class Admin {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Creates topics. Per topic: undefined when made, else why not (wireCode 36: it exists). */
  async createTopics(topics: readonly NewTopic[], timeoutMs = 30_000): Promise<Map<string, Failure | undefined>> {
    if (topics.length === 0) return new Map()
    const specs = topics.map((topic) => ({
      name: topic.name,
      numPartitions: topic.partitions,
      replicationFactor: topic.replicationFactor,
      assignments: [],
      configs: Object.entries(topic.configs).map(([name, value]) => ({ name, value })),
    }))
    const answer = await this.#cluster.callController<{ topics: Outcome[] }>('createTopics', [
      specs,
      Math.min(timeoutMs, 60_000),
      false,
    ])
    return this.#outcomes(answer.topics, 'create topic')
  }

  /** Raises partition counts. */
  async createPartitions(
    topics: readonly { readonly topic: string; readonly count: number }[],
    timeoutMs = 30_000,
  ): Promise<Map<string, Failure | undefined>> {
    if (topics.length === 0) return new Map()
    const specs = topics.map(({ topic, count }) => ({ name: topic, count, assignments: null }))
    const answer = await this.#cluster.callController<{ results: Outcome[] }>('createPartitions', [
      specs,
      timeoutMs,
      false,
    ])
    return this.#outcomes(answer.results, 'add partitions to topic')
  }

  /** All configs of each topic, or why they cannot be read. */
  async describeTopicConfigs(names: readonly string[]): Promise<Map<string, ConfigEntry[] | Failure>> {
    const found = new Map<string, ConfigEntry[] | Failure>()
    for (let i = 0; i < names.length; i += TOPICS_PER_REQUEST) {
      const resources = names
        .slice(i, i + TOPICS_PER_REQUEST)
        .map((resourceName) => ({ resourceType: TOPIC_RESOURCE, resourceName, configurationKeys: null }))
      const answer = await this.#cluster.callAny<DescribedConfigs>('describeConfigs', [resources, false, false])
      for (const result of answer.results) {
        const where = { cluster: this.#cluster.alias, topic: result.resourceName }
        found.set(
          result.resourceName,
          result.errorCode === 0 ? result.configs.map(entryOf) : failureOfCode(result.errorCode, where),
        )
      }
    }
    return found
  }

  /** All configs of a broker. @throws Failure */
  async describeBrokerConfigs(brokerId: number): Promise<ConfigEntry[]> {
    const resources = [{ resourceType: BROKER_RESOURCE, resourceName: String(brokerId), configurationKeys: null }]
    const answer = await this.#cluster.callBroker<DescribedConfigs>(brokerId, 'describeConfigs', [
      resources,
      false,
      false,
    ])
    const result = answer.results[0]
    if (!result || result.errorCode !== 0)
      throw failureOfCode(result?.errorCode ?? -1, { cluster: this.#cluster.alias })
    return result.configs.map(entryOf)
  }

  /** Sets and removes topic configs (KIP-339). */
  async incrementalAlterConfigs(
    changes: readonly {
      readonly topic: string
      readonly set: Readonly<Record<string, string>>
      readonly remove: readonly string[]
    }[],
  ): Promise<Map<string, Failure | undefined>> {
    if (changes.length === 0) return new Map()
    const resources = changes.map(({ topic, set, remove }) => ({
      resourceType: TOPIC_RESOURCE,
      resourceName: topic,
      configs: [
        ...Object.entries(set).map(([name, value]) => ({ name, configOperation: SET, value })),
        ...remove.map((name) => ({ name, configOperation: DELETE })),
      ],
    }))
    const answer = await this.#cluster.callController<{
      responses: { resourceName: string; errorCode: number; errorMessage: string | null }[]
    }>('incrementalAlterConfigs', [resources, false])
    return this.#outcomes(
      answer.responses.map((r) => ({ ...r, name: r.resourceName })),
      'alter configs of topic',
    )
  }

  /** Offsets of many partitions, asked of their leaders; once more, with fresh metadata, where a leader has moved. Key: `topic-partition`. */
  async listOffsets(
    asked: readonly TopicPartitionAt[],
    isolation: 'read_committed' | 'read_uncommitted',
  ): Promise<Map<string, ListedOffset | Failure>> {
    return this.#byLeader(asked, (broker, part) => this.#listOffsetsAt(broker, part, isolation))
  }

  /** What the leader of each partition remembers of its producers. Key: `topic-partition`. */
  async describeProducers(
    asked: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<Map<string, ProducerState[] | Failure>> {
    return this.#byLeader(asked, (broker, part) => this.#describeProducersAt(broker, part))
  }

  /** A fresh producer id for idempotent writing. @throws Failure */
  async initProducerId(): Promise<{ id: bigint; epoch: number }> {
    const answer = await this.#cluster.callAny<{ errorCode: number; producerId: bigint; producerEpoch: number }>(
      'initProducerId',
      [null, 60_000, -1n, -1],
    )
    if (answer.errorCode === 0) return { id: answer.producerId, epoch: answer.producerEpoch }
    const remedy = 'give the user WRITE on a topic, or IDEMPOTENT_WRITE on the cluster (brokers before 2.8)'
    throw failureOfCode(
      answer.errorCode,
      { cluster: this.#cluster.alias, remedy },
      `cluster ${this.#cluster.alias} gives no producer id`,
    )
  }

  async #listOffsetsAt(
    broker: number,
    part: readonly TopicPartitionAt[],
    isolation: string,
  ): Promise<Map<string, ListedOffset | Failure>> {
    const topics = [...Map.groupBy(part, (p) => p.topic)].map(([name, partitions]) => ({
      name,
      partitions: partitions.map((p) => ({
        partitionIndex: p.partition,
        currentLeaderEpoch: -1,
        timestamp: timestampOf(p.at),
      })),
    }))
    const args = [-1, isolation === 'read_committed' ? 1 : 0, topics]
    const answer = await this.#cluster.callBroker<ListedOffsets>(broker, 'listOffsets', args)
    const found = new Map<string, ListedOffset | Failure>()
    for (const topic of answer.topics) {
      for (const p of topic.partitions) {
        const where = { cluster: this.#cluster.alias, topic: topic.name, partition: p.partitionIndex }
        const listed = { offset: Number(p.offset), timestamp: Number(p.timestamp), leaderEpoch: p.leaderEpoch }
        found.set(`${topic.name}-${p.partitionIndex}`, p.errorCode === 0 ? listed : failureOfCode(p.errorCode, where))
      }
    }
    return found
  }

  async #describeProducersAt(
    broker: number,
    part: readonly { topic: string; partition: number }[],
  ): Promise<Map<string, ProducerState[] | Failure>> {
    const topics = [...Map.groupBy(part, (p) => p.topic)].map(([name, list]) => ({
      name,
      partitionIndexes: list.map((p) => p.partition),
    }))
    const answer = await this.#cluster.callBroker<DescribedProducers>(broker, 'describeProducers', [topics])
    const found = new Map<string, ProducerState[] | Failure>()
    for (const topic of answer.topics) {
      for (const p of topic.partitions) {
        const where = { cluster: this.#cluster.alias, topic: topic.name, partition: p.partitionIndex }
        found.set(
          `${topic.name}-${p.partitionIndex}`,
          p.errorCode === 0 ? p.activeProducers.map(stateOf) : failureOfCode(p.errorCode, where),
        )
      }
    }
    // A follower answers with its own state and no error: only an answer from who still leads counts (spec 4.4).
    const now = await this.#cluster.metadata([...new Set(part.map((p) => p.topic))])
    for (const { topic, partition } of part) {
      const leader = now.topics.get(topic)?.partitions[partition]?.leader
      if (leader !== broker) found.set(`${topic}-${partition}`, this.#leaderMoved(topic, partition))
    }
    return found
  }

  async #byLeader<Asked extends { readonly topic: string; readonly partition: number }, Found>(
    asked: readonly Asked[],
    ask: (broker: number, part: readonly Asked[]) => Promise<Map<string, Found | Failure>>,
  ): Promise<Map<string, Found | Failure>> {
    if (asked.length === 0) return new Map()
    const found = await this.#askLeaders(asked, ask)
    const again = asked.filter((one) => isMoved(found.get(keyOf(one))))
    if (again.length > 0) for (const [key, value] of await this.#askLeaders(again, ask)) found.set(key, value)
    return found
  }

  async #askLeaders<Asked extends { readonly topic: string; readonly partition: number }, Found>(
    asked: readonly Asked[],
    ask: (broker: number, part: readonly Asked[]) => Promise<Map<string, Found | Failure>>,
  ): Promise<Map<string, Found | Failure>> {
    const now = await this.#cluster.metadata([...new Set(asked.map((one) => one.topic))])
    const found = new Map<string, Found | Failure>()
    const groups = Map.groupBy(asked, (one) => leaderOf(now, one))
    await Promise.all(
      [...groups].map(async ([broker, part]) => {
        const answers =
          broker < 0
            ? new Map<string, Found | Failure>()
            : await ask(broker, part).catch((error: unknown) => asAnswers<Found>(part, error))
        for (const one of part)
          found.set(keyOf(one), answers.get(keyOf(one)) ?? this.#leaderMoved(one.topic, one.partition))
      }),
    )
    return found
  }

  #leaderMoved(topic: string, partition: number): Failure {
    return new Failure(
      'LEADER_MOVED',
      `partition ${topic}-${partition} of cluster ${this.#cluster.alias} has no leader at the moment`,
      { cluster: this.#cluster.alias, topic, partition },
    )
  }

  #outcomes(results: readonly Outcome[], attempt: string): Map<string, Failure | undefined> {
    return new Map(results.map((result) => [result.name, this.#outcome(result, attempt)]))
  }

  #outcome(result: Outcome, attempt: string): Failure | undefined {
    if (result.errorCode === 0) return undefined
    const where = { cluster: this.#cluster.alias, topic: result.name }
    return failureOfCode(
      result.errorCode,
      where,
      `cannot ${attempt} ${result.name} on cluster ${this.#cluster.alias}: ${result.errorMessage ?? failureOfCode(result.errorCode).message}`,
    )
  }
}

interface DescribedConfigs {
  results: {
    errorCode: number
    resourceName: string
    configs: { name: string; value: string | null; readOnly: boolean; configSource: number; isSensitive: boolean }[]
  }[]
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

const keyOf = (one: { readonly topic: string; readonly partition: number }) => `${one.topic}-${one.partition}`

function isMoved(answer: unknown): boolean {
  return answer instanceof Failure && MOVED.has(answer.code)
}

function leaderOf(now: ClusterMetadata, one: { readonly topic: string; readonly partition: number }): number {
  return now.topics.get(one.topic)?.partitions[one.partition]?.leader ?? -1
}

function asAnswers<Found>(
  part: readonly { readonly topic: string; readonly partition: number }[],
  error: unknown,
): Map<string, Found | Failure> {
  if (!(error instanceof Failure)) throw error
  return new Map(part.map((one) => [keyOf(one), error]))
}

function timestampOf(at: TopicPartitionAt['at']): bigint {
  return at === 'earliest' ? EARLIEST : at === 'latest' ? LATEST : BigInt(at)
}

function entryOf(config: DescribedConfigs['results'][number]['configs'][number]): ConfigEntry {
  const { name, value, readOnly, configSource: source, isSensitive: sensitive } = config
  return { name, value, source, isDefault: source === DEFAULT_SOURCE, readOnly, sensitive }
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
