// Measures one contestant that copies a backlog: speed, CPU, memory, time to the first record.
import type { Figures } from '../figures.ts'
import { type Arrivals, watchArrivals } from './arrivals.ts'
import type { Child } from './child.ts'
import type { Round } from './round.ts'

const POLL_MS = 20
/** With a thousand partitions a response is long; poll less often, so that polling does not affect the result. */
const POLL_MANY_MS = 100
const FIRST_WITHIN_MS = 120_000
const REST_WITHIN_MS = 90_000
const END_WITHIN_MS = 60_000

/** Starts the contestant, waits until all records are on the target or the time is over, and returns its figures. Throws an Error when it fails. */
export async function measureCopy(round: Round): Promise<Figures> {
  const child = round.start()
  try {
    let atFirst = 0
    const arrivals = await watchArrivals({
      client: round.target,
      topics: round.targetTopics,
      goal: round.goal,
      everyMs: round.partitions > 100 ? POLL_MANY_MS : POLL_MS,
      firstWithinMs: FIRST_WITHIN_MS,
      restWithinMs: REST_WITHIN_MS,
      onFirst: () => {
        atFirst = child.usage().cpuSeconds
      },
      over: () => child.exited,
    })
    if (arrivals.complete && round.launch.endsByItself) await ended(child)
    else if (child.exited) throw new Error(`it ended before everything had arrived:\n${child.tail()}`)
    return figuresOf(round, child, arrivals, atFirst)
  } finally {
    await child.stop()
  }
}

async function ended(child: Child): Promise<void> {
  const code = await child.exitCode(END_WITHIN_MS)
  if (code === undefined) throw new Error(`everything had arrived, but it did not end in time:\n${child.tail()}`)
  if (code !== 0) throw new Error(`it ended with exit code ${code}:\n${child.tail()}`)
}

function figuresOf(round: Round, child: Child, arrivals: Arrivals, cpuAtFirst: number): Figures {
  if (arrivals.firstSeen === undefined)
    throw new Error(`no record arrived within ${FIRST_WITHIN_MS / 1000} s:\n${child.tail()}`)
  const usage = child.usage()
  const seconds = (arrivals.lastSeen - arrivals.nothingUntil) / 1000
  const bytes = arrivals.records * round.valueBytes
  return {
    mbPerSecond: bytes / 1e6 / seconds,
    recordsPerSecond: arrivals.records / seconds,
    cpuPerGb: usage.cpuSeconds / (bytes / 1e9),
    cpuPerGbCopying: (usage.cpuSeconds - cpuAtFirst) / (bytes / 1e9),
    peakRssMb: usage.peakRssMb,
    firstRecordSeconds: (arrivals.firstSeen - child.startedAt) / 1000,
    ...(!arrivals.complete && { share: arrivals.records / round.records }),
  }
}
