// Where the bench takes place: two single-node clusters of the newest Kafka, and a slow way to the target.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from '../src/base/retry.ts'
import { freePorts, startCluster, type TestCluster } from '../test/harness/cluster.ts'
import { NEWEST } from '../test/harness/kafka-jars.ts'
import { BrokerClient, type Partitions } from './broker-client.ts'
import type { JavaTools } from './contestants/contestant.ts'
import { SlowLink } from './slow-link.ts'

const HEAP_MB = 1024
const READY_WITHIN_MS = 60_000

/** Deleted topics give their memory back at once, not after a minute. */
const configs = { 'log.segment.delete.delay.ms': '1000', 'auto.create.topics.enable': 'false' }

export interface Side {
  readonly bootstrap: string
  readonly client: BrokerClient
}

export class Site implements AsyncDisposable {
  readonly kafkaVersion = NEWEST
  readonly source: Side
  readonly target: Side
  readonly folder: string
  readonly java: JavaTools
  readonly #clusters: readonly TestCluster[]
  readonly #link: SlowLink
  /** set when both brokers have moved data before anything is counted */
  warm = false
  #rounds = 0

  private constructor(
    folder: string,
    clusters: readonly [TestCluster, TestCluster],
    sides: readonly [Side, Side],
    link: SlowLink,
  ) {
    this.folder = folder
    this.#clusters = clusters
    this.source = sides[0]
    this.target = sides[1]
    this.#link = link
    this.java = { java: 'java', classpath: `${clusters[0].jars}/*` }
  }

  /** Starts both clusters; `say` hears about it. */
  static async open(say: (text: string) => void): Promise<Site> {
    say(`starting two clusters of Apache Kafka ${NEWEST} ...`)
    const link = await SlowLink.reserve()
    const source = await startCluster({ name: 'source', version: NEWEST, heapMb: HEAP_MB, configs })
    const target = await startTarget(link)
    const sides = await Promise.all([source, target].map(sideOf))
    const folder = await mkdtemp(join(tmpdir(), 'godwit-bench-'))
    return new Site(folder, [source, target], sides as [Side, Side], link)
  }

  /** Process ids of the brokers. */
  get pids(): readonly number[] {
    return this.#clusters.map((cluster) => cluster.broker.pid)
  }

  /** A name for the source cluster that no round has had. */
  nextAlias(): string {
    return `source${++this.#rounds}`
  }

  /** The target's bootstrap server over a link of this round trip; 0: directly. */
  targetAt(roundTripMs: number): Promise<string> {
    return roundTripMs === 0 ? Promise.resolve(this.target.bootstrap) : this.#link.open(roundTripMs)
  }

  /** Resolves when every partition has a leader that answers. Throws an Error when that takes too long. */
  async untilReady(side: Side, topics: Partitions): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS
    for (;;) {
      const ends = await side.client.endOffsets(topics)
      if ([...ends.values()].flat().every((offset) => offset >= 0)) return
      if (performance.now() > deadline)
        throw new Error(`topics ${[...topics.keys()].join(', ')} have no leaders in time`)
      await sleep(50)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link.close()
    for (const { client } of [this.source, this.target]) client.close()
    await Promise.all(this.#clusters.map((cluster) => cluster.destroy()))
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** The target has a second listener whose advertised address is the slow link's. */
async function startTarget(link: SlowLink): Promise<TestCluster> {
  const [port = 0, slow = 0, controller = 0] = await freePorts(3)
  link.leadTo(slow)
  return startCluster({
    name: 'target',
    version: NEWEST,
    heapMb: HEAP_MB,
    ports: [port],
    configs: {
      ...configs,
      listeners: `PLAINTEXT://127.0.0.1:${port},LINK://127.0.0.1:${slow},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},LINK://127.0.0.1:${link.port}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,LINK:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    },
  })
}

async function sideOf({ bootstrap }: TestCluster): Promise<Side> {
  return { bootstrap, client: await BrokerClient.open(bootstrap) }
}
