// Sends to one target broker: adds the next batches of many partitions to each Produce request (one per partition), keeps several
// requests in flight, and passes on the answers. It never sends a batch twice: after a failure, recovery reads what the target
// has.

import { Failure } from '../../base/failure.ts'
import { backoff, sleep } from '../../base/retry.ts'
import { Merge } from '../../batch/merge.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import { type BrokerAddress, RawConnection } from '../../kafka/raw-connection.ts'
import { type ProducedPartition, ProduceRequest } from '../../kafka/raw-produce.ts'
import { RequestWriter } from '../../kafka/request-writer.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { Frame } from '../fetch/frames.ts'
import type { Segment, Sent } from '../partition/send-queue.ts'
import type { PartitionCopy, TopicCopy } from '../partition-copy.ts'
import type { TakeContext } from './join.ts'
import type { Pace } from './pace.ts'
import { takeNext } from './take-next.ts'

const ACKS_ALL = -1
/** Buffer for small compressed batches while they are joined (bytes). */
const OPENED_BYTES = 2 * 1024 * 1024
/** Size of a request's header and topic names, in addition to its batches (bytes). */
const SCRATCH_EXTRA = 256 * 1024
/** How soon to look again for room that other connections use (ms). */
const SHARED_WAIT_MS = 2

export interface SinkPort {
  /** the target has it */
  acknowledged(copy: PartitionCopy, sent: Sent): void
  /** the partition's queue has room again */
  drained(copy: PartitionCopy): void
  /** a batch cannot be sent (damaged, too large) */
  unfit(copy: PartitionCopy, failure: Failure): void
  /** the target answered with an error for this partition */
  refused(copy: PartitionCopy, produced: ProducedPartition): void
  /** the target answered with another offset than expected */
  displaced(copy: PartitionCopy, expected: number, got: number): void
  /** the connection has ended; the target may have what was in flight of these partitions */
  lost(copies: readonly PartitionCopy[], broker: BrokerAddress, failure: unknown): void
}

interface Flight {
  readonly copy: PartitionCopy
  readonly sent: Sent
  readonly incarnation: number
}

export class Sink {
  readonly broker: BrokerAddress
  readonly #settings: FlowSettings
  readonly #cluster: ClusterSettings
  readonly #port: SinkPort
  readonly #ready = new Map<TopicCopy, Set<PartitionCopy>>()
  readonly #spare: Buffer[] = []
  readonly #writer = new RequestWriter(256)
  readonly #merge = new Merge()
  /** allocUnsafeSlow: its pages are committed only when it is written to */
  readonly #opened = Buffer.allocUnsafeSlow(OPENED_BYTES)
  readonly #closing = new AbortController()
  #connection: RawConnection | undefined
  #connecting = false
  #soon = false
  #attempt = 0
  #requests = 0
  readonly #pace: Pace
  #resume: NodeJS.Timeout | undefined
  /** when the oldest unanswered request was sent, ms since the epoch; 0 if there is none */
  busySince = 0

  /** @param pace of the broker, shared by all its sinks */
  constructor(
    broker: BrokerAddress,
    pace: Pace,
    parts: { settings: FlowSettings; cluster: ClusterSettings; port: SinkPort },
  ) {
    this.broker = broker
    this.#pace = pace
    this.#settings = parts.settings
    this.#cluster = parts.cluster
    this.#port = parts.port
  }

  get idle(): boolean {
    return this.#requests === 0
  }

  get isConnected(): boolean {
    return this.#connection?.usable === true
  }

  /** Must be called when the partition has something to send. */
  offer(copy: PartitionCopy): void {
    let partitions = this.#ready.get(copy.shared)
    if (!partitions) {
      partitions = new Set()
      this.#ready.set(copy.shared, partitions)
    }
    partitions.add(copy)
  }

  /** Sends as much as may be in flight. Called once per Fetch answer and per Produce answer. */
  pump(): void {
    if (this.#ready.size === 0 || this.#closing.signal.aborted) return
    if (!this.#connection?.usable) return this.#connect()
    const now = Date.now()
    const waitMs = this.#pace.waitMs(now)
    if (waitMs > 0) return this.#pumpIn(waitMs)
    while (this.#ready.size > 0) {
      const room = this.#pace.room(this.#requests, this.#settings.produce.inFlight, now)
      // Without a pending answer on this connection, another connection's answer makes room.
      if (room === 0) return this.#requests === 0 ? this.#pumpIn(SHARED_WAIT_MS) : undefined
      if (!this.#sendOne(this.#connection, room)) return
    }
  }

  /** Pumps once after the current tick, so that all partitions of a Fetch answer share the next request. */
  pumpSoon(): void {
    if (this.#soon) return
    this.#soon = true
    queueMicrotask(() => {
      this.#soon = false
      this.pump()
    })
  }

  /** The broker's quota is exhausted: sends again when the quota permits it. */
  #pumpIn(waitMs: number): void {
    this.#resume ??= setTimeout(() => {
      this.#resume = undefined
      this.pump()
    }, waitMs)
  }

  close(): void {
    this.#closing.abort()
    clearTimeout(this.#resume)
    this.#connection?.close()
  }

  #connect(): void {
    if (this.#connecting) return
    this.#connecting = true
    void this.#reconnect().finally(() => {
      this.#connecting = false
      this.pump()
    })
  }

  async #reconnect(): Promise<void> {
    try {
      this.#connection = await RawConnection.open(this.#cluster, this.broker)
      this.#attempt = 0
      if (this.#closing.signal.aborted) this.#connection.close()
    } catch (error) {
      const copies = this.#takeReady()
      if (!this.#closing.signal.aborted) this.#port.lost(copies, this.broker, error)
      await sleep(backoff(this.#attempt++, 50, 2000), this.#closing.signal)
    }
  }

  #takeReady(): PartitionCopy[] {
    const copies = [...this.#ready.values()].flatMap((partitions) => [...partitions])
    this.#ready.clear()
    return copies
  }

  /** Fills and sends one request; false if there was nothing to send. */
  #sendOne(connection: RawConnection, room: number): boolean {
    const scratch = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#settings.produce.maxRequestBytes + SCRATCH_EXTRA)
    const request = new ProduceRequest(scratch)
    request.begin(connection, this.#writer, ACKS_ALL, this.#settings.produce.timeoutMs, this.#idOf())
    const frames: Frame[] = []
    const flights = this.#fill(request, frames, room)
    if (flights.size === 0) {
      this.#spare.push(scratch)
      return false
    }
    if (this.#requests++ === 0) this.busySince = Date.now()
    const { size } = request
    this.#pace.sent(size)
    void this.#send(connection, { request, size }, flights, () => {
      this.#spare.push(scratch)
      for (const frame of frames) frame.release()
    })
    return true
  }

  /** Ids of the target topics; undefined if the cluster has none. */
  #idOf(): ((topic: string) => string) | undefined {
    const ids = new Map<string, string>()
    for (const { targetTopic, targetId } of this.#ready.keys()) {
      if (targetId === '') return undefined
      ids.set(targetTopic, targetId)
    }
    return (topic) => ids.get(topic) ?? ''
  }

  #fill(request: ProduceRequest, frames: Frame[], room: number): Map<string, Flight> {
    const flights = new Map<string, Flight>()
    const context: TakeContext = {
      request,
      merge: this.#merge,
      opened: this.#opened,
      maxRequestBytes: room,
      now: Date.now(),
      onReference: (segment: Segment) => {
        segment.frame.hold()
        frames.push(segment.frame)
      },
    }
    for (const [topic, partitions] of [...this.#ready]) {
      // A partition without space keeps its place, and is the first in the next request.
      if (![...partitions].every((copy) => this.#take(copy, partitions, context, flights))) break
      // Topics that were served move to the end.
      this.#ready.delete(topic)
      if (partitions.size > 0) this.#ready.set(topic, partitions)
    }
    return flights
  }

  /** Adds the next batch of this partition, if possible; false if the request has no room for it. */
  #take(
    copy: PartitionCopy,
    partitions: Set<PartitionCopy>,
    context: TakeContext,
    flights: Map<string, Flight>,
  ): boolean {
    if (context.request.size >= context.maxRequestBytes) return false
    if (copy.state !== 'copying' || copy.queue.leader !== this.broker.id) return partitions.delete(copy)
    const before = copy.queue.bytes
    const taken = takeNext(copy, context)
    // With nothing in flight, a batch only waits for room.
    const hasRoom = taken !== 'held' || copy.queue.inFlight.length > 0
    if (hasRoom) partitions.delete(copy)
    if (taken instanceof Failure) this.#port.unfit(copy, taken)
    else if (typeof taken === 'object') {
      const key = keyOf(copy.shared.targetTopic, copy.partition)
      flights.set(key, { copy, sent: taken, incarnation: copy.incarnation })
      if (copy.queue.hasWork) partitions.add(copy)
    }
    if (copy.queue.bytes < before || !copy.queue.hasWork) this.#port.drained(copy)
    return hasRoom
  }

  async #send(
    connection: RawConnection,
    { request, size }: { readonly request: ProduceRequest; readonly size: number },
    flights: Map<string, Flight>,
    written: () => void,
  ): Promise<void> {
    const { timeoutMs } = this.#settings.produce
    let isAnswered = false
    try {
      const { partitions, throttleMs } = await request.send(connection, timeoutMs + 10_000, written)
      isAnswered = true
      this.#pace.answered(size, throttleMs, Date.now())
      this.busySince = --this.#requests > 0 ? Date.now() : 0
      for (const answer of partitions) {
        const key = keyOf(answer.topic, answer.partition)
        this.#answered(flights.get(key), answer)
        flights.delete(key)
      }
      this.#lose(flights, unanswered(this.broker))
    } catch (error) {
      connection.close()
      // An error while an answer is processed: the request is counted already.
      if (!isAnswered) {
        this.#pace.lost(size)
        if (--this.#requests === 0) this.busySince = 0
      }
      this.#lose(flights, error)
    }
    this.pump()
  }

  /** It is unknown whether the target has these batches. */
  #lose(flights: ReadonlyMap<string, Flight>, failure: unknown): void {
    const current = [...flights.values()].filter((flight) => flight.copy.incarnation === flight.incarnation)
    if (current.length === 0) return
    this.#port.lost(
      current.map((flight) => flight.copy),
      this.broker,
      failure,
    )
  }

  #answered(flight: Flight | undefined, answer: ProducedPartition): void {
    if (!flight || flight.copy.incarnation !== flight.incarnation) return
    const { copy, sent } = flight
    if (answer.error !== 0) return this.#port.refused(copy, answer)
    if (sent.expected >= 0 && answer.baseOffset !== sent.expected)
      return this.#port.displaced(copy, sent.expected, answer.baseOffset)
    copy.acknowledge(answer.baseOffset)
    this.#port.acknowledged(copy, sent)
    if (copy.queue.hasWork) this.offer(copy)
  }
}

function unanswered({ id, host, port }: BrokerAddress): Failure {
  return new Failure(
    'CONNECTION_LOST',
    `broker ${id} (${host}:${port}) left partitions out of its answer to a Produce request`,
  )
}

const keyOf = (topic: string, partition: number) => `${topic}/${partition}`
