// The memory for records: a few large frames, lent to fetch answers and returned when the last batch
// in them has left for the target. What is not lent out is what backpressure means here.

/** A lent frame. Each user of its bytes holds it once; the last release returns it. */
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

  /** For the pool only: a frame that was given back is lent again. */
  lendAgain(): this {
    this.#holders = 1
    return this
  }
}

/** Of the budget, beside it, for small answers that were copied out of their frames. */
const LOOSE_SHARE = 0.25

/** Frames of one size within a byte budget; at least two, so that one can fill while the other empties. */
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

  /** A frame for bytes that lie somewhere of their own: a copied small answer, or one too large for any frame. */
  loose(bytes: Buffer): Frame {
    this.#loose += bytes.length
    return new Frame(bytes, () => {
      this.#loose -= bytes.length
    })
  }

  /** Whether loose bytes are few enough for more; if not, small answers stay in their frames, which makes fetching wait. */
  get hasRoomForLoose(): boolean {
    return this.#loose < this.#looseLimit
  }

  /** Frames there may be. */
  get most(): number {
    return this.#limit
  }

  /** Frames that could be lent at once. */
  get free(): number {
    return this.#idle.length + this.#limit - this.#made
  }

  /** A frame at once, or undefined when all are lent. */
  tryTake(): Frame | undefined {
    const idle = this.#idle.pop()
    if (idle) return idle.lendAgain()
    if (this.#made >= this.#limit) return undefined
    this.#made++
    // Slow: pages are only committed once the socket writes into them.
    return new Frame(Buffer.allocUnsafeSlow(this.frameBytes), (frame) => this.#takeBack(frame))
  }

  /** Calls back with a frame as soon as there is one; in the order of asking. */
  whenFree(callback: (frame: Frame) => void): void {
    const frame = this.#waiting.length === 0 ? this.tryTake() : undefined
    if (frame) callback(frame)
    else this.#waiting.push(callback)
  }

  /** A frame as soon as there is one; undefined once the signal is aborted, for frames may never come back. */
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
