// Discovers the topics to copy and creates their target topics with the source's configs and partition count; adds partitions when the
// source has more. Existing target topics are used as they are.
import { counted } from '../base/counted.ts'
import { Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import type { TopicPartition } from '../base/topic-partition.ts'
import { selectedTopics } from '../completeness/source-listing.ts'
import type { Admin, ConfigEntry } from '../kafka/admin.ts'
import type { ClusterMetadata, TopicMetadata } from '../kafka/cluster.ts'
import type { Topology } from '../kafka/topology.ts'
import { errorCodes } from '../kafka/wire-errors.ts'
import type { ReplicationPolicy } from '../mirror/replication-policy.ts'
import { type ConfigSource, type MirrorConfigEntry, targetConfigs } from '../mirror/topic-configs.ts'
import { type FlowSettings, factorFor } from '../model/flow-settings.ts'
import { renamed, targetDeleted } from '../replicate/topic-failures.ts'
import type { TopicLimits } from '../replicate/topic-limits.ts'

/** Kafka's default of message.max.bytes, used where a broker does not report it. */
const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588

export interface TopicPair {
  readonly topic: string
  readonly targetTopic: string
  readonly sourceId: string
  readonly targetId: string
  readonly partitions: number
  readonly limits: TopicLimits
}

/** The topics of a flow after a round of discovery. */
export interface Discovery {
  /** topics that can be copied, with the number of partitions that both clusters have */
  readonly pairs: readonly TopicPair[]
  /** topics that cannot be copied yet, with the reason */
  readonly problems: ReadonlyMap<string, Failure>
  /** topics that wait for their target topic to be created or to be known by every broker */
  readonly waiting: ReadonlySet<string>
}

interface TargetTopicsParts {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  readonly source: Topology
  readonly target: Topology
  readonly sourceAdmin: Admin
  readonly targetAdmin: Admin
  /** whether records of a source topic were copied before: then its target topic must not be created again */
  readonly wasCopied: (topic: TopicMetadata) => boolean
  /** ids of the target topics that a source topic was copied into */
  readonly copiedInto: (topic: TopicMetadata) => ReadonlySet<string>
  readonly log: Logger
}

/** Partitions whose topics are created together, before the first of them are copied. */
const PARTITIONS_AT_ONCE = 1000
/** How long to wait until every broker knows a created topic, before leaving it to the next round (ms). */
const VISIBLE_MS = 10_000
/** Up to this many created topics are logged one by one. */
const NAMED = 20

export class TargetTopics {
  readonly #parts: TargetTopicsParts
  /** limits of target topics, cached by name */
  readonly #limits = new Map<string, { targetId: string; limits: TopicLimits }>()
  #wanted: readonly TopicMetadata[] = []
  #problems = new Map<string, Failure>()
  /** source topics whose target topics were created by this process */
  readonly #created = new Set<string>()

  constructor(parts: TargetTopicsParts) {
    this.#parts = parts
  }

  /**
   * Reads both clusters: which topics are to be copied, and which can be copied already. Creates nothing.
   * @param ready resolves once `wasCopied` can answer
   * @throws Failure when a cluster does not answer at all
   */
  async survey(ready?: Promise<unknown>): Promise<Discovery> {
    const { source, target, settings, policy, copiedInto, wasCopied } = this.#parts
    const [here, there] = await Promise.all([source.refresh(), target.refresh(), ready])
    this.#problems = new Map()
    this.#wanted = selectedTopics(here, settings, policy).filter(({ error }) => error === 0)
    for (const topic of this.#wanted) {
      const names = { topic: topic.name, targetTopic: this.remoteName(topic.name) }
      if (!there.topics.has(names.targetTopic) && wasCopied(topic))
        this.#problems.set(topic.name, lostTarget(names, copiedInto(topic), there, settings))
    }
    return this.#found(there)
  }

  /**
   * Creates the topics and partitions that the last survey found missing on the target, in portions. Calls `found` as soon as topics
   * can be copied. A topic that fails does not delay the others.
   * @throws Failure when a cluster does not answer at all
   */
  async complete(found: (discovery: Discovery) => void): Promise<Discovery> {
    const { target } = this.#parts
    const there = target.current ?? (await target.refresh())
    const open = this.#wanted.filter(({ name }) => !this.#problems.has(name))
    // A broker may not know yet what was created a moment ago.
    const missing = open.filter(({ name }) => !there.topics.has(this.remoteName(name)) && !this.#created.has(name))
    const awaited = open.filter(({ name }) => !there.topics.has(this.remoteName(name)) && this.#created.has(name))
    const grown = open.filter((topic) => {
      const copy = there.topics.get(this.remoteName(topic.name))
      return copy !== undefined && partitionsToAdd(topic.partitions.length, copy.partitions.length) > 0
    })
    await this.#grow(grown)
    if (missing.length > NAMED)
      this.#parts.log.info('target topics are being created; copying starts with the first of them', {
        topics: missing.length,
      })
    for (const part of inParts(missing)) {
      await this.#create(part)
      found(await this.#found(await target.refreshFromNow()))
    }
    return this.#found(await this.#whenVisible([...missing, ...awaited, ...grown]))
  }

  /** The wanted topics that can be copied now, by this metadata of the target. */
  async #found(there: ClusterMetadata): Promise<Discovery> {
    await this.#askLimits(this.#wanted, there)
    const pairs = this.#wanted.flatMap((topic) => this.#pair(topic, there))
    const ready = new Set(pairs.map(({ topic }) => topic))
    const waiting = this.#wanted.map(({ name }) => name).filter((name) => !ready.has(name) && !this.#problems.has(name))
    return { pairs, problems: this.#problems, waiting: new Set(waiting) }
  }

  /** The source partitions that the last survey selected. */
  *wanted(): Iterable<TopicPartition> {
    for (const { name: topic, partitions } of this.#wanted)
      for (const { index: partition } of partitions) yield { topic, partition }
  }

  remoteName(topic: string): string {
    return this.#parts.policy.formatRemoteTopic(this.#parts.settings.sourceAlias, topic)
  }

  /** Reads the limits of a target topic again, e.g. after it refused a batch as too large. @throws Failure */
  async limitsOf(targetTopic: string): Promise<TopicLimits> {
    const found = (await this.#parts.targetAdmin.describeTopicConfigs([targetTopic], limitKeys)).get(targetTopic)
    if (found instanceof Failure) throw found
    return limitsFrom(found ?? [])
  }

  #pair(topic: TopicMetadata, there: ClusterMetadata): TopicPair[] {
    const targetTopic = this.remoteName(topic.name)
    const copy = there.topics.get(targetTopic)
    const known = this.#limits.get(targetTopic)
    // A new topic without any leader yet is left to a later round: its partitions would only be retried.
    if (copy?.error !== 0 || !known || copy.partitions.every(({ leader }) => leader < 0)) return []
    return [
      {
        topic: topic.name,
        targetTopic,
        sourceId: topic.topicId,
        partitions: Math.min(topic.partitions.length, copy.partitions.length),
        limits: known.limits,
        targetId: copy.topicId,
      },
    ]
  }

  async #create(missing: readonly TopicMetadata[]): Promise<void> {
    const { sourceAdmin, targetAdmin, settings, target } = this.#parts
    const brokers = target.current?.brokers.size ?? 0
    const configs = await sourceAdmin.describeTopicConfigs(missing.map((topic) => topic.name))
    const specs = missing.map((topic) => {
      const entries = configs.get(topic.name)
      return {
        name: this.remoteName(topic.name),
        partitions: topic.partitions.length,
        replicationFactor: factorFor(settings, brokers),
        configs: Array.isArray(entries)
          ? targetConfigs(entries.map(fromDescribedConfig), settings.configProperties)
          : {},
      }
    })
    const results = await targetAdmin.createTopics(specs, settings.adminTimeoutMs)
    const created: TopicMetadata[] = []
    for (const topic of missing) {
      const failure = results.get(this.remoteName(topic.name))
      if (!failure || failure.circumstances.wireCode === errorCodes.TOPIC_ALREADY_EXISTS) this.#created.add(topic.name)
      if (!failure) created.push(topic)
      else if (failure.circumstances.wireCode !== errorCodes.TOPIC_ALREADY_EXISTS)
        this.#problems.set(topic.name, withFactor(failure, settings, brokers))
    }
    this.#logCreated(created)
  }

  #logCreated(created: readonly TopicMetadata[]): void {
    const { log } = this.#parts
    if (created.length > NAMED) return log.info('created target topics', { topics: created.length })
    for (const { name, partitions } of created)
      log.info('created a target topic', { topic: this.remoteName(name), partitions: partitions.length })
  }

  async #grow(grown: readonly TopicMetadata[]): Promise<void> {
    if (grown.length === 0) return
    const { targetAdmin, log } = this.#parts
    const results = await targetAdmin.createPartitions(
      grown.map((topic) => ({ topic: this.remoteName(topic.name), count: topic.partitions.length })),
    )
    for (const topic of grown) {
      const name = this.remoteName(topic.name)
      const failure = results.get(name)
      if (failure) this.#problems.set(topic.name, failure)
      else log.info('added partitions to a target topic', { topic: name, partitions: topic.partitions.length })
    }
  }

  /** Waits until every broker knows the new topics and partitions, at most VISIBLE_MS. */
  async #whenVisible(topics: readonly TopicMetadata[]): Promise<ClusterMetadata> {
    const deadline = Date.now() + VISIBLE_MS
    for (;;) {
      const now = await this.#parts.target.refreshFromNow()
      const ready = topics.every(
        (topic) =>
          this.#problems.has(topic.name) ||
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
    const configs = await this.#parts.targetAdmin.describeTopicConfigs(unknown, limitKeys)
    for (const name of unknown) {
      const entries = configs.get(name)
      this.#limits.set(name, {
        targetId: now.topics.get(name)?.topicId ?? '',
        limits: limitsFrom(Array.isArray(entries) ? entries : []),
      })
    }
  }
}

/** For a replication factor that exceeds the number of brokers, adds the line to write for this flow as remedy. */
function withFactor(failure: Failure, { name, replicationFactor }: FlowSettings, brokers: number): Failure {
  if (failure.circumstances.wireCode !== errorCodes.INVALID_REPLICATION_FACTOR) return failure
  const { topic, cluster } = failure.circumstances
  const sentence = `topic ${topic} cannot be created with replication factor ${replicationFactor}: cluster ${cluster} has ${counted(brokers, 'broker')}`
  const remedy = `write ${name}.replication.factor = ${Math.max(1, brokers)} into the configuration file, or add brokers`
  return new Failure(failure.code, sentence, { ...failure.circumstances, remedy })
}

/**
 * Why there is no target topic although records were copied: the topic has another name now, or was deleted.
 * @param names of the source topic and of its target topic by the file @param copiedInto ids of the topics that records were copied into
 */
function lostTarget(
  names: { readonly topic: string; readonly targetTopic: string },
  copiedInto: ReadonlySet<string>,
  there: ClusterMetadata,
  settings: FlowSettings,
): Failure {
  const was = nameOfOneOf(copiedInto, there)
  if (was !== undefined) return renamed(names, was, settings)
  return targetDeleted(names.topic, names.targetTopic, settings)
}

/** The name of the topic with one of these ids, if any: ids are never reused. */
export function nameOfOneOf(ids: ReadonlySet<string>, { topics }: ClusterMetadata): string | undefined {
  return [...topics.values()].find(({ topicId }) => topicId !== '' && ids.has(topicId))?.name
}

/** ConfigSource by the config source numbers of DescribeConfigs. */
const sources: readonly ConfigSource[] = [
  'other',
  'topic',
  'dynamic-broker',
  'dynamic-default-broker',
  'static-broker',
  'default',
]

/** Converts an entry of DescribeConfigs to the type of `mirror`. */
export function fromDescribedConfig(entry: ConfigEntry): MirrorConfigEntry {
  return { ...entry, source: sources[entry.source] ?? 'other' }
}

/** How many partitions a run adds to a target topic, by the partition counts of both; partitions are never taken away. */
export function partitionsToAdd(source: number, target: number): number {
  return Math.max(0, source - target)
}

/** Topics in parts of about `PARTITIONS_AT_ONCE` partitions. */
function inParts(topics: readonly TopicMetadata[]): TopicMetadata[][] {
  const parts: TopicMetadata[][] = []
  let room = 0
  for (const topic of topics) {
    if (room <= 0) {
      parts.push([])
      room = PARTITIONS_AT_ONCE
    }
    parts.at(-1)?.push(topic)
    room -= Math.max(1, topic.partitions.length)
  }
  return parts
}

function isReady(topic: TopicMetadata | undefined, partitions: number): boolean {
  return (
    topic !== undefined &&
    topic.error === 0 &&
    topic.partitions.length >= partitions &&
    topic.partitions.every((p) => p.leader >= 0)
  )
}

/** Codec numbers in batches by the values of compression.type; `producer` has none. */
const codecs: Readonly<Record<string, number>> = { uncompressed: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

/** Configs of a target topic that limit which batches it accepts. */
const limitKeys = ['max.message.bytes', 'segment.bytes', 'message.timestamp.type', 'compression.type'] as const

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
