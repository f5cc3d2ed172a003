// The target offsets of one partition: for every source offset the target offset of its record, or of the next record after it. Copies
// are dense, so both offsets advance together except where the source has offsets without a copied record (markers, aborted or
// compacted records, records that were not copied). Only these points are kept.
//
//   entry i (up, down): from here on, down + (U - up), as far as the next entry's down
//
//   source   100 101 102  x   x  105 106 ...        entries (100, 7) (105, 10):
//   target     7   8   9         10  11             102 -> 9, 103 and 104 -> 10, 105 -> 10
//
// An entry may be marked unknown: up to the next entry, records were copied without being recorded here. If the distance to the next
// entry is the same on both clusters, nothing can be missing in between, and no such entry is needed.

import { type PackedEntries, type PackedEntry, packEntries, unpackEntries } from './bytes/packed-entries.ts'

/** A pair of offsets: the source record at `upstream` is, or would be, at `downstream` on the target. */
export interface Point {
  readonly upstream: number
  readonly downstream: number
}

/**
 * exact: the target offset; before: the offset is before the first known pair, `after`; between: it is in an unknown range, and its record
 * is on the target at or after `before.downstream` and below `after.downstream`
 */
export type Located =
  | { readonly kind: 'exact'; readonly downstream: number }
  | { readonly kind: 'before'; readonly after: Point }
  | { readonly kind: 'between'; readonly before: Point; readonly after: Point }

export type MapEntry = PackedEntry

/** Entries per block: a block is stored and written as a whole. */
export const BLOCK_ENTRIES = 512

/** Mutable entries, or packed ones. */
type Block = MapEntry[] | PackedEntries

const isAlike = (a: Point, b: Point) => a.upstream - b.upstream === a.downstream - b.downstream

export class OffsetMap {
  /** whether nothing was copied before the first entry */
  #isComplete = false
  #blocks: Block[] = []
  /** created on first use: most partitions of a large flow never need them */
  #dirty: Set<MapEntry[]> | undefined
  #removed: number[] | undefined
  #read: { readonly block: PackedEntries; readonly entries: readonly MapEntry[] } | undefined

  /** Restarts the map at a pair of offsets. @param isComplete whether nothing was copied before it; false: unknown */
  start(at: Point, isComplete: boolean): void {
    this.clear()
    this.#isComplete = isComplete
    this.#push({ ...at, unknown: false })
  }

  clear(): void {
    for (const block of this.#blocks.splice(0)) this.#forget(block)
    this.#isComplete = false
  }

  /** Whether nothing is known at all. */
  get isEmpty(): boolean {
    return this.#blocks.length === 0
  }

  /** Whether nothing was copied before the first entry. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** The first source offset that was ever copied; undefined where earlier records may have been copied. */
  get beginning(): number | undefined {
    return this.#isComplete && this.#blocks.length > 0 ? firstOf(this.#blocks[0]) : undefined
  }

  /** Records that `upstream` is at `downstream` and that later offsets follow one by one. Replaces entries at or after `upstream`. */
  note(upstream: number, downstream: number): void {
    this.#cutFrom(upstream)
    const last = this.#last()
    if (last && isAlike(last, { upstream, downstream })) {
      if (last.unknown) this.#makeKnown()
      return
    }
    this.#push({ upstream, downstream, unknown: false })
  }

  /** Marks offsets from this pair on as unknown, until the next `note`. */
  breakAt(at: Point): void {
    const last = this.#last()
    if (!last || last.unknown || at.upstream < last.upstream) return
    if (at.upstream === last.upstream) this.#pop()
    this.#push({ ...at, unknown: true })
  }

  /** As `breakAt` at the last entry, where it is not known how far that entry is valid. */
  breakAtLast(): void {
    const last = this.#last()
    if (last) this.breakAt(last)
  }

  /** Adds a pair that was found in an unknown range. */
  learn(upstream: number, downstream: number): void {
    const { at, index } = this.#find(upstream)
    const block = this.#unpacked(at)
    const before = block?.[index]
    if (!block || !before?.unknown || before.upstream >= upstream) {
      if (!before) this.#prepend({ upstream, downstream })
      return
    }
    block.splice(index + 1, 0, { upstream, downstream, unknown: true })
    if (isAlike(before, { upstream, downstream })) block[index] = { ...before, unknown: false }
    this.#tidy(at, index + 1)
    this.#changed(block)
  }

  /** Translates a source offset. @param end next offsets after the last copied record; no result is beyond it */
  locate(upstream: number, end: Point): Located {
    if (upstream >= end.upstream) return { kind: 'exact', downstream: end.downstream }
    const { block, index, next } = this.#find(upstream)
    const before = block[index]
    const after: Point = next ?? end
    if (!before) {
      return this.#isComplete ? { kind: 'exact', downstream: after.downstream } : { kind: 'before', after }
    }
    if (before.upstream === upstream) return { kind: 'exact', downstream: before.downstream }
    const mayVary = before.downstream < after.downstream && !isAlike(before, after)
    if (before.unknown && mayVary) return { kind: 'between', before, after }
    return { kind: 'exact', downstream: Math.min(before.downstream + upstream - before.upstream, after.downstream) }
  }

  /** Number of entries. */
  get size(): number {
    return this.#blocks.reduce((sum, block) => sum + (Array.isArray(block) ? block.length : block.count), 0)
  }

  /** All entries in order. */
  entries(): MapEntry[] {
    return this.#blocks.flatMap(entriesOf)
  }

  /** Blocks that changed since the last call, and the first source offsets of removed blocks. */
  takeChanges(): { readonly changed: readonly (readonly MapEntry[])[]; readonly removed: readonly number[] } {
    const changed = [...(this.#dirty ?? [])].filter((block) => block.length > 0)
    const removed = this.#takeRemoved()
    this.#dirty = undefined
    this.#pack()
    return { changed, removed }
  }

  /** Restores a map from the blocks of `takeChanges`, in any order. */
  static of(blocks: readonly (readonly MapEntry[])[], isComplete: boolean): OffsetMap {
    const map = new OffsetMap()
    const sorted = [...blocks].sort((a, b) => (a[0]?.upstream ?? 0) - (b[0]?.upstream ?? 0))
    map.#blocks.push(...sorted.map((block) => [...block]))
    map.#isComplete = isComplete
    map.#pack()
    return map
  }

  #changed(block: MapEntry[]): void {
    this.#dirty ??= new Set()
    this.#dirty.add(block)
  }

  #gone(first: number): void {
    this.#removed ??= []
    this.#removed.push(first)
  }

  #last(): MapEntry | undefined {
    return this.#open()?.at(-1)
  }

  /** The last block, for changes. */
  #open(): MapEntry[] | undefined {
    return this.#unpacked(this.#blocks.length - 1)
  }

  /** Unpacks a block for changes. */
  #unpacked(at: number): MapEntry[] | undefined {
    const block = this.#blocks[at]
    if (!block || Array.isArray(block)) return block
    const entries = unpackEntries(block)
    this.#blocks[at] = entries
    return entries
  }

  /** Packs all blocks but the last, which have been written. */
  #pack(): void {
    for (let at = this.#blocks.length - 2; at >= 0; at--) {
      const block = this.#blocks[at]
      if (!Array.isArray(block)) return
      this.#blocks[at] = packEntries(block)
    }
  }

  /** The block with the last entry at or before the offset: its index, its entries, the entry's index, and the next entry. */
  #find(upstream: number): { at: number; block: readonly MapEntry[]; index: number; next: MapEntry | undefined } {
    const blocks = this.#blocks
    const at = lastAtOrBefore(blocks.length, (i) => firstOf(blocks[i]) <= upstream)
    const block = this.#entriesAt(at)
    if (at < 0) return { at, block, index: -1, next: this.#entriesAt(0)[0] }
    const index = lastAtOrBefore(block.length, (i) => (block[i]?.upstream ?? 0) <= upstream)
    return { at, block, index, next: block[index + 1] ?? this.#entriesAt(at + 1)[0] }
  }

  /** Entries for reading. Caches the last unpacked block: offsets of groups tend to be close to each other. */
  #entriesAt(at: number): readonly MapEntry[] {
    const block = this.#blocks[at]
    if (!block || Array.isArray(block)) return block ?? []
    if (this.#read?.block !== block) this.#read = { block, entries: unpackEntries(block) }
    return this.#read.entries
  }

  #takeRemoved(): number[] {
    const removed = this.#removed
    if (!removed) return []
    this.#removed = undefined
    const firsts = new Set(this.#blocks.map(firstOf))
    return removed.filter((first) => !firsts.has(first))
  }

  #push(entry: MapEntry): void {
    const block = this.#open()
    if (block && block.length < BLOCK_ENTRIES) {
      block.push(entry)
      return this.#changed(block)
    }
    const made = [entry]
    // Most partitions need only one block: an array that grows by push reserves memory for sixteen more.
    if (this.#blocks.length === 0) this.#blocks = [made]
    else this.#blocks.push(made)
    this.#changed(made)
  }

  #prepend(point: Point): void {
    const first = this.#unpacked(0)
    const next = first?.[0]
    if (!first || !next) return
    this.#gone(next.upstream)
    first.unshift({ ...point, unknown: !isAlike(point, next) })
    if (isAlike(point, next) && !next.unknown) first.splice(1, 1)
    this.#changed(first)
  }

  #pop(): void {
    const block = this.#open()
    if (!block) return
    const gone = block.pop()
    this.#changed(block)
    if (block.length > 0 || !gone) return
    this.#blocks.pop()
    this.#gone(gone.upstream)
    this.#dirty?.delete(block)
  }

  #forget(block: Block): void {
    this.#gone(firstOf(block))
    if (Array.isArray(block)) this.#dirty?.delete(block)
  }

  /** Removes entries at or after this offset, which is being copied again. */
  #cutFrom(upstream: number): void {
    for (let last = this.#last(); last && last.upstream >= upstream && !last.unknown; last = this.#last()) this.#pop()
  }

  /** Marks the last entry as known, or drops it where the previous entry gives the same offsets. */
  #makeKnown(): void {
    const last = this.#last()
    if (!last) return
    this.#pop()
    const before = this.#last()
    if (!before || before.unknown || !isAlike(before, last)) this.#push({ ...last, unknown: false })
  }

  /** Marks the entry at `index` as known if nothing can be missing after it, and drops it if the previous entry gives the same. */
  #tidy(at: number, index: number): void {
    const block = this.#unpacked(at)
    const entry = block?.[index]
    const next = block?.[index + 1] ?? this.#entriesAt(at + 1)[0]
    if (!block || !entry || !next || !isAlike(entry, next)) return
    block[index] = { ...entry, unknown: false }
    const before = block[index - 1]
    if (before && !before.unknown && isAlike(before, entry)) block.splice(index, 1)
  }
}

const entriesOf = (block: Block) => (Array.isArray(block) ? block : unpackEntries(block))

const firstOf = (block: Block | undefined) => (Array.isArray(block) ? block[0]?.upstream : block?.first) ?? 0

/** Greatest index below `length` for which `isBefore` holds, by binary search; -1 for none. */
function lastAtOrBefore(length: number, isBefore: (index: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low - 1
}
