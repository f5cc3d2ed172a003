// The state that all connections of a proxy share in one direction: delay, bandwidth, holding back, limit and count of bytes.

/** Maximum bytes in transit on a slow link. */
const WINDOW_BYTES = 64 << 20
const BUFFER_BYTES = 256 << 10

/** Shared by all connections of a proxy in one direction. */
export class Lane {
  /** delay in this direction */
  delayMs = 0
  bytesPerSecond = Number.POSITIVE_INFINITY
  /** bytes are held back */
  held = false
  /** bytes forwarded since the proxy started */
  passed = 0
  /** `reached` is called instead of forwarding more than `bytes` further bytes */
  limit: { bytes: number; reached: () => void } | undefined
  /** when the link will have sent everything it was given so far, in ms of performance.now() */
  #freeAt = 0

  /** No delay and no bandwidth limit: bytes are forwarded at once. */
  get fast(): boolean {
    return this.delayMs === 0 && this.bytesPerSecond === Number.POSITIVE_INFINITY
  }

  /** When these bytes, sent now, arrive at the other end. */
  dueAt(bytes: number): number {
    if (this.fast) return 0
    const now = performance.now()
    if (this.bytesPerSecond === Number.POSITIVE_INFINITY) return now + this.delayMs
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes / this.bytesPerSecond) * 1000
    return this.#freeAt + this.delayMs
  }

  /** The largest piece sent with one timer: 20 ms of a slow link. */
  get pieceBytes(): number {
    return this.bytesPerSecond === Number.POSITIVE_INFINITY ? BUFFER_BYTES : Math.max(512, this.bytesPerSecond / 50)
  }

  /** How many bytes of a connection may be in transit before its sender has to wait. */
  get windowBytes(): number {
    if (this.bytesPerSecond < Number.POSITIVE_INFINITY)
      return BUFFER_BYTES + Math.min(WINDOW_BYTES, (this.bytesPerSecond * this.delayMs) / 1000)
    return this.delayMs > 0 ? WINDOW_BYTES : BUFFER_BYTES
  }

  /** Removes delay, limits and holding back. */
  removeFaults(): void {
    this.delayMs = 0
    this.bytesPerSecond = Number.POSITIVE_INFINITY
    this.held = false
    this.limit = undefined
    this.#freeAt = 0
  }
}
