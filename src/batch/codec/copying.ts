// The output buffer of the lz4 and snappy decoders: it grows up to a limit, and can copy from its own earlier bytes.

/** Shorter runs are copied in a loop instead of a call into the runtime (measurements in joined-record.ts). */
const LOOP_BELOW = 32
/** Repeated patterns shorter than this are copied byte by byte. */
const REPEATED_FROM = 8

/** A growing buffer that is reused by consecutive decompressions; each one overwrites the result of the last. */
export interface Scratch {
  buffer: Buffer
}

/** Collects decompressed bytes. Grows by doubling, up to its limit. */
export class Output {
  readonly #limit: number
  readonly #scratch: Scratch | undefined
  #bytes: Buffer
  length = 0

  /** @param expected initial size (bytes), may be an estimate @param limit maximum size (bytes) @param scratch used if it is large enough */
  constructor(expected: number, limit: number, scratch?: Scratch) {
    this.#limit = limit
    this.#scratch = scratch
    const size = Math.max(1, Math.min(expected, limit))
    this.#bytes = scratch && scratch.buffer.length >= size ? scratch.buffer : Buffer.allocUnsafe(size)
  }

  /** Appends `count` bytes from position `at` of `from`. @throws RangeError above the limit */
  literals(from: Buffer, at: number, count: number): void {
    const behind = this.#make(count)
    const bytes = this.#bytes
    if (count >= LOOP_BELOW) from.copy(bytes, this.length, at, at + count)
    else for (let i = 0; i < count; i++) bytes[this.length + i] = from[at + i] as number
    this.length = behind
  }

  /** Appends `count` bytes from `distance` bytes before the end; overlapping ranges repeat a pattern. @throws RangeError */
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

  /** Copies a repeated pattern in pieces that double in size; each piece starts at the start of the pattern. */
  #repeat(from: number, distance: number, count: number): void {
    for (let done = 0; done < count; ) {
      const piece = Math.min(distance + done, count - done)
      this.#bytes.copyWithin(this.length + done, from, from + piece)
      done += piece
    }
  }

  /** A view of the written bytes. Nothing may be appended afterwards. */
  view(): Buffer {
    if (this.#scratch) this.#scratch.buffer = this.#bytes
    return this.#bytes.subarray(0, this.length)
  }

  #make(count: number): number {
    const behind = this.length + count
    if (behind <= this.#bytes.length) return behind
    if (behind > this.#limit) throw new LimitExceeded(this.#limit)
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#limit, Math.max(behind, 2 * this.#bytes.length)))
    this.#bytes.copy(larger, 0, 0, this.length)
    this.#bytes = larger
    return behind
  }
}

/** The decompressed data exceeds the limit. */
class LimitExceeded extends RangeError {
  constructor(limit: number) {
    super(`it decompresses to more than ${limit} bytes`)
  }
}
