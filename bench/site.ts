// The environment of the bench: two single-node clusters of the newest Kafka, and a slow link to the target.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from '../src/base/retry.ts'
import { startCluster, type TestCluster } from '../test/harness/cluster.ts'
import { NEWEST } from '../test/harness/kafka-jars.ts'
import { freePorts } from '../test/harness/ports.ts'
import { BrokerClient, type Partitions } from './broker-client.ts'
import type { JavaTools } from './contestants/contestant.ts'
import { SlowLink } from './slow-link.ts'

const HEAP_MB = 1024
const ROUND_TRIP_MS = 80
const READY_WITHIN_MS = 60_000

/** The memory of deleted topics is released at once, not after a minute. */
const configs = { 'log.segment.delete.delay.ms': '1000', 'auto.create.topics.enable': 'false' }
const kafka = { version: NEWEST, heapMb: HEAP_MB, jit: 'full', configs } as const

export interface ClusterSide {
  readonly bootstrap: string
  readonly client: BrokerClient
}

export class Site implements AsyncDisposable {
  readonly kafkaVersion = NEWEST
  readonly source: ClusterSide
  readonly target: ClusterSide
  readonly folder: string
  readonly java: JavaTools
  readonly #slow: string
  readonly #clusters: readonly TestCluster[]
  readonly #parts: AsyncDisposableStack
  /** whether both brokers have already transferred data that is not measured */
  warm = false
  #rounds = 0

  private constructor(
    clusters: readonly [TestCluster, TestCluster],
    sides: readonly [ClusterSide, ClusterSide],
    slow: string,
    folder: string,
    parts: AsyncDisposableStack,
  ) {
    this.#clusters = clusters
    this.source = sides[0]
    this.target = sides[1]
    this.#slow = slow
    this.folder = folder
    this.java = { java: 'java', classpath: `${clusters[0].jars}/*` }
    this.#parts = parts
  }

  /** Starts both clusters. If one of the starts fails, everything that was started is ended. @param say prints progress */
  static async open(say: (text: string) => void): Promise<Site> {
    say(`starting two clusters of Apache Kafka ${NEWEST} ...`)
    await using parts = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'godwit-bench-'))
    parts.defer(() => rm(folder, { recursive: true, force: true }))
    const [slowPort = 0] = await freePorts(1)
    const link = parts.use(await SlowLink.open(slowPort, ROUND_TRIP_MS))
    const source = parts.use(await startCluster({ ...kafka, name: 'source' }))
    const target = parts.use(await startTarget(slowPort, link.port))
    const sides = [await sideOf(source, parts), await sideOf(target, parts)] as const
    return new Site([source, target], sides, `127.0.0.1:${link.port}`, folder, parts.move())
  }

  /** Process ids of the brokers. */
  get pids(): readonly number[] {
    return this.#clusters.map((cluster) => cluster.broker.pid)
  }

  /** A new alias of the source cluster for each round. */
  nextAlias(): string {
    return `source${++this.#rounds}`
  }

  /** The bootstrap server of the target, directly or over the slow link. */
  targetOver(link: 'loopback' | 'slow'): string {
    return link === 'slow' ? this.#slow : this.target.bootstrap
  }

  /** Resolves when every partition has a leader that answers. Throws an Error when that takes too long. */
  async untilReady(side: ClusterSide, topics: Partitions): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS
    for (;;) {
      const ends = await side.client.endOffsets(topics)
      if ([...ends.values()].flat().every((offset) => offset >= 0)) return
      if (performance.now() > deadline)
        throw new Error(`topics ${[...topics.keys()].join(', ')} have no leaders in time`)
      await sleep(50)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.disposeAsync()
  }
}

/** Starts the target with a second listener whose advertised address is that of the slow link. */
async function startTarget(slowPort: number, advertisedPort: number): Promise<TestCluster> {
  const [port = 0, controller = 0] = await freePorts(2)
  return startCluster({
    ...kafka,
    name: 'target',
    ports: [port],
    configs: {
      ...configs,
      listeners: `PLAINTEXT://127.0.0.1:${port},LINK://127.0.0.1:${slowPort},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},LINK://127.0.0.1:${advertisedPort}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,LINK:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    },
  })
}

async function sideOf({ bootstrap }: TestCluster, parts: AsyncDisposableStack): Promise<ClusterSide> {
  const client = await BrokerClient.open(bootstrap)
  parts.defer(() => client.close())
  return { bootstrap, client }
}
