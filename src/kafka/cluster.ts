// One cluster as seen through its control connections: who its brokers are, what topics it has, and calls to a given broker.
import { Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import { ControlConnections } from './connection/control-connections.ts'
import { type ApiName, call } from './connection/library-calls.ts'

export interface BrokerInfo {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface PartitionMetadata {
  readonly index: number
  /** -1 when it has none */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** Kafka's error code, 0 for none */
  readonly error: number
}

export interface TopicMetadata {
  readonly name: string
  /** uuid text; '' where the cluster has no topic ids */
  readonly topicId: string
  readonly internal: boolean
  readonly error: number
  /** by index */
  readonly partitions: readonly PartitionMetadata[]
}

export interface ClusterMetadata {
  readonly clusterId: string
  readonly controllerId: number
  readonly brokers: ReadonlyMap<number, BrokerInfo>
  readonly topics: ReadonlyMap<string, TopicMetadata>
}

interface MetadataAnswer {
  brokers: { nodeId: number; host: string; port: number; rack: string | null }[]
  clusterId: string | null
  controllerId: number
  topics: {
    errorCode: number
    name: string | null
    topicId?: string
    isInternal: boolean
    partitions: {
      errorCode: number
      partitionIndex: number
      leaderId: number
      leaderEpoch: number
      replicaNodes: number[]
      isrNodes: number[]
    }[]
  }[]
}

const NO_ID = '00000000-0000-0000-0000-000000000000'

export class Cluster implements AsyncDisposable {
  readonly settings: ClusterSettings
  readonly #log: Logger
  readonly #connections: ControlConnections
  #brokers: ReadonlyMap<number, BrokerInfo> = new Map()
  #last = ''

  constructor(settings: ClusterSettings, log: Logger) {
    this.settings = settings
    this.#log = log
    this.#connections = new ControlConnections(settings)
  }

  get alias(): string {
    return this.settings.alias
  }

  /**
   * A fresh reading; never creates topics.
   * @param topics all when absent, none (brokers only) when empty
   * @throws Failure BROKER_UNREACHABLE, AUTHENTICATION_FAILED, TLS_FAILED ... when no broker answers
   */
  async metadata(topics?: readonly string[]): Promise<ClusterMetadata> {
    const answer = await this.callAny<MetadataAnswer>('metadata', [topics ? [...topics] : null, false, false, false])
    const metadata = metadataOf(answer)
    this.#brokers = metadata.brokers
    return metadata
  }

  /** API versions of a broker by key. */
  async apiVersions(brokerId: number): Promise<ReadonlyMap<number, { min: number; max: number }>> {
    return (await this.#connections.to(await this.#addressOf(brokerId))).versions
  }

  /** One request to any broker that answers. */
  async callAny<Answer>(name: ApiName, args: readonly unknown[]): Promise<Answer> {
    let failure: unknown
    for (const address of this.#candidates()) {
      try {
        const answer = await this.#call<Answer>(address, name, args)
        this.#last = address
        return answer
      } catch (error) {
        failure ??= error
        if (isFinal(error)) throw error
        this.#log.debug('a broker did not answer', { cluster: this.alias, broker: address, reason: String(error) })
      }
    }
    throw failure ?? new Failure('BROKER_UNREACHABLE', `cluster ${this.alias} has no address`, { cluster: this.alias })
  }

  /** One request to this broker. @throws Failure */
  async callBroker<Answer>(brokerId: number, name: ApiName, args: readonly unknown[]): Promise<Answer> {
    return this.#call(await this.#addressOf(brokerId), name, args)
  }

  /** One request to the controller (or, under KRaft, to a broker that forwards to it). */
  async callController<Answer>(name: ApiName, args: readonly unknown[]): Promise<Answer> {
    const { controllerId, brokers } = await this.metadata([])
    return brokers.has(controllerId) ? this.callBroker(controllerId, name, args) : this.callAny(name, args)
  }

  close(): Promise<void> {
    return this.#connections.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #call<Answer>(address: string, name: ApiName, args: readonly unknown[]): Promise<Answer> {
    const { connection, versions } = await this.#connections.to(address)
    try {
      return await call<Answer>(connection, versions, name, args, { cluster: this.alias, broker: address })
    } catch (error) {
      if (error instanceof Failure && (error.code === 'BROKER_UNREACHABLE' || error.code === 'REQUEST_TIMED_OUT'))
        await this.#connections.drop(address)
      throw error
    }
  }

  /** Where to ask: whoever answered last, the other known brokers, then the addresses of the configuration. */
  #candidates(): string[] {
    const known = [...this.#brokers.values()].map(addressOf)
    return [...new Set([...(this.#last ? [this.#last] : []), ...known, ...this.settings.bootstrapServers])]
  }

  async #addressOf(brokerId: number): Promise<string> {
    const broker = this.#brokers.get(brokerId) ?? (await this.metadata([])).brokers.get(brokerId)
    if (!broker)
      throw new Failure('BROKER_UNREACHABLE', `cluster ${this.alias} has no broker ${brokerId} at the moment`, {
        cluster: this.alias,
      })
    return addressOf(broker)
  }
}

function addressOf(broker: BrokerInfo): string {
  return `${broker.host}:${broker.port}`
}

/** What another broker of the same cluster would answer too. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof Failure && ['AUTHENTICATION_FAILED', 'UNSUPPORTED_VERSION', 'CONFIG_INVALID'].includes(error.code)
  )
}

function metadataOf(answer: MetadataAnswer): ClusterMetadata {
  return {
    clusterId: answer.clusterId ?? '',
    controllerId: answer.controllerId,
    brokers: new Map(answer.brokers.map(({ nodeId: id, host, port, rack }) => [id, { id, host, port, rack }])),
    topics: new Map(answer.topics.map((topic) => [topic.name ?? '', topicOf(topic)])),
  }
}

function topicOf(topic: MetadataAnswer['topics'][number]): TopicMetadata {
  const partitions = topic.partitions
    .map((p) => ({
      index: p.partitionIndex,
      leader: p.leaderId,
      leaderEpoch: p.leaderEpoch ?? -1,
      replicas: p.replicaNodes,
      isr: p.isrNodes,
      error: p.errorCode,
    }))
    .sort((a, b) => a.index - b.index)
  const topicId = topic.topicId === undefined || topic.topicId === NO_ID ? '' : topic.topicId
  return { name: topic.name ?? '', topicId, internal: topic.isInternal, error: topic.errorCode, partitions }
}
