// Verifies one flow: fixes the ranges, compares partition after partition, then what surrounds the records, and makes the report.
import { counted } from '../base/counted.ts'
import { Failure, sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { nearest } from '../base/nearest.ts'
import type { Flow } from '../config/model.ts'
import { travelling } from '../engine/target-topics.ts'
import { Topology } from '../engine/topology.ts'
import { Admin, type TopicPartitionAt } from '../kafka/admin.ts'
import { Cluster, type ClusterMetadata, type TopicMetadata } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { wireErrorName } from '../kafka/wire-errors.ts'
import { newReplicationPolicy, type ReplicationPolicy } from '../mirror/replication-policy.ts'
import { matchesAny, shouldReplicate } from '../mirror/topic-selection.ts'
import { TopicRecordLog } from '../state/topic-record-log.ts'
import { checkAround } from './around.ts'
import { newOutcome } from './outcome.ts'
import { type Depth, type FixedRange, PartitionCheck } from './partition-check.ts'
import { ProgressFile } from './progress-file.ts'
import { FetchPool } from './read/fetch-pool.ts'
import { Side } from './read/side.ts'
import { gravest, type PartitionReport, type Report, sealed, type TopicReport } from './report.ts'
import { StoredPlaces } from './stored.ts'

export interface VerifyOptions {
  readonly depth: Depth
  /** names of source topics; all that the flow copies when empty */
  readonly topics: readonly RegExp[]
  /** how long the target may be without anything new, and a partition unreadable (ms) */
  readonly waitMs: number
  /** for what is read and for tables of keys, bytes */
  readonly memoryBytes: number
  /** path of the progress file */
  readonly resume: string | undefined
  readonly showRecords: boolean
  /** of a partition; nothing behind them is compared */
  readonly maxDifferences: number
  readonly version: string
  readonly signal: AbortSignal
  readonly log: Logger
  /** told now and then */
  readonly onProgress: (done: { readonly partitions: number; readonly of: number; readonly bytes: number }) => void
}

interface Pair {
  readonly topic: TopicMetadata
  readonly targetTopic: string
  readonly there: TopicMetadata | undefined
  readonly isCompacted: boolean
  readonly withTime: boolean
}

/** What one partition needs at most while it is compared: an answer on each side, and both decompressed (bytes). */
const PARTITION_BYTES = 6 * 1024 * 1024
const MOST_AT_ONCE = 16
/** A broker that has much to tell needs so long (ms). */
const LEAST_PATIENCE_MS = 5000

/**
 * @throws Failure USAGE for a topic that the flow does not copy, or a progress file that does not fit; or when a cluster cannot be asked
 */
export async function verifyFlow(flow: Flow, options: VerifyOptions): Promise<Report> {
  const verification = new Verification(flow, options)
  try {
    return await verification.run()
  } finally {
    await verification.close()
  }
}

class Verification {
  readonly #flow: Flow
  readonly #options: VerifyOptions
  readonly #policy: ReplicationPolicy
  readonly #source: Cluster
  readonly #target: Cluster
  readonly #topologies: { readonly source: Topology; readonly target: Topology }
  readonly #pools: { readonly source: FetchPool; readonly target: FetchPool }
  readonly #stored: StoredPlaces
  readonly #admins: { readonly source: Admin; readonly target: Admin }
  #progress: ProgressFile | undefined
  #done = 0

  constructor(flow: Flow, options: VerifyOptions) {
    const { settings } = flow
    const [sourceAdmin, targetAdmin] = [patient(flow.sourceAdmin, options), patient(flow.targetAdmin, options)]
    const [sourceCluster, targetCluster] = [patient(flow.sourceCluster, options), patient(flow.targetCluster, options)]
    this.#flow = { ...flow, targetCluster }
    this.#options = options
    this.#policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
    this.#source = new Cluster(sourceAdmin, options.log)
    this.#target = new Cluster(targetAdmin, options.log)
    this.#admins = { source: new Admin(this.#source), target: new Admin(this.#target) }
    this.#topologies = {
      source: new Topology(this.#source, options.log),
      target: new Topology(this.#target, options.log),
    }
    const { waitMs: patienceMs, signal } = options
    const source = { cluster: settings.source, settings: sourceCluster, topology: this.#topologies.source }
    const target = { cluster: settings.target, settings: targetCluster, topology: this.#topologies.target }
    const isCommitted = settings.isolation === 'read_committed'
    this.#pools = {
      source: new FetchPool({ ...source, readCommitted: isCommitted, patienceMs, signal }),
      target: new FetchPool({ ...target, readCommitted: true, patienceMs, signal }),
    }
    this.#stored = new StoredPlaces(settings, this.#target, targetCluster)
  }

  async run(): Promise<Report> {
    const [here, there] = await Promise.all([this.#topologies.source.refresh(), this.#topologies.target.refresh()])
    const { settings } = this.#flow
    const { depth, resume, version, signal } = this.#options
    const clusters = { flow: settings.name, sourceId: here.clusterId, targetId: there.clusterId }
    const now = new Date().toISOString()
    this.#progress = resume === undefined ? undefined : new ProgressFile(resume, clusters, now)
    const pairs = await this.#pairs(here, there)
    const topics = await this.#checkAll(pairs)
    const around = await this.#around(pairs)
    const report = sealed({
      ...{ godwit: version, flow: settings.name, depth, startedAt: this.#progress?.startedAt ?? now },
      ...{ endedAt: new Date().toISOString(), isolation: settings.isolation },
      source: { alias: settings.source, clusterId: here.clusterId, brokers: here.brokers.size },
      target: { alias: settings.target, clusterId: there.clusterId, brokers: there.brokers.size },
      bytesRead: { source: this.#pools.source.bytes, target: this.#pools.target.bytes },
      ...{ topics, around },
    })
    if (report.verdict === 'equal' || (report.verdict === 'different' && !signal.aborted)) this.#progress?.remove()
    else this.#progress?.write()
    return report
  }

  async close(): Promise<void> {
    await Promise.allSettled([
      ...[this.#pools.source.close(), this.#pools.target.close(), this.#stored.close()],
      ...[this.#source.close(), this.#target.close()],
    ])
  }

  async #pairs(here: ClusterMetadata, there: ClusterMetadata): Promise<Pair[]> {
    const { settings } = this.#flow
    const copied = [...here.topics.values()].filter(
      ({ name }) => shouldReplicate(name, settings, this.#policy).replicate,
    )
    const chosen = this.#chosen(copied).sort((a, b) => (a.name < b.name ? -1 : 1))
    if (chosen.length === 0) throw this.#nothing()
    const named = chosen.map((topic) => ({
      topic,
      targetTopic: this.#policy.formatRemoteTopic(settings.sourceAlias, topic.name),
    }))
    const isThere = (name: string) => there.topics.get(name)?.error === 0
    const [mine, theirs] = await Promise.all([
      this.#configs(
        this.#admins.source,
        chosen.map(({ name }) => name),
      ),
      this.#configs(this.#admins.target, named.map(({ targetTopic }) => targetTopic).filter(isThere)),
    ])
    return named.map(({ topic, targetTopic }) => {
      const [config, copy] = [mine.get(topic.name), theirs.get(targetTopic)]
      const policies = [config?.['cleanup.policy'], copy?.['cleanup.policy']]
      return {
        ...{ topic, targetTopic, there: isThere(targetTopic) ? there.topics.get(targetTopic) : undefined },
        isCompacted: policies.some((policy) => policy?.includes('compact')),
        withTime: copy?.['message.timestamp.type'] !== 'LogAppendTime',
      }
    })
  }

  /** Values of all configs by topic; without those that this user may not describe. */
  async #configs(admin: Admin, names: readonly string[]): Promise<Map<string, Record<string, string | null>>> {
    const found = new Map<string, Record<string, string | null>>()
    for (const [name, entries] of await admin.describeTopicConfigs(names))
      if (Array.isArray(entries))
        found.set(name, Object.fromEntries(entries.map(travelling).map((entry) => [entry.name, entry.value])))
    return found
  }

  #nothing(): Failure {
    const { name, source } = this.#flow.settings
    const sentence = `flow ${name} copies no topic that exists on cluster ${source}: there is nothing to verify`
    const remedy = `compare ${name}.topics and ${name}.topics.exclude with the topics there`
    return new Failure('UNKNOWN_TOPIC', sentence, { flow: name, cluster: source, remedy })
  }

  #chosen(copied: readonly TopicMetadata[]): TopicMetadata[] {
    const { topics } = this.#options
    const names = copied.map(({ name }) => name)
    for (const asked of topics) {
      if (names.some((name) => matchesAny([asked], name))) continue
      const meant = nearest(asked.source, names)
      const known = names.length === 0 ? 'it copies none' : `it copies ${names.slice(0, 20).join(', ')}`
      const sentence = `flow ${this.#flow.settings.name} copies no topic ${asked.source}${meant ? `; did you mean ${meant}?` : ''}`
      throw new Failure('USAGE', sentence, { remedy: known })
    }
    // Heartbeats are signs of life, not data: they come all the time, and begin whenever a flow begins.
    if (topics.length === 0) return copied.filter(({ name }) => !this.#policy.isHeartbeatsTopic(name))
    return copied.filter(({ name }) => matchesAny(topics, name))
  }

  async #checkAll(pairs: readonly Pair[]): Promise<TopicReport[]> {
    const ranges = await this.#ranges(pairs)
    const waiting = pairs.flatMap((pair) => commonPartitions(pair).map((partition) => ({ pair, partition })))
    const found = new Map<Pair, PartitionReport[]>(pairs.map((pair) => [pair, []]))
    const total = waiting.length
    let next = 0
    const work = async () => {
      for (let at = next++; at < total; at = next++) {
        const { pair, partition } = waiting[at] as { pair: Pair; partition: number }
        found.get(pair)?.push(await this.#checkOne(pair, partition, ranges.get(`${pair.topic.name}-${partition}`)))
        this.#done++
        this.#tell(total)
      }
    }
    const timer = setInterval(() => this.#tell(total), 1000)
    const workers = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(this.#options.memoryBytes / PARTITION_BYTES), total))
    try {
      await Promise.all(Array.from({ length: workers }, work))
    } finally {
      clearInterval(timer)
    }
    return pairs.map((pair) => topicReport(pair, found.get(pair) ?? []))
  }

  #tell(of: number): void {
    const bytes = this.#pools.source.bytes + this.#pools.target.bytes
    this.#options.onProgress({ partitions: this.#done, of, bytes })
  }

  /** The ends of the target first: whatever lies below them came from below the ends of the source. */
  async #ranges(pairs: readonly Pair[]): Promise<Map<string, FixedRange | Failure>> {
    const { isolation } = this.#flow.settings
    const of = (side: 'source' | 'target', at: TopicPartitionAt['at']) =>
      pairs.flatMap((pair) =>
        commonPartitions(pair).map((partition) => ({
          ...{ topic: side === 'source' ? pair.topic.name : pair.targetTopic, partition, at },
        })),
      )
    const targetEnds = await this.#admins.target.listOffsets(of('target', 'latest'), 'read_committed')
    const sourceEnds = await this.#admins.source.listOffsets(of('source', 'latest'), isolation)
    const [sourceStarts, targetStarts] = await Promise.all([
      this.#admins.source.listOffsets(of('source', 'earliest'), 'read_uncommitted'),
      this.#admins.target.listOffsets(of('target', 'earliest'), 'read_uncommitted'),
    ])
    const ranges = new Map<string, FixedRange | Failure>()
    for (const pair of pairs)
      for (const partition of commonPartitions(pair)) {
        const [mine, theirs] = [`${pair.topic.name}-${partition}`, `${pair.targetTopic}-${partition}`]
        const places = [sourceStarts.get(mine), sourceEnds.get(mine), targetStarts.get(theirs), targetEnds.get(theirs)]
        const failure = places.find((one) => one instanceof Failure)
        const [sourceStart = 0, sourceEnd = 0, targetStart = 0, targetEnd = 0] = places.map((one) =>
          one === undefined || one instanceof Failure ? 0 : one.offset,
        )
        ranges.set(mine, failure instanceof Failure ? failure : { sourceStart, sourceEnd, targetStart, targetEnd })
      }
    return ranges
  }

  async #checkOne(pair: Pair, partition: number, fixed: FixedRange | Failure | undefined): Promise<PartitionReport> {
    const { topic, targetTopic, there, isCompacted, withTime } = pair
    const key = `${topic.name}-${partition}`
    const ids = `${topic.topicId} ${there?.topicId ?? ''}`
    const { depth } = this.#options
    const progress = depth === 'full' ? this.#progress?.get(key, ids) : undefined
    if (progress?.isDone) return { partition, ...progress.outcome }
    if (!fixed || fixed instanceof Failure) return unread(partition, newOutcome(), fixed)
    const range = progress?.range ?? fixed
    const check = new PartitionCheck({
      ...this.#options,
      ...{ range, isCompacted, withTime, ids: { source: topic.topicId, target: there?.topicId ?? '' } },
      source: new Side({ pool: this.#pools.source, admin: this.#admins.source, topic: topic.name, partition }),
      target: new Side({ pool: this.#pools.target, admin: this.#admins.target, topic: targetTopic, partition }),
      stored: () => this.#stored.of(topic.name, partition),
      keep: (isDone, soFar) => this.#progress?.set(key, ids, isDone, soFar),
    })
    try {
      await check.run(progress)
      return { partition, ...check.outcome }
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'USAGE') throw error
      return unread(partition, check.outcome, error)
    }
  }

  async #around(pairs: readonly Pair[]) {
    const { settings, targetCluster } = this.#flow
    const { name: topic } = settings.checkpoints.topic
    const checkpoints = new TopicRecordLog({
      ...{ topic, cluster: this.#target, admin: this.#admins.target, settings: targetCluster },
    })
    try {
      return await checkAround({
        ...{ settings, policy: this.#policy, source: this.#source, target: this.#target, checkpoints },
        ...{ sourceAdmin: this.#admins.source, targetAdmin: this.#admins.target },
        pairs: pairs.flatMap(({ topic: { name }, targetTopic, there: copy }) =>
          copy ? [{ topic: name, targetTopic }] : [],
        ),
      })
    } finally {
      await checkpoints.close()
    }
  }
}

/** Nobody is waited for longer than was asked for, within reason. */
function patient(settings: ClusterSettings, { waitMs }: VerifyOptions): ClusterSettings {
  const limit = Math.max(LEAST_PATIENCE_MS, waitMs)
  return { ...settings, requestTimeoutMs: Math.min(settings.requestTimeoutMs, limit) }
}

/** Numbers of the partitions that both sides have. */
function commonPartitions({ topic, there }: Pair): number[] {
  const count = Math.min(topic.partitions.length, there?.partitions.length ?? 0)
  return Array.from({ length: count }, (_, partition) => partition)
}

function unread(
  partition: number,
  outcome: ReturnType<typeof newOutcome>,
  failure: Failure | undefined,
): PartitionReport {
  const remedy = failure?.remedy ? ` (${failure.remedy})` : ''
  const why = failure ? `${sentenceOf(failure)}${remedy}` : 'where it begins and ends is not known'
  const verdict = outcome.verdict === 'different' ? 'different' : 'incomplete'
  const notes = [
    ...outcome.notes,
    `not read to its end: nothing behind source offset ${outcome.source.to} was compared`,
  ]
  return { partition, ...outcome, notes, verdict, failure: why }
}

function topicReport({ topic, targetTopic, there }: Pair, found: readonly PartitionReport[]): TopicReport {
  const counts = { source: topic.partitions.length, target: there?.partitions.length ?? 0 }
  const differences: string[] = []
  if (!there) differences.push(`the target has no topic ${targetTopic}`)
  else if (counts.target < counts.source)
    differences.push(`the target has ${counted(counts.target, 'partition')} instead of ${counts.source}`)
  const partitions = [...found].sort((a, b) => a.partition - b.partition)
  const isUnread = topic.error !== 0 || partitions.length < Math.min(counts.source, counts.target)
  if (isUnread) differences.push(`the source does not tell of all its partitions now: ${wireErrorName(topic.error)}`)
  const ownVerdict = isUnread ? 'incomplete' : differences.length > 0 ? 'different' : 'equal'
  const verdict = gravest([ownVerdict, ...partitions.map((one) => one.verdict)])
  return { ...{ topic: topic.name, targetTopic, verdict, partitionCounts: counts }, differences, partitions }
}
