// One partition on its way from source to target. Its state has four parts: where it is read (source), what waits for the target
// and is in flight (queue), how far it is copied (position), and why it has stopped (failures). This class contains what concerns
// more than one part. It does no I/O: the fetcher fills it, the sink empties it, recovery corrects it after any ambiguous result.
//
//   source log   ....[ arrived )[ in flight )[ queued )[ not fetched ....
//                    ^position.next           ^queue.cursor  ^source.next

import type { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { Anchor, CopiedPartition, TopicNames } from '../mirror/copied-partition.ts'
import type { PartitionState } from '../model/flow-status.ts'
import { CopiedPosition } from './partition/copied-position.ts'
import { FetchCursor } from './partition/fetch-cursor.ts'
import { isQuarantine, PartitionFailures } from './partition/partition-failures.ts'
import { type AlreadyArrived, type Segment, SendQueue, type Sent } from './partition/send-queue.ts'

/** What is shared by the partitions of one topic. */
export interface TopicCopy extends TopicNames {
  targetId: string
  /** max.message.bytes of the target topic */
  maxMessageBytes: number
  /** the target has message.timestamp.type=LogAppendTime, so timestamps of the source need not be kept */
  targetAppendTime: boolean
  /** codec to recompress batches with, because the target recompresses them and the result was too large; undefined: unchanged */
  recodeTo: number | undefined
  /** producer ids of flows in the opposite direction, whose records are not copied back */
  opposite?: ReadonlySet<bigint> | undefined
  /** how often new limits were read */
  limitsRead: number
}

/** How copying continues after an anchor. */
export interface Resume {
  readonly sequence: number
  readonly targetNext: number
  /** records that the target already has */
  readonly arrived?: Omit<AlreadyArrived, 'from' | 'left'> | undefined
}

export class PartitionCopy implements CopiedPartition {
  readonly shared: TopicCopy
  readonly partition: number
  /** `topic-partition`, with the topic name on the source */
  readonly key: string
  readonly source = new FetchCursor()
  readonly queue = new SendQueue()
  readonly position = new CopiedPosition()
  readonly failures = new PartitionFailures()
  state: PartitionState = 'waiting'
  /** Incremented when queue and batches in flight are discarded, so that late answers are recognized. */
  incarnation = 0

  constructor(shared: TopicCopy, partition: number) {
    this.shared = shared
    this.partition = partition
    this.key = topicPartitionKey(shared.topic, partition)
  }

  /** Like `key`, with the topic name on the target. */
  get targetKey(): string {
    return topicPartitionKey(this.shared.targetTopic, this.partition)
  }

  /** Whether records that the target already has are still being counted. Nothing is sent before that. */
  get isCounting(): boolean {
    return this.queue.arrived !== undefined
  }

  /** Recovery has started. */
  beginRecovery(): void {
    this.state = 'recovering'
  }

  /** Uses the position that an earlier process has stored, and how the batch before it was written. The target may have more. */
  restore(
    anchor: Anchor,
    producer: { readonly id: bigint; readonly epoch: number; readonly sourceLeaderEpoch: number },
  ): void {
    this.queue.writeAs(producer.id, producer.epoch)
    this.source.resumeAtEpoch(producer.sourceLeaderEpoch)
    this.position.restore(anchor)
  }

  /** Starts copying at a position that is proved. */
  begin(anchor: Anchor, { sequence, targetNext, arrived }: Resume): void {
    this.position.begin(anchor)
    this.source.begin(anchor.sourceNext)
    const counted = arrived && arrived.records > 0 ? { ...arrived, from: anchor, left: arrived.records } : undefined
    this.queue.begin(anchor.sourceNext, { sequence, targetNext, arrived: counted })
    this.failures.end()
    this.state = 'copying'
  }

  /** Stops with a reason. @param now ms since the epoch @returns whether to log it */
  fail(failure: Failure, now: number): boolean {
    this.abandon(isQuarantine(failure) ? 'quarantined' : 'recovering')
    // After any problem with a follower, fetch from the leader.
    this.source.forgetReplica()
    return this.failures.begin(failure, now)
  }

  /** Discards queued batches and batches in flight. The latter are remembered, because the target may have them. */
  abandon(state: PartitionState): void {
    this.incarnation++
    this.dropQueue()
    if (this.queue.loseFlight()) this.position.doubt()
    this.state = state
  }

  /** Discards queued batches and releases their frames. They will be fetched again. */
  dropQueue(): void {
    this.queue.drop()
    this.source.rewind(this.queue.cursor)
  }

  /**
   * Complete batches have arrived.
   * @param next source offset after them
   * @param leaderEpoch of the last one, if its format has one
   */
  enqueue(segment: Segment, next: number, leaderEpoch?: number): void {
    this.queue.enqueue(segment)
    this.source.advance(next, leaderEpoch)
  }

  /**
   * Called about once a second while the source broker has space in its answers.
   * @returns whether the source lists records that never arrive
   */
  isKeptWaiting(): boolean {
    return this.source.isKeptWaiting(this.state === 'copying' && this.queue.bytes === 0)
  }

  /** Source offsets up to `next` were skipped and need no answer of the target. */
  passOver(next: number): void {
    const { queue, position } = this
    queue.moveTo(next)
    const last = queue.inFlight.at(-1)
    if (last) last.next = next
    else position.advance(next, 0)
  }

  /** Of the source offsets up to `next`, the target already has `records`. */
  countArrived(next: number, records: number): void {
    const { queue, position } = this
    queue.moveTo(next)
    position.advance(next, records, queue.countArrived(records))
  }

  /** The target has acknowledged the oldest batch in flight at the offset `base`. */
  acknowledge(base: number): Sent | undefined {
    const sent = this.queue.land()
    if (!sent) return undefined
    const { position } = this
    position.count(sent.records, sent.bytes)
    position.noteRuns(sent.runs, base, sent.records)
    position.advance(sent.next, sent.records, base + sent.records)
    position.expectNothingLate()
    this.failures.resetBackoff()
    return sent
  }

  /**
   * It cannot be proved which of the counted records the target has: everything after the anchor is copied again, with new
   * sequence numbers.
   */
  restartAtAnchor(): void {
    const { queue, position } = this
    if (!queue.arrived) return
    const { from, records } = queue.arrived
    position.noteDoubtful(records)
    const { sourceNext } = from
    position.begin({ sourceNext, targetNext: Math.max(queue.targetNext, from.targetNext), sequence: queue.sequence })
    position.confirm()
    queue.forgetArrived()
  }

  /** Updates how long the source has been ahead. @param now ms since the epoch */
  noteEnd(now: number): void {
    this.position.noteEnd(this.source.end, now)
  }
}
