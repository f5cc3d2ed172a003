// Verifies one flow: fixes the ranges, compares each partition, checks once more that the results still hold, compares configs, ACLs and
// groups, and builds the report.
import { counted } from '../base/counted.ts'
import { Failure, sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import type { HeldBack } from '../completeness/open-transactions.ts'
import type { Flow } from '../config/model.ts'
import { Admin } from '../kafka/admin.ts'
import { Cluster, type ClusterMetadata } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { Topology } from '../kafka/topology.ts'
import { newReplicationPolicy, type ReplicationPolicy } from '../mirror/replication-policy.ts'
import { TopicRecordLog } from '../records/topic-record-log.ts'
import { checkAround, type Section, section } from './around.ts'
import { moreSevere, newOutcome, type PartitionOutcome } from './outcome.ts'
import { type Depth, PartitionCheck } from './partition-check.ts'
import { ProgressFile } from './progress-file.ts'
import { BatchingReader } from './read/fetch-pool.ts'
import { PartitionSide } from './read/side.ts'
import { type PartitionReport, type Report, sealed } from './report.ts'
import { heldBackReport, type TimeAt } from './scope/held-back.ts'
import { Origins } from './scope/origins.ts'
import {
  type ComparedPair,
  type HiddenTopic,
  hiddenTopics,
  mustMatch,
  nothingToVerify,
  pairsOf,
  type ScopeParts,
} from './scope/pairs.ts'
import { type Fixed, type FixedRange, fixedRanges } from './scope/ranges.ts'
import { lookAgain, partitionsWithoutSource } from './scope/second-look.ts'
import { ComparedTopics, hiddenReport } from './scope/seen.ts'
import { CopyPositions } from './scope/stored.ts'

export interface VerifyOptions {
  readonly depth: Depth
  /** names of source topics; all that the flow copies when empty */
  readonly topics: readonly RegExp[]
  /** how long to wait for new records on the target, and for a partition that cannot be read (ms) */
  readonly waitMs: number
  /** limit for fetched records and tables of keys (bytes) */
  readonly memoryBytes: number
  /** path of the progress file */
  readonly resume: string | undefined
  readonly showRecords: boolean
  /** per partition; the comparison of a partition stops after this many */
  readonly maxDifferences: number
  readonly version: string
  readonly signal: AbortSignal
  readonly log: Logger
  /** called about once a second, and after each partition */
  readonly onProgress: (done: { readonly partitions: number; readonly of: number; readonly bytes: number }) => void
}

interface Checked {
  readonly report: PartitionReport
  readonly range?: FixedRange
}

/** The parts of the report. */
interface Found {
  readonly sourceMetadata: ClusterMetadata
  readonly targetMetadata: ClusterMetadata
  readonly now: string
  readonly compared: ComparedTopics
  readonly again: Section
  readonly hidden: readonly HiddenTopic[]
  readonly notes: readonly string[]
}

/** How many times topics and partitions that were created during the run are compared as well. */
const MOST_ROUNDS = 3
/** Maximum memory for comparing one partition: a response on each side, and both decompressed (bytes). */
const PARTITION_BYTES = 6 * 1024 * 1024
const MOST_AT_ONCE = 16
/** Minimum request timeout: a broker needs this long for large responses (ms). */
const LEAST_TIMEOUT_MS = 5000

/**
 * Compares both clusters of a flow. Changes nothing on them.
 * @throws Failure USAGE for a topic that the flow does not copy, or an unusable progress file; others when a cluster does not answer
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
  readonly #readers: {
    readonly source: BatchingReader
    readonly target: BatchingReader
    readonly uncommitted: BatchingReader
  }
  readonly #scope: ScopeParts
  readonly #origins: Origins
  readonly #stored: CopyPositions
  readonly #admins: { readonly source: Admin; readonly target: Admin }
  #progress: ProgressFile | undefined
  #done = 0
  #total = 0

  constructor(flow: Flow, options: VerifyOptions) {
    const { settings } = flow
    const [sourceAdmin, targetAdmin] = [
      withShortTimeout(flow.sourceAdmin, options),
      withShortTimeout(flow.targetAdmin, options),
    ]
    const [sourceCluster, targetCluster] = [
      withShortTimeout(flow.sourceCluster, options),
      withShortTimeout(flow.targetCluster, options),
    ]
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
    this.#readers = {
      source: new BatchingReader({ ...source, readCommitted: isCommitted, patienceMs, signal }),
      target: new BatchingReader({ ...target, readCommitted: true, patienceMs, signal }),
      uncommitted: new BatchingReader({ ...source, readCommitted: false, patienceMs, signal }),
    }
    const clusters = { source: this.#source, target: this.#target, admins: this.#admins }
    this.#scope = { settings, policy: this.#policy, topics: options.topics, ...clusters }
    this.#origins = new Origins(settings, this.#target, targetCluster)
    this.#stored = new CopyPositions(settings, this.#target, targetCluster)
  }

  async run(): Promise<Report> {
    const [sourceMetadata, targetMetadata] = await Promise.all([
      this.#topologies.source.refresh(),
      this.#topologies.target.refresh(),
    ])
    const { settings } = this.#flow
    const { resume, signal, topics } = this.#options
    const clusters = { flow: settings.name, sourceId: sourceMetadata.clusterId, targetId: targetMetadata.clusterId }
    const now = new Date().toISOString()
    const of = { ...clusters, isolation: settings.isolation }
    this.#progress = resume === undefined ? undefined : new ProgressFile(resume, of, now)
    const { hidden, notes } = await hiddenTopics(this.#scope, sourceMetadata, await this.#stored.topics())
    if (topics.length > 0)
      notes.push(
        `only topics whose names match --topic ${topics.map(({ source }) => source).join(' or ')} were compared`,
      )
    mustMatch(this.#scope, sourceMetadata, hidden)
    const pairs = await pairsOf(this.#scope, sourceMetadata, targetMetadata)
    if (pairs.length === 0 && hidden.length === 0) throw nothingToVerify(settings)
    const compared = new ComparedTopics(pairs)
    await this.#compareAll(pairs, compared)
    const again = await this.#again(compared)
    const report = await this.#report({ sourceMetadata, targetMetadata, now, compared, again, hidden, notes })
    if (report.verdict === 'equal' || (report.verdict === 'different' && !signal.aborted)) this.#progress?.remove()
    else this.#progress?.write()
    return report
  }

  /** Lists both clusters until nothing is new, and compares topics and partitions that were created meanwhile. */
  #again(compared: ComparedTopics): Promise<Section> {
    return section('second look', async (found) => {
      const { settings } = this.#flow
      const { sourceMetadata, targetMetadata } = await this.#settled(compared)
      const parts = { settings, admins: this.#admins, stored: this.#stored, sides: this.#sides }
      const { at, grown } = await lookAgain(parts, compared.partitions, sourceMetadata, targetMetadata)
      for (const { topic, sentence } of await partitionsWithoutSource(this.#admins.target, compared.pairs))
        compared.addDifference(topic, sentence)
      found.compared = compared.partitions.length
      const more = counted(grown, 'partition')
      found.notes.push(
        `topics and end offsets were read again at ${at}: ${more} of the source ${grown === 1 ? 'has' : 'have'} grown since`,
      )
    })
  }

  async #settled(
    compared: ComparedTopics,
  ): Promise<{ readonly sourceMetadata: ClusterMetadata; readonly targetMetadata: ClusterMetadata }> {
    for (let round = 1; ; round++) {
      const { source, target } = this.#topologies
      const [sourceMetadata, targetMetadata] = await Promise.all([source.refresh(), target.refresh()])
      const fresh = compared.newIn(await pairsOf(this.#scope, sourceMetadata, targetMetadata))
      if (fresh.length === 0 || round > MOST_ROUNDS) return { sourceMetadata, targetMetadata }
      this.#origins.forget()
      await this.#compareAll(fresh, compared)
    }
  }

  async #report(found: Found): Promise<Report> {
    const { sourceMetadata, targetMetadata, compared, again, hidden, notes } = found
    const { settings } = this.#flow
    const { depth, version } = this.#options
    const around = [again, ...(await this.#around(compared.pairs))]
    const topics = [...compared.reports(), ...hidden.map(hiddenReport)].sort((a, b) => (a.topic < b.topic ? -1 : 1))
    return sealed({
      ...{ godwit: version, flow: settings.name, depth, startedAt: this.#progress?.startedAt ?? found.now },
      ...{ endedAt: new Date().toISOString(), isolation: settings.isolation },
      asOf: compared.asOf(found.now),
      source: { alias: settings.source, clusterId: sourceMetadata.clusterId, brokers: sourceMetadata.brokers.size },
      target: { alias: settings.target, clusterId: targetMetadata.clusterId, brokers: targetMetadata.brokers.size },
      bytesRead: { source: this.#readers.source.bytes, target: this.#readers.target.bytes },
      ...{ notes, topics, around },
    })
  }

  async close(): Promise<void> {
    await Promise.allSettled([
      ...Object.values(this.#readers).map((reader) => reader.close()),
      ...[this.#stored.close(), this.#origins.close()],
      ...[this.#source.close(), this.#target.close()],
    ])
  }

  async #compareAll(pairs: readonly ComparedPair[], compared: ComparedTopics): Promise<void> {
    const { settings } = this.#flow
    const { waitMs, signal, memoryBytes } = this.#options
    const parts = { settings, admins: this.#admins, origins: this.#origins, waitMs, signal }
    const ranges = await fixedRanges(parts, pairs)
    const waiting = pairs.flatMap((pair) => pair.partitions.map((partition) => ({ pair, partition })))
    this.#total += waiting.length
    let next = 0
    const work = async () => {
      for (let at = next++; at < waiting.length; at = next++) {
        const { pair, partition } = waiting[at] as { pair: ComparedPair; partition: number }
        const fixed = ranges.get(`${pair.topic.name}-${partition}`)
        const { report, range } = await this.#checkOne(pair, partition, fixed)
        compared.add(pair, report, range)
        this.#done++
        this.#reportProgress(this.#total)
      }
    }
    const timer = setInterval(() => this.#reportProgress(this.#total), 1000)
    const workers = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(memoryBytes / PARTITION_BYTES), waiting.length))
    try {
      await Promise.all(Array.from({ length: workers }, work))
    } finally {
      clearInterval(timer)
    }
  }

  #reportProgress(of: number): void {
    const bytes = this.#readers.source.bytes + this.#readers.target.bytes
    this.#options.onProgress({ partitions: this.#done, of, bytes })
  }

  async #checkOne(pair: ComparedPair, partition: number, fixed: Fixed | Failure | undefined): Promise<Checked> {
    if (!fixed || fixed instanceof Failure) return { report: unread(partition, newOutcome(), fixed) }
    const { topic, copy } = pair
    const { depth } = this.#options
    const key = `${topic.name}-${partition}`
    const { by, source, target } = fixed.start
    const ids = [topic.topicId, copy?.topicId ?? '', by, source, target].join(' ')
    const progress = depth === 'full' ? this.#progress?.get(key, ids) : undefined
    if (progress?.isDone) return { report: { partition, ...progress.outcome }, range: progress.range }
    // Records that were held back in an earlier run may have been released since.
    const isResumed = progress !== undefined && !progress.range.isHeldBack
    const { held, ...fresh } = fixed
    const range = isResumed ? progress.range : fresh
    const check = new PartitionCheck({
      ...this.#options,
      ...pair,
      ...{ range, ...this.#sides(pair, partition) },
      stored: () => this.#stored.of(topic.name, partition),
      keep: (isDone, soFar) => this.#progress?.set(key, ids, isDone && !range.isHeldBack, soFar),
    })
    try {
      await check.run(progress && { ...progress, range })
      if (held && !isResumed) await this.#addHeldBack(check.outcome, held)
      return { report: { partition, ...check.outcome }, range }
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'USAGE') throw error
      return { report: unread(partition, check.outcome, error), range }
    }
  }

  async #addHeldBack(outcome: PartitionOutcome, held: HeldBack): Promise<void> {
    const timeAt: TimeAt = async (topic, partition, offset) => {
      let time: number | undefined
      const side = new PartitionSide({
        reader: this.#readers.uncommitted,
        admin: this.#admins.source,
        topic,
        partition,
      })
      await side.look(offset, (record) => {
        time = record.timestamp
        return false
      })
      return time
    }
    outcome.heldBack = await heldBackReport(held, this.#flow.sourceAdmin, timeAt)
    outcome.verdict = moreSevere(outcome.verdict, 'heldBack')
  }

  readonly #sides = ({ topic, targetTopic }: ComparedPair, partition: number) => ({
    source: new PartitionSide({
      reader: this.#readers.source,
      admin: this.#admins.source,
      topic: topic.name,
      partition,
    }),
    target: new PartitionSide({
      reader: this.#readers.target,
      admin: this.#admins.target,
      topic: targetTopic,
      partition,
    }),
  })

  async #around(pairs: readonly ComparedPair[]) {
    const { settings, targetCluster } = this.#flow
    const { name: topic } = settings.checkpoints.topic
    const checkpoints = new TopicRecordLog({
      ...{ topic, cluster: this.#target, admin: this.#admins.target, settings: targetCluster },
    })
    try {
      return await checkAround({
        ...{ settings, policy: this.#policy, source: this.#source, target: this.#target, checkpoints },
        ...{ sourceAdmin: this.#admins.source, targetAdmin: this.#admins.target },
        pairs: pairs.flatMap(({ topic: { name }, targetTopic, copy }) => (copy ? [{ topic: name, targetTopic }] : [])),
      })
    } finally {
      await checkpoints.close()
    }
  }
}

/** The settings with a request timeout of at most `waitMs`, but not below LEAST_TIMEOUT_MS. */
function withShortTimeout(settings: ClusterSettings, { waitMs }: VerifyOptions): ClusterSettings {
  const limit = Math.max(LEAST_TIMEOUT_MS, waitMs)
  return { ...settings, requestTimeoutMs: Math.min(settings.requestTimeoutMs, limit) }
}

function unread(
  partition: number,
  outcome: ReturnType<typeof newOutcome>,
  failure: Failure | undefined,
): PartitionReport {
  const remedy = failure?.remedy ? ` (${failure.remedy})` : ''
  const why = failure ? `${sentenceOf(failure)}${remedy}` : 'its start and end offsets are not known'
  const verdict = outcome.verdict === 'different' ? 'different' : 'incomplete'
  const notes = [
    ...outcome.notes,
    `not read to its end: nothing from source offset ${outcome.source.to} on was compared`,
  ]
  return { partition, ...outcome, notes, verdict, failure: why }
}
