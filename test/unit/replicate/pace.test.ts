// Requests are as large as a broker's producer quota permits. The broker here calculates throttle times like Kafka's
// ClientQuotaManager, from the mean over eleven samples of one second: (rate - quota) / quota * window.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from '../../../src/replicate/send/pace.ts'

const MOST = 4 * 1024 * 1024

class Quota {
  readonly rate: number
  readonly #bytes = new Map<number, number>()

  /** @param rate bytes per second */
  constructor(rate: number) {
    this.rate = rate
  }

  /** The throttle time (ms) for a request of this size. */
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

/** Sends requests one after the other for a time, as fast as the pace permits. @returns the throttle times and the bytes sent */
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
    const size = pace.room(0, 4, now)
    pace.sent(size)
    const throttleMs = quota.take(size, now)
    times.push(throttleMs)
    bytes += size
    now += 5
    pace.answered(size, throttleMs, now)
  }
  return { times, bytes, now }
}

test('without a quota the bytes in flight double from 256 KiB until each request has its full size', () => {
  const pace = new Pace(MOST)
  for (const size of [256, 512, 1024, 2048, 4096, 4096]) {
    assert.equal(pace.room(0, 4, 1_000_000), size * 1024)
    pace.sent(size * 1024)
    pace.answered(size * 1024, 0, 1_000_000)
  }
})

test('small requests are in flight several at a time from the start', () => {
  const pace = new Pace(MOST)
  for (let requests = 0; requests < 4; requests++) {
    assert.ok(pace.room(requests, 4, 1_000_000) > 0)
    pace.sent(16 * 1024)
  }
  assert.equal(pace.room(4, 4, 1_000_000), 0)
})

test('under a quota throttle times are a fraction of the timeout at most, and most of the quota is used', () => {
  for (const rate of [50_000, 100_000, 1_000_000, 10_000_000]) {
    const pace = new Pace(MOST)
    const quota = new Quota(rate)
    const first = send(pace, quota, 1_000_000, 1_060_000)
    assert.ok(Math.max(...first.times) < 20_000, `${rate}: ${Math.max(...first.times)} ms at first`)
    const later = send(pace, quota, first.now, first.now + 120_000)
    assert.ok(Math.max(...later.times) < 8_000, `${rate}: ${Math.max(...later.times)} ms later`)
    assert.ok(later.bytes > rate * 120 * 0.7, `${rate}: ${later.bytes} bytes in two minutes`)
    assert.equal(pace.room(1, 4, later.now), 0)
  }
})

test('after a quota is removed requests grow to their full size again, several in flight', () => {
  const pace = new Pace(MOST)
  const { now } = send(pace, new Quota(100_000), 1_000_000, 1_060_000)
  const free = send(pace, new Quota(Number.POSITIVE_INFINITY), now, now + 30_000)
  assert.equal(pace.room(0, 4, free.now), MOST)
  assert.equal(pace.room(3, 4, free.now), MOST)
})

test('a small request that is throttled because of earlier ones does not make the next ones larger', () => {
  const pace = new Pace(MOST)
  for (const [size, throttleMs] of [
    [256 * 1024, 0],
    [10, 3000],
  ] as const) {
    pace.sent(size)
    pace.answered(size, throttleMs, 1_000_000)
  }
  assert.equal(pace.waitMs(1_000_000), 3000)
  assert.equal(pace.waitMs(1_003_000), 0)
  assert.equal(pace.room(0, 4, 1_003_000), 64 * 1024)
})
