// The time in which a broker that throttles reads nothing from a connection (KIP-219): what is to be written waits here.

import { LONGEST_MUTE_MS } from './throttle.ts'

interface MutePort {
  /** the broker reads again, or there never was a reason to wait */
  write(parts: readonly Buffer[], written: (() => void) | undefined): void
  /** it would go on for too long (ms) */
  tooLong(leftMs: number): void
}

interface Held {
  readonly parts: readonly Buffer[]
  readonly written: (() => void) | undefined
}

export class Mute {
  readonly #port: MutePort
  readonly #held: Held[] = []
  #timer: NodeJS.Timeout | undefined
  /** when it ends, ms since the epoch; 0: the broker reads */
  until = 0

  constructor(port: MutePort) {
    this.#port = port
  }

  /** For how long from now on (ms). */
  get leftMs(): number {
    return Math.max(0, this.until - Date.now())
  }

  /** Writes at once, or when the mute is over; in the order of the calls. */
  write(parts: readonly Buffer[], written: (() => void) | undefined): void {
    if (this.until > 0) this.#held.push({ parts, written })
    else this.#port.write(parts, written)
  }

  /** Mutes for so long from now on (ms); false when it is muted for longer already. */
  begin(ms: number): boolean {
    const until = Date.now() + ms
    if (until <= this.until) return false
    this.until = until
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), Math.min(ms, LONGEST_MUTE_MS))
    return true
  }

  /** The connection has ended: nothing of what waits is written any more. */
  end(): void {
    clearTimeout(this.#timer)
    for (const { written } of this.#held.splice(0)) written?.()
  }

  #look(): void {
    const { leftMs } = this
    if (leftMs > LONGEST_MUTE_MS / 2) return this.#port.tooLong(leftMs)
    if (leftMs > 0) {
      this.#timer = setTimeout(() => this.#look(), leftMs)
      return
    }
    this.until = 0
    for (const { parts, written } of this.#held.splice(0)) this.#port.write(parts, written)
  }
}
