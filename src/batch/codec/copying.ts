// What the lz4 and snappy decoders share: an output that grows as far as it may, and copies from its own past.

/** Longer runs are worth a call into the runtime (see merge.ts for figures). */
const LOOP_BELOW = 32
/** Shorter patterns that repeat themselves are copied byte by byte. */
const REPEATED_FROM = 8

/** A buffer that one decompression after the other may be written into, while nobody needs what was in it. It grows. */
export interface Scratch {
  buffer: Buffer
}

/** Decompressed bytes in the making. Grows by doubling, never beyond its limit. */
export class Output {
  readonly #limit: number
  readonly #scratch: Scratch | undefined
  #bytes: Buffer
  length = 0

  /** @param expected bytes to begin with; may be a guess @param scratch written into where it is large enough */
  constructor(expected: number, limit: number, scratch?: Scratch) {
    this.#limit = limit
    this.#scratch = scratch
    const size = Math.max(1, Math.min(expected, limit))
    this.#bytes = scratch && scratch.buffer.length >= size ? scratch.buffer : Buffer.allocUnsafe(size)
  }

  /** Appends `count` bytes that lie in `from` at `at`. */
  literals(from: Buffer, at: number, count: number): void {
    const behind = this.#make(count)
    const bytes = this.#bytes
    if (count >= LOOP_BELOW) from.copy(bytes, this.length, at, at + count)
    else for (let i = 0; i < count; i++) bytes[this.length + i] = from[at + i] as number
    this.length = behind
  }

  /** Appends `count` bytes that were written `distance` ago; the two ranges may overlap, which repeats a pattern. */
  again(distance: number, count: number): void {
    if (distance <= 0 || distance > this.length) throw new RangeError('a copy refers to bytes before the first one')
    const behind = this.#make(count)
    const bytes = this.#bytes
    const from = this.length - distance
    if (count >= LOOP_BELOW && distance >= count) bytes.copyWithin(this.length, from, from + count)
    else if (count >= LOOP_BELOW && distance === 1) bytes.fill(bytes[from] as number, this.length, behind)
    else if (count >= LOOP_BELOW && distance >= REPEATED_FROM) this.#repeat(from, distance, count)
    else for (let i = 0; i < count; i++) bytes[this.length + i] = bytes[from + i] as number
    this.length = behind
  }

  /** Doubles what repeats: each piece begins where the pattern does. */
  #repeat(from: number, distance: number, count: number): void {
    for (let done = 0; done < count; ) {
      const piece = Math.min(distance + done, count - done)
      this.#bytes.copyWithin(this.length + done, from, from + piece)
      done += piece
    }
  }

  /** What was written. A view; nothing more may be appended. */
  view(): Buffer {
    if (this.#scratch) this.#scratch.buffer = this.#bytes
    return this.#bytes.subarray(0, this.length)
  }

  #make(count: number): number {
    const behind = this.length + count
    if (behind <= this.#bytes.length) return behind
    if (behind > this.#limit) throw new TooMuch(this.#limit)
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#limit, Math.max(behind, 2 * this.#bytes.length)))
    this.#bytes.copy(larger, 0, 0, this.length)
    this.#bytes = larger
    return behind
  }
}

/** Data would decompress to more than is allowed. */
class TooMuch extends RangeError {
  constructor(limit: number) {
    super(`it decompresses to more than ${limit} bytes`)
  }
}
