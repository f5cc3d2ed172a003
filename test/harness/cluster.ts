// Real Kafka clusters (KRaft) for tests, demo and benchmarks: one or three brokers on free ports, optionally behind proxies.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardFolder, release } from './guardian.ts'
import { compiledClasses } from './java.ts'
import { TestBroker } from './kafka/broker.ts'
import { format, layOut } from './kafka/nodes.ts'
import { type ClusterOptions, jvmFlags } from './kafka/options.ts'
import { prepare } from './kafka/prepared.ts'
import { DIRECT } from './kafka/settings.ts'
import type { SmallDisk } from './kafka/small-disk.ts'
import { kafkaJars, versionOf } from './kafka-jars.ts'
import type { FaultProxy } from './proxy.ts'

export { freePorts } from './ports.ts'

/** A running cluster. It is stopped when the test process ends, at the latest. */
export class TestCluster implements AsyncDisposable {
  readonly name: string
  readonly version: string
  readonly brokers: readonly TestBroker[]
  /** the address for clients; through the proxies if there are any */
  readonly bootstrap: string
  /** the address that bypasses the proxies */
  readonly direct: string
  /** one per broker with `proxied`, else empty */
  readonly proxies: readonly FaultProxy[]
  /** one per broker with `diskLimitMb`, else empty */
  readonly disks: readonly SmallDisk[]
  readonly jars: string
  readonly folder: string
  readonly #temporary: boolean

  constructor(parts: {
    name: string
    version: string
    brokers: readonly TestBroker[]
    proxies: readonly FaultProxy[]
    disks: readonly SmallDisk[]
    bootstrap: string
    direct: string
    jars: string
    folder: string
    temporary: boolean
  }) {
    this.name = parts.name
    this.version = parts.version
    this.brokers = parts.brokers
    this.proxies = parts.proxies
    this.disks = parts.disks
    this.bootstrap = parts.bootstrap
    this.direct = parts.direct
    this.jars = parts.jars
    this.folder = parts.folder
    this.#temporary = parts.temporary
  }

  /** Whether its Kafka version is older than this major version. */
  isBefore(major: number): boolean {
    return Number.parseInt(this.version, 10) < major
  }

  /** The first broker, for clusters with one broker. */
  get broker(): TestBroker {
    return this.brokers[0] as TestBroker
  }

  /** The first broker's proxy. @throws Error without `proxied` */
  get proxy(): FaultProxy {
    if (!this.proxies[0]) throw new Error(`cluster ${this.name} was started without proxies`)
    return this.proxies[0]
  }

  /** Starts every stopped broker and waits until all answer and know each other. */
  async start(): Promise<void> {
    for (const broker of this.brokers) broker.launch()
    await this.ready()
  }

  /** Waits until all brokers answer and know each other. @throws AssertionError with the end of a broker's log if one does not */
  async ready(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.ready(this.brokers.length)))
  }

  /** Clean shutdown of all brokers. */
  async stop(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.stop()))
  }

  /** Kills all brokers with kill -9. Their data is kept. */
  async kill9(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.kill9()))
  }

  /** Stops the cluster and removes its data. */
  async destroy(): Promise<void> {
    await this.kill9()
    for (const proxy of this.proxies) await proxy.close()
    for (const disk of this.disks) disk.remove()
    if (!this.#temporary) return
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 })
    release(this.folder)
  }

  /** The end of each broker's output. */
  log(): string {
    return this.brokers.map((broker) => broker.log()).join('\n')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy()
  }
}

/** Starts a cluster. @throws ToolMissing without JDK or Maven; Error with the end of a broker's log if it does not start */
export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const jars = await kafkaJars(options.version)
  const prepared = await prepare(jars)
  const classPath = [`${jars}/*`, ...(options.plugin ? [await compiledClasses(options.plugin, jars)] : [])].join(':')
  const folder = options.dataDir ?? mkdtempSync(join(tmpdir(), 'godwit-kafka-'))
  if (!options.dataDir) guardFolder(folder)
  const { nodes, proxies, disks } = await layOut(folder, options)
  const cluster = new TestCluster({
    name: options.name ?? 'cluster',
    version: versionOf(jars),
    brokers: nodes.map(
      (node) => new TestBroker({ ...node, classPath, flags: [...jvmFlags(options), ...prepared.flags] }),
    ),
    proxies,
    disks,
    bootstrap: nodes.map(({ advertised }) => `127.0.0.1:${advertised}`).join(','),
    direct: nodes.map(({ port, listeners }) => `127.0.0.1:${listeners[DIRECT] ?? port}`).join(','),
    jars,
    folder,
    temporary: !options.dataDir,
  })
  try {
    await format(nodes, jars, prepared.formatted, options)
    await cluster.start()
  } catch (error) {
    await cluster.destroy()
    throw error
  }
  return cluster
}
