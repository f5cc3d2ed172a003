// Waits until godwit reaches a condition, and shows its progress meanwhile.
import { sleep } from '../src/base/retry.ts'
import type { FlowStatus } from '../src/model/flow-status.ts'
import { Interrupted } from './problem.ts'
import type { Screen } from './screen.ts'

export interface Watch {
  /** godwit's status; undefined while it does not answer */
  readonly status: () => Promise<FlowStatus | undefined>
  readonly screen: Screen
  readonly signal: AbortSignal
  /** waiting ends when a partition with lag, or all partitions, have made no progress for this long, ms */
  readonly patienceMs: number
}

const pollEveryMs = 250

/**
 * Shows the status repeatedly until `arrived` returns true. Returns false after `patienceMs` without progress. Records that are copied
 * in other partitions do not hide a partition without progress.
 * Throws Interrupted when the signal is aborted, and what `status` throws.
 */
export async function watchUntil(watch: Watch, arrived: (status: FlowStatus) => boolean): Promise<boolean> {
  let movedAt = performance.now()
  const progress = new Map<string, Progress>()
  while (!watch.signal.aborted) {
    const status = await watch.status()
    const now = performance.now()
    if (status) {
      watch.screen.show({ at: now, status })
      if (arrived(status)) return true
      if (note(progress, status, now)) movedAt = now
    }
    const since = Math.min(movedAt, ...[...progress.values()].map((one) => one.movedAt))
    if (now - since > watch.patienceMs) return false
    await sleep(pollEveryMs, watch.signal)
  }
  throw new Interrupted()
}

/** The position of a partition, and when it last changed or had no lag. */
interface Progress {
  readonly position: number
  readonly movedAt: number
}

/** Records the positions. True when any partition has moved, or is new. */
function note(progress: Map<string, Progress>, status: FlowStatus, now: number): boolean {
  let anyMoved = false
  const partitions = status.topics.flatMap(({ topic, partitions: all }) => all.map((one) => ({ topic, ...one })))
  for (const { topic, partition, position, lag } of partitions) {
    const key = `${topic}-${partition}`
    const before = progress.get(key)
    const moved = before?.position !== position
    anyMoved ||= moved
    progress.set(key, { position, movedAt: moved || lag === 0 ? now : before.movedAt })
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
