// Checks the completeness of a running flow: lists the source at intervals, compares it with what has arrived, and checks that copied records
// are still on the target. Lag and completeness in the status are based on these checks.
import { asFailure, Failure, sentenceOf } from '../../base/failure.ts'
import type { Logger } from '../../base/logger.ts'
import { orAborted, sleep } from '../../base/retry.ts'
import { topicPartitionKey } from '../../base/topic-partition.ts'
import {
  type Assessment,
  assess,
  type Checked,
  hasArrived,
  type Progress,
  reassess,
} from '../../completeness/assess.ts'
import { type ListedPartition, listSource, type SourceListing } from '../../completeness/source-listing.ts'
import type { Admin } from '../../kafka/admin.ts'
import type { Cluster, TopicMetadata } from '../../kafka/cluster.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { Topology } from '../../kafka/topology.ts'
import { errorCodes } from '../../kafka/wire-errors.ts'
import type { ReplicationPolicy } from '../../mirror/replication-policy.ts'
import { startAtOf } from '../../mirror/start.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { OpenTransaction } from '../../model/flow-status.ts'
import type { PartitionCopy } from '../../replicate/partition-copy.ts'
import { recreated, sourceGone, targetDeleted } from '../../replicate/topic-failures.ts'
import { everyMs, soonestMs } from './check-pace.ts'
import { TransactionWatch } from './transaction-watch.ts'

interface CompletenessWatchParts {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  readonly source: Topology
  readonly target: Topology
  readonly sourceCluster: Pick<Cluster, 'metadata'>
  readonly sourceAdmin: Admin
  readonly targetAdmin: Admin
  /** admin settings of the source */
  readonly sourceSettings: ClusterSettings
  readonly log: Logger
  /** whether a partition without a position was created after the flow first started */
  readonly isNew: (key: string) => boolean
  /** start offset of such a partition, as fixed when the flow first started */
  readonly firstStart: (key: string) => number | undefined
  readonly copies: () => Iterable<PartitionCopy>
  readonly copyOf: (key: string) => PartitionCopy | undefined
  /** why a whole topic cannot be copied */
  readonly topicProblem: (topic: string) => Failure | undefined
  /** called when the listing has a topic or partition that is not copied yet */
  readonly foundNew: () => void
  /** stops a partition with a failure */
  readonly stop: (copy: PartitionCopy, failure: Failure) => void
  /** called with the result of each check */
  readonly checked: (found: Checked) => void
}

/** How often to test whether everything that the last check missed has arrived (ms). */
const ARRIVED_MS = 500
const FIRST_AFTER_MS = 150
/** How long records in flight at the time of the listing may take before they count as missing (ms). */
const ON_THEIR_WAY_MS = 300
const LOOK_MS = 5
/** A listing is too old when it exceeds the usual interval of checks by this much (ms). */
const GRACE_MS = 3000
/** When a cluster has not answered for this long, lag and completeness are unknown (ms). */
const SILENT_MS = 5000

export class CompletenessWatch {
  readonly #parts: CompletenessWatchParts
  #last: Checked | undefined
  #failure: Failure | undefined
  readonly #silent = new Set<string>()
  #tookMs = 0
  /** start of the current check, ms since the epoch; 0: none is running */
  #begunAt = 0
  readonly #transactions: TransactionWatch
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(parts: CompletenessWatchParts) {
    this.#parts = parts
    this.#transactions = new TransactionWatch(parts.sourceAdmin, parts.sourceSettings)
  }

  /** Transactions of the source that have held records back for some seconds. */
  get transactions(): readonly OpenTransaction[] {
    return this.#transactions.open
  }

  /** Result of the last check that both clusters answered; undefined before the first. */
  get last(): Checked | undefined {
    return this.#last
  }

  /** Clusters whose answers the current check is waiting for. */
  get silent(): readonly string[] {
    return [...this.#silent]
  }

  /** Why the last check failed; undefined when it succeeded. */
  get failure(): Failure | undefined {
    return this.#failure
  }

  /**
   * Whether the last check is still valid: not older than usual, and no later one has failed or hangs.
   * @param since ms since the epoch: the listing must not be older than this
   */
  isCurrent(now: number, since: number): boolean {
    if (!this.#last) return false
    const { at } = this.#last.listing
    const hangs = this.#begunAt > 0 && now - this.#begunAt > SILENT_MS + 2 * this.#tookMs
    const limit = this.#failure || hangs ? SILENT_MS : this.#everyMs() + GRACE_MS
    return at >= since && now - at <= limit
  }

  /** Source end offsets read since then are still valid, ms since the epoch. */
  endsSince(now: number): number {
    return now - this.#everyMs() - GRACE_MS - 2 * this.#tookMs
  }

  /** Runs a check that begins after this call; concurrent callers share it. Never rejects. */
  check(): Promise<void> {
    if (!this.#running) {
      this.#running = this.#check().finally(() => {
        this.#running = undefined
      })
      return this.#running
    }
    this.#next ??= this.#running.then(() => {
      this.#next = undefined
      return this.check()
    })
    return this.#next
  }

  /** Checks at intervals until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    // Leaves the CPU to the first records.
    await sleep(FIRST_AFTER_MS, signal)
    await Promise.all([this.#checkAgainAndAgain(signal), this.listMeanwhile(signal)])
  }

  async #checkAgainAndAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const begun = Date.now()
      await orAborted(this.check(), signal)
      await this.#pause(begun, signal)
    }
  }

  /** A check waits for both clusters. While only the target does not answer, lists the source separately. Never rejects. */
  async listMeanwhile(signal: AbortSignal, isWanted = () => this.#isTargetSilent()): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#everyMs(), signal)
      if (!signal.aborted && isWanted()) await orAborted(this.#list().then(ignored, ignored), signal)
    }
  }

  #isTargetSilent(): boolean {
    const { source, target } = this.#parts.settings
    return this.#silent.has(target) && !this.#silent.has(source)
  }

  /** Waits until the next check is due, or sooner if everything that the last one missed has arrived. */
  async #pause(begun: number, signal: AbortSignal): Promise<void> {
    const due = begun + this.#everyMs()
    const soonest = begun + soonestMs(this.#tookMs, this.#failure !== undefined)
    await sleep(Math.max(0, soonest - Date.now()), signal)
    while (Date.now() < due && !signal.aborted && !this.#hasArrivedSince())
      await sleep(Math.min(ARRIVED_MS, due - Date.now()), signal)
  }

  #hasArrivedSince(): boolean {
    const { assessment } = this.#last ?? {}
    if (!assessment?.missing.length) return false
    return hasArrived(assessment, (listed) => this.progressOf(listed))
  }

  /** How far a listed partition has been copied. */
  progressOf(listed: ListedPartition): Progress {
    const copy = this.#parts.copyOf(topicPartitionKey(listed.topic, listed.partition))
    if (!copy) return this.#withoutCopy(listed)
    const { settings } = this.#parts
    const { next } = copy.position
    const failure = copy.failures.current
    if (isOther(copy.shared.sourceId, listed.topicId))
      // Offsets of the old topic do not apply to the new one.
      return {
        kind: 'stopped',
        next: -1,
        failure: recreated('source', copy.shared, settings),
      }
    if (failure) return { kind: 'stopped', next: targetGone.has(failure.code) ? -1 : next, failure }
    if (next < 0)
      return { kind: 'not-begun', next: this.#plannedStart(listed), reason: 'its start offset is being looked up' }
    if (!copy.position.isProven) return { kind: 'not-begun', next, reason: 'the target log is being read' }
    return { kind: 'copied', next }
  }

  #withoutCopy(listed: ListedPartition): Progress {
    const next = this.#plannedStart(listed)
    const failure = this.#parts.topicProblem(listed.topic)
    if (failure) return { kind: 'stopped', next, failure }
    const { enabled } = this.#parts.settings.refreshTopics
    const reason = enabled
      ? 'its target topic is not created yet'
      : 'it was created after the flow started, and refresh.topics.enabled = false'
    return { kind: 'not-begun', next, reason }
  }

  #plannedStart({ topic, partition, start = -1 }: ListedPartition): number {
    const key = topicPartitionKey(topic, partition)
    const fixed = this.#parts.firstStart(key)
    if (fixed !== undefined) return fixed
    const isNew = this.#parts.isNew(key)
    return startAtOf(this.#parts.settings, topic, isNew).kind === 'earliest' ? start : -1
  }

  #everyMs(): number {
    return everyMs(this.#tookMs, this.#failure !== undefined)
  }

  async #check(): Promise<void> {
    const begun = performance.now()
    this.#begunAt = Date.now()
    try {
      const { source, target } = this.#parts.settings
      const [listed] = await Promise.all([
        this.#waiting(source, this.#list()),
        this.#waiting(target, this.#checkTarget()),
      ])
      const listing = { ...listed, partitions: [...listed.partitions, ...(await this.#gone(listed))] }
      this.#tookMs = performance.now() - begun
      this.#failure = undefined
      if (listing.partitions.some(({ topic, partition }) => !this.#isHandled(topic, partition))) this.#parts.foundNew()
      const assessment = await this.#whenArrived(listing)
      this.#last = {
        ...{ listing, assessment },
        listed: new Map(listing.partitions.map((one) => [topicPartitionKey(one.topic, one.partition), one])),
        heldBack: heldBack(listing, this.#last),
      }
      this.#parts.checked(this.#last)
      void this.#transactions.look(this.#last)
    } catch (error) {
      this.#failure = asFailure(error)
      this.#parts.log.debug('the check of completeness failed; godwit retries it', { reason: sentenceOf(error) })
    } finally {
      this.#begunAt = 0
    }
  }

  async #waiting<T>(cluster: string, answer: Promise<T>): Promise<T> {
    this.#silent.add(cluster)
    try {
      return await answer
    } finally {
      this.#silent.delete(cluster)
    }
  }

  async #list(): Promise<SourceListing> {
    const { settings, policy, source, sourceAdmin } = this.#parts
    const listing = await listSource({
      ...{ settings, policy, sourceAdmin },
      metadata: () => source.refreshFromNow(),
      metadataOf: (topics) => this.#parts.sourceCluster.metadata(topics),
      needsStart: ({ name }, partition) =>
        (this.#parts.copyOf(topicPartitionKey(name, partition))?.position.next ?? -1) < 0,
    })
    this.#noteEnds(listing)
    return listing
  }

  /**
   * Copied partitions that the source no longer lists. For a deleted topic nothing is missing once all known records have arrived;
   * for a topic that the user may no longer describe, the lag is unknown.
   */
  async #gone({ partitions }: SourceListing): Promise<ListedPartition[]> {
    const present = new Set(partitions.map(({ topic }) => topic))
    const refused = [...this.#parts.copies()].filter(
      ({ failures, shared }) => failures.current?.code === 'UNKNOWN_TOPIC' && !present.has(shared.topic),
    )
    if (refused.length === 0) return []
    const { topics } = await this.#parts.sourceCluster.metadata([...new Set(refused.map(({ shared }) => shared.topic))])
    const isDeleted = (topic: string) => topics.get(topic)?.error === errorCodes.UNKNOWN_TOPIC_OR_PARTITION
    return refused
      .filter(
        (copy) =>
          !isDeleted(copy.shared.topic) || copy.position.next < Math.max(copy.source.end, copy.source.listedEnd),
      )
      .map(({ shared: { topic, sourceId: topicId }, partition }) => ({
        ...{ topic, topicId, partition, start: undefined, end: -1, stableEnd: -1, isGone: true as const },
        failure: sourceGone(topic, this.#parts.settings),
      }))
  }

  /** Remembers the end offsets, in case the topic is deleted later or the target does not answer. */
  #noteEnds({ at, partitions }: SourceListing): void {
    for (const { topic, topicId, partition, end, failure } of partitions) {
      const copy = this.#parts.copyOf(topicPartitionKey(topic, partition))
      if (!copy || failure || isOther(copy.shared.sourceId, topicId)) continue
      copy.source.noteListed(end, at)
    }
  }

  #isHandled(topic: string, partition: number): boolean {
    return (
      this.#parts.copyOf(topicPartitionKey(topic, partition)) !== undefined ||
      this.#parts.topicProblem(topic) !== undefined
    )
  }

  /** Waits for records in flight: a healthy flow delivers them within milliseconds. */
  async #whenArrived(listing: SourceListing): Promise<Assessment> {
    const until = performance.now() + ON_THEIR_WAY_MS
    const progressOf = (listed: ListedPartition) => this.progressOf(listed)
    let assessment = assess(listing, progressOf)
    while (assessment.missing.some(({ why }) => why === 'copying') && performance.now() < until) {
      await sleep(LOOK_MS)
      assessment = reassess(assessment, listing, progressOf)
    }
    return assessment
  }

  /** Stops partitions whose target topic was deleted or recreated, or has lost records, before anything more is written. */
  async #checkTarget(): Promise<void> {
    const { target, targetAdmin, settings } = this.#parts
    const metadata = await target.refreshFromNow()
    const known = [...this.#parts.copies()].filter(({ state, position }) => position.anchor && state !== 'quarantined')
    const present = known.filter((copy) => this.#isStillThere(copy, metadata.topics))
    const acknowledged = new Map(present.map((copy) => [copy, copy.position.anchor?.targetNext ?? 0]))
    const ends = await targetAdmin.listOffsets(
      present.map(({ shared, partition }) => ({ topic: shared.targetTopic, partition, at: 'latest' as const })),
      'read_uncommitted',
      metadata,
    )
    for (const [copy, least] of acknowledged) {
      const end = ends.get(copy.targetKey)
      if (!end || end instanceof Failure || end.offset >= least || copy.state !== 'copying') continue
      const sentence = `target partition ${copy.shared.targetTopic}-${copy.partition} ends at ${end.offset}, but records were acknowledged up to ${least}; godwit checks it again`
      const where = { cluster: settings.target, topic: copy.shared.targetTopic, partition: copy.partition }
      this.#parts.stop(copy, new Failure('BROKER_BUSY', sentence, where))
    }
  }

  #isStillThere(copy: PartitionCopy, topics: ReadonlyMap<string, TopicMetadata>): boolean {
    const { settings, stop } = this.#parts
    const { topic, targetTopic, targetId } = copy.shared
    const found = topics.get(targetTopic)
    if (!found) stop(copy, targetDeleted(topic, targetTopic, settings))
    else if (isOther(targetId, found.topicId)) stop(copy, recreated('target', copy.shared, settings))
    else return true
    return false
  }
}

/** Failures where copied records are not in the target topic that the file names: how much is missing is unknown. */
const targetGone: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC',
  'TOPIC_DELETED',
  'TOPIC_RECREATED',
  'TARGET_TRUNCATED',
  'TARGET_RENAMED',
])

/** Topic ids differ only where both are known. */
const isOther = (was: string, is: string) => was !== '' && is !== '' && was !== is

/** For each partition with records after its last stable offset: since when that offset has not changed. */
function heldBack({ at, partitions }: SourceListing, before: Checked | undefined): Checked['heldBack'] {
  const found = new Map<string, { offset: number; since: number }>()
  for (const { topic, partition, stableEnd: offset, end } of partitions) {
    if (offset >= end) continue
    const key = topicPartitionKey(topic, partition)
    const known = before?.heldBack.get(key)
    found.set(key, known?.offset === offset ? known : { offset, since: at })
  }
  return found
}

/** A failed separate listing is ignored: the check reports the failure. */
const ignored = () => {}
