// Waits for godwit to get somewhere, and shows on the way how it does.
import { sleep } from '../src/base/retry.ts'
import type { FlowStatus } from '../src/model/flow-status.ts'
import { Interrupted } from './problem.ts'
import type { Screen } from './screen.ts'

export interface Watch {
  /** godwit's status; undefined while it does not answer */
  readonly status: () => Promise<FlowStatus | undefined>
  readonly screen: Screen
  readonly signal: AbortSignal
  /** a partition that is behind has not moved for this long, or nothing at all has: it is given up, ms */
  readonly patienceMs: number
}

const pollEveryMs = 250

/**
 * Shows status after status until `arrived` says so. Gives false when the patience is over: live records that go on moving
 * elsewhere do not hide a partition that stands still.
 * Throws Interrupted when the signal is aborted, and what `status` throws.
 */
export async function watchUntil(watch: Watch, arrived: (status: FlowStatus) => boolean): Promise<boolean> {
  let movedAt = performance.now()
  const places = new Map<string, Place>()
  while (!watch.signal.aborted) {
    const status = await watch.status()
    const now = performance.now()
    if (status) {
      watch.screen.show({ at: now, status })
      if (arrived(status)) return true
      if (note(places, status, now)) movedAt = now
    }
    const since = Math.min(movedAt, ...[...places.values()].map((place) => place.movedAt))
    if (now - since > watch.patienceMs) return false
    await sleep(pollEveryMs, watch.signal)
  }
  throw new Interrupted()
}

/** Where a partition stands, and when it last moved or had nowhere to go. */
interface Place {
  readonly position: number
  readonly movedAt: number
}

/** True when any partition has moved, or is new. */
function note(places: Map<string, Place>, status: FlowStatus, now: number): boolean {
  let anyMoved = false
  const partitions = status.topics.flatMap(({ topic, partitions: all }) => all.map((one) => ({ topic, ...one })))
  for (const { topic, partition, position, lag } of partitions) {
    const key = `${topic}-${partition}`
    const before = places.get(key)
    const moved = before?.position !== position
    anyMoved ||= moved
    places.set(key, { position, movedAt: moved || lag === 0 ? now : before.movedAt })
  }
  return anyMoved
}

/** True once every partition of `ends` (`topic-partition` -> offset) has been copied up to its offset. */
export function hasReached(status: FlowStatus, ends: ReadonlyMap<string, number>): boolean {
  const positions = new Map<string, number>(
    status.topics.flatMap((t) => t.partitions.map((p) => [`${t.topic}-${p.partition}`, p.position] as const)),
  )
  return [...ends].every(([partition, end]) => (positions.get(partition) ?? -1) >= end)
}
