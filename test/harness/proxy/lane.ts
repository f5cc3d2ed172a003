// What holds for all connections of a proxy in one direction: how slow the link is, whether it lets anything through, what it counted.

/** Room for what a long link has on its way. */
const WINDOW_BYTES = 64 << 20
const BUFFER_BYTES = 256 << 10

/** Shared by all connections of a proxy in one direction. */
export class Lane {
  /** one way */
  delayMs = 0
  bytesPerSecond = Number.POSITIVE_INFINITY
  /** nothing gets through; what comes waits */
  held = false
  /** bytes that passed since the proxy started */
  passed = 0
  /** called instead of passing more than `bytes` further bytes */
  limit: { bytes: number; reached: () => void } | undefined
  /** when the link has sent what it was given so far, in ms of performance.now() */
  #freeAt = 0

  /** Neither delay nor throttle: what waits for its time need not wait on. */
  get fast(): boolean {
    return this.delayMs === 0 && this.bytesPerSecond === Number.POSITIVE_INFINITY
  }

  /** When these bytes, handed over now, reach the other end. */
  dueAt(bytes: number): number {
    if (this.fast) return 0
    const now = performance.now()
    if (this.bytesPerSecond === Number.POSITIVE_INFINITY) return now + this.delayMs
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes / this.bytesPerSecond) * 1000
    return this.#freeAt + this.delayMs
  }

  /** The largest piece worth a timer of its own: 20 ms of a slow link. */
  get pieceBytes(): number {
    return this.bytesPerSecond === Number.POSITIVE_INFINITY ? BUFFER_BYTES : Math.max(512, this.bytesPerSecond / 50)
  }

  /** How much a connection may have on its way before its sender has to wait. */
  get windowBytes(): number {
    if (this.bytesPerSecond < Number.POSITIVE_INFINITY)
      return BUFFER_BYTES + Math.min(WINDOW_BYTES, (this.bytesPerSecond * this.delayMs) / 1000)
    return this.delayMs > 0 ? WINDOW_BYTES : BUFFER_BYTES
  }

  /** Fast, open, without limit. */
  heal(): void {
    this.delayMs = 0
    this.bytesPerSecond = Number.POSITIVE_INFINITY
    this.held = false
    this.limit = undefined
    this.#freeAt = 0
  }
}
