// Waits for godwit to get somewhere, and shows on the way how it does.
import { sleep } from '../src/base/retry.ts'
import type { FlowStatus } from '../src/mirror/flow-status.ts'
import { Interrupted } from './problem.ts'
import type { Screen } from './screen.ts'

export interface Watch {
  /** godwit's status; undefined while it does not answer */
  readonly status: () => Promise<FlowStatus | undefined>
  readonly screen: Screen
  readonly signal: AbortSignal
  /** nothing has moved for this long: it is given up, ms */
  readonly patienceMs: number
}

const pollEveryMs = 250

/**
 * Shows status after status until `arrived` says so. Gives false when nothing has moved any more for `patienceMs`.
 * Throws Interrupted when the signal is aborted, and what `status` throws.
 */
export async function watchUntil(watch: Watch, arrived: (status: FlowStatus) => boolean): Promise<boolean> {
  let moved = performance.now()
  let place = ''
  while (!watch.signal.aborted) {
    const status = await watch.status()
    const now = performance.now()
    if (status) {
      watch.screen.show({ at: now, status })
      if (arrived(status)) return true
    }
    const at = placeOf(status)
    if (at !== place) moved = now
    place = at
    if (now - moved > watch.patienceMs) return false
    await sleep(pollEveryMs, watch.signal)
  }
  throw new Interrupted()
}

/** Everything that changes while a copy moves on, as one text. */
function placeOf(status: FlowStatus | undefined): string {
  if (!status) return ''
  const positions = status.topics.map((t) => t.partitions.map((p) => p.position).join(' '))
  return `${status.state} ${positions.join(' ')}`
}

/** True once every partition of `ends` (`topic-partition` -> offset) has been copied up to its offset. */
export function hasReached(status: FlowStatus, ends: ReadonlyMap<string, number>): boolean {
  const positions = new Map<string, number>(
    status.topics.flatMap((t) => t.partitions.map((p) => [`${t.topic}-${p.partition}`, p.position] as const)),
  )
  return [...ends].every(([partition, end]) => (positions.get(partition) ?? -1) >= end)
}
