// The admin requests that godwit needs. Each call takes many topics or partitions and returns a result or Failure for each.
import { Failure } from '../base/failure.ts'
import { backoff, sleep } from '../base/retry.ts'
import { grantLine } from './acls.ts'
import type { CallOptions, Cluster, ClusterMetadata } from './cluster.ts'
import {
  LeaderRequests,
  type ListedOffset,
  type ProducerState,
  type TopicPartitionAt,
} from './connection/leader-requests.ts'
import type { ApiName } from './connection/library-calls.ts'
import { raiseQuota } from './connection/throttle.ts'
import { describeCode, errorCodes, failureOfAnswer, failureOfCode } from './wire-errors.ts'

export type { ListedOffset, ProducerState, TopicPartitionAt } from './connection/leader-requests.ts'

export interface NewTopic {
  readonly name: string
  readonly partitions: number
  /** -1 for the broker's default */
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}

export interface ConfigEntry {
  readonly name: string
  /** null if the broker does not return it (sensitive configs) */
  readonly value: string | null
  /** Kafka's ConfigSource: 1 topic, 2 dynamic broker, 3 dynamic default broker, 4 static broker, 5 default */
  readonly source: number
  readonly isDefault: boolean
  readonly readOnly: boolean
  readonly sensitive: boolean
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
/** Topics per DescribeConfigs request; all configs of one topic take about 3 KiB. */
const TOPICS_PER_REQUEST = 200
/** Partitions per CreateTopics request; a controller accepts at most ten thousand changes at a time. */
const PARTITIONS_PER_REQUEST = 2000
const DENIED = new Set<number>([
  errorCodes.TOPIC_AUTHORIZATION_FAILED,
  errorCodes.CLUSTER_AUTHORIZATION_FAILED,
  errorCodes.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
])
const TRIES = 4
/** The ACL operation that each request needs on the topic; for CreateTopics, Create on the cluster is enough too. */
const rightFor = {
  'create topic': 'Create',
  'add partitions to topic': 'Alter',
  'alter configs of topic': 'AlterConfigs',
} as const
type Attempt = keyof typeof rightFor
/** How long godwit waits for a response after the broker's own time limit has passed (ms). */
const GRACE_MS = 5000

export class Admin {
  readonly #cluster: Cluster
  readonly #leaders: LeaderRequests

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#leaders = new LeaderRequests(cluster)
  }

  /**
   * Creates topics. Result per topic: undefined if it was created, else why not (wireCode 36: it exists).
   * Retries topics that a quota delays (controller_mutation_rate, KIP-599) for up to `timeoutMs`.
   * @param timeoutMs time limit of the controller for a request (ms), at most 60 s
   * @throws Failure if a request fails as a whole
   */
  async createTopics(topics: readonly NewTopic[], timeoutMs = 30_000): Promise<Outcomes> {
    const outcomes: Outcomes = new Map()
    for (const part of inParts(topics, (topic) => Math.max(1, topic.partitions))) {
      const limit = atMost60s(timeoutMs)
      await this.#withinQuota(outcomes, part, limit, async (left) => {
        const specs = left.map((topic) => ({
          name: topic.name,
          numPartitions: topic.partitions,
          replicationFactor: topic.replicationFactor,
          assignments: [],
          configs: Object.entries(topic.configs).map(([name, value]) => ({ name, value })),
        }))
        const ask = () => this.#change<CreatedTopics>('createTopics', [specs, limit, false], limit)
        let throttleMs = 0
        await this.#collect(outcomes, namesOf(left), 'create topic', async () => {
          const { topics, throttleTimeMs } = await ask()
          throttleMs = throttleTimeMs ?? 0
          return topics
        })
        return throttleMs
      })
    }
    return outcomes
  }

  /** Raises partition counts. Result per topic: undefined, or why it failed. @throws Failure if a request fails as a whole */
  async createPartitions(
    topics: readonly { readonly topic: string; readonly count: number }[],
    timeoutMs = 30_000,
  ): Promise<Outcomes> {
    const outcomes: Outcomes = new Map()
    const named = topics.map(({ topic: name, count }) => ({ name, count }))
    for (const part of inParts(named, ({ count }) => count)) {
      const limit = atMost60s(timeoutMs)
      await this.#withinQuota(outcomes, part, limit, async (left) => {
        const specs = left.map(({ name, count }) => ({ name, count, assignments: null }))
        const ask = () => this.#change<ExtendedTopics>('createPartitions', [specs, limit, false], limit)
        let throttleMs = 0
        await this.#collect(outcomes, namesOf(left), 'add partitions to topic', async () => {
          const { results, throttleTimeMs } = await ask()
          throttleMs = throttleTimeMs ?? 0
          return results
        })
        return throttleMs
      })
    }
    return outcomes
  }

  /**
   * The configs of each topic, or why they cannot be read.
   * @param keys names of the configs to read; all when absent
   */
  async describeTopicConfigs(
    names: readonly string[],
    keys?: readonly string[],
  ): Promise<Map<string, ConfigEntry[] | Failure>> {
    const found = new Map<string, ConfigEntry[] | Failure>()
    for (let i = 0; i < names.length; i += TOPICS_PER_REQUEST) {
      const resources = names.slice(i, i + TOPICS_PER_REQUEST).map((resourceName) => ({
        resourceType: TOPIC_RESOURCE,
        resourceName,
        configurationKeys: keys ? [...keys] : null,
      }))
      const answer = await this.#cluster.callAny<DescribedConfigs>('describeConfigs', [resources, false, false])
      for (const result of answer.results) {
        const where = { cluster: this.#cluster.alias, topic: result.resourceName }
        found.set(
          result.resourceName,
          result.errorCode === 0
            ? result.configs.map(entryOf)
            : failureOfAnswer(result.errorCode, result.errorMessage, where),
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
    if (result?.errorCode !== 0)
      throw failureOfAnswer(result?.errorCode ?? -1, result?.errorMessage, { cluster: this.#cluster.alias })
    return result.configs.map(entryOf)
  }

  /** Sets and removes topic configs (KIP-339, Kafka 2.3). @throws Failure if a request fails as a whole */
  incrementalAlterConfigs(
    changes: readonly {
      readonly topic: string
      readonly set: Readonly<Record<string, string>>
      readonly remove: readonly string[]
    }[],
  ): Promise<Outcomes> {
    const resources = changes.map(({ topic, set, remove }) => ({
      topic,
      configs: [
        ...Object.entries(set).map(([name, value]) => ({ name, configOperation: SET, value })),
        ...remove.map((name) => ({ name, configOperation: DELETE, value: null })),
      ],
    }))
    return this.#alterConfigs('incrementalAlterConfigs', resources)
  }

  /**
   * Sets topic configs and removes all others (AlterConfigs), for brokers without IncrementalAlterConfigs.
   * @throws Failure if a request fails as a whole
   */
  replaceConfigs(
    wanted: readonly { readonly topic: string; readonly configs: Readonly<Record<string, string>> }[],
  ): Promise<Outcomes> {
    const resources = wanted.map(({ topic, configs }) => ({
      topic,
      configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
    }))
    return this.#alterConfigs('alterConfigs', resources)
  }

  /**
   * ListOffsets for many partitions, sent to their leaders. Retried once with fresh metadata where a leader has changed.
   * Keys of the result: `topic-partition`.
   * @param known recent metadata with the leaders; read when absent
   */
  listOffsets(
    asked: readonly TopicPartitionAt[],
    isolation: 'read_committed' | 'read_uncommitted',
    known?: ClusterMetadata,
  ): Promise<Map<string, ListedOffset | Failure>> {
    return this.#leaders.listOffsets(asked, isolation, known)
  }

  /** The producer state of each partition on its leader. Keys of the result: `topic-partition`. */
  describeProducers(
    asked: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<Map<string, ProducerState[] | Failure>> {
    return this.#leaders.describeProducers(asked)
  }

  /** Allocates a producer id for idempotent writing. @throws Failure */
  async initProducerId(): Promise<{ id: bigint; epoch: number }> {
    const { alias: cluster } = this.#cluster
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#cluster.callAny<ProducerIdAnswer>('initProducerId', [null, 60_000, -1n, -1])
      if (answer.errorCode === 0) return { id: answer.producerId, epoch: answer.producerEpoch }
      const words = describeCode(answer.errorCode)
      const remedy = 'grant the user Write on a topic, or IdempotentWrite on the cluster (brokers before 2.8)'
      const where = { cluster, ...(DENIED.has(answer.errorCode) && { remedy }) }
      const failure = failureOfCode(
        answer.errorCode,
        where,
        `cluster ${cluster} refused to assign a producer id: ${words}`,
      )
      // A broker that has just started has no block of producer ids yet (KIP-730).
      if (failure.code !== 'BROKER_BUSY' || attempt === TRIES) throw failure
      await sleep(backoff(attempt, 50))
    }
  }

  async #alterConfigs(
    api: 'alterConfigs' | 'incrementalAlterConfigs',
    wanted: readonly { readonly topic: string; readonly configs: readonly object[] }[],
  ): Promise<Outcomes> {
    const outcomes: Outcomes = new Map()
    for (const part of inParts(wanted, () => PARTITIONS_PER_REQUEST / TOPICS_PER_REQUEST)) {
      const resources = part.map(({ topic, configs }) => ({
        resourceType: TOPIC_RESOURCE,
        resourceName: topic,
        configs,
      }))
      const names = part.map((one) => one.topic)
      await this.#collect(outcomes, names, 'alter configs of topic', async () => {
        const { responses } = await this.#change<{ responses: AlteredConfigs[] }>(api, [resources, false])
        return responses.map((one) => ({ ...one, name: one.resourceName }))
      })
    }
    return outcomes
  }

  /** Sends a request that changes something to the controller, on a separate connection because it may take long. */
  #change<Answer>(name: ApiName, args: readonly unknown[], limitMs = 0): Promise<Answer> {
    const timeoutMs = Math.max(this.#cluster.settings.requestTimeoutMs, limitMs + GRACE_MS)
    const options: CallOptions = { lane: 'change', timeoutMs }
    return this.#cluster.callController<Answer>(name, args, options)
  }

  /**
   * Repeats the request for items that a quota delayed, until the time limit is reached.
   * @param ask sends the request, adds the outcomes, and returns the throttle time of the response (ms)
   */
  async #withinQuota<T extends { readonly name: string }>(
    outcomes: Outcomes,
    part: readonly T[],
    limitMs: number,
    ask: (left: readonly T[]) => Promise<number>,
  ): Promise<void> {
    const deadline = Date.now() + limitMs
    for (let left = part, tries = 0; left.length > 0; tries++) {
      const throttleMs = Math.max(await ask(left), backoff(tries, 100, 2000))
      left = left.filter(
        ({ name }) => outcomes.get(name)?.circumstances.wireCode === errorCodes.THROTTLING_QUOTA_EXCEEDED,
      )
      if (left.length === 0 || Date.now() + throttleMs > deadline) return
      await sleep(throttleMs)
    }
  }

  /** Adds the outcome of each topic. Retries while all of them fail with NOT_CONTROLLER. */
  async #collect(
    outcomes: Outcomes,
    names: readonly string[],
    attempt: Attempt,
    ask: () => Promise<Outcome[]>,
  ): Promise<void> {
    for (let tries = 0; ; tries++) {
      const results = await ask().catch(asTooOld)
      if (results instanceof Failure) {
        // Only these topics fail if the cluster is too old for the request; the caller continues with its other work.
        for (const name of names) outcomes.set(name, results)
        return
      }
      if (tries < TRIES && results.length > 0 && results.every((one) => one.errorCode === errorCodes.NOT_CONTROLLER)) {
        await sleep(backoff(tries, 100))
        continue
      }
      for (const one of results) outcomes.set(one.name, this.#outcome(one, attempt))
      return
    }
  }

  #outcome({ name: topic, errorCode, errorMessage }: Outcome, attempt: Attempt): Failure | undefined {
    if (errorCode === 0) return undefined
    const { alias: cluster } = this.#cluster
    const sentence = `cannot ${attempt} ${topic} on cluster ${cluster}: ${describeCode(errorCode, errorMessage)}`
    return failureOfCode(errorCode, { cluster, topic, ...this.#advice(topic, errorCode, attempt) }, sentence)
  }

  /** The command that raises the quota or grants the missing permission. */
  #advice(topic: string, errorCode: number, attempt: Attempt): { right?: string; remedy?: string } {
    const { settings } = this.#cluster
    if (errorCode === errorCodes.THROTTLING_QUOTA_EXCEEDED)
      return { remedy: `godwit retries; to raise the quota: ${raiseQuota(settings, 'changing')}` }
    if (errorCode !== errorCodes.TOPIC_AUTHORIZATION_FAILED) return {}
    const right = rightFor[attempt]
    return { right, remedy: grantLine(settings, right, { resourceType: 'topic', name: topic, patternType: 'literal' }) }
  }
}

function asTooOld(error: unknown): Failure {
  if (error instanceof Failure && error.code === 'UNSUPPORTED_VERSION') return error
  throw error
}

/** By topic: undefined if the request succeeded, else why it failed. */
export type Outcomes = Map<string, Failure | undefined>

interface CreatedTopics {
  topics: Outcome[]
  throttleTimeMs?: number
}

interface ExtendedTopics {
  results: Outcome[]
  throttleTimeMs?: number
}

const namesOf = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name)

interface AlteredConfigs {
  resourceName: string
  errorCode: number
  errorMessage: string | null
}

interface ProducerIdAnswer {
  errorCode: number
  producerId: bigint
  producerEpoch: number
}

const atMost60s = (ms: number) => Math.min(ms, 60_000)

/** Splits items so that no part exceeds PARTITIONS_PER_REQUEST; an item that exceeds it alone gets its own part. */
function inParts<T>(items: readonly T[], weightOf: (item: T) => number): T[][] {
  const parts: T[][] = []
  let room = 0
  for (const item of items) {
    const weight = weightOf(item)
    const last = parts.at(-1)
    if (last && weight <= room) last.push(item)
    else {
      parts.push([item])
      room = PARTITIONS_PER_REQUEST
    }
    room -= weight
  }
  return parts
}

interface DescribedConfigs {
  results: {
    errorCode: number
    errorMessage: string | null
    resourceName: string
    configs: { name: string; value: string | null; readOnly: boolean; configSource: number; isSensitive: boolean }[]
  }[]
}
function entryOf(config: DescribedConfigs['results'][number]['configs'][number]): ConfigEntry {
  const { name, value, readOnly, configSource: source, isSensitive: sensitive } = config
  return { name, value, source, isDefault: source === DEFAULT_SOURCE, readOnly, sensitive }
}
