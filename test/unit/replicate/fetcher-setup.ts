// A fetcher, its scripted broker, and a record of all calls to its port.
import type { Failure } from '../../../src/base/failure.ts'
import type { FetchedPartition as Fetched } from '../../../src/kafka/raw-fetch.ts'
import { Fetcher, type FetcherPort } from '../../../src/replicate/fetch/fetcher.ts'
import { FramePool } from '../../../src/replicate/fetch/frames.ts'
import { PartitionCopy, type TopicCopy } from '../../../src/replicate/partition-copy.ts'
import { API, type FetchedPartition, type FetchHead, fetchBody } from '../../harness/scripted/bodies.ts'
import { type FetchAsk, fetchAsk } from '../../harness/scripted/requests.ts'
import { type Reaction, ScriptedBroker } from '../../harness/scripted-broker.ts'
import { flowSettings, PRODUCER, topicCopy, waitUntil } from './data-path-parts.ts'

/** A call to the port, in short. */
export type Call = readonly [what: string, partition: number, detail: number | string]

/** The answer to a fetch; undefined: no news, after a short time. */
export type FetchScript = (ask: FetchAsk, version: number) => FetchedAnswer | Reaction | undefined

export interface FetchedAnswer extends FetchHead {
  readonly partitions: readonly FetchedPartition[]
}

export class FetcherSetup implements FetcherPort, AsyncDisposable {
  readonly calls: Call[] = []
  readonly asks: FetchAsk[] = []
  readonly refusals: Fetched[] = []
  isPaused = false
  readonly broker: ScriptedBroker
  readonly fetcher: Fetcher
  readonly frames: FramePool
  /** called when a partition is refused; nothing by default */
  onRefused: (copy: PartitionCopy) => void = () => {}
  #script: FetchScript

  private constructor(broker: ScriptedBroker, script: FetchScript, settings: object) {
    this.broker = broker
    this.#script = script
    const all = flowSettings({ memoryBytes: 2 * 1024 * 1024, ...settings })
    this.frames = new FramePool(all.memoryBytes, 384 * 1024)
    broker.on(API.FETCH, (request) => {
      const ask = fetchAsk(request)
      this.asks.push(ask)
      const answer = this.#script(ask, request.apiVersion)
      if (answer === undefined)
        return { delayMs: 2, bytes: fetchBody(request.apiVersion, [], { sessionId: ask.sessionId }) }
      if (typeof answer === 'string' || Buffer.isBuffer(answer) || !('partitions' in answer)) return answer
      return fetchBody(request.apiVersion, answer.partitions, answer)
    })
    const cluster = {
      ...{ alias: 'A', bootstrapServers: [broker.bootstrap], clientId: 'test', protocol: 'PLAINTEXT' as const },
      ...{ connectTimeoutMs: 2000, requestTimeoutMs: 2000 },
    }
    const address = { id: broker.id, host: '127.0.0.1', port: broker.port }
    this.fetcher = new Fetcher(address, { settings: all, cluster, frames: this.frames, port: this })
  }

  static async start(script: FetchScript = () => undefined, settings: object = {}): Promise<FetcherSetup> {
    return new FetcherSetup(await ScriptedBroker.start(), script, settings)
  }

  /** Sets the answers from now on. */
  answer(script: FetchScript): void {
    this.#script = script
  }

  /** Adds a partition that is fetched from this offset on. */
  add(partition = 0, { from = 0, shared = topicCopy() }: { from?: number; shared?: TopicCopy } = {}): PartitionCopy {
    const copy = new PartitionCopy(shared, partition)
    copy.queue.writeAs(PRODUCER, 0)
    copy.begin({ sourceNext: from, targetNext: 0, sequence: 0 }, { sequence: 0, targetNext: 0 })
    copy.source.readFrom(this.broker.id, 5)
    this.fetcher.add(copy)
    return copy
  }

  /** Waits until this call was made so many times. @returns the call */
  async untilCall(what: string, times = 1): Promise<Call> {
    const found = () => this.calls.filter(([one]) => one === what)
    await waitUntil(
      () => found().length >= times,
      () => `${what}: calls ${JSON.stringify(this.calls.slice(-20))}`,
    )
    return found()[times - 1] as Call
  }

  /** Waits for this many more requests. */
  async asked(more = 1): Promise<FetchAsk> {
    const wanted = this.asks.length + more
    await waitUntil(() => this.asks.length >= wanted, 'another fetch')
    return this.asks[wanted - 1] as FetchAsk
  }

  /** Waits for a request that matches, among those from `since` on. */
  async askedSo(isSo: (ask: FetchAsk) => boolean, what: string, since = 0): Promise<FetchAsk> {
    await waitUntil(() => this.asks.slice(since).some(isSo), what)
    return this.asks.slice(since).find(isSo) as FetchAsk
  }

  // FetcherPort

  arrived(copy: PartitionCopy, size: number, _maxTimestamp: number, offsets: number): void {
    this.calls.push([size > 0 ? 'arrived' : 'nothing', copy.partition, offsets])
  }

  refused(copy: PartitionCopy, fetched: Fetched): void {
    this.calls.push(['refused', copy.partition, fetched.error])
    this.refusals.push(fetched)
    this.onRefused(copy)
  }

  preferred(copy: PartitionCopy, replica: number): void {
    this.calls.push(['preferred', copy.partition, replica])
  }

  unfit(copy: PartitionCopy, failure: Failure): void {
    this.calls.push(['unfit', copy.partition, failure.code])
  }

  unreachable(_broker: unknown, failure: unknown, attempt: number): void {
    const code = (failure as { code?: string }).code ?? String(failure)
    this.calls.push(['unreachable', attempt, code])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fetcher.close()
    await this.broker.close()
  }
}

/** One partition of `orders` in a Fetch answer. */
export const part = (partition: number, fields: Partial<FetchedPartition> = {}): FetchedPartition => ({
  ...{ topic: 'orders', partition, highWatermark: 1000 },
  ...fields,
})
