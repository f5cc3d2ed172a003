// How far one partition is copied: the anchor, the map of source to target offsets, and counters.
import type { Runs } from '../../batch/runs.ts'
import type { Anchor } from '../../mirror/copied-partition.ts'
import { OffsetMap } from '../../mirror/offset-map.ts'
import type { SyncEmission } from '../../mirror/sync-emission.ts'
import { sequenceAfter } from './sequence.ts'

/** Written by the partition's own methods and by recovery. All others only read. */
export class CopiedPosition {
  anchor: Anchor | undefined
  /** the target offset of each source offset, as recorded by this and earlier processes */
  map = new OffsetMap()
  /** decides which pairs of offsets are written to MM2's offset-syncs topic; undefined if that is disabled */
  syncs: SyncEmission | undefined
  /** the target may have more than the anchor says */
  mayBeAhead = false
  /** a request that was given up may still be appended, until a later batch is acknowledged */
  mayGrow = false
  /** this process has read what the target has; before that the anchor is only the stored one */
  isProven = false
  /** another producer writes to the target partition, so base offsets prove nothing there */
  hasForeignWriter = false
  /** changed since it was last stored */
  isDirty = false
  /** source offset of the stored position; -1 for none */
  durable = -1
  /** records and bytes copied since this process started */
  records = 0
  bytes = 0
  /** records that may be duplicated on the target */
  doubtful = 0
  /** source offsets that were deleted before they were copied */
  missed = 0
  /** the source end offset when the copy last fell behind, and since when (ms since the epoch) */
  behind: { readonly end: number; readonly since: number } | undefined

  /** Everything before this source offset is copied; -1 while unknown. */
  get next(): number {
    return this.anchor?.sourceNext ?? -1
  }

  /** Copying starts or continues at an anchor that was looked up on the target. */
  begin(anchor: Anchor): void {
    this.anchor = anchor
    this.isProven = true
    this.isDirty = true
  }

  /** The anchor that an earlier process has stored. The target may have more. */
  restore(anchor: Anchor): void {
    this.anchor = anchor
    this.mayBeAhead = true
  }

  /** The start position could not be stored: copying has not started. */
  forget(): void {
    this.anchor = undefined
  }

  /** Uses the map that an earlier process has stored. */
  useMap(map: OffsetMap): void {
    this.map = map
  }

  emitSyncs(syncs: SyncEmission): void {
    this.syncs = syncs
  }

  doubt(): void {
    this.mayBeAhead = true
  }

  /** What the target has is known. */
  confirm(): void {
    this.mayBeAhead = false
  }

  /** A request that was given up may still be appended. */
  expectLate(): void {
    this.mayGrow = true
  }

  /** A request that was given up can no longer be appended: the target has accepted a later batch. */
  expectNothingLate(): void {
    this.mayGrow = false
  }

  noteForeignWriter(): void {
    this.hasForeignWriter = true
  }

  /** @param records that may be duplicated on the target */
  noteDoubtful(records: number): void {
    this.doubtful += records
  }

  /** @param offsets of the source that were deleted before they were copied */
  noteMissed(offsets: number): void {
    this.missed += offsets
  }

  /** The position must be stored (again). */
  markDirty(): void {
    this.isDirty = true
  }

  /** The current position is being stored. */
  markClean(): void {
    this.isDirty = false
  }

  /** @param next source offset of the stored position */
  markDurable(next: number): void {
    this.durable = next
  }

  /**
   * Everything up to the source offset `next` is copied, `records` of it to the target.
   * @param targetNext end offset of the target, if known
   */
  advance(next: number, records: number, targetNext?: number): void {
    const was = this.anchor
    if (!was) return
    this.anchor = {
      sourceNext: next,
      targetNext: targetNext ?? was.targetNext,
      sequence: sequenceAfter(was.sequence, records),
    }
    this.isDirty = true
  }

  /** After a gap on the source: offsets before `start` are missed, and copying continues there. */
  jumpTo(start: number): void {
    const was = this.anchor
    if (!was || start <= was.sourceNext) return
    this.missed += start - was.sourceNext
    this.anchor = { ...was, sourceNext: start }
    this.isDirty = true
  }

  /** The records of these runs are on the target from offset `base` on; -1: unknown. */
  noteRuns(runs: Runs, base: number, records: number): void {
    if (base < 0) return
    for (let i = 0; i < runs.length; i += 2) {
      const index = runs[i] as number
      const upstream = runs[i + 1] as number
      this.map.note(upstream, base + index)
      this.syncs?.note(upstream, base + index, (runs[i + 2] ?? records) - index)
    }
  }

  count(records: number, bytes: number): void {
    this.records += records
    this.bytes += bytes
  }

  /**
   * Tracks how long the source has been ahead: since when the current goal, an end offset, has been known.
   * @param now ms since the epoch
   */
  noteEnd(end: number, now: number): void {
    const at = this.next
    if (at >= end) this.behind = undefined
    else if (!this.behind || at >= this.behind.end) this.behind = { end, since: now }
  }
}
