// One flow, source -> target: connects, takes the lease, discovers topics, copies, reports its status. The entry of the engine.
import { asFailure, Failure, failures } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { backoff, sleep } from '../base/retry.ts'
import type { Checked } from '../completeness/assess.ts'
import { Admin } from '../kafka/admin.ts'
import { Cluster, type ClusterMetadata, isSameCluster } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { FlowLease } from '../lease/flow-lease.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { ConnectorName, FlowStatus, Halt, FlowState as Phase, WorkStatus } from '../model/flow-status.ts'
import type { Observer } from '../model/observer.ts'
import type { PositionsReset } from '../model/positions-reset.ts'
import { reportLowered } from '../state/internal-topics.ts'
import { ActiveFlow } from './active-flow.ts'
import { reportFlow } from './flow-report.ts'
import { Halting } from './halting.ts'
import { Resets } from './positions/resets.ts'
import { Throttling } from './throttling.ts'

interface FlowOptions {
  readonly settings: FlowSettings
  /** settings to read and write records with */
  readonly sourceCluster: ClusterSettings
  readonly targetCluster: ClusterSettings
  /** settings to manage topics, offsets and groups with */
  readonly sourceAdmin: ClusterSettings
  readonly targetAdmin: ClusterSettings
  readonly observer: Observer
  readonly log: Logger
}

const HEARTBEAT_MS = 3000
/** How long a reset of positions waits until copying continues, and how often it checks (ms). */
const RUNNING_WAIT_MS = 10_000
const RUNNING_POLL_MS = 20

export class FlowRunner {
  readonly settings: FlowSettings
  /** Resolves when the flow was stopped; rejects with a Failure when it cannot continue. */
  readonly ended: Promise<void>
  readonly #options: FlowOptions
  readonly #source: Cluster
  readonly #target: Cluster
  readonly #lease: FlowLease
  readonly #halting: Halting
  readonly #throttling: Throttling
  readonly #resets: Resets
  readonly #stopping = new AbortController()
  readonly #end = Promise.withResolvers<void>()
  readonly #startedAt = Date.now()
  #run: ActiveFlow | undefined
  #phase: Phase = 'starting'
  #reason = ''
  #problem: Failure | undefined
  /** ms since the epoch */
  #problemSince = 0
  #wasInSync = false
  #hasWarnedOfNothing = false
  #targetClusterId = ''
  /** how often the lease was taken, and how often copying began afterwards */
  #taken = 0
  #begun = 0
  #takenAt = 0
  #working: Promise<void> | undefined

  constructor(options: FlowOptions) {
    const { settings, log } = options
    this.settings = settings
    const own = log.child({ flow: settings.name })
    this.#throttling = new Throttling({ flow: settings.name, observer: options.observer, log: own })
    this.#options = { ...options, ...watched(options, this.#throttling), log: own }
    this.#source = new Cluster(this.#options.sourceAdmin, own)
    this.#target = new Cluster(this.#options.targetAdmin, own)
    const { name, groupId, sessionTimeoutMs } = settings
    const lease = {
      flow: name,
      groupId,
      sessionTimeoutMs,
      heartbeatMs: Math.min(HEARTBEAT_MS, sessionTimeoutMs / 3),
      clientId: options.targetAdmin.clientId,
    }
    this.#lease = new FlowLease(this.#target, lease, this.#options.log)
    this.#halting = new Halting(settings, this.#options.log)
    this.#resets = new Resets({ ...this.#options, target: this.#target })
    this.ended = this.#end.promise
    this.ended.catch(() => {})
  }

  start(): void {
    this.#working ??= this.#work().then(
      () => this.#end.resolve(),
      (error: unknown) => this.#fail(error),
    )
  }

  /** When the source was listed last, ms since the epoch; 0: not yet. */
  get asOf(): number {
    return this.#run?.completeness.last?.listing.at ?? 0
  }

  /** Runs a check of completeness that begins after this call. Never rejects. */
  async check(): Promise<void> {
    await this.#run?.completeness.check()
  }

  /** @param since ms since the epoch: figures from an earlier source listing are reported as unknown */
  status(since = 0): FlowStatus {
    const now = Date.now()
    const run = this.#run
    const watch = run?.completeness
    return reportFlow(
      {
        settings: this.settings,
        state: this.#phase === 'starting' && this.#lease.state === 'standby' ? 'standby' : this.#phase,
        reason: this.#reasonNow(),
        checked: watch?.last,
        isCurrent: watch?.isCurrent(now, since) ?? false,
        endsSince: watch?.endsSince(now) ?? Number.POSITIVE_INFINITY,
        silent: watch?.silent ?? [],
        checkFailure: watch?.failure,
        transactions: watch?.transactions ?? [],
        wasComplete: this.#wasInSync,
        startedAt: this.#startedAt,
        copies: run?.copies ?? [],
        topicProblems: run?.topicProblems ?? new Map(),
        progressOf: (listed) => watch?.progressOf(listed),
        targetTopicOf: (topic) => run?.targetTopicOf(topic) ?? topic,
        periodicTasks: run?.periodicTasks.map((task) => task.status()) ?? [],
        work: this.#reportWork(),
        halted: this.#halting.status,
        groups: run?.groups ?? [],
        flowProblem: this.#problem ?? this.#lease.problem,
        ...(this.#problem && { flowProblemSince: this.#problemSince }),
      },
      now,
    )
  }

  /**
   * Halts one of the connectors that MM2 runs for a flow, until `resume` or the end of the process. For the source connector,
   * fetching stops and fetched records still arrive. The flow keeps its lease; the status shows when the connector is halted.
   */
  halt(connector: ConnectorName, how: Halt): void {
    this.#halting.halt(connector, how)
  }

  resume(connector: ConnectorName): void {
    this.#halting.resume(connector)
  }

  /** Retries failed partitions and runs periodic tasks now. A failed flow stays failed. */
  restart(connector: ConnectorName): void {
    this.#halting.restart(connector)
  }

  /**
   * Forgets or changes positions without a restart. Copying is interrupted; halted connectors stay halted.
   * @throws Failure STANDBY when this process does not work on the flow, USAGE when the reset names another target cluster
   */
  async resetPositions(reset: PositionsReset): Promise<void> {
    const { name, target } = this.settings
    if (reset.targetClusterId !== '' && reset.targetClusterId !== this.#targetClusterId) {
      const sentence = `flow ${name} of this process writes to another cluster: ${target} has the id ${this.#targetClusterId || '(not known yet)'}, not ${reset.targetClusterId}`
      const remedy = 'give the address of the process that works on the flow of the file: --http HOST:PORT'
      throw new Failure('USAGE', sentence, { flow: name, remedy })
    }
    await this.#resets.add(reset)
    await this.#untilRunning()
  }

  /** Resolves when copying continues and halted connectors are halted again, or after RUNNING_WAIT_MS. */
  async #untilRunning(): Promise<void> {
    const { signal } = this.#stopping
    const deadline = Date.now() + RUNNING_WAIT_MS
    const isSettled = () => this.#phase === 'running' && this.#halting.isHaltComplete && this.#run?.isSettled
    while (!isSettled() && Date.now() < deadline && !signal.aborted) await sleep(RUNNING_POLL_MS, signal)
  }

  /** Sends what was fetched, writes positions, releases the lease; drops what is left at the deadline (ms). */
  async drain(deadlineMs: number): Promise<void> {
    if (this.#phase === 'failed') return this.close()
    this.#phase = 'draining'
    await this.#run?.drain(deadlineMs)
    await this.close()
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#run?.close()
    await this.#lease.close()
    await this.#working
    await Promise.allSettled([this.#source.close(), this.#target.close()])
    this.#throttling.close()
    if (this.#phase !== 'failed') this.#phase = 'stopped'
  }

  /** Alternates between active and standby until stopped. */
  async #work(): Promise<void> {
    const { signal } = this.#stopping
    await this.#retry(() =>
      Promise.all([this.#source.metadata([]), this.#target.metadata([])]).then((both) => this.#noteClusters(both)),
    )
    if (signal.aborted) return
    this.#lease.start(signal)
    while (!signal.aborted) {
      if (this.#lease.state !== 'active') this.#standBy()
      await this.#lease.whenActive(signal)
      if (signal.aborted) return
      await this.#workWhileActive()
    }
  }

  #reasonNow(): string {
    const { state, reason } = this.#lease
    return state === 'standby' || (state === 'lost' && this.#phase === 'starting') ? reason : this.#reason
  }

  #standBy(): void {
    if (this.#phase === 'draining') return
    // A lease lost because the target does not answer is not held by anyone: only another active process means standby.
    this.#phase = this.#lease.state === 'standby' ? 'standby' : 'starting'
  }

  async #workWhileActive(): Promise<void> {
    const { signal } = this.#stopping
    const lost = Promise.withResolvers<void>()
    this.#lease.onLost((reason) => {
      this.#options.log.warn('this process no longer works on the flow', { reason })
      lost.resolve()
    })
    const run = new ActiveFlow({
      ...this.#options,
      sourceAdminSettings: this.#options.sourceAdmin,
      sourceAdmin: new Admin(this.#source),
      targetAdmin: new Admin(this.#target),
      source: this.#source,
      target: this.#target,
      halt: (failure) => this.#fail(failure),
      checked: (checked) => this.#announce(checked),
    })
    this.#run = run
    this.#halting.attach(run)
    this.#taken++
    this.#takenAt = Date.now()
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    await this.#retry(() => run.begin(signal))
    if (!signal.aborted) this.#begun++
    if (this.#phase !== 'draining') this.#phase = 'running'
    const isReset = await Promise.race([lost.promise, stopped, this.#resets.wanted().then(() => true)])
    if (isReset === true && this.#phase === 'running') {
      this.#wasInSync = false
      this.#phase = 'starting'
      await this.#resets.perform(run, () => this.#lease.state === 'active' && !signal.aborted)
      this.#run = undefined
    }
    this.#resets.refuse()
    if (!signal.aborted && this.#lease.state !== 'active') void this.#listUntilActive(run)
    await run.close()
  }

  /** While the target does not answer and the lease is lost, the source end offsets are still read. */
  async #listUntilActive(run: ActiveFlow): Promise<void> {
    const active = new AbortController()
    void this.#lease.whenActive(this.#stopping.signal).finally(() => active.abort())
    await run.completeness.listMeanwhile(active.signal, () => true)
  }

  #reportWork(): WorkStatus {
    const idle = { memoryBytes: 0, memoryFree: 0, fetching: 0, producing: 0 }
    const { memoryBytes, memoryFree, fetching, producing } = this.#run?.replication.resources ?? idle
    return {
      taken: this.#taken,
      begun: this.#begun,
      takenAt: this.#takenAt,
      joining: this.#lease.state === 'joining',
      targetClusterId: this.#targetClusterId,
      memoryBytes,
      memoryFree,
      connections: { fetching, producing, source: this.#source.connections, target: this.#target.connections },
      throttle: this.#throttling.status,
    }
  }

  /** Logs when everything has arrived for the first time, and when the flow selects no topic. */
  #announce({ assessment }: Checked): void {
    const { log, settings } = this.#options
    const { verdict, asOf, partitions } = assessment
    if (verdict === 'complete' && !this.#wasInSync) {
      this.#wasInSync = true
      const at = new Date(asOf).toISOString()
      log.info(`in sync: everything that was on the source at ${at} has arrived`, { partitions })
    }
    if (verdict === 'nothing-selected' && !this.#hasWarnedOfNothing) {
      this.#hasWarnedOfNothing = true
      log.warn('the flow selects no topic of the source: nothing is copied', {
        cluster: settings.source,
        remedy: `compare ${settings.name}.topics and ${settings.name}.topics.exclude with the topics of the source: godwit topics FILE lists them`,
      })
    }
  }

  /** Retries until `attempt` succeeds, e.g. while a cluster is unreachable; logs each failure. A failure with verdict halt ends the flow. */
  async #retry(attempt: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#stopping
    for (let n = 0; !signal.aborted; n++) {
      try {
        await attempt()
        this.#problem = undefined
        this.#reason = ''
        return
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof Failure) || failures[error.code].verdict === 'halt') throw error
        if (!this.#problem) this.#problemSince = Date.now()
        this.#problem = error
        this.#reason = error.message
        this.#options.log.warn('waiting for a cluster', {
          reason: error.message,
          remedy: error.remedy,
          code: error.code,
        })
        await sleep(backoff(n, 200, 10_000), signal)
      }
    }
  }

  #noteClusters([here, there]: [ClusterMetadata, ClusterMetadata]): void {
    this.#targetClusterId = there.clusterId
    reportLowered(this.settings, { source: here.brokers.size, target: there.brokers.size }, this.#options.log)
    if (!isSameCluster(here, there)) return
    const { source, target } = this.settings
    this.#options.log.warn('source and target are the same cluster', {
      cluster: `${source}, ${target}`,
      remedy: `check ${source}.bootstrap.servers and ${target}.bootstrap.servers`,
    })
  }

  #fail(error: unknown): void {
    if (this.#phase === 'failed') return
    const failure = asFailure(error)
    this.#phase = 'failed'
    this.#problem = failure
    this.#problemSince = Date.now()
    this.#reason = failure.message
    this.#options.log.error('the flow ends', { code: failure.code, reason: failure.message, remedy: failure.remedy })
    this.#end.reject(failure)
    this.#stopping.abort()
    void this.#run?.close()
    void this.#lease.close()
  }
}

/** Cluster settings whose connections report throttling. */
function watched(options: FlowOptions, throttling: Throttling) {
  const { sourceCluster, targetCluster, sourceAdmin, targetAdmin } = options
  return {
    sourceCluster: throttling.watch(sourceCluster),
    targetCluster: throttling.watch(targetCluster),
    sourceAdmin: throttling.watch(sourceAdmin),
    targetAdmin: throttling.watch(targetAdmin),
  }
}
