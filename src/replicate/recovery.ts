// Recovers partitions: at the start, after a restart, after any ambiguous result. Nothing is sent again on suspicion: recovery
// first reads what the target has, then copying continues after the last record that it has.
import { asFailure, Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import type { Admin, ProducerState } from '../kafka/admin.ts'
import type { ClusterMetadata } from '../kafka/cluster.ts'
import type { BrokerAddress } from '../kafka/raw-connection.ts'
import type { Anchor } from '../mirror/copied-partition.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { Sent } from './partition/send-queue.ts'
import { SEQUENCES, sequenceAfter, sequenceDistance } from './partition/sequence.ts'
import type { PartitionCopy } from './partition-copy.ts'
import { offsetsOfTimes, startOffset } from './recovery/start-offset.ts'
import type { Findings, TargetLog } from './target-log.ts'
import { notYetVisible, targetShrank, unprovable } from './topic-failures.ts'

/** Minimum time between two equal end offsets before the target's end counts as stable, if there is no producer state (ms). */
const REST_MS = 2000
/**
 * After this time without a change the producer state is trusted although the log lacks records: the target has deleted or
 * compacted them (ms).
 */
const LONG_REST_MS = 20_000

export interface RecoveryParts {
  readonly settings: FlowSettings
  readonly sourceAdmin: Pick<Admin, 'listOffsets'>
  readonly targetAdmin: Pick<Admin, 'listOffsets' | 'describeProducers'>
  readonly targetLog: Pick<TargetLog, 'search'>
  readonly log: Logger
  /** the last metadata of a cluster */
  readonly metadataOf: (side: 'source' | 'target') => ClusterMetadata | undefined
  /** current leader of the target partition, if it has one */
  readonly targetLeader: (copy: PartitionCopy) => BrokerAddress | undefined
  /** last offset copied according to MM2's offsets topic */
  readonly storedOffset: (copy: PartitionCopy) => number | undefined
  /** where it starts, as determined at the first start of the flow; undefined if not needed */
  readonly firstStart: (copy: PartitionCopy) => number | undefined
  /** whether the partition was created after the flow first started */
  readonly isNew: (copy: PartitionCopy) => boolean
  /** our producer id for partitions that have none yet, and whether it is new to the target */
  readonly producerId: () => Promise<{ readonly id: bigint; readonly isNew: boolean }>
  /** stores new anchors before anything is sent after them */
  readonly keep: (copies: readonly PartitionCopy[]) => Promise<void>
  /** records that were in flight are on the target */
  readonly arrivedAfterAll: (copy: PartitionCopy, sent: Sent) => void
}

/** The result for a partition: it may copy, or the reason why not. */
export type Recovered = { readonly copy: PartitionCopy; readonly failure?: Failure }

type Offsets = Awaited<ReturnType<Admin['listOffsets']>>
type Producers = Awaited<ReturnType<Admin['describeProducers']>>

export class Recovery {
  readonly #parts: RecoveryParts
  /** earlier end offsets of target partitions that must become stable */
  readonly #seen = new Map<PartitionCopy, { end: number; at: number }>()

  constructor(parts: RecoveryParts) {
    this.#parts = parts
  }

  /**
   * Recovers many partitions with few requests, and yields each result as soon as it is known.
   * @throws Failure if a whole cluster does not answer; never for one partition
   */
  async *recover(copies: readonly PartitionCopy[]): AsyncGenerator<Recovered> {
    const fresh = copies.filter((copy) => !copy.position.anchor)
    const known = copies.filter((copy) => copy.position.anchor)
    yield* await this.#beginAll(fresh)
    yield* this.#resumeAll(known)
  }

  /** Partitions without an anchor: they start as MM2's offsets, or auto.offset.reset, say. */
  async #beginAll(copies: readonly PartitionCopy[]): Promise<Recovered[]> {
    if (copies.length === 0) return []
    const { sourceAdmin, targetAdmin, settings } = this.#parts
    const sourceOffsets = (at: 'earliest' | 'latest', isolation: FlowSettings['isolation']) =>
      sourceAdmin.listOffsets(
        copies.map((copy) => sourceAt(copy, at)),
        isolation,
        this.#parts.metadataOf('source'),
      )
    const [starts, ends, logEnds, targetEnds, atTimes] = await Promise.all([
      sourceOffsets('earliest', settings.isolation),
      sourceOffsets('latest', settings.isolation),
      // Records copied under read_uncommitted may be behind a transaction that is open now.
      sourceOffsets('latest', 'read_uncommitted'),
      targetAdmin.listOffsets(
        copies.map((copy) => targetAt(copy, 'latest')),
        'read_uncommitted',
        this.#parts.metadataOf('target'),
      ),
      offsetsOfTimes(copies, this.#parts),
    ])
    const { id, isNew } = await this.#parts.producerId()
    const producers: Producers = isNew ? new Map() : await targetAdmin.describeProducers(copies.map(targetPlace))
    const recovered: Recovered[] = []
    const begun: PartitionCopy[] = []
    for (const copy of copies) {
      try {
        copy.queue.writeAs(id, 0)
        copy.source.setRange(offsetOf(starts, sourceKey(copy)), offsetOf(ends, sourceKey(copy)))
        const from = startOffset(copy, { logEnd: offsetOf(logEnds, sourceKey(copy)), atTimes }, this.#parts)
        const ours = this.#ourState(copy, producers.get(copy.targetKey))
        const targetEnd = offsetOf(targetEnds, copy.targetKey)
        beginAt(copy, from, targetEnd, ours)
        // Earlier records may have been copied by MM2, or by a godwit whose position was deleted.
        const isFirst = this.#parts.storedOffset(copy) === undefined && ours === undefined
        if (copy.position.map.isEmpty) copy.position.map.start({ upstream: from, downstream: targetEnd }, isFirst)
        else copy.position.map.note(from, targetEnd)
        begun.push(copy)
      } catch (error) {
        recovered.push({ copy, failure: asFailure(error) })
      }
    }
    await this.#keep(begun)
    return [...recovered, ...begun.map((copy) => ({ copy }))]
  }

  /** Nothing may be sent after an anchor that is not stored: after a crash nobody would know that it was sent. */
  async #keep(begun: readonly PartitionCopy[]): Promise<void> {
    try {
      await this.#parts.keep(begun)
    } catch (error) {
      for (const copy of begun) copy.position.forget()
      throw error
    }
  }

  /** Partitions with an anchor: reads from the target what was appended after it. */
  async *#resumeAll(copies: readonly PartitionCopy[]): AsyncGenerator<Recovered> {
    if (copies.length === 0) return
    const { targetAdmin, sourceAdmin, settings } = this.#parts
    const unsure = copies.filter((copy) => copy.position.mayBeAhead)
    const [starts, producers, targetEnds, ends] = await Promise.all([
      unsure.length > 0
        ? sourceAdmin.listOffsets(
            unsure.map((copy) => sourceAt(copy, 'earliest')),
            settings.isolation,
            this.#parts.metadataOf('source'),
          )
        : (new Map() as Offsets),
      unsure.length > 0 ? targetAdmin.describeProducers(unsure.map(targetPlace)) : (new Map() as Producers),
      targetAdmin.listOffsets(
        copies.map((copy) => targetAt(copy, 'latest')),
        'read_uncommitted',
        this.#parts.metadataOf('target'),
      ),
      sourceAdmin.listOffsets(
        copies.map((copy) => sourceAt(copy, 'latest')),
        settings.isolation,
        this.#parts.metadataOf('source'),
      ),
    ])
    for (const copy of copies) {
      const start = starts.get(sourceKey(copy))
      if (copy.position.mayBeAhead && start && !(start instanceof Failure)) copy.source.noteRange(start.offset, -1)
      yield await this.#resumeOne(copy, producers, targetEnds, ends)
    }
  }

  async #resumeOne(copy: PartitionCopy, producers: Producers, targetEnds: Offsets, ends: Offsets): Promise<Recovered> {
    try {
      const end = offsetOf(ends, sourceKey(copy))
      copy.source.noteRange(-1, end)
      const anchor = copy.position.anchor as Anchor
      if (!copy.position.mayBeAhead) this.#resumeKnown(copy, anchor, offsetOf(targetEnds, copy.targetKey))
      else {
        await this.#learn(copy, anchor, producers.get(copy.targetKey), offsetOf(targetEnds, copy.targetKey))
        copy.position.expectLate()
      }
      copy.position.confirm()
      this.#seen.delete(copy)
      return { copy }
    } catch (error) {
      return { copy, failure: asFailure(error) }
    }
  }

  /** Nothing was in flight: the anchor is right, unless the target has lost or gained records meanwhile. */
  #resumeKnown(copy: PartitionCopy, anchor: Anchor, targetEnd: number): void {
    if (targetEnd < anchor.targetNext) throw targetShrank(copy, anchor.targetNext, targetEnd, this.#parts.settings)
    if (targetEnd > anchor.targetNext && copy.position.mayGrow) {
      // They are of another writer, or of a request of ours that was given up and appended late. The target log shows which.
      copy.position.doubt()
      throw notYetVisible(copy)
    }
    if (targetEnd > anchor.targetNext) this.#noteForeignWriter(copy, targetEnd - anchor.targetNext)
    this.#go(copy, anchor, { arrived: 0, targetEnd, proof: '' })
  }

  async #learn(
    copy: PartitionCopy,
    anchor: Anchor,
    producers: ProducerState[] | Failure | undefined,
    targetEnd: number,
  ): Promise<void> {
    const behind = targetEnd - anchor.targetNext
    const known = this.#knownBehind(copy, anchor, producers, targetEnd)
    // Reads the log if the end offset alone is not sufficient, and after a restart, because its last record is the proof.
    const searched =
      known === behind && (copy.queue.lost.length > 0 || behind === 0)
        ? undefined
        : await this.#search(copy, anchor, targetEnd)
    // The end was read after the producer state, and something was appended between the two.
    if (known !== undefined && searched && searched.ours > known) throw notYetVisible(copy)
    const arrived = known ?? searched?.ours ?? 0
    // If state and end offset agree, records missing in the log were deleted or compacted.
    const lacks = searched !== undefined && known !== undefined && searched.ours < known && known !== behind
    if (lacks) this.#waitForRest(copy, targetEnd, LONG_REST_MS)
    if (searched && searched.doubled > 0) this.#noteDoubled(copy, searched.doubled)
    if (searched && searched.foreign > 0) this.#noteForeignWriter(copy, searched.foreign)
    this.#go(copy, anchor, { arrived, targetEnd, proof: searched?.proof ?? '' })
  }

  /**
   * How many records the target's producer state counts after the anchor; undefined if there is no producer state.
   * @throws Failure TARGET_TRUNCATED, or BROKER_BUSY while the end offset may still change
   */
  #knownBehind(
    copy: PartitionCopy,
    anchor: Anchor,
    producers: ProducerState[] | Failure | undefined,
    targetEnd: number,
  ): number | undefined {
    const { settings } = this.#parts
    if (targetEnd < anchor.targetNext) throw targetShrank(copy, anchor.targetNext, targetEnd, settings)
    const state = this.#ourState(copy, producers)
    // The target may drop producer state of old timestamps at any time, and would then accept a late request as a new one.
    if (!state || copy.queue.lost.some(({ old }) => old)) this.#waitForRest(copy, targetEnd)
    if (!state) return undefined
    const known = sequenceDistance(anchor.sequence, sequenceAfter(state.lastSequence, 1))
    if (known < 0) throw targetShrank(copy, anchor.targetNext, targetEnd, settings)
    if (known > targetEnd - anchor.targetNext) throw notYetVisible(copy)
    return known
  }

  async #search(copy: PartitionCopy, anchor: Anchor, end: number): Promise<Findings> {
    const leader = this.#parts.targetLeader(copy)
    if (!leader)
      throw new Failure('LEADER_MOVED', `target partition ${copy.targetKey} has no leader`, {
        topic: copy.shared.targetTopic,
        partition: copy.partition,
      })
    const place = { ...targetPlace(copy), from: anchor.targetNext, end }
    const ours = { id: copy.queue.producerId, sequence: anchor.sequence }
    try {
      return await this.#parts.targetLog.search(leader, place, ours)
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'OFFSET_OUT_OF_RANGE') throw error
      // The target's retention has deleted batches. The sequence numbers of the remaining ones are sufficient.
      const starts = await this.#parts.targetAdmin.listOffsets([targetAt(copy, 'earliest')], 'read_uncommitted')
      const from = Math.max(place.from, offsetOf(starts, copy.targetKey))
      return this.#parts.targetLog.search(leader, { ...place, from }, ours)
    }
  }

  /**
   * Continues after `arrived` records: those that were in flight are acknowledged; the others, also those deleted on the source
   * since, are counted and skipped.
   */
  #go(copy: PartitionCopy, anchor: Anchor, found: { arrived: number; targetEnd: number; proof: string }): void {
    const { arrived, targetEnd, proof } = found
    let left = arrived
    let at = anchor
    // If all new records are ours, the target offset of each is known.
    const isPlain = targetEnd - anchor.targetNext === arrived
    if (!isPlain) copy.position.map.breakAt({ upstream: anchor.sourceNext, downstream: anchor.targetNext })
    const placeOf = () => (isPlain ? anchor.targetNext + arrived - left : -1)
    const behind = () => (isPlain ? placeOf() : anchor.targetNext)
    for (const sent of copy.queue.lost) {
      if (sent.records > left) break
      copy.position.noteRuns(sent.runs, placeOf(), sent.records)
      left -= sent.records
      at = { sourceNext: sent.next, targetNext: behind(), sequence: sequenceAfter(at.sequence, sent.records) }
      copy.position.count(sent.records, sent.bytes)
      this.#parts.arrivedAfterAll(copy, sent)
    }
    const gone = Math.min(left, Math.max(0, copy.source.logStart - at.sourceNext))
    if (gone > 0) {
      if (gone === left) this.#doubtHoles(copy, at, left)
      left -= gone
      const { sourceNext, sequence } = at
      at = { sourceNext: sourceNext + gone, targetNext: behind(), sequence: sequenceAfter(sequence, gone) }
    }
    if (left === 0 && !copy.position.hasForeignWriter) at = { ...at, targetNext: targetEnd }
    copy.begin(at, {
      sequence: sequenceAfter(anchor.sequence, arrived),
      targetNext: copy.position.hasForeignWriter ? -1 : targetEnd,
      arrived: { records: left, firstAt: placeOf(), proof: copy.shared.targetAppendTime ? '' : proof },
    })
  }

  /**
   * All records after the anchor were deleted on the source, if each of its offsets had a record. That is assumed if sequence
   * numbers and source offsets have been equal since copying started.
   */
  #doubtHoles(copy: PartitionCopy, at: Anchor, records: number): void {
    if (at.sequence === at.sourceNext % SEQUENCES) return
    const failure = unprovable(copy, records, copy.source.logStart, this.#parts.settings)
    if (this.#parts.settings.onDoubt === 'stop') throw failure
    copy.position.noteDoubtful(records)
    this.#parts.log.error('records may be duplicated on the target', {
      topic: copy.shared.topic,
      partition: copy.partition,
      records,
      reason: failure.message,
    })
  }

  #ourState(copy: PartitionCopy, producers: ProducerState[] | Failure | undefined): ProducerState | undefined {
    if (!Array.isArray(producers)) {
      // Old brokers do not support the request, and users may lack READ. The log can still be read.
      if (producers && producers.code !== 'UNSUPPORTED_VERSION' && producers.code !== 'NOT_AUTHORIZED') throw producers
      return undefined
    }
    const ours = producers.find((state) => state.producerId === copy.queue.producerId)
    return ours && ours.lastSequence >= 0 ? ours : undefined
  }

  /** Without producer state a pending request could be appended later: waits until the end offset is stable. */
  #waitForRest(copy: PartitionCopy, targetEnd: number, restMs = REST_MS): void {
    const seen = this.#seen.get(copy)
    const now = Date.now()
    if (seen?.end !== targetEnd) this.#seen.set(copy, { end: targetEnd, at: now })
    else if (now - seen.at >= restMs) return
    throw notYetVisible(copy)
  }

  #noteForeignWriter(copy: PartitionCopy, count: number): void {
    if (copy.position.hasForeignWriter) return
    copy.position.noteForeignWriter()
    this.#parts.log.warn(
      'someone else writes into a target partition; target offsets prove nothing there, the producer state and the log do',
      {
        cluster: this.#parts.settings.target,
        topic: copy.shared.targetTopic,
        partition: copy.partition,
        count,
        remedy: 'let only godwit write into topics it copies (deny WRITE to others) until the cutover',
      },
    )
  }

  #noteDoubled(copy: PartitionCopy, records: number): void {
    copy.position.noteDoubtful(records)
    this.#parts.log.error('records are duplicated on the target', {
      cluster: this.#parts.settings.target,
      topic: copy.shared.targetTopic,
      partition: copy.partition,
      records,
    })
  }
}

/**
 * If our producer wrote here before (MM2 has copied since, or the position was deleted), the target requires the next sequence
 * number.
 */
function beginAt(copy: PartitionCopy, from: number, targetEnd: number, ours: ProducerState | undefined): void {
  const sequence = ours ? sequenceAfter(ours.lastSequence, 1) : from % SEQUENCES
  copy.begin({ sourceNext: from, targetNext: targetEnd, sequence }, { sequence, targetNext: targetEnd })
}

const targetPlace = (copy: PartitionCopy) => ({ topic: copy.shared.targetTopic, partition: copy.partition })
const sourceKey = (copy: PartitionCopy) => copy.key
const targetAt = (copy: PartitionCopy, at: 'earliest' | 'latest') => ({ ...targetPlace(copy), at })
const sourceAt = (copy: PartitionCopy, at: 'earliest' | 'latest') => ({
  topic: copy.shared.topic,
  partition: copy.partition,
  at,
})

function offsetOf(offsets: Offsets, key: string): number {
  const found = offsets.get(key)
  if (found instanceof Failure) throw found
  if (!found) throw new Failure('UNKNOWN_TOPIC', `the cluster returned no offset of ${key}`)
  return found.offset
}
