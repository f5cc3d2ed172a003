// The bars: required figures, and whether they were met.
import type { FigureName, WorkloadResult } from '../figures.ts'

export interface Verdict {
  readonly workload: string
  readonly bar: string
  /** the measured value as text */
  readonly measured: string
  readonly met: boolean
}

interface Bar {
  readonly workloads: readonly string[]
  readonly text: string
  readonly figure: FigureName
  /** if present, the ratio of the figure to this rival's is compared instead of the figure itself */
  readonly rival?: string
  readonly atLeast?: number
  readonly atMost?: number
}

const copies = ['large-batches', 'batches-16k', 'one-record']
const all = [...copies, 'lz4', 'zstd', 'records-100b', 'partitions-1000', 'link-80ms']

const bars: readonly Bar[] = [
  {
    workloads: ['large-batches', 'one-record'],
    text: "at least the Go copier's MB/s",
    figure: 'mbPerSecond',
    rival: 'Go copier',
    atLeast: 1,
  },
  {
    workloads: ['batches-16k'],
    text: "at least 1.5 of the Go copier's MB/s",
    figure: 'mbPerSecond',
    rival: 'Go copier',
    atLeast: 1.5,
  },
  {
    workloads: ['large-batches'],
    text: "at most 0.6 of the Go copier's CPU per GB",
    figure: 'cpuPerGb',
    rival: 'Go copier',
    atMost: 0.6,
  },
  {
    workloads: ['batches-16k'],
    text: "at most the Go copier's CPU per GB",
    figure: 'cpuPerGb',
    rival: 'Go copier',
    atMost: 1,
  },
  {
    workloads: ['one-record'],
    text: "at most 1.2 of the Go copier's CPU per GB",
    figure: 'cpuPerGb',
    rival: 'Go copier',
    atMost: 1.2,
  },
  {
    workloads: ['large-batches'],
    text: "at least twice MM2 tuned's MB/s",
    figure: 'mbPerSecond',
    rival: 'MM2 tuned',
    atLeast: 2,
  },
  {
    workloads: ['large-batches'],
    text: "at most 1/8 of MM2 tuned's CPU per GB",
    figure: 'cpuPerGb',
    rival: 'MM2 tuned',
    atMost: 1 / 8,
  },
  {
    workloads: ['large-batches'],
    text: "at most 1/10 of MM2 tuned's memory",
    figure: 'peakRssMb',
    rival: 'MM2 tuned',
    atMost: 1 / 10,
  },
  { workloads: all, text: 'peak RSS at most 200 MB', figure: 'peakRssMb', atMost: 200 },
  {
    workloads: all,
    text: 'first record on the target within 2 s of the start',
    figure: 'firstRecordSeconds',
    atMost: 2,
  },
  { workloads: ['latency'], text: 'p50 at most 5 ms', figure: 'ackP50', atMost: 5 },
  { workloads: ['latency'], text: 'p99 at most 25 ms', figure: 'ackP99', atMost: 25 },
  {
    workloads: ['start-2000'],
    text: 'all partitions copying within 10 s of the start',
    figure: 'allCopyingSeconds',
    atMost: 10,
  },
  { workloads: ['start-2000'], text: 'idle CPU under 5 % of a core', figure: 'idleCpuPercent', atMost: 5 },
]

/** The verdict on every bar for which godwit, and the rival if there is one, were measured. */
export function judge(results: readonly WorkloadResult[]): Verdict[] {
  return results.flatMap((result) => bars.flatMap((bar) => judgeOne(bar, result) ?? []))
}

function judgeOne(bar: Bar, result: WorkloadResult): Verdict | undefined {
  if (!bar.workloads.includes(result.workload)) return undefined
  const figureOf = (contestant: string) => result.entries.find((e) => e.contestant === contestant)?.figures[bar.figure]
  const own = figureOf('godwit')
  const other = bar.rival ? figureOf(bar.rival) : 1
  if (own === undefined || other === undefined) return undefined
  const value = own / other
  const met = value >= (bar.atLeast ?? Number.NEGATIVE_INFINITY) && value <= (bar.atMost ?? Number.POSITIVE_INFINITY)
  return { workload: result.workload, bar: bar.text, measured: value.toFixed(value < 10 ? 2 : 0), met }
}
