// One partition on its way from source to target: what was asked for, what is queued, what is in flight, what has arrived.
// Pure bookkeeping: the fetcher fills it, the sink empties it, the settler puts it right after anything ambiguous.
//
//   source log   ....[ arrived )[ in flight )[ queued )[ to be fetched ....
//                    ^position                ^cursor   ^fetchOffset

import type { Failure } from '../../base/failure.ts'
import { topicPartitionKey } from '../../base/topic-partition.ts'
import type { AbortedFilter } from '../../batch/aborted.ts'
import type { Passage } from '../../batch/forward.ts'
import type { ProducerStamp } from '../../batch/header.ts'
import type { Runs } from '../../batch/runs.ts'
import { OffsetMap } from '../../mirror/offset-map.ts'
import type { SyncEmission } from '../../mirror/sync-emission.ts'
import type { PartitionState, PartitionStatus } from '../../model/flow-status.ts'
import type { Frame } from './frames.ts'

const SEQUENCES = 0x8000_0000

/** After so many looks in vain the source is not believed to be merely busy. */
const SILENCE = 5

/** Adds record counts to a producer sequence, which runs from 0 to 2^31-1 and begins again. */
export function sequenceAfter(sequence: number, records: number): number {
  return (sequence + records) % SEQUENCES
}

/** How many records lie from `from` to `to`; negative when `to` lies before (the nearer way round the circle of 2^31 sequence numbers). */
export function sequenceDistance(from: number, to: number): number {
  const ahead = (to - from + SEQUENCES) % SEQUENCES
  return ahead >= SEQUENCES / 2 ? ahead - SEQUENCES : ahead
}

/** What is shared by the partitions of one topic. */
export interface TopicCopy {
  readonly topic: string
  readonly targetTopic: string
  /** topic ids, '' where a cluster has none */
  readonly sourceId: string
  targetId: string
  /** max.message.bytes of the target topic */
  maxMessageBytes: number
  /** the target stamps records itself (message.timestamp.type=LogAppendTime), so append times need not be kept */
  targetAppendTime: boolean
  /** codec that batches are sent in, because the target recompresses them and what it made of them was too large; undefined: as they are */
  recodeTo: number | undefined
  /** producer ids of flows in the opposite direction: what they have written is not copied back */
  opposite?: ReadonlySet<bigint> | undefined
  /** how often new limits were learnt */
  limitsRead: number
}

/** Whole batches of one fetch answer, consumed from `at` on. */
export interface Segment {
  readonly frame: Frame
  readonly bytes: Buffer
  at: number
  readonly end: number
  readonly filter: AbortedFilter
  /** checksums are verified up to here */
  verified: number
  /** position of the batch that `passage` speaks of; -1 when none was looked at */
  inspected: number
  passage: Passage
  /** a run of it turned out to be damaged: its batches are looked at one by one */
  isSuspect: boolean
}

/** A transcoded batch that waits to be sent. */
export interface Remade {
  readonly bytes: Buffer
  readonly records: number
  /** source offset behind its last record */
  readonly next: number
  readonly maxTimestamp: number
  /** source offsets of its records */
  readonly runs: Runs
}

/** One batch handed to the target, not yet acknowledged. */
export interface Sent {
  readonly records: number
  readonly bytes: number
  readonly maxTimestamp: number
  /** source offsets of its records */
  readonly runs: Runs
  /** base offset the target should answer with; -1 when that cannot be known */
  readonly expected: number
  readonly old: boolean
  /** TopicCopy.limitsRead when it was made */
  readonly limits: number
  /** when it was handed over, ms since the epoch */
  readonly at: number
  /** source offset behind it, including what was skipped after it */
  next: number
}

/** A proven triple: all of ours below `sequence` is on the target, it ends before `targetNext`, and came from below `sourceNext`. */
export interface Anchor {
  readonly sourceNext: number
  readonly targetNext: number
  readonly sequence: number
}

/** How copying goes on behind an anchor. */
export interface Resume {
  readonly sequence: number
  readonly targetNext: number
  /** records that are there already, the first of them at `skipAt` (-1 when they do not lie together) */
  readonly toSkip: number
  readonly skipAt: number
  readonly skipProof: string
}

export class PartitionCopy {
  readonly shared: TopicCopy
  readonly partition: number
  readonly key: string
  state: PartitionState = 'waiting'
  failure: Failure | undefined
  failedSince = 0
  /** Grows whenever queue and flight are thrown away, so that late answers are known as such. */
  incarnation = 0
  /** failures in a row, for the backoff; an acknowledgement ends the row */
  attempts = 0
  retryAt = 0

  sourceLeader = -1
  sourceEpoch = -1
  /** a follower in our rack that the leader has pointed to, fetched from until that time (ms since the epoch) */
  nearReplica: { readonly id: number; readonly until: number } | undefined
  sourceStart = -1
  sourceEnd = -1
  /** the highest end that a listing of the source has told */
  listedEnd = -1
  /** when the last of these listings began, ms since the epoch; 0: none has told an end */
  listedAt = 0
  fetchOffset = -1
  lastFetchedEpoch = -1
  /** next source offset to take from the queue */
  cursor = -1
  readonly queue: Segment[] = []
  queuedBytes = 0
  readonly remade: Remade[] = []
  /** records that are on the target already and must be passed over (after a restart) */
  toSkip = 0
  /** digest of the last of those as the target holds it; '' when not asked for */
  skipProof = ''
  /** where the passing over began, and over how many records it goes */
  skipFrom: Anchor | undefined
  skipRecords = 0
  /** target offset of the first of those records; -1 when they do not lie together */
  skipAt = -1
  wantsMoreBytes = 1
  /** not fetched before this time, because its target is stuck (ms since the epoch) */
  heldUntil = 0
  /** looks in a row at which the source broker had room in its answer, but nothing for us */
  silent = 0
  /** the end that was seen when the copy last fell behind, and when */
  behind: { end: number; since: number } | undefined

  targetLeader = -1
  /** which of the connections to its target leader it uses, always the same */
  lane = 0
  stamp: ProducerStamp = { idHigh: -1, idLow: -1, epoch: -1 }
  sequence = 0
  targetNext = -1
  /** someone else writes into the target partition: base offsets prove nothing there */
  foreignWriter = false
  readonly inFlight: Sent[] = []
  /** when the last acknowledged batch was handed over: since then the target knows our producer here; 0 when that is not sure */
  knownSince = 0
  /** in flight when trouble came: may or may not be on the target */
  lost: Sent[] = []
  /** the target may hold more than the anchor says */
  unsure = false
  /** what the target holds was looked up by this process: until then a position is only what was stored */
  isProven = false

  anchor: Anchor | undefined
  /** which target offset each source offset became, as far as this and earlier processes noted it */
  map = new OffsetMap()
  /** decides which pairs of offsets MM2's offset-syncs topic is told; undefined where that is switched off */
  syncs: SyncEmission | undefined
  records = 0
  bytes = 0
  doubtful = 0
  missed = 0
  dirty = false
  /** its status as it was last told */
  reported: PartitionStatus | undefined
  /** the position that is written durably; -1 for none */
  durable = -1

  constructor(shared: TopicCopy, partition: number) {
    this.shared = shared
    this.partition = partition
    this.key = topicPartitionKey(shared.topic, partition)
  }

  /** Everything below this source offset has arrived; -1 while unknown. */
  get position(): number {
    return this.anchor?.sourceNext ?? -1
  }

  /** As `key`, by the name that the topic has on the target. */
  get targetKey(): string {
    return topicPartitionKey(this.shared.targetTopic, this.partition)
  }

  get hasWork(): boolean {
    return this.remade.length > 0 || this.queue.length > 0
  }

  /** Begins copying at a proven place. */
  begin(anchor: Anchor, resume: Resume): void {
    this.anchor = anchor
    this.cursor = this.fetchOffset = anchor.sourceNext
    this.sequence = resume.sequence
    this.targetNext = resume.targetNext
    this.toSkip = this.skipRecords = resume.toSkip
    this.skipFrom = resume.toSkip > 0 ? anchor : undefined
    this.skipProof = resume.skipProof
    this.skipAt = resume.skipAt
    this.lost = []
    this.isProven = true
    this.state = 'copying'
    this.failure = undefined
    this.silent = 0
    this.knownSince = 0
    this.dirty = true
  }

  /** Throws away what is queued and in flight; whatever was in flight is remembered as possibly arrived. */
  abandon(state: PartitionState): void {
    this.incarnation++
    this.dropQueue()
    if (this.inFlight.length > 0 || this.toSkip > 0) this.unsure = true
    this.lost.push(...this.inFlight.splice(0))
    this.state = state
  }

  /** Forgets queued batches and gives their frames back; they will be fetched again. */
  dropQueue(): void {
    for (const segment of this.queue.splice(0)) segment.frame.release()
    this.remade.length = 0
    this.queuedBytes = 0
    this.fetchOffset = this.cursor
  }

  enqueue(segment: Segment, next: number): void {
    this.queue.push(segment)
    this.queuedBytes += segment.end - segment.at
    this.fetchOffset = next
    this.silent = 0
  }

  /** Called about once a second while the source broker has room in its answers: true when records are there that never come. */
  isKeptWaiting(): boolean {
    const waits = this.state === 'copying' && this.queuedBytes === 0 && this.fetchOffset < this.sourceEnd
    this.silent = waits ? this.silent + 1 : 0
    return this.silent >= SILENCE
  }

  /** Moves the head segment past one batch; gives the frame back behind the last one. */
  consume(segment: Segment, size: number): void {
    segment.at += size
    this.queuedBytes -= size
    if (segment.at < segment.end) return
    this.queue.shift()
    segment.frame.release()
  }

  /** Source offsets up to `next` need nothing more from the target: skipped, or `arrived` records of them are there already. */
  passOver(next: number, arrived = 0): void {
    this.cursor = next
    const last = this.inFlight.at(-1)
    if (last) last.next = next
    // What was passed over last is the last of ours on the target, whose end was learnt when it began.
    else if (arrived > 0 && this.toSkip === 0 && this.targetNext >= 0) this.#arrived(next, arrived, this.targetNext)
    else this.#arrived(next, arrived)
  }

  /** A batch was handed over: numbers the next one. */
  launch(sent: Sent): void {
    this.inFlight.push(sent)
    this.cursor = sent.next
    this.sequence = sequenceAfter(this.sequence, sent.records)
    if (this.targetNext >= 0) this.targetNext += sent.records
  }

  /** The oldest batch in flight has been acknowledged at `base`. */
  acknowledge(base: number): Sent | undefined {
    const sent = this.inFlight.shift()
    if (!sent) return undefined
    this.count(sent)
    this.noteRuns(sent.runs, base, sent.records)
    this.attempts = 0
    this.knownSince = sent.at
    this.#arrived(sent.next, sent.records, base + sent.records)
    return sent
  }

  /** After a gap on the source: what lies before `start` is missed, copying goes on there. */
  jumpTo(start: number): void {
    const was = this.anchor
    if (!was || start <= was.sourceNext) return
    this.missed += start - was.sourceNext
    this.anchor = { ...was, sourceNext: start }
    this.dirty = true
  }

  /** It cannot be proved which of the counted records arrived: all behind the anchor are copied again, under new numbers. */
  restartAtAnchor(): void {
    const first = this.skipFrom
    if (!first) return
    this.doubtful += this.skipRecords
    this.anchor = {
      sourceNext: first.sourceNext,
      targetNext: Math.max(this.targetNext, first.targetNext),
      sequence: this.sequence,
    }
    this.unsure = false
    this.toSkip = 0
    this.skipFrom = undefined
    this.dirty = true
  }

  /** Keeps track of how long the source has been ahead: since when the end that is still to be reached was seen. */
  noteEnd(now: number): void {
    const at = this.position
    if (at >= this.sourceEnd) this.behind = undefined
    else if (!this.behind || at >= this.behind.end) this.behind = { end: this.sourceEnd, since: now }
  }

  /** The records of these runs stand on the target from `base` on; -1: nobody knows where. */
  noteRuns(runs: Runs, base: number, records: number): void {
    if (base < 0) return
    for (let i = 0; i < runs.length; i += 2) {
      const index = runs[i] as number
      const upstream = runs[i + 1] as number
      this.map.note(upstream, base + index)
      this.syncs?.note(upstream, base + index, (runs[i + 2] ?? records) - index)
    }
  }

  count(sent: Sent): void {
    this.records += sent.records
    this.bytes += sent.bytes
  }

  #arrived(next: number, records: number, targetNext?: number): void {
    const was = this.anchor
    if (!was) return
    this.anchor = {
      sourceNext: next,
      targetNext: targetNext ?? was.targetNext,
      sequence: sequenceAfter(was.sequence, records),
    }
    this.dirty = true
  }
}
