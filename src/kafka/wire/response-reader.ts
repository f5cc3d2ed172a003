// Reads the primitive types of Kafka's protocol in place. Malformed bytes cause a Failure, never a RangeError.

import { Failure } from '../../base/failure.ts'
import { int64From } from '../../base/int64.ts'

export class ResponseReader {
  readonly bytes: Buffer
  at: number
  readonly end: number

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  int8(): number {
    return this.bytes.readInt8(this.#step(1))
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#step(2))
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#step(4))
  }

  /** A 64-bit integer as a number; exact up to 2^53, which offsets and timestamps do not reach. */
  int64(): number {
    const at = this.#step(8)
    return int64From(this.bytes.readInt32BE(at), this.bytes.readInt32BE(at + 4))
  }

  bigint64(): bigint {
    return this.bytes.readBigInt64BE(this.#step(8))
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.#step(1)] ?? 0
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw malformed('a varint is longer than five bytes')
  }

  string(): string | null {
    return this.#text(this.int16())
  }

  compactString(): string | null {
    return this.#text(this.uvarint() - 1)
  }

  uuid(): string {
    const at = this.#step(16)
    const hex = this.bytes.toString('hex', at, at + 16)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }

  /** Skips `size` bytes and returns the position of the first. */
  skip(size: number): number {
    return this.#step(size)
  }

  /** Skips tagged fields; `visit` may read a known one with the given reader. */
  tags(visit?: (tag: number, reader: ResponseReader) => void): void {
    const count = this.uvarint()
    for (let i = 0; i < count; i++) {
      const tag = this.uvarint()
      const size = this.uvarint()
      const start = this.#step(size)
      visit?.(tag, new ResponseReader(this.bytes, start, start + size))
    }
  }

  #text(size: number): string | null {
    if (size < 0) return null
    const at = this.#step(size)
    return this.bytes.toString('utf8', at, at + size)
  }

  #step(size: number): number {
    const at = this.at
    if (size < 0 || at + size > this.end)
      throw malformed(`it ends at byte ${this.end}, but a field of ${size} bytes begins at ${at}`)
    this.at = at + size
    return at
  }
}

function malformed(why: string): Failure {
  return new Failure('CONNECTION_LOST', `the response of a broker is malformed: ${why}`)
}
