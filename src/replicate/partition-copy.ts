// One partition on its way from source to target. Four parts keep its state: where it is read (source), what waits for the target
// and is in flight (queue), how far it is copied (position), and why it stands still (failures). Here stands what concerns more
// than one of them. Pure bookkeeping: the fetcher fills it, the sink empties it, recovery puts it right after anything ambiguous.
//
//   source log   ....[ arrived )[ in flight )[ queued )[ to be fetched ....
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
  /** the target stamps records itself (message.timestamp.type=LogAppendTime), so append times need not be kept */
  targetAppendTime: boolean
  /** codec that batches are sent in, because the target recompresses them and what it made of them was too large; undefined: as they are */
  recodeTo: number | undefined
  /** producer ids of flows in the opposite direction: what they have written is not copied back */
  opposite?: ReadonlySet<bigint> | undefined
  /** how often new limits were learnt */
  limitsRead: number
}

/** How copying goes on behind an anchor. */
export interface Resume {
  readonly sequence: number
  readonly targetNext: number
  /** records that are on the target already */
  readonly arrived?: Omit<AlreadyArrived, 'from' | 'left'> | undefined
}

export class PartitionCopy implements CopiedPartition {
  readonly shared: TopicCopy
  readonly partition: number
  /** `topic-partition`, by the name on the source */
  readonly key: string
  readonly source = new FetchCursor()
  readonly queue = new SendQueue()
  readonly position = new CopiedPosition()
  readonly failures = new PartitionFailures()
  state: PartitionState = 'waiting'
  /** Grows whenever queue and flight are thrown away, so that late answers are known as such. */
  incarnation = 0

  constructor(shared: TopicCopy, partition: number) {
    this.shared = shared
    this.partition = partition
    this.key = topicPartitionKey(shared.topic, partition)
  }

  /** As `key`, by the name that the topic has on the target. */
  get targetKey(): string {
    return topicPartitionKey(this.shared.targetTopic, this.partition)
  }

  /** Records that the target has already are counted before anything is sent. */
  get isCounting(): boolean {
    return this.queue.arrived !== undefined
  }

  /** Recovery looks at it. */
  beginRecovery(): void {
    this.state = 'recovering'
  }

  /** Takes over the position that an earlier process has stored, and how the batch before it was written; the target may hold more. */
  restore(
    anchor: Anchor,
    producer: { readonly id: bigint; readonly epoch: number; readonly sourceLeaderEpoch: number },
  ): void {
    this.queue.writeAs(producer.id, producer.epoch)
    this.source.resumeAtEpoch(producer.sourceLeaderEpoch)
    this.position.restore(anchor)
  }

  /** Begins copying at a proven position. */
  begin(anchor: Anchor, { sequence, targetNext, arrived }: Resume): void {
    this.position.begin(anchor)
    this.source.begin(anchor.sourceNext)
    const counted = arrived && arrived.records > 0 ? { ...arrived, from: anchor, left: arrived.records } : undefined
    this.queue.begin(anchor.sourceNext, { sequence, targetNext, arrived: counted })
    this.failures.end()
    this.state = 'copying'
  }

  /** Stops, with a reason. @param now ms since the epoch @returns whether it is to be logged */
  fail(failure: Failure, now: number): boolean {
    this.abandon(isQuarantine(failure) ? 'quarantined' : 'recovering')
    // Whatever is wrong with a follower, the leader knows better.
    this.source.forgetReplica()
    return this.failures.begin(failure, now)
  }

  /** Throws away what is queued and in flight; whatever was in flight is remembered as possibly arrived. */
  abandon(state: PartitionState): void {
    this.incarnation++
    this.dropQueue()
    if (this.queue.loseFlight()) this.position.doubt()
    this.state = state
  }

  /** Forgets queued batches and gives their frames back; they will be fetched again. */
  dropQueue(): void {
    this.queue.drop()
    this.source.rewind(this.queue.cursor)
  }

  /** Whole batches have come. @param next source offset behind them @param leaderEpoch of the last one, where its format has one */
  enqueue(segment: Segment, next: number, leaderEpoch?: number): void {
    this.queue.enqueue(segment)
    this.source.advance(next, leaderEpoch)
  }

  /** Called about once a second while the source broker has room in its answers: true when records are there that never come. */
  isKeptWaiting(): boolean {
    return this.source.isKeptWaiting(this.state === 'copying' && this.queue.bytes === 0)
  }

  /** Source offsets up to `next` need nothing more from the target: they were skipped. */
  passOver(next: number): void {
    const { queue, position } = this
    queue.moveTo(next)
    const last = queue.inFlight.at(-1)
    if (last) last.next = next
    else position.advance(next, 0)
  }

  /** Of the source offsets up to `next`, `records` are on the target already. */
  countArrived(next: number, records: number): void {
    const { queue, position } = this
    queue.moveTo(next)
    position.advance(next, records, queue.countArrived(records))
  }

  /** The oldest batch in flight has been acknowledged at the target offset `base`. */
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

  /** It cannot be proved which of the counted records arrived: all behind the anchor are copied again, under new numbers. */
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

  /** Notes how far the source is ahead. @param now ms since the epoch */
  noteEnd(now: number): void {
    this.position.noteEnd(this.source.end, now)
  }
}
