// How many records are due: as fast as possible, at a rate, or one after another with a wait drawn at random.

export interface PaceSettings {
  /** records per second; 0: no limit */
  readonly rate: number
  /** ms to wait after each record at most, drawn at random; 0: none */
  readonly maxWaitMs: number
}

export interface Due {
  /** records to make now; 0 while waiting */
  readonly records: number
  /** ms until it is worth asking again */
  readonly waitMs: number
}

/** No more records than this at once, so that stopping takes effect soon. */
const MOST = 500
/** At a rate records are made in steps of so many ms. */
const STEP_MS = 50

/** Gives a function that tells what is due, given ms since the start and how many records were made by then. */
export function pacing({ rate, maxWaitMs }: PaceSettings, lot: () => number): (elapsedMs: number, made: number) => Due {
  if (maxWaitMs > 0) return () => ({ records: 1, waitMs: Math.round(lot() * maxWaitMs) })
  if (rate === 0) return () => ({ records: MOST, waitMs: 0 })
  return (elapsedMs, made) => {
    const behind = Math.floor((elapsedMs * rate) / 1000) + 1 - made
    if (behind <= 0) return { records: 0, waitMs: Math.max(1, Math.ceil((made * 1000) / rate - elapsedMs)) }
    return { records: Math.min(MOST, behind), waitMs: behind > MOST ? 0 : STEP_MS }
  }
}
