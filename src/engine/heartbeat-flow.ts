// A pair that does not copy and only emits heartbeats, as MM2 does by default for every ordered pair of clusters. The flow in the other
// direction copies the heartbeats, which shows that it works. It takes no lease: heartbeats of two processes do no harm.
import { Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { Cluster } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { ConnectorName, FlowStatus, Halt } from '../model/flow-status.ts'
import type { InternalTopic } from '../records/internal-topic.ts'
import { heartbeatsTopic, reportLowered } from '../state/internal-topics.ts'
import type { PeriodicTask } from '../tasks/periodic-task.ts'
import { reportFlow } from './flow-report.ts'
import { heartbeatsTask } from './tasks/heartbeats.ts'

interface HeartbeatFlowOptions {
  readonly settings: FlowSettings
  readonly targetCluster: ClusterSettings
  readonly targetAdmin: ClusterSettings
  readonly log: Logger
}

export class HeartbeatFlow {
  readonly settings: FlowSettings
  /** Resolves when it was stopped. */
  readonly ended: Promise<void>
  readonly #log: Logger
  readonly #cluster: Cluster
  readonly #topic: InternalTopic
  readonly #task: PeriodicTask
  readonly #stopping = new AbortController()
  readonly #end = Promise.withResolvers<void>()
  readonly #startedAt = Date.now()
  #beating: Promise<void> | undefined
  #halted: Halt | undefined

  constructor({ settings, targetCluster, targetAdmin, log }: HeartbeatFlowOptions) {
    const own = log.child({ flow: settings.name })
    this.#log = own
    this.settings = settings
    this.#cluster = new Cluster(targetAdmin, own)
    this.#topic = heartbeatsTopic(settings, { cluster: this.#cluster, settings: targetCluster })
    this.#task = heartbeatsTask(settings, this.#topic, own)
    this.ended = this.#end.promise
  }

  start(): void {
    this.#beating ??= this.#task.run(this.#stopping.signal)
    if (this.settings.heartbeats.topic.factorIsDefault) void this.#lookAtCluster()
  }

  /** Logs lowered replication factors. An unreachable cluster is reported by the heartbeats task. */
  async #lookAtCluster(): Promise<void> {
    const metadata = await this.#cluster.metadata([]).catch(() => undefined)
    if (metadata) reportLowered(this.settings, { target: metadata.brokers.size }, this.#log)
  }

  /** Always 0: the source is not listed. */
  readonly asOf = 0

  /** Does nothing: there are no records to check. */
  async check(): Promise<void> {}

  status(): FlowStatus {
    const parts = {
      copies: [],
      topicProblems: new Map(),
      flowProblem: undefined,
      checked: undefined,
      isCurrent: false,
      endsSince: 0,
    }
    const unused = {
      silent: [],
      checkFailure: undefined,
      transactions: [],
      wasComplete: false,
      progressOf: () => undefined,
    }
    const isOver = this.#stopping.signal.aborted
    return reportFlow(
      {
        ...parts,
        ...unused,
        targetTopicOf: (topic) => topic,
        settings: this.settings,
        state: isOver ? 'stopped' : 'running',
        reason: 'it is not enabled and only emits heartbeats',
        startedAt: this.#startedAt,
        periodicTasks: [this.#task.status()],
        halted: this.#halted === undefined ? {} : { MirrorHeartbeatConnector: this.#halted },
        work: {
          ...{ taken: 0, begun: 0, takenAt: 0, joining: false, targetClusterId: '', memoryBytes: 0, memoryFree: 0 },
          connections: { fetching: 0, producing: 0, source: 0, target: this.#cluster.connections },
        },
      },
      Date.now(),
    )
  }

  /** Halts the heartbeats; other connectors are ignored. */
  halt(connector: ConnectorName, how: Halt): void {
    if (connector !== 'MirrorHeartbeatConnector') return
    this.#halted = how
    this.#task.pause()
  }

  resume(connector: ConnectorName): void {
    if (connector !== 'MirrorHeartbeatConnector') return
    this.#halted = undefined
    this.#task.resume()
  }

  restart(connector: ConnectorName): void {
    if (connector === 'MirrorHeartbeatConnector') this.#task.runNow()
  }

  resetPositions(): Promise<void> {
    const { name } = this.settings
    return Promise.reject(new Failure('USAGE', `flow ${name} is not enabled: it copies nothing and keeps no positions`))
  }

  drain(): Promise<void> {
    return this.close()
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#beating
    await Promise.allSettled([this.#topic.close(), this.#cluster.close()])
    this.#end.resolve()
  }
}
