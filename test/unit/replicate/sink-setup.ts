// The sinks of a broker, the scripted broker, and a record of all calls to their port.
import { Failure } from '../../../src/base/failure.ts'
import type { ProducedPartition as Produced } from '../../../src/kafka/raw-produce.ts'
import type { Sent } from '../../../src/replicate/partition/send-queue.ts'
import { PartitionCopy, type TopicCopy } from '../../../src/replicate/partition-copy.ts'
import type { SinkPort } from '../../../src/replicate/send/sink.ts'
import { Sinks } from '../../../src/replicate/send/sinks.ts'
import { API, type ProducedPartition, produceBody } from '../../harness/scripted/bodies.ts'
import { produceAsk } from '../../harness/scripted/requests.ts'
import { type Reaction, ScriptedBroker } from '../../harness/scripted-broker.ts'
import { flowSettings, PRODUCER, type SentBatch, sentBatch, topicCopy, waitUntil } from './data-path-parts.ts'

/** A call to the port, in short. */
export type Call = readonly [what: string, partition: number, detail: number | string]

/** The answer to a Produce request; undefined: each batch is appended to its partition. */
export type ProduceScript = (
  batches: readonly SentBatch[],
  version: number,
) => ProducedAnswer | Reaction | undefined | Promise<ProducedAnswer | Reaction | undefined>

export interface ProducedAnswer {
  readonly partitions: readonly ProducedPartition[]
  readonly throttleMs?: number
}

export class SinkSetup implements SinkPort, AsyncDisposable {
  readonly calls: Call[] = []
  /** the batches of each request */
  readonly requests: SentBatch[][] = []
  readonly broker: ScriptedBroker
  readonly sinks: Sinks
  readonly #copies: PartitionCopy[] = []
  /** the end offset of each partition's log */
  readonly #ends = new Map<string, number>()
  #script: ProduceScript

  private constructor(broker: ScriptedBroker, script: ProduceScript, settings: object) {
    this.broker = broker
    this.#script = script
    broker.on(API.PRODUCE, async (request) => {
      const batches = produceAsk(request).map((one) => sentBatch(one.topic, one.partition, one.batch))
      this.requests.push(batches)
      const answer = await this.#script(batches, request.apiVersion)
      if (answer === undefined) return produceBody(request.apiVersion, this.append(batches))
      if (typeof answer === 'string' || Buffer.isBuffer(answer) || !('partitions' in answer)) return answer
      return produceBody(request.apiVersion, answer.partitions, answer.throttleMs)
    })
    const cluster = {
      ...{ alias: 'B', bootstrapServers: [broker.bootstrap], clientId: 'test', protocol: 'PLAINTEXT' as const },
      ...{ connectTimeoutMs: 2000, requestTimeoutMs: 2000 },
    }
    this.sinks = new Sinks({ settings: flowSettings(settings), cluster, port: this })
  }

  static async start(script: ProduceScript = () => undefined, settings: object = {}): Promise<SinkSetup> {
    return new SinkSetup(await ScriptedBroker.start(), script, settings)
  }

  /** Sets the answers from now on. */
  answer(script: ProduceScript): void {
    this.#script = script
  }

  /** The answer of a broker that has appended these batches. */
  append(batches: readonly SentBatch[]): ProducedPartition[] {
    return batches.map(({ topic, partition, records }) => {
      const baseOffset = this.#ends.get(`${topic}-${partition}`) ?? 0
      this.#ends.set(`${topic}-${partition}`, baseOffset + records.length)
      return { topic, partition, baseOffset }
    })
  }

  /** Adds a partition that copies to this broker. */
  add(partition = 0, shared: TopicCopy = topicCopy()): PartitionCopy {
    const copy = new PartitionCopy(shared, partition)
    copy.queue.writeAs(PRODUCER, 3)
    this.#begin(copy)
    copy.queue.sendTo(this.broker.id)
    this.#copies.push(copy)
    this.sinks.adopt(copy)
    this.sinks.open({ id: this.broker.id, host: '127.0.0.1', port: this.broker.port }, this.#copies)
    return copy
  }

  /** Recovers a failed partition: nothing that was in flight was appended. */
  recover(copy: PartitionCopy): void {
    this.#begin(copy)
  }

  #begin(copy: PartitionCopy): void {
    const at = copy.position.anchor ?? { sourceNext: 0, targetNext: 0, sequence: 0 }
    copy.begin(at, { sequence: at.sequence, targetNext: at.targetNext })
    copy.queue.knownSince = Date.now()
  }

  /** Waits until this call was made so many times. @returns the call */
  async untilCall(what: string, times = 1): Promise<Call> {
    const found = () => this.of(what)
    await waitUntil(
      () => found().length >= times,
      () => `${what}: calls ${JSON.stringify(this.calls.slice(-20))}`,
    )
    return found()[times - 1] as Call
  }

  of(what: string): Call[] {
    return this.calls.filter(([one]) => one === what)
  }

  #fail(copy: PartitionCopy, sentence: string): void {
    copy.fail(new Failure('BROKER_BUSY', sentence), Date.now())
  }

  // SinkPort

  acknowledged(copy: PartitionCopy, sent: Sent): void {
    this.calls.push(['acknowledged', copy.partition, sent.records])
  }

  drained(): void {}

  unfit(copy: PartitionCopy, failure: Failure): void {
    this.calls.push(['unfit', copy.partition, failure.code])
    copy.fail(failure, Date.now())
  }

  refused(copy: PartitionCopy, produced: Produced): void {
    this.calls.push(['refused', copy.partition, produced.error])
    this.#fail(copy, produced.message ?? '')
  }

  displaced(copy: PartitionCopy, expected: number, got: number): void {
    this.calls.push(['displaced', copy.partition, `${got}, not ${expected}`])
    this.#fail(copy, 'displaced')
  }

  lost(copies: readonly PartitionCopy[], _broker: unknown, failure: unknown): void {
    for (const copy of copies) {
      this.calls.push(['lost', copy.partition, (failure as Failure).code])
      this.#fail(copy, 'lost')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sinks.close()
    await this.broker.close()
  }
}
