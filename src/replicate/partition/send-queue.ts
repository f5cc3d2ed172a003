// What of one partition waits for the target, and what has been handed to it: whole batches as they were fetched, batches that
// were transcoded, batches in flight, and under which producer sequence the next one goes.
import type { AbortedFilter } from '../../batch/aborted.ts'
import type { Passage } from '../../batch/forward.ts'
import type { ProducerStamp } from '../../batch/header.ts'
import type { Runs } from '../../batch/runs.ts'
import type { Anchor } from '../../mirror/copied-partition.ts'
import type { Frame } from '../fetch/frames.ts'
import { sequenceAfter } from './sequence.ts'

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
export interface Transcoded {
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

/** Records that the target has already, which are counted past before anything is sent (after a restart). */
export interface AlreadyArrived {
  /** the anchor that counting began at */
  readonly from: Anchor
  /** how many there were when counting began */
  readonly records: number
  /** how many are still to come */
  left: number
  /** target offset of the first of them; -1 when they do not lie together */
  readonly firstAt: number
  /** digest of the last of them as the target holds it; '' when not asked for */
  readonly proof: string
}

/** Shared by all partitions: most never have transcoded or lost batches, and there may be many thousands of them. */
const none: readonly never[] = []

/** Written by the partition's own methods; everyone else reads. */
export class SendQueue {
  readonly segments: Segment[] = []
  transcoded: readonly Transcoded[] = none
  readonly inFlight: Sent[] = []
  /** in flight when the partition failed: may or may not be on the target */
  lost: readonly Sent[] = none
  /** undefined once all of them were counted */
  arrived: AlreadyArrived | undefined
  /** bytes in `segments` */
  bytes = 0
  /** next source offset to take from the queue */
  cursor = -1

  /** leader of the target partition */
  leader = -1
  /** which of the connections to its leader it uses, always the same */
  lane = 0
  stamp: ProducerStamp = { idHigh: -1, idLow: -1, epoch: -1 }
  sequence = 0
  /** where the next batch will lie on the target; -1 when that cannot be known */
  targetNext = -1
  /** when the last acknowledged batch was handed over: since then the target knows our producer here; 0 when that is not sure, as after records dated long ago */
  knownSince = 0

  /** Whether something waits to be sent. */
  get hasWork(): boolean {
    return this.transcoded.length > 0 || this.segments.length > 0
  }

  /** The producer that writes into the target partition. */
  get producerId(): bigint {
    return (BigInt(this.stamp.idHigh) << 32n) | BigInt(this.stamp.idLow >>> 0)
  }

  /** Uses this producer from now on. */
  writeAs(producerId: bigint, epoch: number): void {
    this.stamp = { idHigh: Number(producerId >> 32n), idLow: Number(producerId & 0xffff_ffffn), epoch }
  }

  /** Uses this connection to whichever broker leads the partition. */
  useLane(lane: number): void {
    this.lane = lane
  }

  sendTo(leader: number): void {
    this.leader = leader
  }

  /** Begins at a proven position. @param next source offset */
  begin(next: number, resume: { sequence: number; targetNext: number; arrived?: AlreadyArrived | undefined }): void {
    this.cursor = next
    this.sequence = resume.sequence
    this.targetNext = resume.targetNext
    this.arrived = resume.arrived
    this.lost = none
    this.knownSince = 0
  }

  enqueue(segment: Segment): void {
    this.segments.push(segment)
    this.bytes += segment.end - segment.at
  }

  /** Batches that the head of the queue was transcoded into. */
  putTranscoded(batches: readonly Transcoded[]): void {
    this.transcoded = batches.length > 0 ? batches : none
  }

  /** The first transcoded batch was handed over. */
  dropTranscoded(): void {
    this.putTranscoded(this.transcoded.slice(1))
  }

  /** Moves the head segment past one batch; gives the frame back behind the last one. */
  consume(segment: Segment, size: number): void {
    segment.at += size
    this.bytes -= size
    if (segment.at < segment.end) return
    this.segments.shift()
    segment.frame.release()
  }

  /** Gives the frames of what is queued back; it will be fetched again. */
  drop(): void {
    for (const segment of this.segments.splice(0)) segment.frame.release()
    this.transcoded = none
    this.bytes = 0
  }

  /** Remembers what is in flight as possibly arrived. @returns whether the target may hold more than is known */
  loseFlight(): boolean {
    const isDoubtful = this.inFlight.length > 0 || this.arrived !== undefined
    this.lost = [...this.lost, ...this.inFlight.splice(0)]
    return isDoubtful
  }

  /** Takes the next batch from this source offset on. */
  moveTo(cursor: number): void {
    this.cursor = cursor
  }

  /** A batch was handed over: numbers the next one. */
  launch(sent: Sent): void {
    this.inFlight.push(sent)
    this.cursor = sent.next
    this.sequence = sequenceAfter(this.sequence, sent.records)
    if (this.targetNext >= 0) this.targetNext += sent.records
  }

  /** @returns the oldest batch in flight, which has been acknowledged */
  land(): Sent | undefined {
    const sent = this.inFlight.shift()
    if (sent) this.knownSince = sent.old ? 0 : sent.at
    return sent
  }

  /** So many more of the records that the target has already were met on the source. @returns the target offset behind them; undefined when that is not known */
  countArrived(records: number): number | undefined {
    const { arrived } = this
    if (!arrived) return undefined
    arrived.left -= records
    const isLast = arrived.left === 0
    if (isLast) this.arrived = undefined
    if (arrived.firstAt >= 0) return arrived.firstAt + arrived.records - arrived.left
    // The last of them is the last of ours on the target, whose end was learnt when copying began.
    return isLast && this.targetNext >= 0 ? this.targetNext : undefined
  }

  /** They are not counted any further. */
  forgetArrived(): void {
    this.arrived = undefined
  }
}
