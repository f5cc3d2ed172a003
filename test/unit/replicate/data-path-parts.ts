// Helpers of the data path tests: partitions, settings, and a connection that records what is sent.
import assert from 'node:assert/strict'
import { sleep } from '../../../src/base/retry.ts'
import { AbortedFilter } from '../../../src/batch/aborted.ts'
import {
  baseSequenceOf,
  problemOfHead,
  producerEpochOf,
  producerIdOf,
  verifyChecksum,
} from '../../../src/batch/header.ts'
import { Merge } from '../../../src/batch/merge.ts'
import { type BatchRecord, decodeBatch } from '../../../src/batch/records.ts'
import type { RawConnection } from '../../../src/kafka/raw-connection.ts'
import { ProduceRequest } from '../../../src/kafka/raw-produce.ts'
import { RequestWriter } from '../../../src/kafka/request-writer.ts'
import type { Anchor } from '../../../src/mirror/copied-partition.ts'
import type { FlowSettings } from '../../../src/model/flow-settings.ts'
import { Frame } from '../../../src/replicate/fetch/frames.ts'
import type { Segment } from '../../../src/replicate/partition/send-queue.ts'
import { PartitionCopy, type Resume, type TopicCopy } from '../../../src/replicate/partition-copy.ts'
import type { TakeContext } from '../../../src/replicate/send/join.ts'
import { body, int32, list } from '../../harness/scripted/bodies.ts'
import type { StoredBatch } from '../../harness/scripted/partition-log.ts'
import { produceAsk } from '../../harness/scripted/requests.ts'
import { requestOf } from '../../harness/scripted-broker.ts'
import type { SourceLog } from './source-log.ts'

export const PRODUCER = 77n

export function topicCopy(changes: Partial<TopicCopy> = {}): TopicCopy {
  return {
    ...{ topic: 'orders', targetTopic: 'old.orders', sourceId: '', targetId: '', maxMessageBytes: 1_000_000 },
    ...{ targetAppendTime: false, recodeTo: undefined, limitsRead: 0, ...changes },
  }
}

/** A partition that copies from this position on with our producer id. */
export function copyingFrom(
  anchor: Partial<Anchor> = {},
  { shared = topicCopy(), resume = {} }: { shared?: TopicCopy; resume?: Partial<Resume> } = {},
): PartitionCopy {
  const copy = new PartitionCopy(shared, 0)
  const at = { sourceNext: 0, targetNext: 0, sequence: 0, ...anchor }
  copy.queue.writeAs(PRODUCER, 3)
  copy.begin(at, { sequence: at.sequence, targetNext: at.targetNext, ...resume })
  // As if the target had known our producer for a long time; otherwise the first batch is sent alone.
  copy.queue.knownSince = Date.now()
  return copy
}

export const flowSettings = (changes: object = {}): FlowSettings =>
  ({
    ...{ name: 'A->B', source: 'A', target: 'B', sourceAlias: 'A', file: 'mm2.properties', start: [] },
    ...{ onDoubt: 'stop', onGap: 'stop', isolation: 'read_committed', autoOffsetReset: 'earliest' },
    ...{ newPartitions: 'earliest', configProperties: { exclude: [] }, syncTopicConfigs: { enabled: false } },
    leftOut: { topics: [], configProperties: [] },
    fetch: { maxBytes: 64 * 1024, maxPartitionBytes: 8192, minBytes: 1, maxWaitMs: 10, rack: '' },
    produce: { maxRequestBytes: 64 * 1024, inFlight: 5, timeoutMs: 1000 },
    memoryBytes: 4 * 1024 * 1024,
    ...changes,
  }) as unknown as FlowSettings

/** A frame that counts how often it was released. */
export class CountedFrame extends Frame {
  released = 0

  constructor(bytes: Buffer) {
    super(bytes, () => {
      this.released++
    })
  }
}

/** Queues these batches as one Fetch answer. */
export function enqueue(
  copy: PartitionCopy,
  batches: readonly StoredBatch[],
  aborted: SourceLog['aborted'] = [],
): CountedFrame {
  const bytes = Buffer.concat(batches.map((batch) => batch.bytes))
  const frame = new CountedFrame(bytes)
  const [first, last] = [batches[0], batches.at(-1)]
  assert.ok(first && last)
  const filter = new AbortedFilter(aborted.filter((one) => one.lastOffset >= first.base && one.firstOffset < last.next))
  const segment: Segment = {
    ...{ frame, bytes, at: 0, end: bytes.length, filter, verified: 0, inspected: -1 },
    ...{ passage: 'skip', isSuspect: false },
  }
  copy.enqueue(segment, last.next, 1)
  return frame
}

/** A batch as the target receives it. */
export interface SentBatch {
  readonly topic: string
  readonly partition: number
  readonly sequence: number
  readonly producer: bigint
  readonly epoch: number
  readonly bytes: Buffer
  /** with offsets from 0 on */
  readonly records: readonly BatchRecord[]
}

/** Verifies and parses a batch. */
export function sentBatch(topic: string, partition: number, bytes: Buffer): SentBatch {
  assert.equal(problemOfHead(bytes, 0, bytes.length), undefined)
  assert.ok(verifyChecksum(bytes, 0, bytes.length), 'the checksum of the sent batch is valid')
  const records = decodeBatch(bytes, 0, bytes.length)
  assert.deepEqual(
    records.map((record) => record.offset),
    records.map((_, i) => i),
  )
  const [sequence, producer, epoch] = [baseSequenceOf(bytes, 0), producerIdOf(bytes, 0), producerEpochOf(bytes, 0)]
  return { topic, partition, sequence, producer, epoch, bytes, records }
}

const OPENED = Buffer.allocUnsafeSlow(2 * 1024 * 1024)

/** Produce requests that are not sent, but parsed. */
export class Outbox {
  readonly #merge = new Merge()
  readonly #scratch: Buffer
  #frames: Frame[] = []
  #parts: readonly Buffer[] = []
  readonly #connection = {
    version: () => 8,
    throttled: () => {},
    begin: (writer: RequestWriter, apiKey: number, version: number) => {
      writer.reset().int32(0).int16(apiKey).int16(version).int32(1).string('test')
      return 1
    },
    send: (parts: readonly Buffer[]) => {
      this.#parts = parts.map((part) => Buffer.from(part))
      return Promise.resolve(
        body(
          list([], () => Buffer.alloc(0)),
          int32(0),
        ),
      )
    },
  } as unknown as RawConnection

  constructor(scratchBytes = 512 * 1024) {
    this.#scratch = Buffer.allocUnsafeSlow(scratchBytes)
  }

  /** A request to add batches to. */
  context(changes: { maxRequestBytes?: number; now?: number } = {}): TakeContext {
    const request = new ProduceRequest(this.#scratch)
    request.begin(this.#connection, new RequestWriter(), -1, 1000)
    this.#frames = []
    const onReference = (segment: Segment) => {
      segment.frame.hold()
      this.#frames.push(segment.frame)
    }
    return {
      ...{
        request,
        merge: this.#merge,
        opened: OPENED,
        maxRequestBytes: 256 * 1024,
        now: Date.now(),
        onReference,
      },
      ...changes,
    }
  }

  /** Finishes the request. @returns the batches that the target would receive, in order @param topic leaves out other topics */
  send({ request }: TakeContext, topic?: string): SentBatch[] {
    void request.send(this.#connection, 1000, () => {})
    for (const frame of this.#frames) frame.release()
    const frame = Buffer.concat(this.#parts)
    assert.equal(frame.readInt32BE(0), frame.length - 4, 'the length field equals the length of the request')
    const produced = produceAsk(requestOf(frame.subarray(4)))
    const wanted = produced.filter((one) => topic === undefined || one.topic === topic)
    return wanted.map((one) => sentBatch(one.topic, one.partition, one.batch))
  }
}

/**
 * Waits until a condition is true. Unlike `eventually` it polls every 2 ms, since states of the data path last only milliseconds.
 * @param what reported if the condition is not true within `withinMs` milliseconds
 */
export async function waitUntil(
  isTrue: () => boolean,
  what: string | (() => string),
  withinMs = 20_000,
  everyMs = 2,
): Promise<void> {
  // performance.now(), because some tests set Date.
  const deadline = performance.now() + withinMs
  while (!isTrue()) {
    assert.ok(performance.now() < deadline, `not in time: ${typeof what === 'string' ? what : what()}`)
    await sleep(everyMs)
  }
}
