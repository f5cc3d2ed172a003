// Writes generated records to one topic. Records with a key go to the partition that the Java client selects, others to one partition per batch.
import { Failure } from '../base/failure.ts'
import { nearest } from '../base/nearest.ts'
import { sleep } from '../base/retry.ts'
import { Admin, type NewTopic } from '../kafka/admin.ts'
import type { Cluster } from '../kafka/cluster.ts'
import type { BrokerAddress } from '../kafka/raw-connection.ts'
import { BrokerConnections, type Leaders } from '../records/broker-connections.ts'
import { appendToLog } from '../records/log-writer.ts'
import { partitionForKey } from '../records/murmur2.ts'
import type { NewLogRecord } from '../records/record-log.ts'

export type GeneratedRecord = Omit<NewLogRecord, 'partition'>

const TOPIC_EXISTS = 36

export class TopicWriter {
  readonly topic: string
  readonly #cluster: Cluster
  readonly #codec: number
  readonly #connections: BrokerConnections
  #leaders: readonly BrokerAddress[] = []
  #turn = 0

  private constructor(cluster: Cluster, topic: string, codec: number) {
    this.topic = topic
    this.#cluster = cluster
    this.#codec = codec
    this.#connections = new BrokerConnections(cluster.settings)
  }

  /**
   * Opens a topic for writing.
   * @param codec 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd
   * @param make how to create the topic if it is missing; absent: it must exist
   * @throws Failure UNKNOWN_TOPIC with the most similar name, or why it cannot be created or reached
   */
  static async open(cluster: Cluster, topic: string, codec: number, make?: NewTopic): Promise<TopicWriter> {
    const writer = new TopicWriter(cluster, topic, codec)
    if (make) await create(cluster, make)
    const { topics } = await cluster.metadata([topic])
    const found = topics.get(topic)
    if (!make && (!found || found.partitions.length === 0)) throw await unknown(cluster, topic)
    await writer.#leadersOf('fresh', make ? 20 : 1)
    return writer
  }

  get partitions(): number {
    return this.#leaders.length
  }

  /** Writes with acks=all. @throws Failure when that fails; any part may have been written */
  async write(records: readonly GeneratedRecord[]): Promise<void> {
    const turn = this.#turn++ % this.partitions
    const placed = records.map((record) => ({
      ...record,
      partition: record.key === null ? turn : partitionForKey(record.key, this.partitions),
    }))
    const { topic } = this
    const leaders: Leaders = (which) => this.#leadersOf(which, 1)
    const parts = { cluster: this.#cluster.alias, topic, connections: this.#connections, leaders, codec: this.#codec }
    await appendToLog(parts, placed)
  }

  close(): Promise<void> {
    return this.#connections.close()
  }

  async #leadersOf(which: 'known' | 'fresh', tries: number): Promise<readonly BrokerAddress[]> {
    if (which === 'known' && this.#leaders.length > 0) return this.#leaders
    for (let left = tries; ; left--) {
      try {
        this.#leaders = await leadersNow(this.#cluster, this.topic)
        return this.#leaders
      } catch (error) {
        if (left <= 1) throw error
        await sleep(250)
      }
    }
  }
}

/** Creates the topic unless it exists. @throws Failure when it cannot be created */
async function create(cluster: Cluster, topic: NewTopic): Promise<void> {
  const failure = (await new Admin(cluster).createTopics([topic])).get(topic.name)
  if (failure && failure.circumstances.wireCode !== TOPIC_EXISTS) throw failure
}

async function leadersNow(cluster: Cluster, topic: string): Promise<BrokerAddress[]> {
  const { topics, brokers } = await cluster.metadata([topic])
  const partitions = topics.get(topic)?.partitions ?? []
  const where = { cluster: cluster.alias, topic }
  if (partitions.length === 0) throw new Failure('UNKNOWN_TOPIC', `${cluster.alias} has no topic ${topic}`, where)
  return partitions.map(({ leader }, partition) => {
    const broker = brokers.get(leader)
    if (broker) return broker
    throw new Failure('LEADER_MOVED', `${topic}-${partition} has no leader`, { ...where, partition })
  })
}

async function unknown(cluster: Cluster, topic: string): Promise<Failure> {
  const { topics } = await cluster.metadata()
  const meant = nearest(topic, topics.keys())
  return new Failure('UNKNOWN_TOPIC', `there is no topic ${topic}${meant ? `; did you mean ${meant}?` : ''}`, {
    cluster: cluster.alias,
    remedy: 'add --create-topic, and --partitions N',
  })
}
