// What a cluster is and holds, read once and changing nothing: brokers, features, topics, disks, the clock. What cannot be read is left
// out and named in `unknown`.
import type { Failure } from '../../base/failure.ts'
import { topicPartitionKey } from '../../base/topic-partition.ts'
import { Admin, type ConfigEntry } from '../../kafka/admin.ts'
import type { BrokerInfo, Cluster, ClusterMetadata } from '../../kafka/cluster.ts'
import { type ClockDifference, type Feature, type LogDir, Survey } from '../../kafka/survey.ts'
import { Attempts } from './attempts.ts'
import { readOffsets, type TopicFacts, topicFacts } from './topics.ts'

/** What can be read of a cluster beside its metadata; sizes of partitions are read with the disks. */
const parts = ['apis', 'features', 'broker-configs', 'topic-configs', 'offsets', 'disks', 'clock'] as const
export type Part = (typeof parts)[number]

/** What could not be read, and why. */
interface Unknown {
  readonly what: Part
  readonly failure: Failure
}

export interface BrokerFacts extends BrokerInfo {
  /** newest version of each request it knows, by Kafka's key of the request; empty where it was not asked, or did not answer */
  readonly apis: ReadonlyMap<number, number>
}

/** A log folder of a broker without its contents. */
export type VolumeFacts = Omit<LogDir, 'replicas'>

interface DiskFacts {
  /** all log folders of the brokers that answered */
  readonly volumes: readonly VolumeFacts[]
  /** size of the leader's replica, by `topic-partition` */
  readonly leaderBytes: ReadonlyMap<string, number>
}

export interface Inventory {
  readonly alias: string
  /** empty where the cluster does not tell */
  readonly clusterId: string
  readonly brokers: readonly BrokerFacts[]
  /** features that are switched on or could be; `metadata.version` among them under KRaft */
  readonly features: ReadonlyMap<string, Feature>
  /** of one broker, since they are alike as a rule; absent where they may not be read */
  readonly brokerConfigs?: readonly ConfigEntry[]
  /** all that the user may see; offsets, configs and sizes of those that were selected */
  readonly topics: ReadonlyMap<string, TopicFacts>
  /** absent where the brokers do not tell */
  readonly disks?: DiskFacts
  /** absent where the cluster does not tell its time */
  readonly clock?: ClockDifference
  readonly unknown: readonly Unknown[]
}

/** How much of a cluster is read. */
export interface Extent {
  /** topics whose configs and offsets are read */
  readonly selects: (topic: string) => boolean
  /** all parts when absent */
  readonly parts?: readonly Part[]
}

/**
 * Reads a cluster.
 * @throws Failure when no broker gives metadata; what else cannot be read is in `unknown`
 */
export async function readInventory(cluster: Cluster, extent: Extent): Promise<Inventory> {
  const metadata = await cluster.metadata()
  const [admin, survey] = [new Admin(cluster), new Survey(cluster)]
  const selected = [...metadata.topics.values()].filter(({ name, error }) => error === 0 && extent.selects(name))
  const attempts = new Attempts<Part>()
  const read: Read = async (part, reading) =>
    (extent.parts ?? parts).includes(part) ? attempts.of(part, reading()) : undefined
  const brokers = await readBrokers(cluster, metadata, read)
  const [first = -1] = metadata.brokers.keys()
  const [features, brokerConfigs, configs, offsets, disks, clock] = await Promise.all([
    read('features', () => survey.features()),
    read('broker-configs', () => admin.describeBrokerConfigs(first)),
    read('topic-configs', () => admin.describeTopicConfigs(selected.map(({ name }) => name))),
    read('offsets', () => readOffsets(admin, selected)),
    read('disks', () => readDisks(survey, metadata)),
    read('clock', () => survey.clock()),
  ])
  const described = [...metadata.topics.values()].filter(({ error }) => error === 0)
  const readings = { configs, offsets, bytes: disks?.leaderBytes }
  return {
    ...{ alias: cluster.alias, clusterId: metadata.clusterId, brokers, unknown: attempts.failed },
    features: features ?? new Map(),
    ...(brokerConfigs && { brokerConfigs }),
    topics: new Map(described.map((topic) => [topic.name, topicFacts(topic, readings)])),
    ...(disks && { disks }),
    ...(clock && { clock }),
  }
}

/** The brokers that tell which requests they know: the others did not answer. */
export function answeringBrokers({ brokers }: Pick<Inventory, 'brokers'>): BrokerFacts[] {
  return brokers.filter(({ apis }) => apis.size > 0)
}

/** Reads a part, if it is wanted; undefined, with a note of the failure, where it cannot be read. */
type Read = <T>(part: Part, reading: () => Promise<T>) => Promise<T | undefined>

function readBrokers(cluster: Cluster, { brokers }: ClusterMetadata, read: Read): Promise<BrokerFacts[]> {
  const all = [...brokers.values()].map(async (one) => {
    const apis = await read('apis', () => newestVersions(cluster, one))
    return { ...one, apis: apis ?? new Map<number, number>() }
  })
  return Promise.all(all)
}

async function newestVersions(cluster: Cluster, { id }: BrokerInfo): Promise<ReadonlyMap<number, number>> {
  const versions = await cluster.apiVersions(id)
  return new Map([...versions].map(([key, { max }]) => [key, max]))
}

/** @throws Failure when no broker tells, e.g. NOT_AUTHORIZED */
async function readDisks(survey: Survey, { brokers, topics }: ClusterMetadata): Promise<DiskFacts> {
  const answers = await Promise.allSettled([...brokers.keys()].map((id) => survey.logDirs(id)))
  const failed = answers.find((one) => one.status === 'rejected')
  const folders = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  if (failed && folders.length === 0) throw failed.reason as Failure
  const isLed = (broker: number, topic: string, partition: number) =>
    topics.get(topic)?.partitions.find(({ index }) => index === partition)?.leader === broker
  const leaders = folders.flatMap(({ broker, replicas }) =>
    replicas.filter(({ topic, partition }) => isLed(broker, topic, partition)),
  )
  return {
    volumes: folders.map(({ replicas: _, ...volume }) => volume),
    leaderBytes: new Map(leaders.map(({ topic, partition, bytes }) => [topicPartitionKey(topic, partition), bytes])),
  }
}
