// While a broker throttles a connection it does not read from it (KIP-219). Requests are held here until that time has passed.

import { LONGEST_MUTE_MS } from './throttle.ts'

interface MutePort {
  /** writes to the socket */
  write(parts: readonly Buffer[], written: (() => void) | undefined): void
  /** the broker throttles for longer than LONGEST_MUTE_MS; remaining time in ms */
  tooLong(leftMs: number): void
}

interface Held {
  readonly parts: readonly Buffer[]
  readonly written: (() => void) | undefined
}

/** Holds the writes of one connection while the broker throttles it. */
export class Mute {
  readonly #port: MutePort
  readonly #held: Held[] = []
  #timer: NodeJS.Timeout | undefined
  /** when the throttling ends, ms since the epoch; 0 if the connection is not throttled */
  until = 0

  constructor(port: MutePort) {
    this.#port = port
  }

  /** Remaining time (ms). */
  get leftMs(): number {
    return Math.max(0, this.until - Date.now())
  }

  /** Writes immediately, or when the throttling has ended; in the order of the calls. */
  write(parts: readonly Buffer[], written: (() => void) | undefined): void {
    if (this.until > 0) this.#held.push({ parts, written })
    else this.#port.write(parts, written)
  }

  /** Holds writes for `ms` from now; false if they are already held for longer. */
  begin(ms: number): boolean {
    const until = Date.now() + ms
    if (until <= this.until) return false
    this.until = until
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#onTimer(), Math.min(ms, LONGEST_MUTE_MS))
    return true
  }

  /** The connection is closed: drops the held requests. */
  end(): void {
    clearTimeout(this.#timer)
    for (const { written } of this.#held.splice(0)) written?.()
  }

  #onTimer(): void {
    const { leftMs } = this
    if (leftMs > LONGEST_MUTE_MS / 2) return this.#port.tooLong(leftMs)
    if (leftMs > 0) {
      this.#timer = setTimeout(() => this.#onTimer(), leftMs)
      return
    }
    this.until = 0
    for (const { parts, written } of this.#held.splice(0)) this.#port.write(parts, written)
  }
}
