// The figures measured for a contestant, and the result of one workload.

export interface Figures {
  /** payload (values) from the first to the last record's arrival on the target, MB = 10^6 bytes */
  readonly mbPerSecond?: number
  readonly recordsPerSecond?: number
  /** user and system time of the whole run, start-up included, per GB (10^9 bytes) of payload */
  readonly cpuPerGb?: number
  /** the same, from the first record on, without start-up */
  readonly cpuPerGbCopying?: number
  /** high-water mark of the resident set, MB */
  readonly peakRssMb?: number
  /** from the start of the process to the first record on the target, s */
  readonly firstRecordSeconds?: number
  /** from the start of the process until every partition has its records, s */
  readonly allCopyingSeconds?: number
  /** CPU with nothing to copy, percent of one core */
  readonly idleCpuPercent?: number
  /** source's acknowledgement -> visible on the target, ms */
  readonly ackP50?: number
  readonly ackP99?: number
  /** send to the source -> visible on the target, ms */
  readonly sendP50?: number
  readonly sendP99?: number
  /** share of the data that was copied within the time limit; absent: all of it */
  readonly share?: number
}

export type FigureName = keyof Figures

export interface Entry {
  readonly contestant: string
  /** medians over the rounds */
  readonly figures: Figures
  /** why there are no figures, or the failure of a round */
  readonly problem?: string
}

export interface WorkloadResult {
  readonly workload: string
  readonly title: string
  /** data on the source, e.g. `3,000,000 records, 3,072 MB, batches of 253 records` */
  readonly data: string
  /** ISO date */
  readonly date: string
  readonly rounds: number
  readonly entries: readonly Entry[]
}

/** Median of each figure over the rounds in which it was measured. */
export function medians(rounds: readonly Figures[]): Figures {
  const names = new Set(rounds.flatMap((figures) => Object.keys(figures) as FigureName[]))
  return Object.fromEntries([...names].map((name) => [name, median(rounds.flatMap((figures) => figures[name] ?? []))]))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
