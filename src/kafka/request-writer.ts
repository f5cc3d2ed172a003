// Writes the primitive types of Kafka's protocol into a growing buffer that is reused between requests.

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

  /** Starts over; earlier bytes are overwritten. */
  reset(): this {
    this.#at = 0
    return this
  }

  /** A view of the written bytes; valid until the next reset. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  /** A copy of the written bytes. */
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

  /** A 64-bit integer, given as a number (exact up to 2^53). */
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

  /** Overwrites an earlier 32-bit integer, e.g. a count that was not known before. */
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
