// Requests are as large as a broker's producer quota allows. The broker here computes throttle times as Kafka's ClientQuotaManager
// does: from the mean over eleven samples of one second, (rate - quota) / quota * window.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from '../../../src/engine/replicate/send/pace.ts'

const MOST = 4 * 1024 * 1024

class Quota {
  readonly rate: number
  readonly #bytes = new Map<number, number>()

  /** @param rate bytes a second */
  constructor(rate: number) {
    this.rate = rate
  }

  /** Throttle time (ms) of a request of so many bytes. */
  take(size: number, now: number): number {
    const sample = Math.floor(now / 1000)
    this.#bytes.set(sample, (this.#bytes.get(sample) ?? 0) + size)
    for (const at of this.#bytes.keys()) if (at <= sample - 11) this.#bytes.delete(at)
    const sum = [...this.#bytes.values()].reduce((total, bytes) => total + bytes, 0)
    const windowMs = Math.max(10_000, now - Math.min(...this.#bytes.keys()) * 1000)
    const over = sum / (windowMs / 1000) - this.rate
    return over <= 0 ? 0 : Math.round((over / this.rate) * windowMs)
  }
}

/** Sends as fast as the pace allows for so long; gives the throttle times and what was sent. */
function send(
  pace: Pace,
  quota: Quota,
  from: number,
  untilMs: number,
): { times: number[]; bytes: number; now: number } {
  const times: number[] = []
  let [now, bytes] = [from, 0]
  while (now < untilMs) {
    const wait = pace.waitMs(now)
    if (wait > 0) {
      now += wait
      continue
    }
    const throttleMs = quota.take(pace.bytes, now)
    times.push(throttleMs)
    bytes += pace.bytes
    now += 5
    pace.answered(pace.bytes, throttleMs, now)
  }
  return { times, bytes, now }
}

test('without a quota requests double from 256 KiB to their full size, and only then several are in flight', () => {
  const pace = new Pace(MOST)
  assert.equal(pace.bytes, 256 * 1024)
  assert.equal(pace.inFlight(4, 1_000_000), 1)
  for (const size of [512, 1024, 2048, 4096, 4096]) {
    pace.answered(pace.bytes, 0, 0)
    assert.equal(pace.bytes, size * 1024)
  }
  assert.equal(pace.inFlight(4, 1_000_000), 4)
})

test('under a quota no request is throttled for longer than a fraction of a request timeout, and the quota is used up', () => {
  for (const rate of [50_000, 100_000, 1_000_000, 10_000_000]) {
    const pace = new Pace(MOST)
    const quota = new Quota(rate)
    const first = send(pace, quota, 1_000_000, 1_060_000)
    assert.ok(Math.max(...first.times) < 20_000, `${rate}: ${Math.max(...first.times)} ms at first`)
    const later = send(pace, quota, first.now, first.now + 120_000)
    assert.ok(Math.max(...later.times) < 8_000, `${rate}: ${Math.max(...later.times)} ms later`)
    assert.ok(later.bytes > rate * 120 * 0.7, `${rate}: ${later.bytes} bytes in two minutes`)
    assert.equal(pace.inFlight(4, later.now), 1)
  }
})

test('when a quota is gone requests grow to their full size again', () => {
  const pace = new Pace(MOST)
  const { now } = send(pace, new Quota(100_000), 1_000_000, 1_060_000)
  const free = send(pace, new Quota(Number.POSITIVE_INFINITY), now, now + 30_000)
  assert.equal(pace.bytes, MOST)
  assert.equal(pace.inFlight(4, free.now), 4)
})

test('a small request that is throttled for what went before it does not make the next ones larger', () => {
  const pace = new Pace(MOST)
  pace.answered(256 * 1024, 0, 0)
  pace.answered(10, 3000, 0)
  assert.equal(pace.bytes, 64 * 1024)
  assert.equal(pace.waitMs(0), 3000)
  assert.equal(pace.waitMs(3000), 0)
})
