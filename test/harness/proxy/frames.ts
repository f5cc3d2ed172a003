// Finds Kafka's frames in a stream of bytes without storing them. Each frame starts with its length.

export interface Frame {
  /** position of its first byte (of the length field) from the start of the stream */
  readonly start: number
  /** size, including the four bytes of the length field */
  readonly bytes: number
  /** the first bytes of the frame, from the length field on */
  readonly header: Buffer
}

/** Length, api key, api version, correlation id. */
export const REQUEST_HEADER = 12
/** Length, correlation id. */
export const ANSWER_HEADER = 8

/** For one direction of one connection. */
export class Frames {
  readonly #header: Buffer
  #filled = 0
  #left = 0
  #position = 0

  constructor(headerBytes: number) {
    this.#header = Buffer.alloc(headerBytes)
  }

  /** The frames whose header is complete with this chunk. */
  feed(chunk: Buffer): Frame[] {
    const found: Frame[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, chunk.length - at)
        this.#left -= passed
        at += passed
        continue
      }
      const copied = chunk.copy(this.#header, this.#filled, at)
      this.#filled += copied
      at += copied
      if (this.#filled === this.#header.length) found.push(this.#begin(this.#position + at))
    }
    this.#position += chunk.length
    return found
  }

  #begin(headerEnd: number): Frame {
    const bytes = 4 + Math.max(0, this.#header.readInt32BE(0))
    this.#left = Math.max(0, bytes - this.#header.length)
    this.#filled = 0
    return { start: headerEnd - this.#header.length, bytes, header: Buffer.from(this.#header) }
  }
}
