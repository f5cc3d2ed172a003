// How often what has arrived is checked: often enough for a prompt word, seldom enough to leave the processor to the records.

/** Checks begin so far apart (ms), and never so often that they take more than a tenth of the time. */
const EVERY_MS = 2000
const SHARE = 10
/** Where the last check found something missing that has arrived since, the next one may take up to a third of the time. */
const SOONEST = 3
const LONGEST_MS = 30_000

/** From the begin of a check to that of the next (ms). @param tookMs how long the last one took @param hasFailed it could not be made */
export function everyMs(tookMs: number, hasFailed: boolean): number {
  return hasFailed ? EVERY_MS : Math.min(LONGEST_MS, Math.max(EVERY_MS, tookMs * SHARE))
}

/** The same, where all that the last check missed has arrived: people wait for the word. Never later than `everyMs`. */
export function soonestMs(tookMs: number, hasFailed: boolean): number {
  return Math.min(everyMs(tookMs, hasFailed), Math.max(EVERY_MS, tookMs * SOONEST))
}
