// What both clusters look like right now: brokers and leaders, read when someone needs to know, never twice at once.
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import type { Cluster, ClusterMetadata } from './cluster.ts'
import type { BrokerAddress } from './raw-connection.ts'

/** Readings of one cluster lie at least this far apart (ms). */
const APART_MS = 100

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

  /** The last reading. */
  get current(): ClusterMetadata | undefined {
    return this.#current
  }

  /** The reading that is under way, or a new one. @throws Failure when no broker answers */
  refresh(): Promise<ClusterMetadata> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** As `refresh`, but never a reading that was under way already. @throws Failure when no broker answers */
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
    await sleep(Math.max(0, this.#readAt + APART_MS - Date.now()))
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
