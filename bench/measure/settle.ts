// Waits between two rounds until the brokers have finished the work of the last one.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { sleep } from '../../src/base/retry.ts'
import { usageOf } from './procfs.ts'

const SLICE_MS = 500
const CALM_CPU_PERCENT = 20
const WRITTEN_WITHIN_MS = 30_000
const CALM_WITHIN_MS = 15_000

/** Resolves when the kernel has written its dirty pages to disk and these processes use little CPU; after 45 s in any case. */
export async function settle(pids: readonly number[]): Promise<void> {
  await promisify(execFile)('sync', { timeout: WRITTEN_WITHIN_MS }).catch(() => undefined)
  const deadline = performance.now() + CALM_WITHIN_MS
  let before = cpuOf(pids)
  while (performance.now() < deadline) {
    await sleep(SLICE_MS)
    const now = cpuOf(pids)
    const percent = ((now - before) / (SLICE_MS / 1000)) * 100
    if (percent < CALM_CPU_PERCENT) return
    before = now
  }
}

function cpuOf(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + (usageOf(pid)?.cpuSeconds ?? 0), 0)
}
