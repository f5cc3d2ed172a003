// When MM2 writes an offset sync for a partition: at the first record, at every jump of the source offset, when the target
// offset went back, and when the last sync is too far behind (KIP-545, offset.lag.max).
// And the bytes of offset syncs, as MM2 writes them to its offset-syncs topic (partition 0, no headers). Key: topic as on the
// source, partition; value: source offset, target offset.
import { int32Field, int64Field, joinFields, readFields, stringField } from './bytes/fields.ts'

import type { SyncPoint } from './offset-translation.ts'

/**
 * Maximum number of waiting syncs of one partition. MM2 keeps one, and ten in flight over all partitions. Readers keep fewer of the
 * older syncs (OffsetSyncStore), so that intermediate ones can be dropped.
 */
const MOST_WAITING = 5

/** Shared by all partitions that wait for nothing. */
const none: readonly SyncPoint[] = []

export class SyncEmission {
  readonly #maxLag: number
  #previousUp = -1
  #previousDown = -1
  #lastSyncDown = -1
  #waiting = none
  #isNew = false

  /** @param maxLag offset.lag.max: 0 for a sync at every record */
  constructor(maxLag: number) {
    this.#maxLag = maxLag
  }

  /**
   * Takes arrived records; the first of them is at this pair of offsets. Gives the same syncs as MM2, which checks each record.
   * @returns whether a sync is due, until `take`
   */
  note(upstream: number, downstream: number, records = 1): boolean {
    const startsAnew = this.#lastSyncDown === -1 || upstream - this.#previousUp !== 1 || downstream < this.#previousDown
    if (startsAnew) this.#sync({ upstream, downstream })
    const step = this.#maxLag + 1
    const lastDown = downstream + records - 1
    const due = Math.floor((lastDown - this.#lastSyncDown) / step)
    const stride = step * Math.max(1, Math.ceil(due / MOST_WAITING))
    for (let at = this.#lastSyncDown + stride; due > 0 && at <= lastDown; at += stride)
      this.#sync({ upstream: upstream + at - downstream, downstream: at })
    this.#previousUp = upstream + records - 1
    this.#previousDown = lastDown
    this.#isNew = true
    return this.isDue
  }

  get isDue(): boolean {
    return this.#waiting.length > 0
  }

  /** Whether records have arrived since the last `take`. */
  get isNew(): boolean {
    return this.#isNew
  }

  /** Takes the syncs that are due, with the newest pair of offsets as the last one. Empty before the first record. */
  take(): readonly SyncPoint[] {
    const due = this.#waiting
    const newest = { upstream: this.#previousUp, downstream: this.#previousDown }
    this.#waiting = none
    this.#isNew = false
    if (newest.upstream < 0) return due
    return due.at(-1)?.upstream === newest.upstream ? due : [...due, newest]
  }

  /** Makes syncs due again whose write failed. */
  putBack(syncs: readonly SyncPoint[]): void {
    this.#waiting = thinned([...syncs, ...this.#waiting])
    this.#isNew = true
  }

  #sync(point: SyncPoint): void {
    this.#lastSyncDown = point.downstream
    this.#waiting = thinned([...this.#waiting, point])
  }
}

/** Drops every second one while there are too many; keeps the first and the last. */
function thinned(syncs: readonly SyncPoint[]): readonly SyncPoint[] {
  let left = syncs
  while (left.length > MOST_WAITING) left = left.filter((_, at) => at % 2 === 0 || at === left.length - 1)
  return left
}

export interface OffsetSync {
  /** name on the source */
  readonly topic: string
  readonly partition: number
  readonly upstreamOffset: number
  readonly downstreamOffset: number
}

/** Key and value bytes of an offset sync. */
export function encodeOffsetSync(sync: OffsetSync): { key: Buffer; value: Buffer } {
  return {
    key: joinFields(stringField(sync.topic), int32Field(sync.partition)),
    value: joinFields(int64Field(sync.upstreamOffset), int64Field(sync.downstreamOffset)),
  }
}

/** Undefined for anything but an offset sync. Never throws. */
export function decodeOffsetSync(key: Buffer | null, value: Buffer | null): OffsetSync | undefined {
  const id = readFields(key, (fields) => ({ topic: fields.string(), partition: fields.int32() }))
  const offsets = readFields(value, (fields) => ({ upstreamOffset: fields.int64(), downstreamOffset: fields.int64() }))
  return id && offsets && { ...id, ...offsets }
}
