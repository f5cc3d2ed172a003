// How much may be sent to one target broker at a time, over all its connections. A broker with a producer quota answers a request
// and then mutes its connection until the average rate is within the quota again (KIP-124, KIP-219): the longer, the more came at once.
// So what is in flight begins small and doubles while nothing is throttled; afterwards requests are sized so that none is throttled
// for much longer than TARGET_MS.
import { LONGEST_MUTE_MS } from '../../kafka/cluster-settings.ts'

/** In flight at first: a quota is met before much has been sent (bytes). */
const FIRST_BYTES = 256 * 1024
/** Requests do not become smaller than this, which keeps batches together (bytes). */
const LEAST_BYTES = 64 * 1024
/** The throttle time that requests are sized for (ms): a small part of any request timeout. */
const TARGET_MS = 2000
/** Connections that use a broker's quota up together. */
const SHARERS = 2
/** Once something was throttled, requests double at most this often (ms): a quota that is not exhausted lets much pass at first. */
const GROW_MS = 2000
/** Without throttling for so long, the average over the broker's quota window (11 s by default) is within the quota (ms). */
const CALM_MS = 12_000

export class Pace {
  readonly #most: number
  /** bytes of a request, once something was throttled */
  #limit: number
  /** bytes that may be in flight together, as long as nothing was throttled */
  #window = FIRST_BYTES
  #inFlight = 0
  #lastThrottled = Number.NEGATIVE_INFINITY
  #grown = 0
  #until = 0
  /** since when nothing is sent, ms since the epoch; 0 when something may be */
  since = 0

  /** @param most bytes of a request when nothing is throttled */
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
   * Bytes that the next request of a connection may have, 0 when it must wait for an answer; a batch that is larger travels alone.
   * @param requests in flight on this connection, of `most`
   */
  room(requests: number, most: number, now: number): number {
    if (requests >= (now < this.#lastThrottled + CALM_MS ? 1 : most)) return 0
    const free = this.#window - this.#inFlight
    return free < LEAST_BYTES && this.#inFlight > 0 ? 0 : Math.min(this.#limit, Math.max(LEAST_BYTES, free))
  }

  /** A request of so many bytes has left. */
  sent(size: number): void {
    this.#inFlight += size
  }

  /** Its connection ended before it was answered. */
  lost(size: number): void {
    this.#inFlight -= size
  }

  /** It was answered with this throttle time (ms). */
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
    // From now on the size of requests is what counts.
    if (this.#lastThrottled < 0) this.#limit = Math.min(this.#limit, FIRST_BYTES / SHARERS)
    this.#window = Number.POSITIVE_INFINITY
    this.#lastThrottled = now + Math.min(throttleMs, LONGEST_MUTE_MS)
    this.#until = Math.max(this.#until, this.#lastThrottled)
  }
}
