// Kafka's windowed statistics (org.apache.kafka.common.metrics with its defaults): two samples of 30 s, so that
// rates, minima, maxima and averages read as they do on MM2's dashboards.

const sampleMs = 30_000
const samplesMeasured = 2

/**
 * A sample is so many numbers in a row of a window's only list, in this order. As objects, with a box for each number, the samples
 * were a sixth of the memory of ten thousand partitions.
 */
const FIELDS = 7
const [START, LAST_EVENT, AMOUNT, VALUES, SUM, MIN, MAX] = [0, 1, 2, 3, 4, 5, 6]

export interface Measured {
  /** amount per second */
  readonly rate: number
  /** of the values; NaN when the window saw none */
  readonly min: number
  readonly max: number
  readonly avg: number
}

/** A rate over amounts and the spread of a value, over the same window. `record` is a few additions. */
export class Window {
  #samples: number[] = []
  /** where the sample of now begins */
  #current = 0

  /** Notes `amount` at `now` (ms), and with it a value; NaN: there is none. */
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
    // As in Kafka, a window begins with the first event or the first look at it, whichever is earlier.
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

  /** Where the sample for `now` begins. */
  #sampleAt(now: number): number {
    const isEmpty = this.#samples.length === 0
    if (!isEmpty && now - this.#at(this.#current + START) < sampleMs) return this.#current
    // One sample more than are measured: the oldest may still overlap the window (as Kafka has it since 3.8).
    if (!isEmpty) this.#current = (this.#current + FIELDS) % (FIELDS * (samplesMeasured + 1))
    if (this.#current < this.#samples.length) this.#reset(this.#current, now)
    // A new list of the very length: one that grows by itself has room for many more.
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

/** A young window counts as one whole sample more than it has, lest its first record give a huge rate. */
function elapsed(ms: number): number {
  const missing = samplesMeasured - 1 - Math.floor(ms / sampleMs)
  return Math.max(1, ms + Math.max(0, missing) * sampleMs)
}
