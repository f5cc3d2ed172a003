// Kafka's windowed statistics (org.apache.kafka.common.metrics with its defaults): two samples of 30 s, so that
// rates, minima, maxima and averages read as they do on MM2's dashboards.

const sampleMs = 30_000
const samplesMeasured = 2

interface Sample {
  start: number
  lastEvent: number
  amount: number
  values: number
  sum: number
  min: number
  max: number
}

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
  readonly #samples: Sample[] = []
  #current = 0

  /** Notes `amount` at `now` (ms), and with it a value; NaN: there is none. */
  record(now: number, amount: number, value: number): void {
    const sample = this.#sampleAt(now)
    sample.lastEvent = now
    sample.amount += amount
    if (Number.isNaN(value)) return
    sample.values++
    sample.sum += value
    if (value < sample.min) sample.min = value
    if (value > sample.max) sample.max = value
  }

  /** Statistics of the last 30 to 60 s before `now` (ms). */
  measure(now: number): Measured {
    let [amount, values, sum, min, max] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    let oldest = now
    // As in Kafka, a window begins with the first event or the first look at it, whichever is earlier.
    if (this.#samples.length === 0) this.#sampleAt(now)
    for (const sample of this.#samples) {
      if (now - sample.lastEvent >= sampleMs * samplesMeasured) reset(sample, now)
      amount += sample.amount
      values += sample.values
      sum += sample.sum
      min = Math.min(min, sample.min)
      max = Math.max(max, sample.max)
      oldest = Math.min(oldest, sample.start)
    }
    const rate = (amount * 1000) / elapsed(now - oldest)
    return values === 0
      ? { rate, min: Number.NaN, max: Number.NaN, avg: Number.NaN }
      : { rate, min, max, avg: sum / values }
  }

  #sampleAt(now: number): Sample {
    const current = this.#samples[this.#current]
    if (current && now - current.start < sampleMs) return current
    // One sample more than are measured: the oldest may still overlap the window (as Kafka has it since 3.8).
    if (current) this.#current = (this.#current + 1) % (samplesMeasured + 1)
    const next = this.#samples[this.#current]
    if (next) return reset(next, now)
    const fresh = reset({ start: 0, lastEvent: 0, amount: 0, values: 0, sum: 0, min: 0, max: 0 }, now)
    this.#samples.push(fresh)
    return fresh
  }
}

function reset(sample: Sample, now: number): Sample {
  sample.start = now
  sample.lastEvent = now
  sample.amount = 0
  sample.values = 0
  sample.sum = 0
  sample.min = Number.POSITIVE_INFINITY
  sample.max = Number.NEGATIVE_INFINITY
  return sample
}

/** A young window counts as one whole sample more than it has, lest its first record give a huge rate. */
function elapsed(ms: number): number {
  const missing = samplesMeasured - 1 - Math.floor(ms / sampleMs)
  return Math.max(1, ms + Math.max(0, missing) * sampleMs)
}
