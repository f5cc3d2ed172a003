// The last record of each key on both sides, in a hash table of fixed size. For compacted topics, which keep only these records.
import { crc32 } from 'node:zlib'
import { checksumOf, type RecordWalk } from '../../batch/record-walk.ts'

/** two hashes of the key, two hashes and the offset of the record on each side, and one flag */
export const BYTES_PER_KEY = 6 * 4 + 2 * 8 + 1
const TOMBSTONE_BIT = 1

/** Hashes of a key: one by CRC-32C, one by CRC-32. */
export interface KeyHash {
  readonly a: number
  readonly b: number
}

/** A key with the offsets of its last record on each side; -1: none. */
export interface LastRecords {
  readonly key: KeyHash
  readonly sourceOffset: number
  readonly targetOffset: number
  readonly same: boolean
  readonly sourceTombstone: boolean
  readonly targetTombstone: boolean
}

export type SideName = 'source' | 'target'

export class KeyTable {
  readonly #capacity: number
  readonly #words: Uint32Array
  readonly #offsets: Float64Array
  readonly #accepted: Uint8Array
  readonly #withTime: boolean
  /** from now on a key whose records were equal once counts as equal: both sides change while they are read in turn */
  isSettling = false
  #size = 0

  /** @param keys number of keys that must fit */
  constructor(keys: number, withTime: boolean) {
    this.#capacity = 2 ** Math.ceil(Math.log2(Math.max(16, keys * 1.4)))
    this.#words = new Uint32Array(this.#capacity * 6)
    this.#offsets = new Float64Array(this.#capacity * 2).fill(-1)
    this.#accepted = new Uint8Array(this.#capacity)
    this.#withTime = withTime
  }

  get size(): number {
    return this.#size
  }

  /** Stores the record as the last one of its key. False when the table is full. */
  put(side: SideName, key: KeyHash, walk: RecordWalk): boolean {
    const slot = this.#slot(key)
    if (slot < 0) return false
    const at = slot * 6 + (side === 'source' ? 2 : 4)
    const { bytes, valueAt, end } = walk
    const time = this.#withTime ? walk.time : 0
    this.#words[at] = checksumOf(bytes, valueAt, end) ^ Math.imul(time | 0, 0x9e3779b1)
    const high = Math.floor(time / 0x1_0000_0000) | 0
    const rest = crc32(bytes.subarray(valueAt, end)) ^ Math.imul(high ^ (time | 0), 0x85ebca6b)
    // The lowest bit marks a record without value.
    this.#words[at + 1] = (rest & ~TOMBSTONE_BIT) | (walk.isTombstone ? TOMBSTONE_BIT : 0)
    this.#offsets[slot * 2 + (side === 'source' ? 0 : 1)] = walk.offset
    if (this.isSettling && this.#isSame(slot)) this.#accepted[slot] = 1
    return true
  }

  *all(): Generator<LastRecords> {
    for (let slot = 0; slot < this.#capacity; slot++) if (this.#isUsed(slot)) yield this.#at(slot)
  }

  /** Keys whose last records are equal: their source offsets in order, and the target offset of each. */
  common(): { readonly source: Float64Array; readonly target: Float64Array } {
    const both: number[] = []
    for (let slot = 0; slot < this.#capacity; slot++) if (this.#isUsed(slot) && this.#isCommon(slot)) both.push(slot)
    both.sort((a, b) => (this.#offsets[a * 2] as number) - (this.#offsets[b * 2] as number))
    return {
      source: Float64Array.from(both, (slot) => this.#offsets[slot * 2] as number),
      target: Float64Array.from(both, (slot) => this.#offsets[slot * 2 + 1] as number),
    }
  }

  #isCommon(slot: number): boolean {
    const [source, target] = [this.#offsets[slot * 2] as number, this.#offsets[slot * 2 + 1] as number]
    return source >= 0 && target >= 0 && this.#isSame(slot)
  }

  #isUsed(slot: number): boolean {
    return (this.#offsets[slot * 2] as number) >= 0 || (this.#offsets[slot * 2 + 1] as number) >= 0
  }

  #isSame(slot: number): boolean {
    const at = slot * 6
    return this.#words[at + 2] === this.#words[at + 4] && this.#words[at + 3] === this.#words[at + 5]
  }

  #at(slot: number): LastRecords {
    const word = (index: number) => this.#words[slot * 6 + index] as number
    return {
      key: { a: word(0), b: word(1) },
      sourceOffset: this.#offsets[slot * 2] as number,
      targetOffset: this.#offsets[slot * 2 + 1] as number,
      same: this.#accepted[slot] === 1 || this.#isSame(slot),
      sourceTombstone: (word(3) & TOMBSTONE_BIT) !== 0,
      targetTombstone: (word(5) & TOMBSTONE_BIT) !== 0,
    }
  }

  #slot({ a, b }: KeyHash): number {
    const mask = this.#capacity - 1
    for (let slot = (a ^ Math.imul(b, 0x9e3779b1)) & mask; ; slot = (slot + 1) & mask) {
      if (this.#words[slot * 6] === a && this.#words[slot * 6 + 1] === b && this.#isUsed(slot)) return slot
      if (this.#isUsed(slot)) continue
      if (this.#size >= this.#capacity * 0.75) return -1
      this.#size++
      this.#words[slot * 6] = a
      this.#words[slot * 6 + 1] = b
      return slot
    }
  }
}

/** Hashes of the key of the current record; undefined if it has no key. */
export function keyHashOf(walk: RecordWalk): KeyHash | undefined {
  const { keyBytes, keyAt, bytes } = walk
  if (keyBytes < 0) return undefined
  const key = bytes.subarray(keyAt, keyAt + keyBytes)
  return { a: checksumOf(bytes, keyAt, keyAt + keyBytes), b: crc32(key) }
}
