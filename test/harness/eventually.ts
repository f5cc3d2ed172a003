// Time in tests: waiting for a condition, watching that one stays, and the waits that are themselves what is tried.
// Other files of tests have no timers (test/architecture/tests.test.ts).
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { sleep } from '../../src/base/retry.ts'

/** Long enough for a broker that elects a leader on a busy machine. */
const WITHIN_MS = 30_000
/** The longest pause between two looks; in the beginning they follow each other closely. */
const LONGEST_PAUSE_MS = 50

/** The most characters of what was seen that a failure repeats: a status with thousands of partitions hides what matters. */
const MOST = 4000

type Look<T> = () => T | Promise<T>
type Story<T> = (seen: T) => string | Promise<string>

/**
 * Looks again and again until what is seen is right, and gives that. A look that throws ends the waiting.
 * @param withinMs milliseconds; the last look begins after they have passed
 * @param story what else to say on failure, such as the output of a process
 * @throws AssertionError with what was seen last
 */
export function eventually<T, S extends T>(
  look: Look<T>,
  isRight: (seen: T) => seen is S,
  withinMs?: number,
  story?: Story<T>,
): Promise<S>
export function eventually<T>(
  look: Look<T>,
  isRight: (seen: T) => boolean,
  withinMs?: number,
  story?: Story<T>,
): Promise<T>
export async function eventually<T>(
  look: Look<T>,
  isRight: (seen: T) => boolean,
  withinMs = WITHIN_MS,
  story: Story<T> = () => '',
): Promise<T> {
  const begun = performance.now()
  for (;;) {
    const elapsedMs = performance.now() - begun
    const seen = await look()
    if (isRight(seen)) return seen
    if (elapsedMs >= withinMs) {
      const told = `it did not come to be within ${withinMs} ms; last seen: ${shown(seen)}\n${await story(seen)}`
      assert.fail(told.trimEnd())
    }
    await sleep(pauseMs(elapsedMs))
  }
}

/**
 * Waits until what is seen equals what is expected.
 * @param withinMs milliseconds
 * @throws AssertionError with the difference
 */
export async function untilEqual<T>(look: Look<T>, expected: T, withinMs?: number): Promise<void> {
  const wanted = JSON.stringify(expected)
  const seen = await eventually(look, (one) => JSON.stringify(one) === wanted, withinMs).catch(look)
  assert.deepEqual(seen, expected)
}

/**
 * Proves that nothing changes: what is seen is right at every look, for so long.
 * @param forMs milliseconds
 * @throws AssertionError with what was seen when it was not right, and when that was
 */
export async function stays<T>(look: Look<T>, isRight: (seen: T) => boolean, forMs: number): Promise<void> {
  const begun = performance.now()
  for (;;) {
    const elapsedMs = performance.now() - begun
    const seen = await look()
    if (!isRight(seen)) assert.fail(`it did not stay so: after ${Math.round(elapsedMs)} ms it is ${shown(seen)}`)
    if (elapsedMs >= forMs) return
    await sleep(Math.min(pauseMs(elapsedMs), forMs - elapsedMs + 1))
  }
}

/**
 * What the work gives, if it ends in time.
 * @param withinMs milliseconds
 * @param story what to say on failure
 * @throws AssertionError when it has not ended by then; whatever the work throws
 */
export async function inTime<T>(work: Promise<T>, withinMs: number, story: () => string): Promise<T> {
  const over = new AbortController()
  const late = sleep(withinMs, over.signal).then(() => {
    if (!over.signal.aborted) assert.fail(`it did not end within ${withinMs} ms: ${story()}`)
    return work
  })
  try {
    return await Promise.race([work, late])
  } finally {
    over.abort()
  }
}

/**
 * Lets time pass that is no waiting for anything: how long a fault lasts, how late an answer comes, over how long something is
 * measured. Who uses it says why.
 * @param ms milliseconds @param signal ends it early
 */
export const letPass = (ms: number, signal?: AbortSignal): Promise<void> => sleep(ms, signal)

/** A tenth of what was waited already, so that no wait is much longer than it need be, nor keeps a processor busy. */
const pauseMs = (elapsedMs: number) => Math.min(LONGEST_PAUSE_MS, 1 + elapsedMs / 10)

const shown = (seen: unknown): string =>
  typeof seen === 'string' ? seen : inspect(seen, { depth: 8, breakLength: 120, maxArrayLength: 20 }).slice(0, MOST)
