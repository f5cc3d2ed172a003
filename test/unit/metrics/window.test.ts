import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Window } from '../../../src/metrics/window.ts'

type Event =
  | { at: number; record: number }
  | { at: number; rate: number; min: number | null; max: number | null; avg: number | null }

const golden = JSON.parse(readFileSync(new URL('windows.golden.json', import.meta.url), 'utf8')) as {
  sequences: Event[][]
}

test("rates, minima, maxima and averages equal those of Kafka's own classes, event by event", () => {
  let measured = 0
  for (const sequence of golden.sequences) {
    const window = new Window()
    for (const event of sequence) {
      if ('record' in event) {
        window.record(event.at, Math.abs(event.record), event.record)
        continue
      }
      const now = window.measure(event.at)
      assert.ok(Math.abs(now.rate - event.rate) <= 1e-9 * event.rate, `rate ${now.rate}, Kafka has ${event.rate}`)
      assert.deepEqual(
        [now.min, now.max, now.avg],
        [event.min, event.max, event.avg].map((n) => n ?? Number.NaN),
      )
      measured++
    }
  }
  assert.ok(measured > 100)
})

test('an event without a value counts only for the rate', () => {
  const window = new Window()
  window.record(0, 300, Number.NaN)
  assert.deepEqual(window.measure(30_000), { rate: 10, min: Number.NaN, max: Number.NaN, avg: Number.NaN })
})
