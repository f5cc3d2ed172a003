// Looks again and again until what is seen is right.
import assert from 'node:assert/strict'
import { sleep } from '../../../src/base/retry.ts'

const AGAIN_MS = 150

/** Gives what was right; fails with what was seen last when it did not come to be in time. */
export async function eventually<T>(
  look: () => Promise<T>,
  isRight: (seen: T) => boolean,
  withinMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const seen = await look()
    if (isRight(seen)) return seen
    assert.ok(Date.now() < deadline, `it did not come to be; last seen: ${JSON.stringify(seen)}`)
    await sleep(AGAIN_MS)
  }
}

/** Waits until what is seen equals what is expected; fails with the difference. */
export async function untilEqual<T>(look: () => Promise<T>, expected: T, withinMs?: number): Promise<void> {
  const wanted = JSON.stringify(expected)
  const seen = await eventually(look, (one) => JSON.stringify(one) === wanted, withinMs).catch(look)
  assert.deepEqual(seen, expected)
}
