// RecordLog on a real cluster: a compacted topic, read by Fetch and written by Produce.
import { Failure } from '../base/failure.ts'
import type { Admin } from '../kafka/admin.ts'
import type { Cluster } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { BrokerAddress } from '../kafka/raw-connection.ts'
import { BrokerConnections, type Leaders } from './broker-connections.ts'
import { ensureCompactTopic, startBrokersRemedy } from './compact-topic.ts'
import { readLog } from './log-reader.ts'
import { appendToLog } from './log-writer.ts'
import type { CompactTopic, LogRecord, NewLogRecord, RecordLog } from './record-log.ts'

interface TopicRecordLogParts {
  readonly topic: string
  readonly cluster: Cluster
  readonly admin: Admin
  /** settings of the connections for reading and writing records */
  readonly settings: ClusterSettings
}

export class TopicRecordLog implements RecordLog {
  readonly topic: string
  readonly #parts: TopicRecordLogParts
  readonly #connections: BrokerConnections
  #known: readonly BrokerAddress[] | undefined

  constructor(parts: TopicRecordLogParts) {
    this.topic = parts.topic
    this.#parts = parts
    this.#connections = new BrokerConnections(parts.settings)
  }

  async ensure(spec: CompactTopic): Promise<number> {
    const topic = await ensureCompactTopic(this.#parts, spec)
    return topic.partitions.length
  }

  readAll(onRecord: (record: LogRecord) => void): Promise<void> {
    return readLog({ ...this.#access(), admin: this.#parts.admin }, onRecord)
  }

  append(records: readonly NewLogRecord[]): Promise<void> {
    return appendToLog(this.#access(), records)
  }

  /** Closes its connections; a later call opens new ones. */
  close(): Promise<void> {
    return this.#connections.close()
  }

  #access() {
    const { topic } = this
    const leaders: Leaders = async (which) => {
      if (which === 'fresh' || !this.#known) this.#known = await this.#leaders()
      return this.#known
    }
    return { topic, cluster: this.#parts.cluster.alias, connections: this.#connections, leaders }
  }

  /** @throws Failure UNKNOWN_TOPIC, LEADER_MOVED, or another one if no broker responds */
  async #leaders(): Promise<BrokerAddress[]> {
    const { cluster } = this.#parts
    const { topics, brokers } = await cluster.metadata([this.topic])
    const found = topics.get(this.topic)
    const where = { cluster: cluster.alias, topic: this.topic }
    if (!found || found.partitions.length === 0) {
      throw new Failure('UNKNOWN_TOPIC', `cluster ${cluster.alias} has no topic ${this.topic}`, {
        ...where,
        remedy: 'this topic stores the state of the flow; if it was deleted, restart godwit, which creates it again',
      })
    }
    return found.partitions.map(({ leader }, partition) => {
      const broker = brokers.get(leader)
      if (broker) return broker
      throw new Failure('LEADER_MOVED', `${this.topic}-${partition} on cluster ${cluster.alias} has no leader`, {
        ...where,
        partition,
        ...startBrokersRemedy(found.partitions.slice(partition, partition + 1)),
      })
    })
  }
}
