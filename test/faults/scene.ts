// The setup of the fault tests: two clusters, a continuous load, and godwit between them. Java counts the records.
import assert from 'node:assert/strict'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { letPass } from '../harness/eventually.ts'
import { type RunningLoad, startLoad } from '../harness/load.ts'
import { compareClusters } from '../harness/oracle.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'

/** Recent records leave producer state on the target. For old ones brokers drop it, so that recovery has to work without it. */
export const ages = { fresh: undefined, old: '2017-07-14T02:40:00Z' } as const
export type Age = keyof typeof ages

type ClusterOptions = NonNullable<Parameters<typeof startCluster>[0]>

export class Scene implements AsyncDisposable {
  readonly source: TestCluster
  readonly target: TestCluster
  readonly #loads: RunningLoad[] = []

  private constructor(source: TestCluster, target: TestCluster) {
    this.source = source
    this.target = target
  }

  static async start(source: ClusterOptions = {}, target: ClusterOptions = {}): Promise<Scene> {
    const [left, right] = await Promise.all([
      startCluster({ name: 'source', ...source }),
      startCluster({ name: 'target', ...target }),
    ])
    return new Scene(left, right)
  }

  /** Produces records to four partitions until stopped. */
  async load(topic: string, age: Age, perSecond = 3000): Promise<RunningLoad> {
    const startTime = ages[age]
    const loading = await startLoad(this.source, {
      topics: [topic],
      partitions: 4,
      valueBytes: 300,
      batchBytes: 4000,
      perSecond,
      ...(startTime && { startTime }),
    })
    this.#loads.push(loading)
    return loading
  }

  configuration(topic: string): string {
    const brokers = this.target.brokers.length
    return [
      'clusters = src, dst',
      `src.bootstrap.servers = ${this.source.bootstrap}`,
      `dst.bootstrap.servers = ${this.target.bootstrap}`,
      'src->dst.enabled = true',
      `src->dst.topics = ${topic}`,
      'src->dst.heartbeats.replication.enabled = false',
      'dst.session.timeout.ms = 6000',
      `replication.factor = ${brokers}`,
      `offset.storage.replication.factor = ${brokers}`,
      `checkpoints.topic.replication.factor = ${brokers}`,
      `heartbeats.topic.replication.factor = ${brokers}`,
      'offset-syncs.topic.location = target',
      `offset-syncs.topic.replication.factor = ${brokers}`,
      'dst->src.emit.heartbeats.enabled = false',
      'offset.storage.partitions = 5',
      '',
    ].join('\n')
  }

  run(topic: string): Promise<GodwitProcess> {
    return GodwitProcess.start(this.configuration(topic))
  }

  /** Stops the load, waits until everything is copied, stops godwit cleanly, and compares both sides with Java. */
  async conclude(topic: string, loading: RunningLoad, godwit: GodwitProcess): Promise<void> {
    const { partitions, acknowledged } = await loading.stop()
    const ends = Object.fromEntries(partitions.map(({ partition, lastOffset }) => [partition, lastOffset + 1]))
    const status = await godwit.untilCopied(topic, ends)
    assert.equal(await godwit.stop(), 0)
    assert.ok(acknowledged > 0)
    const differences = await compareClusters(this.source, this.target, {
      topics: [topic],
      nameOnTarget: (name) => `src.${name}`,
      withinMs: 20_000,
    })
    assert.deepEqual(differences, [], `${godwit.lastOutput()}\n${JSON.stringify(status.problems)}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A failed test leaves its load running.
    await Promise.allSettled(this.#loads.map((loading) => loading.stop()))
    await Promise.all([this.source.destroy(), this.target.destroy()])
  }
}

/** Waits until godwit has copied at least this many more records. */
export async function progress(godwit: GodwitProcess, records: number): Promise<void> {
  const before = (await godwit.status())?.records ?? 0
  await godwit.until(`${records} more records`, (status) => status.records >= before + records)
}

/** A random delay, so that a fault can hit any moment. @param upToMs milliseconds */
export const someMoment = (upToMs: number): Promise<void> => letPass(Math.random() * upToMs)
