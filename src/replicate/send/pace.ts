// How much may be sent to one target broker at a time, over all its connections. A broker with a producer quota answers a
// request, then mutes its connection until the average rate is within the quota (KIP-124, KIP-219): the more was sent at once,
// the longer. So the bytes in flight start small and double while nothing is throttled. After that, requests are sized for a
// throttle time of about TARGET_MS.
import { LONGEST_MUTE_MS } from '../../kafka/cluster-settings.ts'

/** Bytes in flight at the start: a quota is noticed before much was sent. */
const FIRST_BYTES = 256 * 1024
/** Minimum size of requests, which keeps batches large (bytes). */
const LEAST_BYTES = 64 * 1024
/** The throttle time that requests are sized for (ms): a small part of any request timeout. */
const TARGET_MS = 2000
/** Number of connections that share a broker's quota. */
const SHARERS = 2
/** After throttling, requests double at most this often (ms): a quota that is not exhausted permits much at first. */
const GROW_MS = 2000
/** After this time without throttling, the average over the broker's quota window (11 s by default) is within the quota (ms). */
const CALM_MS = 12_000

export class Pace {
  readonly #most: number
  /** maximum size of a request after throttling (bytes) */
  #limit: number
  /** maximum bytes in flight together, before any throttling */
  #window = FIRST_BYTES
  #inFlight = 0
  #lastThrottled = Number.NEGATIVE_INFINITY
  #grown = 0
  #until = 0
  /** since when nothing may be sent, ms since the epoch; 0 if sending is possible */
  since = 0

  /** @param most size of a request without throttling (bytes) */
  constructor(most: number) {
    this.#most = this.#limit = most
  }

  /** How long to wait before the next request (ms). @param now ms since the epoch */
  waitMs(now: number): number {
    const left = Math.max(0, this.#until - now)
    if (left === 0) this.since = 0
    return left
  }

  /**
   * Maximum size of the next request of a connection; 0 if it must wait for an answer. A larger batch is sent alone.
   * @param requests in flight on this connection, of `most`
   */
  room(requests: number, most: number, now: number): number {
    if (requests >= (now < this.#lastThrottled + CALM_MS ? 1 : most)) return 0
    const free = this.#window - this.#inFlight
    return free < LEAST_BYTES && this.#inFlight > 0 ? 0 : Math.min(this.#limit, Math.max(LEAST_BYTES, free))
  }

  /** A request of this size was sent. */
  sent(size: number): void {
    this.#inFlight += size
  }

  /** The connection has ended before the answer. */
  lost(size: number): void {
    this.#inFlight -= size
  }

  /** The answer has this throttle time (ms). */
  answered(size: number, throttleMs: number, now: number): void {
    this.#inFlight -= size
    if (throttleMs > 0) this.#throttle(throttleMs, now)
    else if (Number.isFinite(this.#window)) this.#window += size
    if (throttleMs > TARGET_MS) {
      const share = (size * TARGET_MS) / throttleMs / SHARERS
      this.#limit = Math.min(this.#limit, Math.max(LEAST_BYTES, Math.floor(share)))
    } else if (throttleMs < TARGET_MS / 2 && size * 2 > this.#limit && now >= this.#grown + GROW_MS) {
      this.#grown = now
      this.#limit = Math.min(this.#most, this.#limit * 2)
    }
  }

  #throttle(throttleMs: number, now: number): void {
    if (this.waitMs(now) === 0) this.since = now
    // From now on the size of requests is limited.
    if (this.#lastThrottled < 0) this.#limit = Math.min(this.#limit, FIRST_BYTES / SHARERS)
    this.#window = Number.POSITIVE_INFINITY
    this.#lastThrottled = now + Math.min(throttleMs, LONGEST_MUTE_MS)
    this.#until = Math.max(this.#until, this.#lastThrottled)
  }
}
