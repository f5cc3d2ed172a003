// One active period of a flow, from taking the lease to losing it: reads the stored state, discovers topics, copies partitions.
import { counted } from '../base/counted.ts'
import { Failure, sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import type { Checked } from '../completeness/assess.ts'
import type { Admin } from '../kafka/admin.ts'
import type { Cluster } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { Topology } from '../kafka/topology.ts'
import { newReplicationPolicy, type ReplicationPolicy } from '../mirror/replication-policy.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { GroupStatus } from '../model/flow-status.ts'
import type { Observer } from '../model/observer.ts'
import type { PartitionCopy } from '../replicate/partition-copy.ts'
import { Recovery } from '../replicate/recovery.ts'
import { Replication } from '../replicate/replication.ts'
import { TargetLog } from '../replicate/target-log.ts'
import { openStoredProgress } from '../state/open-state.ts'
import type { StoredProgress } from '../state/stored-progress.ts'
import { PeriodicTask } from '../tasks/periodic-task.ts'
import { warnOfUnmatched } from '../tasks/unmatched.ts'
import { FlowTasks } from './flow-tasks.ts'
import { Partitions } from './partitions.ts'
import { FirstStart } from './positions/first-start.ts'
import { type Discovery, TargetTopics, type TopicPair } from './target-topics.ts'
import { topicAclsTask } from './tasks/topic-acls.ts'
import { topicConfigsTask } from './tasks/topic-configs.ts'
import { CompletenessWatch } from './watch/completeness-watch.ts'
import { type Ends, OtherFlows } from './watch/other-flows.ts'

interface ActiveFlowParts {
  readonly settings: FlowSettings
  readonly sourceCluster: ClusterSettings
  readonly targetCluster: ClusterSettings
  readonly source: Cluster
  readonly target: Cluster
  /** admin settings of the source */
  readonly sourceAdminSettings: ClusterSettings
  readonly sourceAdmin: Admin
  readonly targetAdmin: Admin
  readonly observer: Observer
  readonly log: Logger
  readonly halt: (failure: Failure) => void
  /** called with the result of each check of completeness */
  readonly checked: (found: Checked) => void
}

/** Interval of retries for topics that could not be created (ms). */
const AGAIN_MS = 5000

export class ActiveFlow {
  /** topics that cannot be copied, with the reason; and topics that wait to be created */
  topicProblems: ReadonlyMap<string, Failure> = new Map()
  waitingTopics: ReadonlySet<string> = new Set()
  readonly replication: Replication
  readonly completeness: CompletenessWatch
  /** the copied topics, as of the last discovery */
  pairs: readonly TopicPair[] = []
  readonly #parts: ActiveFlowParts
  readonly #topicsTask: PeriodicTask
  readonly #tasks: FlowTasks
  readonly #topics: TargetTopics
  readonly #source: Topology
  readonly #target: Topology
  readonly #state: StoredProgress
  readonly #targetLog: TargetLog
  readonly #partitions: Partitions
  readonly #closing = new AbortController()
  #loops: Promise<unknown> = Promise.resolve()
  #producerId: Promise<{ id: bigint; isNew: boolean }> | undefined
  readonly #others: OtherFlows
  #loaded = false
  readonly #firstStart = new FirstStart()
  #surveyed = false

  constructor(parts: ActiveFlowParts) {
    this.#parts = parts
    const { settings, log, targetCluster } = parts
    this.#source = new Topology(parts.source, log)
    this.#target = new Topology(parts.target, log)
    const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
    this.#state = openStoredProgress(parts, 'work')
    this.#topics = new TargetTopics({
      ...{ ...parts, policy, source: this.#source, target: this.#target },
      wasCopied: ({ name, partitions }) => this.#state.knows(name, partitions.length),
      copiedInto: ({ name, partitions }) => this.#state.targetIdsOf(name, partitions.keys()),
    })
    this.#others = new OtherFlows(parts)
    this.#targetLog = new TargetLog(targetCluster)
    this.#partitions = new Partitions({
      ...{ settings, stored: this.#state, target: this.#target },
      quarantine: (copy, failure) => this.replication.quarantine(copy, failure),
    })
    this.replication = this.#newReplication()
    this.#topicsTask = this.#newTopicsTask()
    this.completeness = this.#newCompletenessWatch(policy)
    this.#tasks = new FlowTasks({
      ...{ settings, log, observer: parts.observer, copies: () => this.copies },
      copyOf: (key) => this.#partitions.of(key),
      endOf: (key) => this.#partitions.of(key)?.source.end ?? -1,
      source: { cluster: parts.source, settings: parts.sourceAdminSettings, topology: this.#source },
      target: { cluster: parts.target, settings: targetCluster, topology: this.#target },
      others: [...topicConfigsTask({ ...parts, pairs: () => this.pairs }), ...topicAclsTask({ ...parts, policy })],
    })
  }

  get periodicTasks(): readonly PeriodicTask[] {
    return [this.#topicsTask, ...this.#tasks.all]
  }

  get groups(): readonly GroupStatus[] {
    return this.#tasks.groups
  }

  targetTopicOf(topic: string): string {
    return this.#topics.remoteName(topic)
  }

  /** Aborted when this active period ends. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** Writes positions and offsets now. @throws Failure of the target */
  flush(): Promise<void> {
    return this.#state.flush(this.copies, true)
  }

  /** Whether every partition is being copied or is quarantined. */
  get isSettled(): boolean {
    return [...this.copies].every(({ state }) => state === 'copying' || state === 'quarantined')
  }

  get copies(): Iterable<PartitionCopy> {
    return this.#partitions.all
  }

  /** Reads the stored state and discovers topics, then starts the loops of the flow. May be called again after a failure. @throws Failure */
  async begin(signal: AbortSignal): Promise<void> {
    const loading = this.#loaded ? undefined : this.#state.load()
    // Topics that exist on the target are copied while the others are created.
    const found = await this.#topics.survey(loading)
    if (!this.#loaded && !this.#state.hasStarted) {
      const { settings, sourceAdmin } = this.#parts
      await this.#firstStart.note([...this.#topics.wanted()], settings, sourceAdmin)
    }
    this.#loaded = true
    await this.#checkOtherFlows(found.pairs)
    this.#adopt(found)
    if (signal.aborted || this.#closing.signal.aborted) return
    if (!this.#surveyed)
      warnOfUnmatched(this.#parts.settings, 'topics', this.#source.current?.topics.keys() ?? [], this.#parts.log)
    this.#surveyed = true
    const { signal: closing } = this.#closing
    this.#loops = Promise.all([
      this.#topicsTask.run(closing),
      this.#tasks.run(closing),
      this.#state.run(
        () => this.copies,
        closing,
        (commit) => this.#committed(commit),
      ),
      this.completeness.run(closing),
      this.#others.watchOpposite(() => this.#lookForOpposite(), closing),
    ])
  }

  #committed(commit: { tookMs: number; isDone: boolean }): void {
    const { observer, settings } = this.#parts
    observer.committed({ flow: settings.name, ...commit })
  }

  async drain(deadlineMs: number): Promise<void> {
    const until = Date.now() + deadlineMs
    await this.replication.drain(deadlineMs)
    this.#closing.abort()
    await this.#loops
    await this.replication.close()
    await Promise.all([this.#flushLast(), this.#tasks.finish(until - Date.now())])
  }

  async #flushLast(): Promise<void> {
    await this.#state.flush(this.copies, true).catch((error: unknown) => {
      this.#parts.log.warn('the last positions could not be written; the next start reads the target log instead', {
        reason: sentenceOf(error),
      })
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.replication.close()
    await this.#loops
    await Promise.allSettled([this.#targetLog.close(), this.#state.close(), this.#tasks.close()])
  }

  #newReplication(): Replication {
    const { settings, sourceCluster, targetCluster, sourceAdmin, targetAdmin, observer, log, halt } = this.#parts
    const recovery = new Recovery({
      settings,
      sourceAdmin,
      targetAdmin,
      targetLog: this.#targetLog,
      log,
      metadataOf: (side) => (side === 'source' ? this.#source : this.#target).current,
      targetLeader: (copy) => this.#target.leaderOf(copy.shared.targetTopic, copy.partition)?.broker,
      storedOffset: (copy) => this.#state.storedOffset(copy),
      isNew: (copy) => this.#firstStart.isNew(copy.key),
      firstStart: (copy) => this.#firstStart.of(copy.key),
      producerId: () => this.#ownProducer(),
      keep: (copies) => this.#state.keep(copies),
      arrivedAfterAll: (copy, sent) => this.replication.acknowledged(copy, sent),
    })
    return new Replication({
      settings,
      sourceCluster,
      targetCluster,
      source: this.#source,
      target: this.#target,
      recovery,
      observer,
      log,
      halt,
      limitsOf: (topic) => this.#topics.limitsOf(topic),
      sourceRange: (copy) => this.#sourceRange(copy),
    })
  }

  get #ends(): Ends {
    const [here, there] = [this.#source.current, this.#target.current]
    return { sourceClusterId: here?.clusterId ?? '', targetClusterId: there?.clusterId ?? '' }
  }

  /** @throws Failure CONFIG_INVALID when the target already has these topics, copied under another alias of the source */
  async #checkOtherFlows(pairs: readonly TopicPair[]): Promise<void> {
    const fresh = pairs
      .filter(({ topic, partitions }) => !this.#state.knows(topic, partitions))
      .map(({ topic }) => topic)
    if (this.#target.current) await this.#others.refuseRenamedAlias(this.#ends, this.#target.current, fresh)
    this.#state.noteFlow(this.#ends)
    await this.#lookForOpposite()
  }

  /** Excludes records written by a flow in the opposite direction. */
  async #lookForOpposite(): Promise<void> {
    const producers = await this.#others.lookOpposite(this.#ends, this.#source.current)
    this.#partitions.exclude(producers.length > 0 ? new Set(producers) : undefined)
  }

  /** The producer id of the whole flow: that of an earlier run, or a new one. */
  async #ownProducer(): Promise<{ id: bigint; isNew: boolean }> {
    const own = await this.#askProducer()
    this.#state.noteFlow(this.#ends, own.id)
    return own
  }

  #askProducer(): Promise<{ id: bigint; isNew: boolean }> {
    const known = this.#state.knownProducer(this.copies)
    if (known !== undefined) return Promise.resolve({ id: known, isNew: false })
    this.#producerId ??= this.#parts.targetAdmin.initProducerId().then(
      ({ id }) => ({ id, isNew: true }),
      (error: unknown) => {
        this.#producerId = undefined
        throw error
      },
    )
    return this.#producerId
  }

  async #sourceRange({ shared, partition }: PartitionCopy): Promise<{ start: number; end: number }> {
    const { sourceAdmin, settings } = this.#parts
    const { topic } = shared
    const [starts, ends] = await Promise.all([
      sourceAdmin.listOffsets([{ topic, partition, at: 'earliest' }], settings.isolation),
      sourceAdmin.listOffsets([{ topic, partition, at: 'latest' }], 'read_uncommitted'),
    ])
    const [start, end] = [starts.get(`${topic}-${partition}`), ends.get(`${topic}-${partition}`)]
    if (start instanceof Failure) throw start
    if (end instanceof Failure) throw end
    return { start: start?.offset ?? 0, end: end?.offset ?? 0 }
  }

  /** Discovers new topics and partitions at its interval; more often while some could not be created. */
  #newTopicsTask(): PeriodicTask {
    const { enabled, intervalMs } = this.#parts.settings.refreshTopics
    return new PeriodicTask({
      name: 'topics',
      intervalMs,
      firstAfterMs: 0,
      nextAfterMs: () => {
        if (this.topicProblems.size + this.waitingTopics.size > 0) return Math.min(AGAIN_MS, intervalMs)
        return enabled ? intervalMs : Infinity
      },
      perform: async () => {
        const before = this.#partitions.size
        // The first run uses the discovery of `begin`.
        if (!this.#surveyed) this.#adopt(await this.#topics.survey())
        this.#surveyed = false
        const found = await this.#topics.complete((discovery) => this.#adopt(discovery))
        this.#adopt(found)
        this.replication.reroute()
        return discovered(found, this.#partitions.size - before)
      },
      log: this.#parts.log,
    })
  }

  #newCompletenessWatch(policy: ReplicationPolicy): CompletenessWatch {
    const { settings, sourceAdmin, targetAdmin, log } = this.#parts
    return new CompletenessWatch({
      ...{ settings, policy, sourceAdmin, targetAdmin, log, source: this.#source, target: this.#target },
      sourceCluster: this.#parts.source,
      sourceSettings: this.#parts.sourceAdminSettings,
      copies: () => this.copies,
      copyOf: (key) => this.#partitions.of(key),
      isNew: (key) => this.#firstStart.isNew(key),
      firstStart: (key) => this.#firstStart.of(key),
      topicProblem: (topic) => this.topicProblems.get(topic),
      foundNew: () => {
        if (settings.refreshTopics.enabled) this.#topicsTask.runNow()
      },
      stop: (copy, failure) => this.replication.quarantine(copy, failure),
      checked: (found) => {
        this.#tasks.checked(found.assessment.verdict)
        this.#parts.checked(found)
      },
    })
  }

  #adopt({ pairs, problems, waiting }: Discovery): void {
    for (const [topic, failure] of problems) {
      if (this.topicProblems.get(topic)?.message === failure.message) continue
      this.#parts.log.error('a topic cannot be copied', {
        topic,
        code: failure.code,
        reason: failure.message,
        remedy: failure.remedy,
      })
    }
    this.topicProblems = problems
    this.waitingTopics = waiting
    this.pairs = pairs
    this.replication.adopt(pairs.flatMap((pair) => this.#partitions.add(pair)))
  }
}

/** `3 topics, 12 new partitions`, and how many topics cannot be copied or wait. */
function discovered({ pairs, problems, waiting }: Discovery, fresh: number): string {
  const blocked = problems.size > 0 ? `, ${problems.size} that cannot be copied` : ''
  const late = waiting.size > 0 ? `, ${waiting.size} waiting to be created` : ''
  return `${counted(pairs.length, 'topic')}, ${counted(fresh, 'new partition')}${blocked}${late}`
}
