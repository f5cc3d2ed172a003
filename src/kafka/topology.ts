// Cached metadata of one cluster: brokers and leaders. Concurrent refreshes share one request.
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import type { Cluster, ClusterMetadata } from './cluster.ts'
import type { BrokerAddress } from './raw-connection.ts'

/** Minimum time between two metadata requests (ms). */
const MIN_INTERVAL_MS = 100

export class Topology {
  readonly #cluster: Cluster
  readonly #log: Logger
  #current: ClusterMetadata | undefined
  #readAt = 0
  #reading: Promise<ClusterMetadata> | undefined

  constructor(cluster: Cluster, log: Logger) {
    this.#cluster = cluster
    this.#log = log
  }

  /** The last metadata that was read. */
  get current(): ClusterMetadata | undefined {
    return this.#current
  }

  /** Joins a pending metadata request, or starts one. @throws Failure if no broker responds */
  refresh(): Promise<ClusterMetadata> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** As `refresh`, but the request starts after this call. @throws Failure if no broker responds */
  async refreshFromNow(): Promise<ClusterMetadata> {
    await this.#reading?.catch(() => undefined)
    return this.refresh()
  }

  leaderOf(topic: string, partition: number): { broker: BrokerAddress; epoch: number } | undefined {
    const found = this.#current?.topics.get(topic)?.partitions[partition]
    const broker = found && this.#current?.brokers.get(found.leader)
    return broker && { broker, epoch: found.leaderEpoch }
  }

  async #read(): Promise<ClusterMetadata> {
    await sleep(Math.max(0, this.#readAt + MIN_INTERVAL_MS - Date.now()))
    const before = this.#current
    this.#current = await this.#cluster.metadata()
    this.#readAt = Date.now()
    if (before && before.clusterId !== this.#current.clusterId) {
      this.#log.error('the addresses of a cluster now belong to another cluster', {
        cluster: this.#cluster.alias,
        was: before.clusterId,
        is: this.#current.clusterId,
      })
    }
    return this.#current
  }
}
