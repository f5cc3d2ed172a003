// The batches of one partition that wait for the target or are in flight: complete batches as fetched, transcoded batches,
// batches in flight, and the producer sequence of the next one.
import type { AbortedFilter } from '../../batch/aborted.ts'
import type { Passage } from '../../batch/forward.ts'
import type { ProducerStamp } from '../../batch/header.ts'
import type { Runs } from '../../batch/runs.ts'
import type { Anchor } from '../../mirror/copied-partition.ts'
import type { Frame } from '../fetch/frames.ts'
import { sequenceAfter } from './sequence.ts'

/** Complete batches of one Fetch answer, consumed from `at` on. */
export interface Segment {
  readonly frame: Frame
  readonly bytes: Buffer
  at: number
  readonly end: number
  readonly filter: AbortedFilter
  /** checksums are verified up to this position */
  verified: number
  /** position of the batch that `passage` belongs to; -1 for none */
  inspected: number
  passage: Passage
  /** a run in it is damaged, so its batches are verified one by one */
  isSuspect: boolean
}

/** A transcoded batch that waits to be sent. */
export interface Transcoded {
  readonly bytes: Buffer
  readonly records: number
  /** source offset after its last record */
  readonly next: number
  readonly maxTimestamp: number
  /** source offsets of its records */
  readonly runs: Runs
}

/** A batch that was sent and is not acknowledged yet. */
export interface Sent {
  readonly records: number
  readonly bytes: number
  readonly maxTimestamp: number
  /** source offsets of its records */
  readonly runs: Runs
  /** expected base offset in the target's answer; -1 if unknown */
  readonly expected: number
  readonly old: boolean
  /** TopicCopy.limitsRead when it was created */
  readonly limits: number
  /** when it was added to a request, ms since the epoch */
  readonly at: number
  /** source offset after it, including offsets skipped after it */
  next: number
}

/** Records that the target already has, to be counted on the source before anything is sent (after a restart). */
export interface AlreadyArrived {
  /** the anchor where counting started */
  readonly from: Anchor
  /** how many there were at the start of counting */
  readonly records: number
  /** how many are left to count */
  left: number
  /** target offset of the first of them; -1 if they are not consecutive */
  readonly firstAt: number
  /** digest of the last of them on the target; '' if not needed */
  readonly proof: string
}

/** Shared by all partitions: most never have transcoded or lost batches, and there may be many thousands of them. */
const none: readonly never[] = []

/** Written by the partition's own methods. All others only read. */
export class SendQueue {
  readonly segments: Segment[] = []
  transcoded: readonly Transcoded[] = none
  readonly inFlight: Sent[] = []
  /** batches that were in flight when the partition failed: the target may have them */
  lost: readonly Sent[] = none
  /** undefined once all of them are counted */
  arrived: AlreadyArrived | undefined
  /** bytes in `segments` */
  bytes = 0
  /** source offset of the next batch to take from the queue */
  cursor = -1

  /** leader of the target partition */
  leader = -1
  /** which of the connections to its leader it uses; it never changes */
  lane = 0
  stamp: ProducerStamp = { idHigh: -1, idLow: -1, epoch: -1 }
  sequence = 0
  /** the target offset of the next batch; -1 if unknown */
  targetNext = -1
  /**
   * when the last acknowledged batch was added to a request: since then the target has producer state for us; 0 if that is not
   * certain, as after old timestamps
   */
  knownSince = 0

  /** Whether batches wait to be sent. */
  get hasWork(): boolean {
    return this.transcoded.length > 0 || this.segments.length > 0
  }

  /** The producer id that is used for the target partition. */
  get producerId(): bigint {
    return (BigInt(this.stamp.idHigh) << 32n) | BigInt(this.stamp.idLow >>> 0)
  }

  /** Uses this producer id from now on. */
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

  /** Starts at a position that is proved. @param next source offset */
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

  /** The batches that the head of the queue was transcoded to. */
  putTranscoded(batches: readonly Transcoded[]): void {
    this.transcoded = batches.length > 0 ? batches : none
  }

  /** The first transcoded batch was added to a request. */
  dropTranscoded(): void {
    this.putTranscoded(this.transcoded.slice(1))
  }

  /** Moves the start of the first segment past one batch. Releases the frame after the last one. */
  consume(segment: Segment, size: number): void {
    segment.at += size
    this.bytes -= size
    if (segment.at < segment.end) return
    this.segments.shift()
    segment.frame.release()
  }

  /** Releases the frames of queued batches. They will be fetched again. */
  drop(): void {
    for (const segment of this.segments.splice(0)) segment.frame.release()
    this.transcoded = none
    this.bytes = 0
  }

  /** Remembers batches in flight as possibly appended. @returns whether the target may have more than is known */
  loseFlight(): boolean {
    const isDoubtful = this.inFlight.length > 0 || this.arrived !== undefined
    this.lost = [...this.lost, ...this.inFlight.splice(0)]
    return isDoubtful
  }

  /** Takes the next batch from this source offset on. */
  moveTo(cursor: number): void {
    this.cursor = cursor
  }

  /** A batch was added to a request: assigns its sequence number. */
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

  /** Counts this many records that the target already has. @returns the target offset after them; undefined if unknown */
  countArrived(records: number): number | undefined {
    const { arrived } = this
    if (!arrived) return undefined
    arrived.left -= records
    const isLast = arrived.left === 0
    if (isLast) this.arrived = undefined
    if (arrived.firstAt >= 0) return arrived.firstAt + arrived.records - arrived.left
    // The last of them is our last record on the target, whose end offset was read when copying started.
    return isLast && this.targetNext >= 0 ? this.targetNext : undefined
  }

  /** Stops counting them. */
  forgetArrived(): void {
    this.arrived = undefined
  }
}
