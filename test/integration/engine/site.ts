// Two real clusters, a Java program that produces difficult records, one that reads both sides, and godwit between them.
import assert from 'node:assert/strict'
import { startCluster, type TestCluster } from '../../harness/cluster.ts'
import { GodwitProcess } from './godwit-process.ts'
import { JavaServer } from './java-server.ts'

/** What ReadBack.java reports for one partition. */
export interface Comparison {
  readonly partition: number
  readonly source: number
  readonly target: number
  /** number of records from the start that are equal one by one */
  readonly equal: number
  readonly missing: number
  readonly extra: number
  /** the offsets of the copy have no gaps */
  readonly dense: boolean
  /** source offsets without a visible record */
  readonly holes: number
  /** the first difference */
  readonly first?: string
}

export interface ReadRecord {
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: string
  readonly key: string | null
  readonly value: string | null
}

export interface CompareOptions {
  /** name on the target, if different */
  readonly copy?: string
  readonly isolation?: 'read_committed' | 'read_uncommitted'
  /** by partition: source offset to start at */
  readonly from?: Readonly<Record<string, number>>
  readonly targetFrom?: Readonly<Record<string, number>>
}

type ClusterOptions = NonNullable<Parameters<typeof startCluster>[0]>
type Ends = Record<string, number>
type Request = Readonly<Record<string, unknown>>

/** Broker settings of all these tests: small, and with a fast log cleaner. */
const common = { 'log.cleaner.backoff.ms': '200', 'auto.create.topics.enable': 'false' }

export class Site implements AsyncDisposable {
  readonly source: TestCluster
  readonly target: TestCluster
  readonly #shapes: JavaServer
  readonly #reader: JavaServer

  private constructor(source: TestCluster, target: TestCluster, shapes: JavaServer, reader: JavaServer) {
    this.source = source
    this.target = target
    this.#shapes = shapes
    this.#reader = reader
  }

  static async start(source: ClusterOptions = {}, target: ClusterOptions = {}): Promise<Site> {
    const cluster = (name: string, options: ClusterOptions) =>
      startCluster({ name, heapMb: 320, ...options, configs: { ...common, ...options.configs } })
    const [from, to, shapes, reader] = await Promise.all([
      cluster('source', source),
      cluster('target', target),
      JavaServer.start('Shapes.java'),
      JavaServer.start('ReadBack.java'),
    ])
    return new Site(from, to, shapes, reader)
  }

  /** The same clusters in the opposite direction. It must not be disposed of. */
  reversed(): Site {
    return new Site(this.target, this.source, this.#shapes, this.#reader)
  }

  /** Sends a request to Shapes.java for the source (see there). */
  onSource<T = unknown>(request: Request): Promise<T> {
    return this.#shapes.ask<T>({ on: this.source.bootstrap, ...request })
  }

  onTarget<T = unknown>(request: Request): Promise<T> {
    return this.#shapes.ask<T>({ on: this.target.bootstrap, ...request })
  }

  create(topic: string, partitions: number, configs: Readonly<Record<string, string>> = {}): Promise<unknown> {
    return this.onSource({ do: 'create', topic, partitions, configs })
  }

  /** Produces on the source. @returns the end offsets */
  produce(topic: string, request: Request): Promise<Ends> {
    return this.onSource<Ends>({ do: 'produce', topic, ...request })
  }

  ends(topic: string): Promise<Ends> {
    return this.onSource<Ends>({ do: 'ends', topic })
  }

  targetEnds(topic: string): Promise<Ends> {
    return this.onTarget<Ends>({ do: 'ends', topic })
  }

  compare(topic: string, options: CompareOptions = {}): Promise<Comparison[]> {
    const { source, target } = this
    return this.#reader.ask({
      do: 'compare',
      topic,
      source: source.bootstrap,
      target: target.bootstrap,
      ...options,
    })
  }

  /** Checks that the target has every record of the source, in order, and no others. @returns the partitions */
  async assertEqual(topic: string, options: CompareOptions = {}): Promise<Comparison[]> {
    const partitions = await this.compare(topic, options)
    for (const one of partitions) {
      const { source, target, equal, missing, extra } = one
      const found = { topic, partition: one.partition, target, equal, missing, extra, first: one.first }
      assert.deepEqual(found, { ...found, target: source, equal: source, missing: 0, extra: 0, first: undefined })
      assert.ok(one.dense, `${topic}-${one.partition} has holes on the target`)
    }
    return partitions
  }

  read(cluster: TestCluster, topic: string, partition = 0, isolation = 'read_uncommitted'): Promise<ReadRecord[]> {
    return this.#reader.ask({ do: 'list', on: cluster.bootstrap, topic, partition, isolation })
  }

  /**
   * An mm2.properties for one flow, with the Identity policy.
   * @param alias of the flow: source A<alias>, target B<alias>, so that each test has its own state
   */
  configuration(alias: string, topics: string, ...lines: readonly string[]): string {
    const [from, to] = [`A${alias}`, `B${alias}`]
    const named = lines.map((line) => line.replaceAll('SOURCE', from).replaceAll('TARGET', to))
    return [
      `clusters = ${from}, ${to}`,
      `${from}.bootstrap.servers = ${this.source.bootstrap}`,
      `${to}.bootstrap.servers = ${this.target.bootstrap}`,
      `${from}->${to}.enabled = true`,
      `${from}->${to}.topics = ${topics}`,
      'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
      'replication.factor = 1',
      'offset.storage.replication.factor = 1',
      'offset-syncs.topic.replication.factor = 1',
      'checkpoints.topic.replication.factor = 1',
      'emit.heartbeats.enabled = false',
      'refresh.topics.interval.seconds = 1',
      // Many of these tests set configs of target topics themselves.
      'sync.topic.configs.enabled = false',
      ...named,
      '',
    ].join('\n')
  }

  /** Starts godwit with such a flow. It is killed at the end of its scope. */
  godwit(alias: string, topics: string, ...lines: readonly string[]): Promise<GodwitProcess> {
    return GodwitProcess.start(this.configuration(alias, topics, ...lines))
  }

  /** Copies all current records, then ends. @returns the exit code */
  async copyAll(alias: string, topics: string, ...lines: readonly string[]): Promise<number | string> {
    await using godwit = await GodwitProcess.start(this.configuration(alias, topics, ...lines), '--until', 'in-sync')
    const code = await godwit.exit()
    assert.equal(code, 0, godwit.lastOutput())
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#shapes.close(), this.#reader.close(), this.source.destroy(), this.target.destroy()])
  }
}
