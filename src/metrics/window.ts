// Kafka's windowed statistics (org.apache.kafka.common.metrics with its defaults): two samples of 30 s, so that
// rates, minima, maxima and averages have the same values as on MM2's dashboards.

const sampleMs = 30_000
const samplesMeasured = 2

/**
 * A sample is a run of this many numbers in the single list of a window, in the order below. As objects, with boxed numbers, the
 * samples used a sixth of the memory of ten thousand partitions.
 */
const FIELDS = 7
const [START, LAST_EVENT, AMOUNT, VALUES, SUM, MIN, MAX] = [0, 1, 2, 3, 4, 5, 6]

export interface Measured {
  /** amount per second */
  readonly rate: number
  /** of the values; NaN when the window has none */
  readonly min: number
  readonly max: number
  readonly avg: number
}

/** A rate of amounts, and minimum, maximum and mean of a value, over the same window. `record` costs a few additions. */
export class Window {
  #samples: number[] = []
  /** index at which the current sample begins */
  #current = 0

  /** Records `amount` at `now` (ms) together with a value; NaN: no value. */
  record(now: number, amount: number, value: number): void {
    const at = this.#sampleAt(now)
    const samples = this.#samples
    samples[at + LAST_EVENT] = now
    samples[at + AMOUNT] = this.#at(at + AMOUNT) + amount
    if (Number.isNaN(value)) return
    samples[at + VALUES] = this.#at(at + VALUES) + 1
    samples[at + SUM] = this.#at(at + SUM) + value
    samples[at + MIN] = Math.min(this.#at(at + MIN), value)
    samples[at + MAX] = Math.max(this.#at(at + MAX), value)
  }

  /** Statistics of the last 30 to 60 s before `now` (ms). */
  measure(now: number): Measured {
    let [amount, values, sum, min, max] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    let oldest = now
    // As in Kafka, a window begins with the first event or the first measurement, whichever is earlier.
    if (this.#samples.length === 0) this.#sampleAt(now)
    for (let at = 0; at < this.#samples.length; at += FIELDS) {
      if (now - this.#at(at + LAST_EVENT) >= sampleMs * samplesMeasured) this.#reset(at, now)
      amount += this.#at(at + AMOUNT)
      values += this.#at(at + VALUES)
      sum += this.#at(at + SUM)
      min = Math.min(min, this.#at(at + MIN))
      max = Math.max(max, this.#at(at + MAX))
      oldest = Math.min(oldest, this.#at(at + START))
    }
    const rate = (amount * 1000) / elapsed(now - oldest)
    return values === 0
      ? { rate, min: Number.NaN, max: Number.NaN, avg: Number.NaN }
      : { rate, min, max, avg: sum / values }
  }

  #at(index: number): number {
    return this.#samples[index] ?? 0
  }

  /** The index at which the sample for `now` begins. */
  #sampleAt(now: number): number {
    const isEmpty = this.#samples.length === 0
    if (!isEmpty && now - this.#at(this.#current + START) < sampleMs) return this.#current
    // One sample more than is measured: the oldest may still overlap the window (as in Kafka since 3.8).
    if (!isEmpty) this.#current = (this.#current + FIELDS) % (FIELDS * (samplesMeasured + 1))
    if (this.#current < this.#samples.length) this.#reset(this.#current, now)
    // A new list of exactly this length: a list that grows by push reserves room for many more.
    else this.#samples = this.#samples.concat(fresh(now))
    return this.#current
  }

  #reset(at: number, now: number): void {
    for (const [index, value] of fresh(now).entries()) this.#samples[at + index] = value
  }
}

/** A sample without events. */
function fresh(now: number): number[] {
  return [now, now, 0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
}

/** A new window counts as one whole sample longer than it is; otherwise its first record would give a huge rate. */
function elapsed(ms: number): number {
  const missing = samplesMeasured - 1 - Math.floor(ms / sampleMs)
  return Math.max(1, ms + Math.max(0, missing) * sampleMs)
}
