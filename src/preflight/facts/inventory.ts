// What a cluster is and holds, read once and changing nothing: brokers, features, topics with partitions, offsets, configs and sizes,
// disks, the clock. A plain value; what could not be learnt is left out of it and said in `unknown`.
import { Failure } from '../../base/failure.ts'
import { Admin, type ConfigEntry } from '../../kafka/admin.ts'
import type { BrokerInfo, Cluster, ClusterMetadata, TopicMetadata } from '../../kafka/cluster.ts'
import { type ClockDifference, type Feature, Survey } from '../../kafka/survey.ts'
import { type DiskFacts, disksOf } from './disks.ts'
import { type OffsetFacts, offsetsOf } from './offsets.ts'

export type { DiskFacts, VolumeFacts } from './disks.ts'
export type { OffsetFacts } from './offsets.ts'

/** What kind of thing could not be learnt, and why. */
export interface Unknown {
  readonly what: 'features' | 'apis' | 'broker-configs' | 'topic-configs' | 'offsets' | 'disks' | 'clock'
  readonly failure: Failure
}

export interface BrokerFacts extends BrokerInfo {
  /** newest version of each request it knows, by Kafka's key of the request; empty where it did not answer */
  readonly apis: ReadonlyMap<number, number>
}

export interface PartitionFacts extends Partial<OffsetFacts> {
  readonly index: number
  /** -1 without one */
  readonly leader: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** of the leader's replica; absent where the brokers do not tell */
  readonly bytes?: number
}

export interface TopicFacts {
  readonly name: string
  readonly id: string
  readonly internal: boolean
  readonly partitions: readonly PartitionFacts[]
  /** absent where the topic was not selected, or its configs may not be read */
  readonly configs?: readonly ConfigEntry[]
}

export interface Inventory {
  readonly alias: string
  /** empty where the cluster does not tell */
  readonly clusterId: string
  readonly controllerId: number
  /** ms since the epoch, by this machine's clock */
  readonly takenAt: number
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

/** Which topics are looked at more closely. */
export type Selection = (topic: string) => boolean

/**
 * Reads all of it.
 * @throws Failure when no broker gives metadata; what else cannot be learnt is in `unknown`
 */
export async function inventoryOf(cluster: Cluster, selection: Selection): Promise<Inventory> {
  const takenAt = Date.now()
  const unknown: Unknown[] = []
  const tried = async <T>(what: Unknown['what'], attempt: Promise<T>): Promise<T | undefined> =>
    attempt.catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error
      unknown.push({ what, failure: error })
      return undefined
    })
  const metadata = await cluster.metadata()
  const [admin, survey] = [new Admin(cluster), new Survey(cluster)]
  const chosen = [...metadata.topics.values()].filter(({ name, error }) => error === 0 && selection(name))
  const brokers = await Promise.all(
    [...metadata.brokers.values()].map(async (one) => {
      return (await tried('apis', brokerFacts(cluster, one))) ?? { ...one, apis: new Map<number, number>() }
    }),
  )
  const [first = -1] = metadata.brokers.keys()
  const [features, brokerConfigs, configs, offsets, disks, clock] = await Promise.all([
    tried('features', survey.features()),
    tried('broker-configs', admin.describeBrokerConfigs(first)),
    tried('topic-configs', admin.describeTopicConfigs(chosen.map(({ name }) => name))),
    tried('offsets', offsetsOf(admin, chosen)),
    tried('disks', disksOf(survey, metadata)),
    tried('clock', survey.clock()),
  ])
  for (const failure of [...(configs?.values() ?? [])].filter((one) => one instanceof Failure).slice(0, 1))
    unknown.push({ what: 'topic-configs', failure })
  return {
    alias: cluster.alias,
    ...{ clusterId: metadata.clusterId, controllerId: metadata.controllerId, takenAt, unknown },
    brokers,
    features: features ?? new Map(),
    ...(brokerConfigs && { brokerConfigs }),
    topics: topicsOf(metadata, { configs, offsets, disks }),
    ...(disks && { disks }),
    ...(clock && { clock }),
  }
}

/** Those that tell which requests they know: the others did not answer. */
export function answeringBrokers({ brokers }: Pick<Inventory, 'brokers'>): BrokerFacts[] {
  return brokers.filter(({ apis }) => apis.size > 0)
}

async function brokerFacts(cluster: Cluster, broker: BrokerInfo): Promise<BrokerFacts> {
  const versions = await cluster.apiVersions(broker.id)
  return { ...broker, apis: new Map([...versions].map(([key, { max }]) => [key, max])) }
}

interface Learnt {
  readonly configs: ReadonlyMap<string, ConfigEntry[] | Failure> | undefined
  readonly offsets: ReadonlyMap<string, OffsetFacts> | undefined
  readonly disks: DiskFacts | undefined
}

function topicsOf(metadata: ClusterMetadata, learnt: Learnt): Map<string, TopicFacts> {
  const known = [...metadata.topics.values()].filter(({ error }) => error === 0)
  return new Map(known.map((topic) => [topic.name, topicFacts(topic, learnt)]))
}

function topicFacts({ name, topicId: id, internal, partitions }: TopicMetadata, learnt: Learnt): TopicFacts {
  const configs = learnt.configs?.get(name)
  return {
    ...{ name, id, internal },
    ...(Array.isArray(configs) && { configs }),
    partitions: partitions.map(({ index, leader, replicas, isr }) => {
      const bytes = learnt.disks?.leaderBytes.get(`${name}-${index}`)
      const offsets = learnt.offsets?.get(`${name}-${index}`)
      return { index, leader, replicas, isr, ...offsets, ...(bytes !== undefined && { bytes }) }
    }),
  }
}

/** The value of a topic's config, default or not; undefined where it is not known. */
export function configOf(configs: readonly ConfigEntry[] | undefined, name: string): string | undefined {
  return configs?.find((entry) => entry.name === name)?.value ?? undefined
}
