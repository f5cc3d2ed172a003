// CPU, memory and garbage collection of this process: under the usual names, and, for dashboards for Java, under JVM names.
import { readFileSync } from 'node:fs'
import { PerformanceObserver } from 'node:perf_hooks'
import { metrics } from './catalog.ts'
import { type Family, familyOf, labels, single } from './exposition.ts'

/** CPU time, memory and start time of the process. @param startedAt ms since the epoch */
export function* processFamilies(startedAt: number): Generator<Family> {
  const { user, system } = process.cpuUsage()
  yield single(metrics.cpuSeconds, (user + system) / 1e6)
  yield single(metrics.residentMemory, process.memoryUsage.rss())
  yield single(metrics.startTime, startedAt / 1000)
}

const kinds: Readonly<Record<number, string>> = {
  1: 'minor',
  2: 'minor mark-sweep',
  4: 'major',
  8: 'incremental',
  16: 'weak',
}
const spent = new Map<string, number>()
let observer: PerformanceObserver | undefined

/** Begins to add up the time of garbage collections; earlier ones are not counted. */
function watchCollections(): void {
  observer ??= new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { duration, detail } = entry as typeof entry & { readonly detail?: { readonly kind?: number } }
      const kind = kinds[detail?.kind ?? 0] ?? 'other'
      spent.set(kind, (spent.get(kind) ?? 0) + duration / 1000)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
}

/** V8's figures under JVM names. The first call begins to watch garbage collections. */
export function* jvmFamilies(): Generator<Family> {
  if (!observer) watchCollections()
  const { heapUsed, external } = process.memoryUsage()
  yield familyOf(metrics.heap, [
    [labels({ area: 'heap' }), heapUsed],
    [labels({ area: 'nonheap' }), external],
  ])
  const times = new Map([['minor', 0], ['major', 0], ...spent])
  yield familyOf(
    metrics.collection,
    [...times].map(([gc, seconds]) => [labels({ gc }), seconds]),
  )
  const threads = threadCount()
  if (threads !== undefined) yield single(metrics.threads, threads)
}

function threadCount(): number | undefined {
  try {
    const count = /^Threads:\s*(\d+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]
    return count === undefined ? undefined : Number(count)
  } catch {
    return undefined
  }
}
