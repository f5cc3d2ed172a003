// When MM2 would write an offset sync for a partition: at the first record, at every jump of the source offset, when the
// target went back, and when the last sync is too far behind (KIP-545, offset.lag.max).
// And the offset syncs themselves: which source offset arrived at which target offset, as MM2 writes them to its offset-syncs topic
// (partition 0, no headers). Key: topic as on the source, partition; value: source offset, target offset.
import { int32Field, int64Field, joinFields, readFields, stringField } from './bytes/fields.ts'

import type { SyncPoint } from './offset-translation.ts'

/**
 * Syncs of one partition that wait to be written at most. MM2 keeps one and has ten of all partitions under way; those who read
 * them keep the fewer the older they are (OffsetSyncStore), so that of many the ones between can go.
 */
const MOST_WAITING = 5

export class SyncEmission {
  readonly #maxLag: number
  #previousUp = -1
  #previousDown = -1
  #lastSyncDown = -1
  #waiting: SyncPoint[] = []
  #isNew = false

  /** @param maxLag offset.lag.max: 0 for a sync at every record */
  constructor(maxLag: number) {
    this.#maxLag = maxLag
  }

  /**
   * So many records have arrived, the first of them at this pair of offsets: true when a sync is due, and stays so until it was
   * taken. MM2 looks at each record; so does this, with one look.
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

  /** Something has arrived since syncs were last taken. */
  get isNew(): boolean {
    return this.#isNew
  }

  /** The syncs that are due, and as the last one the pair that arrived last; they are on their way now. None before the first record. */
  take(): readonly SyncPoint[] {
    const due = this.#waiting
    const newest = { upstream: this.#previousUp, downstream: this.#previousDown }
    this.#waiting = []
    this.#isNew = false
    if (newest.upstream < 0) return due
    return due.at(-1)?.upstream === newest.upstream ? due : [...due, newest]
  }

  /** These did not get there: they are due again. */
  putBack(syncs: readonly SyncPoint[]): void {
    this.#waiting = thinned([...syncs, ...this.#waiting])
    this.#isNew = true
  }

  #sync(point: SyncPoint): void {
    this.#lastSyncDown = point.downstream
    this.#waiting.push(point)
    this.#waiting = thinned(this.#waiting)
  }
}

/** Every second one where there are too many; the first and the last stay. */
function thinned(syncs: SyncPoint[]): SyncPoint[] {
  let left = syncs
  while (left.length > MOST_WAITING) left = left.filter((_, at) => at % 2 === 0 || at === left.length - 1)
  return left
}

export interface OffsetSync {
  /** topic as it is called on the source */
  readonly topic: string
  readonly partition: number
  readonly upstreamOffset: number
  readonly downstreamOffset: number
}

export function encodeOffsetSync(sync: OffsetSync): { key: Buffer; value: Buffer } {
  return {
    key: joinFields(stringField(sync.topic), int32Field(sync.partition)),
    value: joinFields(int64Field(sync.upstreamOffset), int64Field(sync.downstreamOffset)),
  }
}

/** Undefined for what is no offset sync; never throws. */
export function decodeOffsetSync(key: Buffer | null, value: Buffer | null): OffsetSync | undefined {
  const place = readFields(key, (fields) => ({ topic: fields.string(), partition: fields.int32() }))
  const offsets = readFields(value, (fields) => ({ upstreamOffset: fields.int64(), downstreamOffset: fields.int64() }))
  return place && offsets && { ...place, ...offsets }
}
