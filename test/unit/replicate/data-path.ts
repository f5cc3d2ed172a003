// The data path of a flow between two scripted clusters, wired as in the engine, with stored positions in memory.
import type { Failure } from '../../../src/base/failure.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { Admin } from '../../../src/kafka/admin.ts'
import { Cluster } from '../../../src/kafka/cluster.ts'
import type { ClusterSettings } from '../../../src/kafka/cluster-settings.ts'
import { Topology } from '../../../src/kafka/topology.ts'
import type { Anchor } from '../../../src/mirror/copied-partition.ts'
import type { FlowSettings } from '../../../src/model/flow-settings.ts'
import type { Observer } from '../../../src/model/observer.ts'
import { PartitionCopy, type TopicCopy } from '../../../src/replicate/partition-copy.ts'
import { Recovery } from '../../../src/replicate/recovery.ts'
import { Replication } from '../../../src/replicate/replication.ts'
import { TargetLog } from '../../../src/replicate/target-log.ts'
import type { ScriptedCluster } from '../../harness/scripted/cluster.ts'
import type { ScriptedLog } from '../../harness/scripted/partition-log.ts'
import { flowSettings, PRODUCER, topicCopy } from './data-path-parts.ts'

const silentObserver: Observer = {
  fetched() {},
  acknowledged() {},
  checkpointed() {},
  troubled() {},
  committed() {},
  throttled() {},
}

export interface FlowParts {
  readonly source: ScriptedCluster
  readonly target: ScriptedCluster
  readonly sources: readonly ScriptedLog[]
  /** stored positions by partition; updated when the flow stores some */
  readonly stored: Map<number, Anchor>
  readonly observer?: Partial<Observer>
  readonly shared?: Partial<TopicCopy>
  /** the target's max.message.bytes; called whenever the limit is read */
  readonly maxMessageBytes?: () => number
  readonly settings?: object
}

const clusterSettings = (alias: string, { bootstrap }: ScriptedCluster): ClusterSettings => ({
  ...{ alias, bootstrapServers: bootstrap, clientId: 'test', protocol: 'PLAINTEXT' },
  ...{ connectTimeoutMs: 5000, requestTimeoutMs: 10_000 },
})

export class DataPath implements AsyncDisposable {
  readonly copies: readonly PartitionCopy[]
  readonly replication: Replication
  /** failures that would have ended the flow */
  readonly halts: Failure[] = []
  readonly #parts: FlowParts
  readonly #clusters: readonly [Cluster, Cluster]
  readonly #topologies: readonly [Topology, Topology]
  readonly #targetLog: TargetLog

  constructor(parts: FlowParts) {
    this.#parts = parts
    const settings = flowSettings(parts.settings)
    const [sourceCluster, targetCluster] = [clusterSettings('A', parts.source), clusterSettings('B', parts.target)]
    this.#clusters = [new Cluster(sourceCluster, silentLogger), new Cluster(targetCluster, silentLogger)]
    const [source, target] = this.#clusters.map((cluster) => new Topology(cluster, silentLogger)) as [
      Topology,
      Topology,
    ]
    this.#topologies = [source, target]
    this.#targetLog = new TargetLog(targetCluster)
    const log = silentLogger
    const observer = { ...silentObserver, ...parts.observer }
    this.replication = new Replication({
      ...{ settings, sourceCluster, targetCluster, source, target, observer, log },
      recovery: this.#recovery(settings),
      limitsOf: () =>
        Promise.resolve({
          maxMessageBytes: parts.maxMessageBytes?.() ?? 1_000_000,
          ...{ targetAppendTime: false, codec: undefined },
        }),
      sourceRange: (copy) => {
        const { start, end } = parts.sources[copy.partition] as ScriptedLog
        return Promise.resolve({ start, end })
      },
      halt: (failure) => this.halts.push(failure),
    })
    const shared = topicCopy(parts.shared)
    this.copies = parts.sources.map((_, partition) => this.#copyOf(shared, partition))
  }

  /** Reads metadata and starts to copy. */
  async start(): Promise<void> {
    await Promise.allSettled(this.#topologies.map((topology) => topology.refresh()))
    this.replication.adopt(this.copies)
  }

  /** Refreshes metadata, as the engine does when leaders may have moved. */
  async lookAgain(): Promise<void> {
    await Promise.allSettled(this.#topologies.map((topology) => topology.refreshFromNow()))
    this.replication.reroute()
  }

  /** Whether everything is copied, as far as the flow knows. */
  get isDone(): boolean {
    return this.copies.every(
      ({ position, partition, state }) => state === 'copying' && position.next === this.#parts.sources[partition]?.end,
    )
  }

  /** The state of the partitions, for failure messages. */
  get standing(): string {
    const lines = this.copies.map(({ partition, state, position, queue, source, failures }) => {
      const at = `next ${position.next}, fetch ${source.next}, end ${this.#parts.sources[partition]?.end}`
      return `${partition}: ${state} ${at}, in flight ${queue.inFlight.length}, ${failures.current?.message ?? 'no failure'}`
    })
    return lines.join('\n')
  }

  /** Ends it at once, like a kill. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.replication.close()
    await this.#targetLog.close()
    for (const cluster of this.#clusters) await cluster.close()
  }

  #copyOf(shared: TopicCopy, partition: number): PartitionCopy {
    const copy = new PartitionCopy(shared, partition)
    const anchor = this.#parts.stored.get(partition)
    if (!anchor) return copy
    copy.position.map.start({ upstream: anchor.sourceNext, downstream: anchor.targetNext }, false)
    copy.queue.writeAs(PRODUCER, 0)
    copy.position.restore(anchor)
    return copy
  }

  #recovery(settings: FlowSettings): Recovery {
    const { stored } = this.#parts
    const [source, target] = this.#clusters
    const isFirst = stored.size === 0
    return new Recovery({
      settings,
      sourceAdmin: new Admin(source),
      targetAdmin: new Admin(target),
      targetLog: this.#targetLog,
      log: silentLogger,
      metadataOf: (side) => this.#topologies[side === 'source' ? 0 : 1].current,
      targetLeader: (copy) => this.#topologies[1].leaderOf(copy.shared.targetTopic, copy.partition)?.broker,
      storedOffset: () => undefined,
      isNew: () => false,
      firstStart: () => undefined,
      producerId: () => Promise.resolve({ id: PRODUCER, isNew: isFirst }),
      keep: (copies) => {
        for (const { partition, position } of copies) if (position.anchor) stored.set(partition, position.anchor)
        return Promise.resolve()
      },
      arrivedAfterAll: (copy, sent) => this.replication.acknowledged(copy, sent),
    })
  }
}
