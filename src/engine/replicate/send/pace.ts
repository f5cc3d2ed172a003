// How much may be sent to one target broker at a time. A broker with a producer quota answers a request and then mutes its
// connection until the average rate is within the quota again (KIP-124, KIP-219), for as long as the request was too large.
// So requests begin small, grow while nothing is throttled, and shrink until none is throttled for longer than TARGET_MS.
import { LONGEST_MUTE_MS } from '../../../kafka/cluster-settings.ts'

/** Bytes of the first request: a quota is met before much has been sent. */
const FIRST_BYTES = 256 * 1024
/** Requests do not become smaller than this, which keeps batches together (bytes). */
const LEAST_BYTES = 64 * 1024
/** The throttle time that requests are sized for (ms): a small part of any request timeout. */
const TARGET_MS = 2000
/** Connections that use a broker's quota up together. */
const SHARERS = 2
/** Once something was throttled, requests double at most this often (ms). */
const GROW_MS = 2000
/** Without throttling for so long, the average over the broker's quota window (11 s by default) is within the quota (ms). */
const CALM_MS = 12_000

export class Pace {
  readonly #most: number
  #lastThrottled = 0
  #grown = 0
  /** bytes that a request may have; a batch that is larger travels alone */
  bytes: number
  /** nothing is sent before, ms since the epoch */
  until = 0
  /** since when nothing is sent, ms since the epoch; 0 when something may be */
  since = 0

  /** @param most bytes of a request when nothing is throttled */
  constructor(most: number) {
    this.#most = most
    this.bytes = Math.min(most, FIRST_BYTES)
  }

  /** Requests that may be in flight on each connection, of `most`. @param now ms since the epoch */
  inFlight(most: number, now: number): number {
    return this.bytes < this.#most || now < this.#lastThrottled + CALM_MS ? 1 : most
  }

  /** How long to wait before the next request (ms). */
  waitMs(now: number): number {
    const left = Math.max(0, this.until - now)
    if (left === 0) this.since = 0
    return left
  }

  /** A request of so many bytes was answered with this throttle time (ms). */
  answered(size: number, throttleMs: number, now: number): void {
    if (throttleMs > 0) this.#throttle(throttleMs, now)
    if (throttleMs > TARGET_MS) {
      const share = (size * TARGET_MS) / throttleMs / SHARERS
      this.bytes = Math.min(this.bytes, Math.max(LEAST_BYTES, Math.floor(share)))
    } else if (throttleMs < TARGET_MS / 2 && size * 2 > this.bytes && this.#mayGrow(now)) {
      this.#grown = now
      this.bytes = Math.min(this.#most, this.bytes * 2)
    }
  }

  /** A quota that is not used up lets much pass at first: where one is known, requests grow by time, not by answers. */
  #mayGrow(now: number): boolean {
    return this.#lastThrottled === 0 || now >= this.#grown + GROW_MS
  }

  #throttle(throttleMs: number, now: number): void {
    if (this.waitMs(now) === 0) this.since = now
    this.#lastThrottled = now + Math.min(throttleMs, LONGEST_MUTE_MS)
    this.until = Math.max(this.until, this.#lastThrottled)
  }
}
