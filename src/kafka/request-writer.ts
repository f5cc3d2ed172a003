// Kafka's request primitives, written into one growing buffer that is reused from request to request.

const FIRST_SIZE = 1024

export class RequestWriter {
  #bytes: Buffer
  #at = 0

  constructor(size = FIRST_SIZE) {
    this.#bytes = Buffer.allocUnsafe(size)
  }

  get length(): number {
    return this.#at
  }

  /** Starts over; what was written before is overwritten. */
  reset(): this {
    this.#at = 0
    return this
  }

  /** A view of what was written; valid until the next reset. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  /** A copy of what was written, which outlives the writer's next use. */
  copy(): Buffer {
    return Buffer.from(this.view())
  }

  int8(value: number): this {
    this.#room(1)
    this.#at = this.#bytes.writeInt8(value, this.#at)
    return this
  }

  int16(value: number): this {
    this.#room(2)
    this.#at = this.#bytes.writeInt16BE(value, this.#at)
    return this
  }

  int32(value: number): this {
    this.#room(4)
    this.#at = this.#bytes.writeInt32BE(value, this.#at)
    return this
  }

  /** A 64-bit integer given as a number (exact up to 2^53), without BigInt. */
  int64(value: number): this {
    this.#room(8)
    const high = Math.floor(value / 0x1_0000_0000)
    this.#bytes.writeInt32BE(high, this.#at)
    this.#at = this.#bytes.writeUInt32BE(value - high * 0x1_0000_0000, this.#at + 4)
    return this
  }

  uvarint(value: number): this {
    this.#room(5)
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#at++] = rest
    return this
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    const size = Buffer.byteLength(value)
    this.int16(size)
    return this.#text(value, size)
  }

  compactString(value: string | null): this {
    if (value === null) return this.uvarint(0)
    const size = Buffer.byteLength(value)
    this.uvarint(size + 1)
    return this.#text(value, size)
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
    return this
  }

  /** Overwrites a 32-bit integer written earlier, e.g. a count that is known only now. */
  patchInt32(at: number, value: number): void {
    this.#bytes.writeInt32BE(value, at)
  }

  #text(value: string, size: number): this {
    this.#room(size)
    this.#bytes.write(value, this.#at)
    this.#at += size
    return this
  }

  #room(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + more))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }
}
