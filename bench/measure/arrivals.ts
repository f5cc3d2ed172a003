// Measures when records arrive on the target, by polling its end offsets.
import { sleep } from '../../src/base/retry.ts'
import type { BrokerClient, Partitions } from '../broker-client.ts'

export interface Arrivals {
  /** performance.now() of the last poll without records: the first record arrived after it */
  readonly nothingUntil: number
  /** performance.now() of the first poll with a record; undefined if none arrived */
  readonly firstSeen: number | undefined
  /** performance.now() of the last poll */
  readonly lastSeen: number
  readonly records: number
  readonly complete: boolean
}

export interface Watch {
  readonly client: BrokerClient
  readonly topics: Partitions
  /** end offset each partition must reach */
  readonly goal: ReadonlyMap<string, readonly number[]>
  /** time between two polls, ms */
  readonly everyMs: number
  /** how long to wait for the first record, and for the rest after it, ms */
  readonly firstWithinMs: number
  readonly restWithinMs: number
  /** called once, at the first record */
  onFirst?(): void
  /** true when the contestant has ended, so that no more records will arrive */
  over(): boolean
}

/** Polls until every partition has reached its goal, the time is over, or the contestant has ended. */
export async function watchArrivals(watch: Watch): Promise<Arrivals> {
  const wanted = total(watch.goal)
  let nothingUntil = performance.now()
  let firstSeen: number | undefined
  let deadline = nothingUntil + watch.firstWithinMs
  for (;;) {
    const over = watch.over()
    const asked = performance.now()
    const ends = await watch.client.endOffsets(watch.topics)
    const records = total(ends)
    if (records > 0 && firstSeen === undefined) {
      firstSeen = performance.now()
      deadline = firstSeen + watch.restWithinMs
      watch.onFirst?.()
    }
    if (records === 0) nothingUntil = asked
    const complete = records >= wanted && reached(ends, watch.goal)
    if (complete || over || performance.now() > deadline) {
      return { nothingUntil, firstSeen, lastSeen: performance.now(), records, complete }
    }
    await sleep(watch.everyMs)
  }
}

function total(ends: ReadonlyMap<string, readonly number[]>): number {
  let records = 0
  for (const offsets of ends.values()) for (const offset of offsets) records += Math.max(0, offset)
  return records
}

function reached(ends: ReadonlyMap<string, readonly number[]>, goal: ReadonlyMap<string, readonly number[]>): boolean {
  for (const [topic, offsets] of goal) {
    const there = ends.get(topic) ?? []
    if (offsets.some((offset, partition) => (there[partition] ?? -1) < offset)) return false
  }
  return true
}
