// How often completeness is checked: often enough for a prompt report, rarely enough to leave the CPU to copying.

/** Interval of checks (ms), and the inverse of the share of time that they may take: a tenth. */
const EVERY_MS = 2000
const SHARE = 10
/** The same if everything that the last check missed has been copied: checks may take a third of the time. */
const SOONEST = 3
const LONGEST_MS = 30_000

/** From the start of a check to the start of the next (ms). @param tookMs duration of the last one (ms) @param hasFailed it failed */
export function everyMs(tookMs: number, hasFailed: boolean): number {
  return hasFailed ? EVERY_MS : Math.min(LONGEST_MS, Math.max(EVERY_MS, tookMs * SHARE))
}

/** The same if everything that the last check missed has been copied (ms). Never later than `everyMs`. */
export function soonestMs(tookMs: number, hasFailed: boolean): number {
  return Math.min(everyMs(tookMs, hasFailed), Math.max(EVERY_MS, tookMs * SOONEST))
}
