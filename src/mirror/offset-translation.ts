// MM2's translation of a group's offset: OffsetSyncStore keeps 64 syncs of each partition, dense near the newest and sparser before it,
// and translates by the nearest sync at or before the offset. Used for godwit.offset.translation = mm2; godwit's own translation is
// exact.
//
// Invariants of the slots s[0..63], for i < j with different syncs:
//   B  s[i].upstream <= s[j].upstream + 2^j - 2^i      entries age at most exponentially fast
//   C  s[i].upstream >= s[j].upstream + 2^max(i-2, 0)  different entries are spread out
// Java computes in wrapping 64-bit integers and takes an overflowed bound of B as satisfied; a double never wraps.

const SLOTS = 64

export interface SyncPoint {
  readonly upstream: number
  readonly downstream: number
}

/** The offset cannot be translated: it is before every kept sync. */
export const TOO_OLD = -1

export class OffsetTranslation {
  readonly #partitions = new Map<string, readonly SyncPoint[]>()

  /**
   * Adds the next sync of a partition, in the order of the topic.
   * @param keepHistory false keeps only the newest sync of a partition, as MM2 does while it first reads the topic without having
   *   its own checkpoints
   */
  add(partition: string, sync: SyncPoint, keepHistory = true): void {
    const before = this.#partitions.get(partition)
    const newest = before?.[0]
    const starts = !before || !newest || !keepHistory || sync.upstream < newest.upstream
    this.#partitions.set(partition, starts ? Array.from({ length: SLOTS }, () => sync) : inserted(before, sync))
  }

  /** The target offset; TOO_OLD when the offset is before all syncs; undefined when the partition has none. */
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

/** The slots with `sync` as the first: each earlier entry moves back only as far as B requires and C allows. */
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
