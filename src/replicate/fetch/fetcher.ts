// Fetches from one source broker: one fetch session (KIP-227) over the partitions it leads, one request in flight, answers read
// into a lent frame. A partition with a full queue is left out until it has drained.

import { Failure } from '../../base/failure.ts'
import { backoff, sleep } from '../../base/retry.ts'
import { AbortedFilter } from '../../batch/aborted.ts'
import { leaderEpochOf, magicOf, maxTimestampOf, nextOffsetOf } from '../../batch/header.ts'
import { eachBatch } from '../../batch/walk.ts'
import { type ClusterSettings, LONGEST_MUTE_MS } from '../../kafka/cluster-settings.ts'
import { type BrokerAddress, RawConnection } from '../../kafka/raw-connection.ts'
import {
  concernsSession,
  type FetchAnswer,
  type FetchedPartition,
  type FetchTopic,
  type ForgottenTopic,
  fetchVersion,
  rawFetch,
} from '../../kafka/raw-fetch.ts'
import { RequestWriter } from '../../kafka/request-writer.ts'
import { wireErrorName } from '../../kafka/wire-errors.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { PartitionCopy } from '../partition-copy.ts'
import { silentSource } from '../topic-failures.ts'
import type { Frame, FramePool } from './frames.ts'

/** Size of an answer without its record bytes, at most (bytes). */
export const FRAME_EXTRA = 256 * 1024
/** Answers up to this size are copied out of their frame, so that small answers do not keep a whole frame. */
const COPY_OUT = 64 * 1024
/** Maximum wait of a fetch while a partition of this broker has a full queue, so that it soon returns to the session (ms). */
const HELD_BACK_WAIT = 5
/** How often to look for partitions whose records never arrive (ms). */
const SILENCE_MS = 1000

export interface FetcherPort {
  /** fetch nothing, and drop pending answers: they will be fetched again */
  readonly isPaused: boolean
  /** complete batches were queued, with this many bytes and source offsets, or the end has moved */
  arrived(copy: PartitionCopy, size: number, maxTimestamp: number, offsets: number): void
  /** the broker refuses this partition */
  refused(copy: PartitionCopy, fetched: FetchedPartition): void
  /** the leader names a replica in our rack (KIP-392) */
  preferred(copy: PartitionCopy, replica: number): void
  /** the bytes of this partition are not valid batches */
  unfit(copy: PartitionCopy, failure: Failure): void
  /**
   * the broker cannot be reached, or the connection has ended; the fetcher keeps trying.
   * @param attempt 0 for the first in a row
   */
  unreachable(broker: BrokerAddress, failure: unknown, attempt: number): void
}

interface Asked {
  readonly incarnation: number
  readonly offset: number
  readonly epoch: number
}

export class Fetcher {
  readonly broker: BrokerAddress
  readonly #settings: FlowSettings
  readonly #cluster: ClusterSettings
  readonly #frames: FramePool
  readonly #maxBytes: number
  readonly #port: FetcherPort
  readonly #partitions = new Map<string, PartitionCopy>()
  readonly #touched = new Set<PartitionCopy>()
  /** what the broker's session has for each partition */
  readonly #session = new Map<PartitionCopy, Asked>()
  /** partitions in the broker's session that must be removed from it */
  readonly #leaving = new Set<PartitionCopy>()
  readonly #heldBack = new Set<PartitionCopy>()
  readonly #writer = new RequestWriter(4096)
  readonly #closing = new AbortController()
  #connection: RawConnection | undefined
  #sessionId = 0
  #sessionEpoch = 0
  #silenceAt = 0
  #wake: (() => void) | undefined
  #running: Promise<void> | undefined

  constructor(
    broker: BrokerAddress,
    parts: { settings: FlowSettings; cluster: ClusterSettings; frames: FramePool; port: FetcherPort },
  ) {
    this.broker = broker
    this.#settings = parts.settings
    this.#cluster = parts.cluster
    this.#frames = parts.frames
    this.#maxBytes = Math.min(parts.settings.fetch.maxBytes, parts.frames.frameBytes - FRAME_EXTRA)
    this.#port = parts.port
  }

  get isConnected(): boolean {
    return this.#connection?.usable === true
  }

  add(copy: PartitionCopy): void {
    this.#partitions.set(nameOf(copy), copy)
    this.touch(copy)
    this.#running ??= this.#run()
  }

  remove(copy: PartitionCopy): void {
    this.#partitions.delete(nameOf(copy))
    this.touch(copy)
  }

  /** Must be called when the partition's offset, or whether it may be fetched, has changed. */
  touch(copy: PartitionCopy): void {
    this.#touched.add(copy)
    this.#wake?.()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#wake?.()
    this.#connection?.close()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    let attempt = 0
    while (!signal.aborted) {
      try {
        await this.#fetchOnce()
        attempt = 0
      } catch (error) {
        if (signal.aborted) return
        this.#connection?.close()
        this.#forgetSession()
        this.#port.unreachable(this.broker, error, attempt)
        await sleep(backoff(attempt++, 50, 2000), signal)
      }
    }
  }

  async #fetchOnce(): Promise<void> {
    const frame = await this.#frames.take(this.#closing.signal)
    if (!frame) return
    let lent = false
    let throttleMs = 0
    try {
      const connection = await this.#connected()
      const plan = this.#plan(connection)
      if (plan === undefined) return await this.#idle()
      const answer = await rawFetch(connection, plan.version, plan.request, this.#writer, frame.bytes)
      lent = this.#take(answer, plan.version, frame)
      throttleMs = answer.throttleMs
    } finally {
      if (!lent) frame.release()
    }
    // The frame is not kept during the wait, because other fetchers need it.
    if (throttleMs > 0) await sleep(Math.min(throttleMs, LONGEST_MUTE_MS), this.#closing.signal)
  }

  /** Waits until a partition is added or touched. */
  #idle(): Promise<void> {
    if (this.#closing.signal.aborted || this.#touched.size > 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined
        resolve()
      }
    })
  }

  async #connected(): Promise<RawConnection> {
    if (this.#connection?.usable) return this.#connection
    this.#connection?.close()
    this.#forgetSession()
    this.#connection = await RawConnection.open(this.#cluster, this.broker)
    if (this.#closing.signal.aborted) this.#connection.close()
    return this.#connection
  }

  #forgetSession(): void {
    this.#session.clear()
    this.#leaving.clear()
    this.#sessionId = this.#sessionEpoch = 0
    for (const copy of this.#partitions.values()) this.#touched.add(copy)
  }

  #eligible(copy: PartitionCopy): boolean {
    return (
      copy.state === 'copying' &&
      !this.#port.isPaused &&
      copy.source.leader === this.broker.id &&
      this.#partitions.get(nameOf(copy)) === copy &&
      copy.queue.bytes < this.#settings.fetch.maxPartitionBytes &&
      copy.source.heldUntil <= Date.now()
    )
  }

  /** The next request: all partitions at first, then only changed ones; undefined if there is nothing to fetch. */
  #plan(connection: RawConnection): { version: number; request: Parameters<typeof rawFetch>[2] } | undefined {
    const withIds = ![...this.#partitions.values()].some((copy) => copy.shared.sourceId === '')
    const version = fetchVersion(connection, withIds)
    if (version < 7 || this.#sessionEpoch === -1) this.#askEverythingAgain()
    const changed = new Map<string, FetchTopic & { partitions: FetchTopic['partitions'][number][] }>()
    for (const copy of this.#touched) this.#planOne(copy, changed)
    this.#touched.clear()
    // Without partitions there is nothing to wait for. Partitions that leave the session are named in the next fetch.
    if (this.#session.size === 0) return undefined
    const { fetch, isolation } = this.#settings
    return {
      version,
      request: {
        maxWaitMs: this.#heldBack.size > 0 ? Math.min(HELD_BACK_WAIT, fetch.maxWaitMs) : fetch.maxWaitMs,
        minBytes: fetch.minBytes,
        // Kafka's limit counts only record bytes; the frame must hold the other fields too.
        maxBytes: this.#maxBytes,
        readCommitted: isolation === 'read_committed',
        rack: fetch.rack,
        sessionId: this.#sessionId,
        sessionEpoch: this.#sessionEpoch,
        topics: [...changed.values()],
        forgotten: this.#forgotten(),
      },
    }
  }

  #forgotten(): ForgottenTopic[] {
    const topics = new Map<string, ForgottenTopic & { partitions: number[] }>()
    for (const { shared, partition } of this.#sessionId === 0 ? [] : this.#leaving) {
      const make = () => ({ topic: shared.topic, topicId: shared.sourceId, partitions: [] as number[] })
      entryOf(topics, shared.topic, make).partitions.push(partition)
    }
    this.#leaving.clear()
    return [...topics.values()]
  }

  #planOne(
    copy: PartitionCopy,
    changed: Map<string, FetchTopic & { partitions: FetchTopic['partitions'][number][] }>,
  ): void {
    const { topic, sourceId: topicId } = copy.shared
    const asked = this.#session.get(copy)
    if (!this.#eligible(copy)) {
      if (copy.state === 'copying' && this.#partitions.has(nameOf(copy))) this.#heldBack.add(copy)
      else this.#heldBack.delete(copy)
      if (this.#session.delete(copy)) this.#leaving.add(copy)
      return
    }
    this.#heldBack.delete(copy)
    this.#leaving.delete(copy)
    if (
      asked?.incarnation === copy.incarnation &&
      asked.offset === copy.source.next &&
      asked.epoch === copy.source.leaderEpoch
    )
      return
    this.#session.set(copy, { incarnation: copy.incarnation, offset: copy.source.next, epoch: copy.source.leaderEpoch })
    entryOf(changed, topic, () => ({
      topic,
      topicId,
      partitions: [] as FetchTopic['partitions'][number][],
    })).partitions.push({
      partition: copy.partition,
      leaderEpoch: copy.source.leaderEpoch,
      fetchOffset: copy.source.next,
      lastFetchedEpoch: copy.source.lastEpoch,
      maxBytes: this.#settings.fetch.maxPartitionBytes * copy.source.sizeFactor,
    })
  }

  /** Without a session every fetch names all partitions. */
  #askEverythingAgain(): void {
    this.#session.clear()
    this.#sessionEpoch = -1
    for (const copy of this.#partitions.values()) this.#touched.add(copy)
  }

  /** Queues the records of an answer. @returns whether the frame is still in use */
  #take(answer: FetchAnswer, version: number, frame: Frame): boolean {
    if (answer.error !== 0) {
      if (!concernsSession(answer.error))
        throw new Failure('BROKER_BUSY', `broker ${this.broker.id} answers a fetch: ${wireErrorName(answer.error)}`)
      this.#forgetSession()
      return false
    }
    this.#sessionId = answer.sessionId
    this.#sessionEpoch = version < 7 || answer.sessionId === 0 ? -1 : (this.#sessionEpoch % 0x7fffffff) + 1
    const inFrame = answer.bytes.buffer === frame.bytes.buffer
    const small = inFrame && answer.bytes.length <= COPY_OUT && this.#frames.hasRoomForLoose
    const bytes = small ? Buffer.from(answer.bytes) : answer.bytes
    const holder = small || !inFrame ? this.#frames.loose(bytes) : frame
    for (const fetched of answer.partitions) this.#takePartition(bytes, fetched, holder)
    if (answer.throttleMs === 0 && answer.bytes.length < this.#maxBytes / 2) this.#noticeSilence(Date.now())
    if (holder !== frame) return false
    frame.release()
    return true
  }

  /**
   * A broker whose log has a damaged batch length finds no batch there and reports no error. This must not look like waiting for
   * records.
   */
  #noticeSilence(now: number): void {
    if (now < this.#silenceAt) return
    this.#silenceAt = now + SILENCE_MS
    for (const copy of this.#session.keys()) if (copy.isKeptWaiting()) this.#port.unfit(copy, silentSource(copy))
  }

  #takePartition(bytes: Buffer, fetched: FetchedPartition, holder: Frame): void {
    const copy = this.#partitions.get(`${fetched.topicKey}/${fetched.partition}`) ?? this.#byName(fetched)
    const asked = copy && this.#session.get(copy)
    if (
      !copy ||
      !asked ||
      this.#port.isPaused ||
      asked.incarnation !== copy.incarnation ||
      asked.offset !== copy.source.next
    ) {
      if (copy) this.#touched.add(copy)
      return
    }
    if (fetched.error !== 0 || fetched.divergingEnd >= 0) {
      this.#session.delete(copy)
      this.#touched.add(copy)
      return this.#port.refused(copy, fetched)
    }
    if (fetched.preferredReplica >= 0) return this.#port.preferred(copy, fetched.preferredReplica)
    const end = this.#settings.isolation === 'read_committed' ? fetched.lastStableOffset : fetched.highWatermark
    copy.source.noteRange(fetched.logStart, end)
    if (fetched.end === fetched.start) this.#port.arrived(copy, 0, -1, 0)
    else this.#queueOrReport(copy, bytes, fetched, holder)
  }

  /** Damaged bytes of one partition must not stop the other partitions of the answer. */
  #queueOrReport(copy: PartitionCopy, bytes: Buffer, fetched: FetchedPartition, holder: Frame): void {
    try {
      this.#queue(copy, bytes, fetched, holder)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.#session.delete(copy)
      this.#touched.add(copy)
      this.#port.unfit(copy, error)
    }
  }

  #byName(fetched: FetchedPartition): PartitionCopy | undefined {
    for (const copy of this.#partitions.values()) {
      if (copy.shared.topic === fetched.topicKey && copy.partition === fetched.partition) return copy
    }
    return undefined
  }

  #queue(copy: PartitionCopy, bytes: Buffer, fetched: FetchedPartition, holder: Frame): void {
    let last = -1
    let maxTimestamp = -1
    const end = eachBatch(bytes, fetched.start, fetched.end, (at) => {
      last = at
      if (magicOf(bytes, at) === 2) maxTimestamp = Math.max(maxTimestamp, maxTimestampOf(bytes, at))
    })
    this.#touched.add(copy)
    if (last < 0) {
      // Not one complete batch: the next one is larger than the requested size.
      copy.source.askForMore()
      this.#session.delete(copy)
      return
    }
    const modern = magicOf(bytes, last) === 2
    const next = nextOffsetOf(bytes, last)
    const offsets = next - copy.source.next
    holder.hold()
    copy.enqueue(
      {
        frame: holder,
        bytes,
        at: fetched.start,
        end,
        filter: new AbortedFilter(fetched.aborted),
        verified: fetched.start,
        inspected: -1,
        passage: 'skip',
        isSuspect: false,
      },
      next,
      modern ? leaderEpochOf(bytes, last) : undefined,
    )
    this.#port.arrived(copy, end - fetched.start, maxTimestamp, offsets)
  }
}

/** Answers name a topic by id if both sides support ids, otherwise by name. */
function nameOf(copy: PartitionCopy): string {
  return `${copy.shared.sourceId || copy.shared.topic}/${copy.partition}`
}

function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T {
  const entry = map.get(key) ?? make()
  map.set(key, entry)
  return entry
}
