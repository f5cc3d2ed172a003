// Time in tests: wait for a condition, check that a condition stays true, and waits that are part of the test itself. No other
// test file has timers (test/architecture/tests.test.ts).
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { sleep } from '../../src/base/retry.ts'

/** Long enough for a broker to elect a leader. */
const WITHIN_MS = 30_000
/** Limits are written for an idle machine. Beside brokers and other tests the same takes longer; a test that passes does not. */
const BUSY = 4
/** The longest pause between two looks. The first pauses are shorter. */
const LONGEST_PAUSE_MS = 50

/** Maximum characters of the last seen value in a failure message: a status with thousands of partitions would hide the rest. */
const MOST = 4000

type Look<T> = () => T | Promise<T>
type Detail<T> = (seen: T) => string | Promise<string>

/**
 * Looks repeatedly until the value is as expected, and returns it. An exception in `look` ends the wait.
 * @param withinMs milliseconds on an idle machine; one more look is made after four times as long
 * @param detail further text for the failure message, for example the output of a process
 * @throws AssertionError with the last value
 */
export function eventually<T, S extends T>(
  look: Look<T>,
  isRight: (seen: T) => seen is S,
  withinMs?: number,
  detail?: Detail<T>,
): Promise<S>
export function eventually<T>(
  look: Look<T>,
  isRight: (seen: T) => boolean,
  withinMs?: number,
  detail?: Detail<T>,
): Promise<T>
export async function eventually<T>(
  look: Look<T>,
  isRight: (seen: T) => boolean,
  withinMs = WITHIN_MS,
  detail: Detail<T> = () => '',
): Promise<T> {
  const begun = performance.now()
  for (;;) {
    const elapsedMs = performance.now() - begun
    const seen = await look()
    if (isRight(seen)) return seen
    if (elapsedMs >= withinMs * BUSY) {
      const told = `the condition did not become true within ${withinMs * BUSY} ms; last seen: ${shown(seen)}\n${await detail(seen)}`
      assert.fail(told.trimEnd())
    }
    await sleep(pauseMs(elapsedMs))
  }
}

/**
 * Waits until the value equals the expected one.
 * @param withinMs milliseconds
 * @throws AssertionError with the difference
 */
export async function untilEqual<T>(look: Look<T>, expected: T, withinMs?: number): Promise<void> {
  const wanted = JSON.stringify(expected)
  const seen = await eventually(look, (one) => JSON.stringify(one) === wanted, withinMs).catch(look)
  assert.deepEqual(seen, expected)
}

/**
 * Checks that the value stays as expected for a time.
 * @param forMs milliseconds
 * @throws AssertionError with the first unexpected value and its time
 */
export async function stays<T>(look: Look<T>, isRight: (seen: T) => boolean, forMs: number): Promise<void> {
  const begun = performance.now()
  for (;;) {
    const elapsedMs = performance.now() - begun
    const seen = await look()
    if (!isRight(seen))
      assert.fail(`the condition did not stay true: after ${Math.round(elapsedMs)} ms it is ${shown(seen)}`)
    if (elapsedMs >= forMs) return
    await sleep(Math.min(pauseMs(elapsedMs), forMs - elapsedMs + 1))
  }
}

/**
 * Returns the result of `work`, with a time limit.
 * @param withinMs milliseconds
 * @param detail text for the failure message
 * @throws AssertionError after the time limit; any error of `work`
 */
export async function inTime<T>(work: Promise<T>, withinMs: number, detail: () => string): Promise<T> {
  const over = new AbortController()
  const late = sleep(withinMs * BUSY, over.signal).then(() => {
    if (!over.signal.aborted) assert.fail(`it did not end within ${withinMs * BUSY} ms: ${detail()}`)
    return work
  })
  try {
    return await Promise.race([work, late])
  } finally {
    over.abort()
  }
}

/**
 * Waits for a fixed time: the duration of a fault, the delay of an answer, or the length of a measurement. Never used to wait for
 * a condition. Each caller explains its wait.
 * @param ms milliseconds
 * @param signal ends the wait early
 */
export const letPass = (ms: number, signal?: AbortSignal): Promise<void> => sleep(ms, signal)

/** A tenth of the time waited so far: short waits stay exact, and long waits keep no processor busy. */
const pauseMs = (elapsedMs: number) => Math.min(LONGEST_PAUSE_MS, 1 + elapsedMs / 10)

const shown = (seen: unknown): string =>
  typeof seen === 'string' ? seen : inspect(seen, { depth: 8, breakLength: 120, maxArrayLength: 20 }).slice(0, MOST)
