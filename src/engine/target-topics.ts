// Finds the topics to copy and makes their counterparts on the target: created with the source's configs and partition count,
// grown when the source has grown. Existing target topics are taken as they are.
import { counted } from '../base/counted.ts'
import { Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import type { Admin, ConfigEntry } from '../kafka/admin.ts'
import type { ClusterMetadata, TopicMetadata } from '../kafka/cluster.ts'
import { type FlowSettings, factorFor } from '../mirror/flow-settings.ts'
import type { ReplicationPolicy } from '../mirror/replication-policy.ts'
import { type ConfigSource, type ConfigEntry as TravellingEntry, targetConfigs } from '../mirror/topic-configs.ts'
import { shouldReplicate } from '../mirror/topic-selection.ts'
import type { TopicLimits } from './topic-limits.ts'
import type { Topology } from './topology.ts'

const ALREADY_EXISTS = 36
const INVALID_REPLICATION_FACTOR = 38
/** Kafka's own default of message.max.bytes, where a broker does not tell. */
const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588

export interface TopicPair {
  readonly topic: string
  readonly targetTopic: string
  readonly sourceId: string
  readonly targetId: string
  readonly partitions: number
  readonly limits: TopicLimits
}

export interface Discovery {
  readonly pairs: readonly TopicPair[]
  /** topics that should be copied but cannot be yet, with the reason */
  readonly problems: ReadonlyMap<string, Failure>
}

export interface TargetTopicsParts {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  readonly source: Topology
  readonly target: Topology
  readonly sourceAdmin: Admin
  readonly targetAdmin: Admin
  readonly log: Logger
}

export class TargetTopics {
  readonly #parts: TargetTopicsParts
  /** limits of target topics that were asked for already */
  readonly #limits = new Map<string, { targetId: string; limits: TopicLimits }>()

  constructor(parts: TargetTopicsParts) {
    this.#parts = parts
  }

  /**
   * One round of discovery. A topic that fails does not keep the others back.
   * @throws Failure when a cluster does not answer at all
   */
  async discover(): Promise<Discovery> {
    const { source, target, settings, policy } = this.#parts
    const [here, there] = await Promise.all([source.refresh(), target.refresh()])
    const wanted = [...here.topics.values()].filter(
      (topic) => topic.error === 0 && shouldReplicate(topic.name, settings, policy).replicate,
    )
    const problems = new Map<string, Failure>()
    const missing = wanted.filter((topic) => !there.topics.has(this.remoteName(topic.name)))
    await this.#create(missing, there.brokers.size, problems)
    const grown = wanted.filter(
      (topic) =>
        (there.topics.get(this.remoteName(topic.name))?.partitions.length ?? Infinity) < topic.partitions.length,
    )
    await this.#grow(grown, problems)
    const now = missing.length + grown.length > 0 ? await this.#whenVisible([...missing, ...grown]) : there
    await this.#askLimits(wanted, now)
    return { pairs: wanted.flatMap((topic) => this.#pair(topic, now, problems)), problems }
  }

  remoteName(topic: string): string {
    return this.#parts.policy.formatRemoteTopic(this.#parts.settings.sourceAlias, topic)
  }

  /** Asks for the limits of a target topic again, e.g. after it refused a batch as too large. @throws Failure when they are not told */
  async limitsOf(targetTopic: string): Promise<TopicLimits> {
    const found = (await this.#parts.targetAdmin.describeTopicConfigs([targetTopic])).get(targetTopic)
    if (found instanceof Failure) throw found
    return limitsFrom(found ?? [])
  }

  #pair(topic: TopicMetadata, now: ClusterMetadata, problems: Map<string, Failure>): TopicPair[] {
    const targetTopic = this.remoteName(topic.name)
    const there = now.topics.get(targetTopic)
    if (there?.error !== 0) {
      if (!problems.has(topic.name))
        problems.set(
          topic.name,
          new Failure('UNKNOWN_TOPIC', `target topic ${targetTopic} is not there yet`, { topic: targetTopic }),
        )
      return []
    }
    const known = this.#limits.get(targetTopic)
    if (!known) return []
    return [
      {
        topic: topic.name,
        targetTopic,
        sourceId: topic.topicId,
        partitions: Math.min(topic.partitions.length, there.partitions.length),
        limits: known.limits,
        targetId: there.topicId,
      },
    ]
  }

  async #create(missing: readonly TopicMetadata[], brokers: number, problems: Map<string, Failure>): Promise<void> {
    if (missing.length === 0) return
    const { sourceAdmin, targetAdmin, settings, log } = this.#parts
    const configs = await sourceAdmin.describeTopicConfigs(missing.map((topic) => topic.name))
    const specs = missing.map((topic) => {
      const entries = configs.get(topic.name)
      return {
        name: this.remoteName(topic.name),
        partitions: topic.partitions.length,
        replicationFactor: factorFor(settings, brokers),
        configs: Array.isArray(entries) ? targetConfigs(entries.map(travelling), settings.configProperties) : {},
      }
    })
    const results = await targetAdmin.createTopics(specs, settings.adminTimeoutMs)
    for (const topic of missing) {
      const name = this.remoteName(topic.name)
      const failure = results.get(name)
      if (!failure) log.info('created a target topic', { topic: name, partitions: topic.partitions.length })
      else if (failure.circumstances.wireCode !== ALREADY_EXISTS)
        problems.set(topic.name, withFactor(failure, settings, brokers))
    }
  }

  async #grow(grown: readonly TopicMetadata[], problems: Map<string, Failure>): Promise<void> {
    if (grown.length === 0) return
    const { targetAdmin, log } = this.#parts
    const results = await targetAdmin.createPartitions(
      grown.map((topic) => ({ topic: this.remoteName(topic.name), count: topic.partitions.length })),
    )
    for (const topic of grown) {
      const name = this.remoteName(topic.name)
      const failure = results.get(name)
      if (failure) problems.set(topic.name, failure)
      else log.info('added partitions to a target topic', { topic: name, partitions: topic.partitions.length })
    }
  }

  /** New topics and partitions need a moment until every broker tells of them. */
  async #whenVisible(topics: readonly TopicMetadata[]): Promise<ClusterMetadata> {
    const deadline = Date.now() + 10_000
    for (;;) {
      const now = await this.#parts.target.refresh()
      const ready = topics.every((topic) =>
        isReady(now.topics.get(this.remoteName(topic.name)), topic.partitions.length),
      )
      if (ready || Date.now() > deadline) return now
    }
  }

  async #askLimits(wanted: readonly TopicMetadata[], now: ClusterMetadata): Promise<void> {
    const unknown = wanted
      .map((topic) => this.remoteName(topic.name))
      .filter((name) => now.topics.has(name) && this.#limits.get(name)?.targetId !== now.topics.get(name)?.topicId)
    if (unknown.length === 0) return
    const configs = await this.#parts.targetAdmin.describeTopicConfigs(unknown)
    for (const name of unknown) {
      const entries = configs.get(name)
      this.#limits.set(name, {
        targetId: now.topics.get(name)?.topicId ?? '',
        limits: limitsFrom(Array.isArray(entries) ? entries : []),
      })
    }
  }
}

/** A factor that the cluster has too few brokers for: the line to write for this flow. */
function withFactor(failure: Failure, { name, replicationFactor }: FlowSettings, brokers: number): Failure {
  if (failure.circumstances.wireCode !== INVALID_REPLICATION_FACTOR) return failure
  const { topic, cluster } = failure.circumstances
  const sentence = `topic ${topic} cannot be created with replication factor ${replicationFactor}: cluster ${cluster} has ${counted(brokers, 'broker')}`
  const remedy = `write ${name}.replication.factor = ${Math.max(1, brokers)} into the configuration file, or add brokers`
  return new Failure(failure.code, sentence, { ...failure.circumstances, remedy })
}

/** DescribeConfigs' numbers for where a value comes from, in mirror's words. */
const sources: readonly ConfigSource[] = [
  'other',
  'topic',
  'dynamic-broker',
  'dynamic-default-broker',
  'static-broker',
  'default',
]

/** An entry of DescribeConfigs in mirror's words. */
export function travelling(entry: ConfigEntry): TravellingEntry {
  return { ...entry, source: sources[entry.source] ?? 'other' }
}

function isReady(topic: TopicMetadata | undefined, partitions: number): boolean {
  return (
    topic !== undefined &&
    topic.error === 0 &&
    topic.partitions.length >= partitions &&
    topic.partitions.every((p) => p.leader >= 0)
  )
}

/** Numbers that batches bear for the names of compression.type; `producer` is none of them. */
const codecs: Readonly<Record<string, number>> = { uncompressed: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

function limitsFrom(entries: readonly ConfigEntry[]): TopicLimits {
  const value = (name: string) => entries.find((entry) => entry.name === name)?.value
  const bytes = (name: string) => Number(value(name) ?? DEFAULT_MAX_MESSAGE_BYTES)
  return {
    // A batch must fit into a segment too.
    maxMessageBytes: Math.min(bytes('max.message.bytes'), bytes('segment.bytes')),
    targetAppendTime: value('message.timestamp.type') === 'LogAppendTime',
    codec: codecs[value('compression.type') ?? 'producer'],
  }
}
