// How far one partition is copied: the anchor, which offset became which, and what is counted.
import type { Runs } from '../../batch/runs.ts'
import type { Anchor } from '../../mirror/copied-partition.ts'
import { OffsetMap } from '../../mirror/offset-map.ts'
import type { SyncEmission } from '../../mirror/sync-emission.ts'
import { sequenceAfter } from './sequence.ts'

/** Written by the partition's own methods and by recovery; everyone else reads. */
export class CopiedPosition {
  anchor: Anchor | undefined
  /** which target offset each source offset became, as far as this and earlier processes noted it */
  map = new OffsetMap()
  /** decides which pairs of offsets MM2's offset-syncs topic gets; undefined where that is switched off */
  syncs: SyncEmission | undefined
  /** the target may hold more than the anchor says */
  mayBeAhead = false
  /** a request that was given up may still be appended, as long as nothing behind it was acknowledged */
  mayGrow = false
  /** what the target holds was looked up by this process: until then an anchor is only what was stored */
  isProven = false
  /** someone else writes into the target partition: base offsets prove nothing there */
  hasForeignWriter = false
  /** it has changed since it was written */
  isDirty = false
  /** source offset of the position that is written durably; -1 for none */
  durable = -1
  /** records and bytes that have arrived since this process began */
  records = 0
  bytes = 0
  /** records that may be duplicated on the target */
  doubtful = 0
  /** source offsets that were deleted before they were copied */
  missed = 0
  /** the end that was seen when the copy last fell behind, and when (ms since the epoch) */
  behind: { readonly end: number; readonly since: number } | undefined

  /** Everything below this source offset has arrived; -1 while unknown. */
  get next(): number {
    return this.anchor?.sourceNext ?? -1
  }

  /** Copying begins or goes on here, which was looked up on the target. */
  begin(anchor: Anchor): void {
    this.anchor = anchor
    this.isProven = true
    this.isDirty = true
  }

  /** What an earlier process has stored; the target may hold more. */
  restore(anchor: Anchor): void {
    this.anchor = anchor
    this.mayBeAhead = true
  }

  /** It could not be stored: the partition has not begun. */
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

  /** What the target holds is known. */
  confirm(): void {
    this.mayBeAhead = false
  }

  /** What was given up may come late. */
  expectLate(): void {
    this.mayGrow = true
  }

  /** What was given up is refused by now: the target has taken what lies behind it. */
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

  /** It is to be written (again). */
  markDirty(): void {
    this.isDirty = true
  }

  /** It is being written as it is now. */
  markClean(): void {
    this.isDirty = false
  }

  /** @param next source offset of the position that was written */
  markDurable(next: number): void {
    this.durable = next
  }

  /** Everything up to the source offset `next` has arrived, `records` of it on the target. @param targetNext where the target ends now, if that was learnt */
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

  /** After a gap on the source: what lies before `start` is missed, copying goes on there. */
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

  /** Keeps track of how long the source has been ahead: since when the end that is still to be reached was seen. @param now ms since the epoch */
  noteEnd(end: number, now: number): void {
    const at = this.next
    if (at >= end) this.behind = undefined
    else if (!this.behind || at >= this.behind.end) this.behind = { end, since: now }
  }
}
