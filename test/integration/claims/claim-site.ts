// Two real clusters with godwit between them. Java counts the records, and every claim of completeness is compared with the
// count.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClaimWatch } from '../../harness/claims/claim-watch.ts'
import { readiness } from '../../harness/claims/outputs.ts'
import { type FlowTruth, Truth, type Watched } from '../../harness/claims/truth.ts'
import { eventually } from '../../harness/eventually.ts'
import { type Ended, godwit } from '../../harness/godwit.ts'
import { guardFolder, release } from '../../harness/guardian.ts'
import { load } from '../../harness/load.ts'
import { logOffsets, operate } from '../../harness/operate.ts'
import { freePorts } from '../../harness/ports.ts'
import { GodwitProcess } from '../engine/godwit-process.ts'
import { Site } from '../engine/site.ts'

export interface SceneOptions {
  /** additional lines of the configuration, with SOURCE and TARGET for the aliases */
  readonly lines?: readonly string[]
  /** additional arguments of `godwit run` */
  readonly args?: readonly string[]
  /** default: read_uncommitted, as in MM2 */
  readonly isolation?: 'read_committed' | 'read_uncommitted'
  readonly from?: Watched['from']
  /** false: only HTTP is polled */
  readonly commands?: boolean
}

/** Kafka refuses a request to create more than 10,000 partitions. */
const TOPICS_AT_ONCE = 100
const LED_MS = 300_000

/** Shared by all tests of a file. */
export class ClaimSite implements AsyncDisposable {
  readonly site: Site
  readonly truth: Truth

  private constructor(site: Site, truth: Truth) {
    this.site = site
    this.truth = truth
  }

  static async start(...clusters: Parameters<typeof Site.start>): Promise<ClaimSite> {
    const [site, truth] = await Promise.all([Site.start(...clusters), Truth.start()])
    return new ClaimSite(site, truth)
  }

  /** A flow that is not running. @param topics a regular expression for both godwit and Java */
  async flow(alias: string, topics: string, options: SceneOptions = {}): Promise<ClaimFlow> {
    const { lines = [], isolation = 'read_uncommitted', from } = options
    const text = this.site.configuration(alias, topics, `SOURCE.consumer.isolation.level = ${isolation}`, ...lines)
    const { source, target } = this.site
    const truth = await this.truth.watch(alias, {
      ...{ source: source.direct, target: target.direct, topics, isolation },
      ...(from && { from }),
    })
    const [port = 0] = await freePorts(1)
    return new ClaimFlow(text, `127.0.0.1:${port}`, truth)
  }

  /** A running flow. Every claim of completeness is checked. */
  async scene(alias: string, topics: string, options: SceneOptions = {}): Promise<ClaimScene> {
    return ClaimScene.start(await this.flow(alias, topics, options), options)
  }

  /** Creates topics PREFIX-0, PREFIX-1 ... on the source, with `records` records in each partition. */
  async fill(prefix: string, topics: number, partitions: number, records: number): Promise<void> {
    const names = Array.from({ length: topics }, (_, i) => `${prefix}-${i}`)
    const steps = []
    for (let at = 0; at < topics; at += TOPICS_AT_ONCE) {
      const some = names.slice(at, at + TOPICS_AT_ONCE).map((name) => ({ name, partitions }))
      steps.push({ do: 'createTopics', topics: some } as const)
    }
    await operate(this.site.source, steps)
    // On a busy machine the broker needs time until it leads all partitions. Without this wait the producer could time out.
    const isLed = () =>
      logOffsets(this.site.source, names).then(
        () => true,
        () => false,
      )
    await eventually(isLed, Boolean, LED_MS)
    // One batch per partition: the producer fills partitions in turn, so a long linger collects their records.
    const options = {
      topics: names,
      partitions,
      records: topics * partitions * records,
      lingerMs: 1000,
      batchBytes: 1000,
    }
    await load(this.site.source, options)
  }

  /**
   * Deletes a target topic and waits until the broker no longer lists it: the controller answers before the brokers know of it.
   */
  async deleteOnTarget(topic: string): Promise<void> {
    await this.site.onTarget({ do: 'delete', topic })
    const topics = () => this.site.onTarget<string[]>({ do: 'topics' })
    await eventually(topics, (names) => !names.includes(topic))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.site[Symbol.asyncDispose](), this.truth[Symbol.asyncDispose]()])
  }
}

/** A configuration file, and what Java counts for its flow. */
export class ClaimFlow implements AsyncDisposable {
  readonly text: string
  readonly file: string
  readonly address: string
  readonly truth: FlowTruth
  readonly #folder: string

  constructor(text: string, address: string, truth: FlowTruth) {
    this.text = text
    this.address = address
    this.truth = truth
    this.#folder = mkdtempSync(join(tmpdir(), 'godwit-claims-'))
    guardFolder(this.#folder)
    this.file = join(this.#folder, 'mm2.properties')
    writeFileSync(this.file, text)
  }

  run(...args: readonly string[]): Promise<GodwitProcess> {
    return GodwitProcess.start(this.text, '--http', this.address, ...args)
  }

  /** Runs a command with the configuration file as an argument. */
  withFile(command: string, ...words: readonly string[]): Promise<Ended> {
    return godwit([...command.split(' '), this.file, ...words])
  }

  /** Runs a command that asks the running godwit. */
  asked(command: string, ...words: readonly string[]): Promise<Ended> {
    return godwit([command, ...words, '--http', this.address])
  }

  ready(): Promise<{ ok: boolean; reasons: readonly string[] } | undefined> {
    return readiness(this.address)
  }

  /** Gets a page from the HTTP server. */
  async page(path: string): Promise<string> {
    return (await fetch(`http://${this.address}${path}`)).text()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.truth[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
    release(this.#folder)
  }
}

/** A running godwit whose outputs are polled continuously. */
export class ClaimScene implements AsyncDisposable {
  readonly flow: ClaimFlow
  readonly watch: ClaimWatch
  godwit: GodwitProcess

  private constructor(flow: ClaimFlow, godwit: GodwitProcess, options: SceneOptions) {
    this.flow = flow
    this.godwit = godwit
    const { truth, address, file } = flow
    const commands = options.commands ?? true
    this.watch = new ClaimWatch({ truth, address, file, log: () => this.godwit.log, commands })
  }

  static async start(flow: ClaimFlow, options: SceneOptions = {}): Promise<ClaimScene> {
    return new ClaimScene(flow, await flow.run(...(options.args ?? [])), options)
  }

  /** Starts another process with the same file, after the previous one has ended. */
  async restart(...args: readonly string[]): Promise<void> {
    this.watch.restarted()
    this.godwit = await this.flow.run(...args)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.watch.stop()
    } finally {
      await this.godwit[Symbol.asyncDispose]()
      await this.flow[Symbol.asyncDispose]()
    }
  }
}
