// Connects the parts of the data path of one flow: partitions with the fetcher of their source leader and the sink of their
// target leader, failed partitions with recovery, memory with partitions that make progress.
import { asFailure, Failure, failures, sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { BrokerAddress } from '../kafka/raw-connection.ts'
import type { FetchedPartition } from '../kafka/raw-fetch.ts'
import type { ProducedPartition } from '../kafka/raw-produce.ts'
import type { Topology } from '../kafka/topology.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { Observer } from '../model/observer.ts'
import { produceFailure, unfitFailure } from './failures/target-failures.ts'
import { Fetcher, type FetcherPort, FRAME_EXTRA } from './fetch/fetcher.ts'
import { FramePool } from './fetch/frames.ts'
import { MemoryPressure } from './fetch/memory-pressure.ts'
import { isThrottled } from './partition/partition-failures.ts'
import type { Sent } from './partition/send-queue.ts'
import type { PartitionCopy } from './partition-copy.ts'
import { readFrom, whyNotReady } from './recovery/readiness.ts'
import { RecoveryRounds } from './recovery/recovery-rounds.ts'
import type { Recovery } from './recovery.ts'
import type { SinkPort } from './send/sink.ts'
import { Sinks, sameAddress } from './send/sinks.ts'
import { beyondEnd, connectionFailure, fetchFailure, overtaken } from './topic-failures.ts'
import { adoptLimits, type TopicLimits } from './topic-limits.ts'

/** How often to look for partitions that are due (ms). */
const TICK_MS = 50
/** How long a follower is used before its leader is asked again, like Java's metadata.max.age.ms (ms). */
const NEAR_MS = 300_000
/** Minimum number of frames: one per source broker and one to send from. */
const MIN_FRAMES = 4

export interface ReplicationParts {
  readonly settings: FlowSettings
  readonly sourceCluster: ClusterSettings
  readonly targetCluster: ClusterSettings
  readonly source: Topology
  readonly target: Topology
  readonly recovery: Recovery
  readonly observer: Observer
  readonly log: Logger
  /** reads the limits of a target topic again */
  readonly limitsOf: (targetTopic: string) => Promise<TopicLimits>
  /** reads the log range of a source partition after an offset was out of range */
  readonly sourceRange: (copy: PartitionCopy) => Promise<{ start: number; end: number }>
  /** called with a failure that ends the flow */
  readonly halt: (failure: Failure) => void
}

export class Replication implements FetcherPort, SinkPort {
  readonly #parts: ReplicationParts
  readonly #frames: FramePool
  readonly #fetchers = new Map<number, Fetcher>()
  readonly #sinks: Sinks
  readonly #copies = new Set<PartitionCopy>()
  readonly #rounds: RecoveryRounds
  readonly #memoryPressure: MemoryPressure
  readonly #timer: NodeJS.Timeout
  #draining = false
  #closed = false
  /** nothing more is fetched; fetched records are still sent */
  isPaused = false

  constructor(parts: ReplicationParts) {
    this.#parts = parts
    const { fetch, memoryBytes } = parts.settings
    this.#frames = new FramePool(
      memoryBytes,
      Math.min(fetch.maxBytes + FRAME_EXTRA, Math.floor(memoryBytes / MIN_FRAMES)),
    )
    this.#sinks = new Sinks({ settings: parts.settings, cluster: parts.targetCluster, port: this })
    this.#memoryPressure = new MemoryPressure(this.#frames, {
      stuckSince: (copy) => this.#sinks.stuckSince(copy, Date.now()),
      touch: (copy) => this.#fetchers.get(copy.source.leader)?.touch(copy),
    })
    this.#rounds = new RecoveryRounds({
      ...{ recovery: parts.recovery, limitsOf: parts.limitsOf },
      refresh: () => Promise.all([parts.source.refresh(), parts.target.refresh()]),
      whyNot: (copy) => whyNotReady(copy, parts.source, parts.target, parts.settings),
      fail: (copy, failure) => this.#fail(copy, failure),
      recovered: (copy) => this.#route(copy),
    })
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  get copies(): ReadonlySet<PartitionCopy> {
    return this.#copies
  }

  /** Memory for records in transit (bytes), and open connections. */
  get resources(): { memoryBytes: number; memoryFree: number; fetching: number; producing: number } {
    const { frameBytes, most, free } = this.#frames
    const fetching = [...this.#fetchers.values()].filter((fetcher) => fetcher.isConnected).length
    const memory = { memoryBytes: most * frameBytes, memoryFree: free * frameBytes }
    return { ...memory, fetching, producing: this.#sinks.connections }
  }

  pause(isPaused: boolean): void {
    this.isPaused = isPaused
    for (const copy of this.#copies) this.#fetchers.get(copy.source.leader)?.touch(copy)
  }

  /** Retries waiting partitions, also those that wait for a user, as soon as possible. */
  retryNow(): void {
    // A partition of another topic would start as a new one. That needs `godwit positions reset`.
    for (const copy of this.#rounds.waiting) if (copy.failures.finality !== 'other-topic') copy.failures.retryNow()
  }

  /** Adds new partitions. */
  adopt(copies: readonly PartitionCopy[]): void {
    for (const copy of copies) {
      this.#copies.add(copy)
      this.#sinks.adopt(copy)
      this.#rounds.add(copy)
    }
    this.#tick()
  }

  /** Quarantines a partition with a reason, in any state. */
  quarantine(copy: PartitionCopy, failure: Failure): void {
    this.#fail(copy, failure)
  }

  /** Moves partitions with changed leaders; call after new metadata. */
  reroute(): void {
    // A partition in recovery is passed on only after it, because its start position may not be stored yet.
    for (const copy of this.#copies)
      if (copy.state === 'copying' && !this.#rounds.waiting.has(copy)) this.#rerouteOne(copy)
  }

  /** Batches that wait for the former target leader would never be sent: the partition is recovered with the new leader. */
  #rerouteOne(copy: PartitionCopy): void {
    const { targetTopic } = copy.shared
    const to = this.#parts.target.leaderOf(targetTopic, copy.partition)
    const isBusy = copy.queue.hasWork || copy.queue.inFlight.length > 0
    if (!to || to.broker.id === copy.queue.leader || !isBusy) return this.#route(copy)
    const sentence = `target partition ${targetTopic}-${copy.partition} has a new leader`
    this.#fail(copy, new Failure('LEADER_MOVED', sentence, this.#where(copy)))
  }

  /** Stops fetching. Resolves when everything in flight is answered, or at the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    this.#draining = true
    this.#rounds.end()
    const deadline = Date.now() + deadlineMs
    await Promise.all([...this.#fetchers.values()].map((fetcher) => fetcher.close()))
    while (Date.now() < deadline && [...this.#copies].some((copy) => copy.queue.inFlight.length > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#rounds.end()
    clearInterval(this.#timer)
    this.#sinks.close()
    await Promise.all([...this.#fetchers.values()].map((fetcher) => fetcher.close()))
  }

  // FetcherPort

  arrived(copy: PartitionCopy, size: number, maxTimestamp: number, offsets: number): void {
    copy.noteEnd(Date.now())
    if (copy.position.next >= copy.source.end) copy.failures.over()
    if (size === 0 || this.#draining) return
    this.#parts.observer.fetched({ ...this.#event(copy), records: offsets, bytes: size, timestamp: maxTimestamp })
    this.#sinks.offer(copy)
  }

  preferred(copy: PartitionCopy, id: number): void {
    copy.source.preferReplica(id, Date.now() + NEAR_MS)
    this.#parts.log.debug('reading from a replica in our rack', { ...this.#where(copy), broker: id })
    if (this.#parts.source.current?.brokers.has(id)) return this.#route(copy)
    const sentence = `replica ${id} of ${copy.key}, which its leader points to, is not known yet`
    this.#fail(copy, new Failure('LEADER_MOVED', sentence, this.#where(copy)))
  }

  refused(copy: PartitionCopy, answer: FetchedPartition | ProducedPartition): void {
    if ('topicKey' in answer) this.#fetchRefused(copy, answer)
    else this.#produceRefused(copy, answer)
  }

  /** A single connection may end. If the broker also refuses the next one, its partitions may have new leaders. */
  unreachable(broker: BrokerAddress, error: unknown, attempt: number): void {
    this.#complain('a source broker cannot be reached', this.#parts.settings.source, broker, error)
    if (attempt === 0) return
    for (const copy of this.#copies) {
      if (copy.state === 'copying' && copy.source.leader === broker.id) this.#fail(copy, connectionFailure(error))
    }
  }

  // SinkPort

  acknowledged(copy: PartitionCopy, sent: Sent): void {
    copy.noteEnd(Date.now())
    copy.failures.over()
    this.#parts.observer.acknowledged({
      ...this.#event(copy),
      records: sent.records,
      bytes: sent.bytes,
      timestamp: sent.maxTimestamp,
    })
  }

  drained(copy: PartitionCopy): void {
    this.#fetchers.get(copy.source.leader)?.touch(copy)
    if (copy.queue.inFlight.length === 0) copy.noteEnd(Date.now())
  }

  unfit(copy: PartitionCopy, found: Failure): void {
    const failure = unfitFailure(copy, found, this.#parts)
    if (failure.code === 'DUPLICATES_POSSIBLE' && this.#parts.settings.onDoubt === 'at-least-once') {
      this.#parts.log.error('it cannot be proved which records arrived; they are copied again', {
        ...this.#where(copy),
        records: copy.queue.arrived?.records ?? 0,
      })
      copy.restartAtAnchor()
      return this.#fail(copy, new Failure('BROKER_BUSY', failure.message, failure.circumstances))
    }
    this.#fail(copy, failure)
  }

  displaced(copy: PartitionCopy, expected: number, got: number): void {
    copy.position.doubt()
    this.#fail(
      copy,
      new Failure(
        'BROKER_BUSY',
        `the target put a batch of ${copy.key} at offset ${got}, not at ${expected}`,
        this.#where(copy),
      ),
    )
  }

  lost(copies: readonly PartitionCopy[], broker: BrokerAddress, error: unknown): void {
    this.#complain('a target broker cannot be reached', this.#parts.settings.target, broker, error)
    for (const copy of copies) this.#fail(copy, connectionFailure(error))
  }

  #fetchRefused(copy: PartitionCopy, fetched: FetchedPartition): void {
    const failure = fetchFailure(copy, fetched, this.#parts.settings, this.#parts.sourceCluster)
    if (failure.code !== 'OFFSET_OUT_OF_RANGE') return this.#fail(copy, failure)
    copy.abandon('waiting')
    void this.#outOfRange(copy)
  }

  /**
   * The log start moved past our offset (a gap, which is reported), or the end fell behind it (a truncation, which is never
   * followed).
   */
  async #outOfRange(copy: PartitionCopy): Promise<void> {
    const { settings, log } = this.#parts
    try {
      const next = copy.position.anchor?.sourceNext ?? 0
      const { start, end } = await this.#parts.sourceRange(copy)
      copy.source.setRange(start, copy.source.end)
      if (next > end) return this.#fail(copy, beyondEnd(copy, next, end, settings))
      if (next < start && !copy.position.mayBeAhead) {
        if (settings.onGap === 'stop') return this.#fail(copy, overtaken(copy, next, start, settings))
        copy.position.jumpTo(start)
        log.error('the source deleted records before they were copied', {
          ...this.#where(copy),
          offset: next,
          missed: start - next,
        })
      }
      this.#fail(copy, new Failure('BROKER_BUSY', `an offset of ${copy.key} was out of range`, this.#where(copy)))
    } catch (error) {
      this.#fail(copy, asFailure(error))
    }
  }

  #produceRefused(copy: PartitionCopy, produced: ProducedPartition): void {
    const failure = produceFailure(copy, produced, this.#parts)
    if (failure.code === 'TOO_LARGE') void this.#learnLimits(copy, failure)
    else this.#fail(copy, failure)
  }

  /** Reads the topic's limit again: with a new one the batch is split, otherwise it stays refused. */
  async #learnLimits(copy: PartitionCopy, failure: Failure): Promise<void> {
    const { shared } = copy
    const madeUnder = copy.queue.inFlight[0]?.limits
    copy.abandon('waiting')
    try {
      const limits = await this.#parts.limitsOf(shared.targetTopic)
      const learnt = madeUnder !== shared.limitsRead || adoptLimits(shared, limits, true)
      this.#fail(copy, learnt ? new Failure('BROKER_BUSY', failure.message, failure.circumstances) : failure)
    } catch {
      this.#fail(copy, failure)
    }
  }

  /** Stops a partition, reports why, and has it recovered later. */
  #fail(copy: PartitionCopy, failure: Failure): void {
    const { verdict } = failures[failure.code]
    const { flow, topic, partition } = this.#event(copy)
    this.#parts.observer.troubled({ flow, topic, partition, code: failure.code })
    if (copy.fail(failure, Date.now())) {
      this.#parts.log.error('a partition is quarantined', {
        ...this.#where(copy),
        code: failure.code,
        reason: failure.message,
        remedy: failure.remedy,
      })
    }
    this.#fetchers.get(copy.source.leader)?.touch(copy)
    if (verdict === 'refresh' || failure.code === 'CONNECTION_LOST' || failure.code === 'BROKER_UNREACHABLE')
      this.#rounds.wantMetadata()
    if (verdict === 'halt') this.#parts.halt(failure)
    this.#rounds.add(copy)
  }

  #tick(): void {
    if (this.#closed || this.#draining) return
    const now = Date.now()
    this.#memoryPressure.tick(this.#copies, now)
    this.#rounds.tick(now)
  }

  #route(copy: PartitionCopy): void {
    const { source, target } = this.#parts
    const from = readFrom(copy, source, Date.now())
    const to = target.leaderOf(copy.shared.targetTopic, copy.partition)
    if (!from || !to) return
    if (copy.source.leader !== from.broker.id) this.#fetchers.get(copy.source.leader)?.remove(copy)
    copy.source.readFrom(from.broker.id, from.epoch)
    copy.queue.sendTo(to.broker.id)
    this.#sinks.open(to.broker, this.#copies)
    this.#fetcher(from.broker).add(copy)
  }

  #fetcher(broker: BrokerAddress): Fetcher {
    const known = this.#fetchers.get(broker.id)
    if (known && sameAddress(known.broker, broker)) return known
    void known?.close()
    const { settings, sourceCluster: cluster } = this.#parts
    const made = new Fetcher(broker, { settings, cluster, frames: this.#frames, port: this })
    this.#fetchers.set(broker.id, made)
    // Partitions of the broker's former fetcher continue with the new one. Those in recovery are added after it.
    for (const copy of known ? this.#copies : [])
      if (copy.state === 'copying' && copy.source.leader === broker.id && !this.#rounds.waiting.has(copy))
        made.add(copy)
    return made
  }

  #event(copy: PartitionCopy): { flow: string; source: string; target: string; topic: string; partition: number } {
    const { name, source, target } = this.#parts.settings
    return { flow: name, source, target, topic: copy.shared.targetTopic, partition: copy.partition }
  }

  #where(copy: PartitionCopy): { topic: string; partition: number } {
    return { topic: copy.shared.topic, partition: copy.partition }
  }

  #complain(message: string, cluster: string, broker: BrokerAddress, error: unknown): void {
    this.#rounds.wantMetadata()
    if (this.#closed || this.#draining || isThrottled(error)) return
    this.#parts.log.warn(message, {
      ...{ cluster, broker: `${broker.host}:${broker.port}`, reason: sentenceOf(error) },
      ...(error instanceof Failure && { code: error.code, remedy: error.remedy }),
    })
    if (error instanceof Failure && failures[error.code].verdict === 'halt') this.#parts.halt(error)
  }
}
