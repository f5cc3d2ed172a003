// What MM2 itself would answer for a group's offset: its OffsetSyncStore keeps 64 syncs of each partition, dense near the
// newest and ever thinner behind it, and translates by the nearest one at or before the offset. Kept to say what MM2 would
// say, and for those who ask for it; godwit's own translation is exact.
//
// Of the slots s[0..63], for i < j with different syncs:
//   B  s[i].upstream <= s[j].upstream + 2^j - 2^i      entries get old at most exponentially fast
//   C  s[i].upstream >= s[j].upstream + 2^max(i-2, 0)  different entries are spread out
// Java reckons in wrapping 64-bit integers and then takes an overflown bound of B as kept; a double never wraps.

const SLOTS = 64

export interface SyncPoint {
  readonly upstream: number
  readonly downstream: number
}

/** The offset cannot be translated: it lies before every sync that is kept. */
export const TOO_OLD = -1

export class OffsetTranslation {
  readonly #partitions = new Map<string, readonly SyncPoint[]>()

  /**
   * Takes the next sync of a partition, in the order of the topic.
   * @param keepHistory false while MM2 reads the topic for the first time without having its own checkpoints: then only the
   *   newest sync of a partition counts
   */
  add(partition: string, sync: SyncPoint, keepHistory = true): void {
    const before = this.#partitions.get(partition)
    const newest = before?.[0]
    const starts = !before || !newest || !keepHistory || sync.upstream < newest.upstream
    this.#partitions.set(partition, starts ? Array.from({ length: SLOTS }, () => sync) : inserted(before, sync))
  }

  /** The target offset; TOO_OLD when it lies before all syncs; undefined when the partition has none. */
  translate(partition: string, upstream: number): number | undefined {
    const slots = this.#partitions.get(partition)
    if (!slots) return undefined
    const sync = slots.find((one) => one.upstream <= upstream)
    if (!sync) return TOO_OLD
    return sync.upstream === upstream ? sync.downstream : sync.downstream + 1
  }

  /** All 64 slots of a partition, the newest first. */
  slots(partition: string): readonly SyncPoint[] {
    return this.#partitions.get(partition) ?? []
  }
}

/** The slots with `sync` in front: each former entry moves back only as far as B demands, and where C allows it. */
function inserted(old: readonly SyncPoint[], sync: SyncPoint): SyncPoint[] {
  const slots = [...old]
  const at = (index: number) => slots[index] as SyncPoint
  slots[0] = sync
  let replacement = sync
  let next = 0
  for (let current = 1; current < SLOTS; current++) {
    const previous = current - 1
    let skip: boolean
    do {
      const candidate = old[next] as SyncPoint
      const isApart = isSpread(at(previous), candidate, previous)
      const isApartFromNext = current + 1 >= SLOTS || isSpread(candidate, at(current + 1), current)
      const promote = isRecent(at(previous), candidate, previous, current) && isApart && isApartFromNext
      if (promote) replacement = candidate
      skip = candidate === old[next + 1] || !isApart
      if (promote || skip) next++
    } while (next < current && skip)
    if (isRecent(at(previous), at(current), previous, current)) break
    slots[current] = replacement
  }
  return slots
}

/** Invariant B. */
function isRecent(newer: SyncPoint, older: SyncPoint, i: number, j: number): boolean {
  return newer === older || newer.upstream <= older.upstream + 2 ** j - 2 ** i
}

/** Invariant C. */
function isSpread(newer: SyncPoint, older: SyncPoint, i: number): boolean {
  return newer === older || newer.upstream >= older.upstream + 2 ** Math.max(i - 2, 0)
}
