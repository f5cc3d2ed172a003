// Decides how many records are due: as fast as possible, at a rate, or one at a time with a random wait.

export interface PaceSettings {
  /** records per second; 0: no limit */
  readonly rate: number
  /** maximum of the random wait after each record, ms; 0: no wait */
  readonly maxWaitMs: number
}

export interface Due {
  /** records to generate now; 0 while waiting */
  readonly records: number
  /** ms until the next call */
  readonly waitMs: number
}

/** Maximum records at once, so that stopping takes effect soon. */
const MOST = 500
/** With a rate, records are generated in steps of this length (ms). */
const STEP_MS = 50

/**
 * Returns a function that computes what is due from the ms since the start and the number of records generated so far.
 * @param random returns a number from 0 to below 1
 */
export function pacing(
  { rate, maxWaitMs }: PaceSettings,
  random: () => number,
): (elapsedMs: number, made: number) => Due {
  if (maxWaitMs > 0) return () => ({ records: 1, waitMs: Math.round(random() * maxWaitMs) })
  if (rate === 0) return () => ({ records: MOST, waitMs: 0 })
  return (elapsedMs, made) => {
    const behind = Math.floor((elapsedMs * rate) / 1000) + 1 - made
    if (behind <= 0) return { records: 0, waitMs: Math.max(1, Math.ceil((made * 1000) / rate - elapsedMs)) }
    return { records: Math.min(MOST, behind), waitMs: behind > MOST ? 0 : STEP_MS }
  }
}
