// Read access to the logs of both clusters of a flow: metadata as of one moment, start and end offsets, records from an offset on.
import { Failure } from '../../base/failure.ts'
import type { Logger } from '../../base/logger.ts'
import { type TopicPartition, topicPartitionKey } from '../../base/topic-partition.ts'
import type { BatchRecord } from '../../batch/records.ts'
import { Admin } from '../../kafka/admin.ts'
import type { Cluster, ClusterMetadata } from '../../kafka/cluster.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import { Topology } from '../../kafka/topology.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { BrokerConnections } from '../../records/broker-connections.ts'
import { type Log, PartitionLog } from './log-peek.ts'

type LogSide = 'source' | 'target'
type When = 'earliest' | 'latest'

export interface BothLogsParts {
  readonly settings: FlowSettings
  /** settings to read records with */
  readonly sourceAdmin: ClusterSettings
  readonly targetCluster: ClusterSettings
  /** connected with the admin settings */
  readonly source: Cluster
  readonly target: Cluster
  readonly log: Logger
}

export class BothLogs {
  readonly topology: Readonly<Record<LogSide, Topology>>
  readonly admin: Readonly<Record<LogSide, Admin>>
  readonly #settings: FlowSettings
  readonly #connections: Readonly<Record<LogSide, BrokerConnections>>
  /** offsets read by `loadOffsets`, by `side when topic-partition` */
  readonly #ends = new Map<string, number>()

  constructor({ settings, source, target, sourceAdmin, targetCluster, log }: BothLogsParts) {
    this.#settings = settings
    this.topology = { source: new Topology(source, log), target: new Topology(target, log) }
    this.#connections = { source: new BrokerConnections(sourceAdmin), target: new BrokerConnections(targetCluster) }
    this.admin = { source: new Admin(source), target: new Admin(target) }
  }

  /** Reads the metadata of both clusters. @throws Failure when a cluster does not answer */
  async refresh(): Promise<void> {
    await Promise.all([this.topology.source.refresh(), this.topology.target.refresh()])
  }

  /** The metadata read by `refresh`. */
  metadataOf(side: LogSide): ClusterMetadata {
    const { current } = this.topology[side]
    if (!current) throw new Failure('INTERNAL', `the metadata of the ${side} cluster was not read`)
    return current
  }

  hasPartition(side: LogSide, { topic, partition }: TopicPartition): boolean {
    return partition < (this.metadataOf(side).topics.get(topic)?.partitions.length ?? 0)
  }

  open(side: LogSide, topic: string, partition: number): Log {
    const parts = {
      cluster: this.#settings[side],
      admin: this.admin[side],
      topology: this.topology[side],
      connections: this.#connections[side],
      readCommitted: side === 'source' && this.#settings.isolation === 'read_committed',
    }
    return new PartitionLog(parts, topic, partition)
  }

  /** Reads start and end offsets of many partitions at once. `offset` requests those again that failed here. @throws Failure */
  async loadOffsets(side: LogSide, partitions: readonly TopicPartition[]): Promise<void> {
    const both: readonly When[] = ['earliest', 'latest']
    await Promise.all(
      both.map(async (at) => {
        const asked = partitions.map(({ topic, partition }) => ({ topic, partition, at }))
        const found = await this.admin[side].listOffsets(asked, this.#isolationOf(side))
        for (const [key, one] of found)
          if (!(one instanceof Failure)) this.#ends.set(`${side} ${at} ${key}`, one.offset)
      }),
    )
  }

  /** Start or end offset of a partition; the end is by the flow's isolation level on the source, the log end on the target. @throws Failure */
  async offset(side: LogSide, { topic, partition }: TopicPartition, at: When): Promise<number> {
    const key = topicPartitionKey(topic, partition)
    const known = this.#ends.get(`${side} ${at} ${key}`)
    if (known !== undefined) return known
    const found = await this.admin[side].listOffsets([{ topic, partition, at }], this.#isolationOf(side))
    const one = found.get(key)
    if (one instanceof Failure) throw one
    return one?.offset ?? 0
  }

  /** The first source record at or after an offset; undefined when there is none yet. @throws Failure */
  async firstFrom({ topic, partition }: TopicPartition, offset: number): Promise<BatchRecord | undefined> {
    const log = this.open('source', topic, partition)
    for (let at = offset; ; ) {
      const { records, next } = await log.read(at)
      const [first] = records
      if (first) return first
      if (next <= at) return undefined
      at = next
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#connections.source.close(), this.#connections.target.close()])
  }

  #isolationOf(side: LogSide): FlowSettings['isolation'] {
    return side === 'source' ? this.#settings.isolation : 'read_uncommitted'
  }
}
