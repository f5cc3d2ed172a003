// One cluster through its control connections: metadata of brokers and topics, and requests to a broker or the controller.
import { asFailure, Failure, failures } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import { joinAddress } from './connection/address.ts'
import { slowBrokerRemedy } from './connection/connection-failure.ts'
import { ControlConnections, type Lane } from './connection/control-connections.ts'
import { firstOf } from './connection/first-of.ts'
import type { ApiName } from './connection/library-calls.ts'

export interface BrokerInfo {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface PartitionMetadata {
  readonly index: number
  /** -1 if there is none */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** Kafka's error code, 0 for none */
  readonly error: number
}

export interface TopicMetadata {
  readonly name: string
  /** UUID as text; '' if the cluster has no topic ids */
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

/**
 * Whether two metadata responses are from the same cluster, whatever the aliases; false if either has no cluster id (''), because
 * it is unknown then.
 */
export function isSameCluster(a: Pick<ClusterMetadata, 'clusterId'>, b: Pick<ClusterMetadata, 'clusterId'>): boolean {
  return a.clusterId !== '' && a.clusterId === b.clusterId
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

export interface CallOptions {
  /** ms; the request timeout of the cluster when absent */
  readonly timeoutMs?: number
  /** which connection to the broker is used; `control` when absent */
  readonly lane?: Lane
}

/** If an address has not responded after this time (ms), the next one is tried in parallel. */
const STAGGER_MS = 400
/** Resolution of a connection's own deadline (ms). The deadline here is later by this much, so that the connection reports first. */
const CONNECTION_CLOCK_MS = 600
const NO_ID = '00000000-0000-0000-0000-000000000000'

export class Cluster implements AsyncDisposable {
  readonly settings: ClusterSettings
  readonly #log: Logger
  readonly #connections: ControlConnections
  #brokers: ReadonlyMap<number, BrokerInfo> = new Map()
  /** from the last metadata of all topics */
  #topics: ReadonlyMap<string, TopicMetadata> = new Map()
  #last = ''

  constructor(settings: ClusterSettings, log: Logger) {
    this.settings = settings
    this.#log = log
    this.#connections = new ControlConnections(settings)
  }

  /** Number of connections that are open or being opened. */
  get connections(): number {
    return this.#connections.count
  }

  get alias(): string {
    return this.settings.alias
  }

  /**
   * Reads fresh metadata; never creates topics.
   * @param topics all topics when absent, only brokers when empty
   * @throws Failure BROKER_UNREACHABLE, AUTHENTICATION_FAILED, TLS_FAILED ... if no broker responds
   */
  async metadata(topics?: readonly string[]): Promise<ClusterMetadata> {
    const answer = await this.callAny<MetadataAnswer>('metadata', [topics ? [...topics] : null, false, false, false])
    const metadata = metadataOf(answer, this.#topics)
    this.#brokers = metadata.brokers
    if (!topics) this.#topics = metadata.topics
    return metadata
  }

  /** The API versions of a broker, by API key. @throws Failure */
  async apiVersions(brokerId: number): Promise<ReadonlyMap<number, { min: number; max: number }>> {
    return (await this.#connections.to(await this.#addressOf(brokerId), 'control')).versions
  }

  /** Sends a request to any broker that responds. @throws Failure of the first broker tried, if none responds */
  async callAny<Answer>(name: ApiName, args: readonly unknown[], options: CallOptions = {}): Promise<Answer> {
    const tried = new Set<string>()
    let failure: Failure | undefined
    for (;;) {
      const candidates = this.#candidates().filter((address) => !tried.has(address))
      if (candidates.length === 0) throw failure ?? this.#noAddress()
      const address = await this.#reach(candidates, options.lane ?? 'control').catch((error: unknown) => {
        throw failure ?? asFailure(error)
      })
      tried.add(address)
      try {
        const answer = await this.#call<Answer>(address, name, args, options)
        this.#last = address
        return answer
      } catch (error) {
        failure ??= asFailure(error)
        if (isFinal(error)) throw failure
        this.#log.debug('a broker did not respond', { cluster: this.alias, broker: address, reason: failure.message })
      }
    }
  }

  /** Sends a request to this broker. @throws Failure */
  async callBroker<Answer>(
    brokerId: number,
    name: ApiName,
    args: readonly unknown[],
    options: CallOptions = {},
  ): Promise<Answer> {
    const address = await this.#addressOf(brokerId)
    try {
      return await this.#call(address, name, args, options)
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'BROKER_UNREACHABLE') throw error
      // The broker may have another address after a restart, as pods do.
      const broker = (await this.metadata([])).brokers.get(brokerId)
      if (!broker || addressOf(broker) === address) throw error
      return this.#call(addressOf(broker), name, args, options)
    }
  }

  /** Sends a request to the controller (with KRaft, to a broker that forwards it). @throws Failure */
  async callController<Answer>(name: ApiName, args: readonly unknown[], options: CallOptions = {}): Promise<Answer> {
    const { controllerId, brokers } = await this.metadata([])
    return brokers.has(controllerId)
      ? this.callBroker(controllerId, name, args, options)
      : this.callAny(name, args, options)
  }

  /** Closes the connections of one lane, e.g. to cancel a pending JoinGroup; the next call opens new ones. */
  closeLane(lane: Lane): void {
    this.#connections.closeLane(lane)
  }

  /** Closes all connections immediately; pending calls fail with CONNECTION_LOST. */
  close(): Promise<void> {
    this.#connections.close()
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #call<Answer>(
    address: string,
    name: ApiName,
    args: readonly unknown[],
    { lane = 'control', timeoutMs = this.settings.requestTimeoutMs }: CallOptions,
  ): Promise<Answer> {
    const isReused = this.#connections.has(address, lane)
    const attempt = async () => (await this.#connections.to(address, lane)).call<Answer>(name, args, timeoutMs)
    try {
      return await this.#within(attempt(), address, lane, timeoutMs)
    } catch (error) {
      // The broker may have closed an idle connection while the request was written. Only reads are safe to repeat.
      const isStale = isReused && lane === 'control' && error instanceof Failure && error.code === 'CONNECTION_LOST'
      if (!isStale) throw error
      return this.#within(attempt(), address, lane, timeoutMs)
    }
  }

  /** Applies the time limit of a call to opening its connection too: a frozen host accepts TCP connections but never responds. */
  async #within<Answer>(answer: Promise<Answer>, broker: string, lane: Lane, timeoutMs: number): Promise<Answer> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    // The open connection has its own deadline; this one covers the time before it is open.
    const check = () => {
      // A broker that throttles responds later.
      const mutedMs = this.#connections.mutedForMs(broker, lane)
      if (mutedMs > 0) {
        timer = setTimeout(check, mutedMs + timeoutMs)
        return
      }
      const sentence = `broker ${broker} of cluster ${this.alias} did not respond within ${timeoutMs} ms`
      reject(
        new Failure('REQUEST_TIMED_OUT', sentence, { cluster: this.alias, broker, remedy: slowBrokerRemedy(broker) }),
      )
    }
    let timer = setTimeout(check, timeoutMs + CONNECTION_CLOCK_MS)
    try {
      return await Promise.race([answer, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** The first of these addresses that accepts a connection. */
  #reach(addresses: readonly string[], lane: Lane): Promise<string> {
    const attempts = addresses.map((address) => async () => {
      await this.#connections.to(address, lane)
      return address
    })
    return firstOf(attempts, STAGGER_MS)
  }

  /** Addresses to try: the broker that responded last, the other known brokers, then the bootstrap servers. */
  #candidates(): string[] {
    const known = [...this.#brokers.values()].map(addressOf)
    return [...new Set([...(this.#last ? [this.#last] : []), ...known, ...this.settings.bootstrapServers])]
  }

  async #addressOf(brokerId: number): Promise<string> {
    const broker = this.#brokers.get(brokerId) ?? (await this.metadata([])).brokers.get(brokerId)
    if (broker) return addressOf(broker)
    const sentence = `cluster ${this.alias} has no broker ${brokerId} at the moment`
    throw new Failure('BROKER_UNREACHABLE', sentence, { cluster: this.alias })
  }

  #noAddress(): Failure {
    return new Failure('BROKER_UNREACHABLE', `cluster ${this.alias} has no address`, { cluster: this.alias })
  }
}

function addressOf(broker: BrokerInfo): string {
  return joinAddress(broker.host, broker.port)
}

/** Whether any other broker of the cluster would fail the same way. */
function isFinal(error: unknown): boolean {
  return error instanceof Failure && failures[error.code].verdict === 'halt' && error.code !== 'TLS_FAILED'
}

/** @param before earlier metadata; unchanged topics reuse its objects, which saves memory with thousands of topics */
function metadataOf(answer: MetadataAnswer, before: ReadonlyMap<string, TopicMetadata>): ClusterMetadata {
  return {
    clusterId: answer.clusterId ?? '',
    controllerId: answer.controllerId,
    brokers: new Map(answer.brokers.map(({ nodeId: id, host, port, rack }) => [id, { id, host, port, rack }])),
    topics: new Map(answer.topics.map((topic) => topicEntry(topic, before.get(topic.name ?? '')))),
  }
}

function topicEntry(
  answer: MetadataAnswer['topics'][number],
  before: TopicMetadata | undefined,
): [string, TopicMetadata] {
  const topic = topicOf(answer)
  const same = before && isSameTopic(before, topic) ? before : topic
  return [same.name, same]
}

function isSameTopic(a: TopicMetadata, b: TopicMetadata): boolean {
  if (a.name !== b.name || a.topicId !== b.topicId || a.internal !== b.internal || a.error !== b.error) return false
  return (
    a.partitions.length === b.partitions.length && a.partitions.every((p, at) => isSamePartition(p, b.partitions[at]))
  )
}

function isSamePartition(a: PartitionMetadata, b: PartitionMetadata | undefined): boolean {
  if (a.index !== b?.index || a.leader !== b.leader || a.leaderEpoch !== b.leaderEpoch || a.error !== b.error)
    return false
  return isSame(a.replicas, b.replicas) && isSame(a.isr, b.isr)
}

const isSame = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((id, at) => id === b[at])

function topicOf(topic: MetadataAnswer['topics'][number]): TopicMetadata {
  // Most partitions are on the same brokers as the one before, so equal lists are shared.
  let last: readonly number[] = []
  const shared = (ids: readonly number[]) => {
    last = isSame(ids, last) ? last : ids
    return last
  }
  const partitions = topic.partitions
    .map((p) => ({
      index: p.partitionIndex,
      leader: p.leaderId,
      leaderEpoch: p.leaderEpoch ?? -1,
      replicas: shared(p.replicaNodes),
      isr: shared(p.isrNodes),
      error: p.errorCode,
    }))
    .sort((a, b) => a.index - b.index)
  const topicId = topic.topicId === undefined || topic.topicId === NO_ID ? '' : topic.topicId
  return { name: topic.name ?? '', topicId, internal: topic.isInternal, error: topic.errorCode, partitions }
}
