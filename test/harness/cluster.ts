// Real Kafka clusters (KRaft) for tests, demo and bench: started on free ports, stopped, killed, started again on the same data.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaJars } from './kafka-jars.ts'
import { answersMetadata } from './probe.ts'

export interface ClusterOptions {
  /** Kafka version; KAFKA_HOME's or the newest when absent */
  readonly version?: string
  readonly brokers?: 1 | 3
  readonly configs?: Readonly<Record<string, string>>
  readonly name?: string
  readonly heapMb?: number
  /** a folder that exists already; else a temporary one that destroy() removes */
  readonly dataDir?: string
  /** advertised port of each broker, where a proxy stands in front */
  readonly advertised?: readonly number[]
  /** listen on these ports instead of free ones */
  readonly ports?: readonly number[]
}

const READY_MS = 60_000
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export class TestBroker {
  readonly id: number
  readonly port: number
  readonly controllerPort: number
  readonly folder: string
  readonly #jars: string
  readonly #heapMb: number
  #child: ChildProcess | undefined
  #pid = 0

  constructor(parts: {
    id: number
    port: number
    controllerPort: number
    folder: string
    jars: string
    heapMb: number
  }) {
    this.id = parts.id
    this.port = parts.port
    this.controllerPort = parts.controllerPort
    this.folder = parts.folder
    this.#jars = parts.jars
    this.#heapMb = parts.heapMb
  }

  /** of the Java process; 0 while it does not run */
  get pid(): number {
    return this.#pid
  }

  async format(clusterId: string): Promise<void> {
    if (existsSync(join(this.folder, 'log', 'meta.properties'))) return
    await this.#tool('kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', join(this.folder, 'server.properties'))
  }

  /** Starts it (again) on its data; resolves at once, see TestCluster.ready. */
  start(): void {
    const out = openSync(join(this.folder, 'server.out'), 'a')
    const flags = [
      `-Xms${Math.min(256, this.#heapMb)}m`,
      `-Xmx${this.#heapMb}m`,
      '-XX:+UseG1GC',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    ]
    const child = spawn(
      'java',
      [...flags, '-cp', `${this.#jars}/*`, 'kafka.Kafka', join(this.folder, 'server.properties')],
      { stdio: ['ignore', out, out] },
    )
    this.#child = child
    this.#pid = child.pid ?? 0
    running.add(child)
    watchdog(child)
    child.once('exit', () => {
      running.delete(child)
      if (this.#child === child) this.#pid = 0
    })
  }

  /** Clean shutdown. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  kill9(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** Stops the process in its tracks (SIGSTOP) without ending it, or lets it go on. */
  freeze(frozen: boolean): void {
    this.#child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT')
  }

  get alive(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }

  log(): string {
    const file = join(this.folder, 'server.out')
    return existsSync(file) ? readFileSync(file, 'utf8').slice(-4000) : ''
  }

  #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child || !this.alive) return Promise.resolve()
    return new Promise((resolve) => {
      const late = setTimeout(() => child.kill('SIGKILL'), 30_000)
      child.once('exit', () => {
        clearTimeout(late)
        resolve()
      })
      child.kill(signal)
    })
  }

  async #tool(main: string, ...args: string[]): Promise<void> {
    const flags = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error']
    await promisify(execFile)('java', [...flags, '-cp', `${this.#jars}/*`, main, ...args])
  }
}

/** A shell that waits for our end (its input closes with us, however we die) and then kills the broker. */
function watchdog(child: ChildProcess): void {
  const guardian = spawn('sh', ['-c', `read -r _; kill -9 ${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guardian.unref()
  ;(guardian.stdin as unknown as { unref(): void }).unref()
  child.once('exit', () => guardian.kill('SIGKILL'))
}

export class TestCluster implements AsyncDisposable {
  readonly name: string
  readonly version: string | undefined
  readonly brokers: readonly TestBroker[]
  readonly bootstrap: string
  readonly jars: string
  readonly folder: string
  readonly #temporary: boolean

  constructor(parts: {
    name: string
    version: string | undefined
    brokers: readonly TestBroker[]
    bootstrap: string
    jars: string
    folder: string
    temporary: boolean
  }) {
    this.name = parts.name
    this.version = parts.version
    this.brokers = parts.brokers
    this.bootstrap = parts.bootstrap
    this.jars = parts.jars
    this.folder = parts.folder
    this.#temporary = parts.temporary
  }

  /** The first broker, for clusters of one. */
  get broker(): TestBroker {
    return this.brokers[0] as TestBroker
  }

  /** Starts every broker that does not run and waits until all answer. */
  async start(): Promise<void> {
    for (const broker of this.brokers) if (!broker.alive) broker.start()
    await this.ready()
  }

  /** Resolves when every broker answers a metadata request and knows the others. */
  async ready(): Promise<void> {
    const deadline = Date.now() + READY_MS
    for (const broker of this.brokers) {
      while (!(await answersMetadata(broker.port, this.brokers.length))) {
        if (!broker.alive) throw new Error(`broker ${broker.id} of ${this.name} ended while starting:\n${broker.log()}`)
        if (Date.now() > deadline)
          throw new Error(`broker ${broker.id} of ${this.name} is not ready after ${READY_MS} ms:\n${broker.log()}`)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.stop()))
  }

  async kill9(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.kill9()))
  }

  /** Ends it and removes its data. */
  async destroy(): Promise<void> {
    await this.kill9()
    if (this.#temporary) rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 })
  }

  log(): string {
    return this.brokers.map((broker) => broker.log()).join('\n')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy()
  }
}

/** A running cluster. Every setting of the broker may be overridden. */
export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const jars = await kafkaJars(options.version)
  const folder = options.dataDir ?? mkdtempSync(join(tmpdir(), 'godwit-kafka-'))
  const count = options.brokers ?? 1
  const ports = await freePorts(count * 2)
  const brokers = Array.from({ length: count }, (_, i) => {
    const home = count === 1 ? folder : join(folder, String(i + 1))
    mkdirSync(home, { recursive: true })
    const port = options.ports?.[i] ?? (ports[i * 2] as number)
    return new TestBroker({
      id: i + 1,
      port,
      controllerPort: ports[i * 2 + 1] as number,
      folder: home,
      jars,
      heapMb: options.heapMb ?? 512,
    })
  })
  for (const broker of brokers)
    writeFileSync(join(broker.folder, 'server.properties'), propertiesOf(broker, brokers, options))
  const clusterId = randomBytes(16).toString('base64url')
  await Promise.all(brokers.map((broker) => broker.format(clusterId)))
  const bootstrap = brokers.map((broker, i) => `127.0.0.1:${options.advertised?.[i] ?? broker.port}`).join(',')
  const parts = {
    name: options.name ?? 'cluster',
    version: options.version,
    brokers,
    bootstrap,
    jars,
    folder,
    temporary: !options.dataDir,
  }
  const cluster = new TestCluster(parts)
  try {
    await cluster.start()
  } catch (error) {
    await cluster.destroy()
    throw error
  }
  return cluster
}

function propertiesOf(broker: TestBroker, all: readonly TestBroker[], options: ClusterOptions): string {
  const replicas = String(Math.min(3, all.length))
  const settings: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': String(broker.id),
    'controller.quorum.voters': all.map((b) => `${b.id}@127.0.0.1:${b.controllerPort}`).join(','),
    listeners: `PLAINTEXT://127.0.0.1:${broker.port},CONTROLLER://127.0.0.1:${broker.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${options.advertised?.[broker.id - 1] ?? broker.port}`,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(broker.folder, 'log'),
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.num.partitions': '5',
    ...options.configs,
  }
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

/** Ports nobody listens on right now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listening()))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function listening(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
