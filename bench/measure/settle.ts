// Between two rounds: waits until the brokers have digested the last one.
import { sleep } from '../../src/base/retry.ts'
import { dirtyMb, usageOf } from './procfs.ts'

const SLICE_MS = 500
const CALM_CPU_PERCENT = 20
const CALM_DIRTY_MB = 200
const AT_MOST_MS = 30_000

/** Resolves when these processes use little CPU and the kernel has written most of what they wrote; after 30 s in any case. */
export async function settle(pids: readonly number[]): Promise<void> {
  const deadline = performance.now() + AT_MOST_MS
  let before = cpuOf(pids)
  while (performance.now() < deadline) {
    await sleep(SLICE_MS)
    const now = cpuOf(pids)
    const percent = ((now - before) / (SLICE_MS / 1000)) * 100
    if (percent < CALM_CPU_PERCENT && dirtyMb() < CALM_DIRTY_MB) return
    before = now
  }
}

function cpuOf(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + (usageOf(pid)?.cpuSeconds ?? 0), 0)
}
