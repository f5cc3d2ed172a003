// Zigzag varints of records, read and written one value at a time (the slow path; merge.ts has its own for the fast one).
import { Failure } from '../../base/failure.ts'

/** Reads on through record bytes; whatever does not fit is a CORRUPT_BATCH failure. */
export class RecordReader {
  readonly bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  int8(): number {
    return this.bytes.readInt8(this.#step(1))
  }

  /** A zigzag varint or varlong; exact up to 2^53. */
  varint(): number {
    let [value, scale] = [0, 1]
    for (let i = 0; i < 10; i++, scale *= 128) {
      const byte = this.bytes[this.#step(1)] as number
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
    throw new Failure('CORRUPT_BATCH', 'a number in a record is longer than ten bytes')
  }

  /** Bytes of a length given before them; null for -1. */
  nullable(): Buffer | null {
    const size = this.varint()
    if (size < 0) return null
    const at = this.#step(size)
    return this.bytes.subarray(at, at + size)
  }

  #step(size: number): number {
    const at = this.at
    if (at + size > this.bytes.length) throw new Failure('CORRUPT_BATCH', 'a record reaches beyond its batch')
    this.at = at + size
    return at
  }
}

/** Collects record bytes. */
export class RecordWriter {
  readonly #parts: Buffer[] = []
  length = 0

  raw(bytes: Buffer): this {
    this.#parts.push(bytes)
    this.length += bytes.length
    return this
  }

  int8(value: number): this {
    return this.raw(Buffer.from([value & 0xff]))
  }

  varint(value: number): this {
    const bytes: number[] = []
    let rest = value < 0 ? -value * 2 - 1 : value * 2
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
    bytes.push(rest)
    return this.raw(Buffer.from(bytes))
  }

  nullable(bytes: Buffer | null): this {
    return bytes === null ? this.varint(-1) : this.varint(bytes.length).raw(bytes)
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts, this.length)
  }
}
