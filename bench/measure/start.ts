// Measures one contestant that starts with thousands of partitions: time until all have records, then CPU when idle.
import { sleep } from '../../src/base/retry.ts'
import type { Figures } from '../figures.ts'
import { watchArrivals } from './arrivals.ts'
import type { Round } from './round.ts'

const POLL_MS = 200
const FIRST_WITHIN_MS = 120_000
const REST_WITHIN_MS = 120_000
/** Work right after the last record (positions, first refresh) does not count as idle time. */
const CALM_DOWN_MS = 5_000
const IDLE_MS = 20_000

/** Each partition has a few records; the start is complete when all have arrived. Throws an Error when they do not arrive. */
export async function measureStart(round: Round): Promise<Figures> {
  const child = round.start()
  try {
    const arrivals = await watchArrivals({
      client: round.target,
      topics: round.targetTopics,
      goal: round.goal,
      everyMs: POLL_MS,
      firstWithinMs: FIRST_WITHIN_MS,
      restWithinMs: REST_WITHIN_MS,
      over: () => child.exited,
    })
    if (!arrivals.complete || arrivals.firstSeen === undefined) {
      throw new Error(`${arrivals.records} of ${round.records} records arrived:\n${child.tail()}`)
    }
    await sleep(CALM_DOWN_MS)
    const before = child.usage().cpuSeconds
    const from = performance.now()
    await sleep(IDLE_MS)
    const { cpuSeconds, peakRssMb } = child.usage()
    if (child.exited) throw new Error(`it ended while idle:\n${child.tail()}`)
    return {
      firstRecordSeconds: (arrivals.firstSeen - child.startedAt) / 1000,
      allCopyingSeconds: (arrivals.lastSeen - child.startedAt) / 1000,
      idleCpuPercent: ((cpuSeconds - before) / ((performance.now() - from) / 1000)) * 100,
      peakRssMb,
    }
  } finally {
    await child.stop()
  }
}
