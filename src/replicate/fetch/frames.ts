// The memory for records: a few large frames, lent to fetch answers and returned after the last batch in them was sent. Back
// pressure: without a free frame nothing is fetched.

/** A lent frame. Each user holds it once; the last release returns it. */
export class Frame {
  readonly bytes: Buffer
  #holders = 1
  readonly #giveBack: (frame: Frame) => void

  constructor(bytes: Buffer, giveBack: (frame: Frame) => void) {
    this.bytes = bytes
    this.#giveBack = giveBack
  }

  hold(): void {
    this.#holders++
  }

  release(): void {
    if (--this.#holders === 0) this.#giveBack(this)
  }

  /** Only for the pool: a returned frame is lent again. */
  lendAgain(): this {
    this.#holders = 1
    return this
  }
}

/** The share of the budget for copied small answers, in addition to the frames. */
const LOOSE_SHARE = 0.25

/** Frames of one size within a byte budget; at least two, so that one can be filled while the other is sent. */
export class FramePool {
  readonly frameBytes: number
  readonly #limit: number
  readonly #looseLimit: number
  #loose = 0
  readonly #idle: Frame[] = []
  readonly #waiting: ((frame: Frame) => void)[] = []
  #made = 0

  /** @param budgetBytes for all frames together @param frameBytes size of each */
  constructor(budgetBytes: number, frameBytes: number) {
    this.frameBytes = frameBytes
    this.#limit = Math.max(2, Math.floor(budgetBytes / frameBytes))
    this.#looseLimit = budgetBytes * LOOSE_SHARE
  }

  /** A frame for bytes in a separate buffer: a copied small answer, or one larger than any frame. */
  loose(bytes: Buffer): Frame {
    this.#loose += bytes.length
    return new Frame(bytes, () => {
      this.#loose -= bytes.length
    })
  }

  /** Whether there may be more loose bytes. If not, small answers keep their frames, which slows down fetching. */
  get hasRoomForLoose(): boolean {
    return this.#loose < this.#looseLimit
  }

  /** Maximum number of frames. */
  get most(): number {
    return this.#limit
  }

  /** Number of frames that could be lent now. */
  get free(): number {
    return this.#idle.length + this.#limit - this.#made
  }

  /** A frame, or undefined if all are lent. */
  tryTake(): Frame | undefined {
    const idle = this.#idle.pop()
    if (idle) return idle.lendAgain()
    if (this.#made >= this.#limit) return undefined
    this.#made++
    // allocUnsafeSlow: its pages are committed only when the socket writes to them.
    return new Frame(Buffer.allocUnsafeSlow(this.frameBytes), (frame) => this.#takeBack(frame))
  }

  /** Calls back as soon as a frame is free, in the order of requests. */
  whenFree(callback: (frame: Frame) => void): void {
    const frame = this.#waiting.length === 0 ? this.tryTake() : undefined
    if (frame) callback(frame)
    else this.#waiting.push(callback)
  }

  /** Waits for a free frame; undefined after the signal is aborted, because frames may never be returned. */
  take(signal: AbortSignal): Promise<Frame | undefined> {
    if (signal.aborted) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(lend), 1)
        resolve(undefined)
      }
      const lend = (frame: Frame) => {
        signal.removeEventListener('abort', giveUp)
        resolve(frame)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.whenFree(lend)
    })
  }

  get starving(): boolean {
    return this.#waiting.length > 0
  }

  #takeBack(frame: Frame): void {
    const next = this.#waiting.shift()
    if (next) next(frame.lendAgain())
    else this.#idle.push(frame)
  }
}
