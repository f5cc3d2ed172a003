// Waiting: an abortable sleep and exponential backoff with jitter.

/** Resolves after `ms` milliseconds, or at once when the signal is aborted; never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** The delay before attempt `attempt` (0, 1, ...) in ms: doubles from `base` up to `cap`, with 20 % jitter. */
export function backoff(attempt: number, base = 100, cap = 10_000, random: () => number = Math.random): number {
  const ideal = Math.min(cap, base * 2 ** Math.min(attempt, 30))
  return Math.round(ideal * (0.8 + 0.4 * random()))
}

/** Waits for the work, or until the signal is aborted. Removes its abort listener afterwards. */
export async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = () => resolve()
  signal.addEventListener('abort', end, { once: true })
  try {
    await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}
