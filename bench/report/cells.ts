// Converts figures to table cells: columns of a workload, number format, ratio to godwit's figure.
import type { Entry, FigureName, WorkloadResult } from '../figures.ts'
import type { Row } from './table.ts'

interface Column {
  readonly figure: FigureName
  readonly title: string
  /** whether the ratio to godwit's figure is added */
  readonly ratio?: boolean
}

const columns: readonly Column[] = [
  { figure: 'mbPerSecond', title: 'MB/s', ratio: true },
  { figure: 'recordsPerSecond', title: 'records/s' },
  { figure: 'cpuPerGb', title: 'CPU-s/GB', ratio: true },
  { figure: 'cpuPerGbCopying', title: 'of it copying' },
  { figure: 'peakRssMb', title: 'peak RSS MB', ratio: true },
  { figure: 'firstRecordSeconds', title: 'first record s' },
  { figure: 'allCopyingSeconds', title: 'all copying s', ratio: true },
  { figure: 'idleCpuPercent', title: 'idle CPU %', ratio: true },
  { figure: 'ackP50', title: 'ack p50 ms', ratio: true },
  { figure: 'ackP99', title: 'ack p99 ms', ratio: true },
  { figure: 'sendP50', title: 'send p50 ms' },
  { figure: 'sendP99', title: 'send p99 ms' },
]

/** Head and rows of the table of a workload, with the columns for which any contestant has a figure. */
export function cellsOf(result: WorkloadResult): { head: Row; rows: Row[] } {
  const used = columns.filter(({ figure }) => result.entries.some((entry) => entry.figures[figure] !== undefined))
  const own = result.entries.find((entry) => entry.contestant === 'godwit')
  return {
    head: ['', ...used.map((column) => column.title)],
    rows: result.entries.map((entry) => [nameOf(entry), ...used.map((column) => cell(column, entry, own))]),
  }
}

function nameOf(entry: Entry): string {
  const { share } = entry.figures
  return share === undefined ? entry.contestant : `${entry.contestant} (${Math.round(share * 100)} % copied in time)`
}

function cell(column: Column, entry: Entry, own: Entry | undefined): string {
  const value = entry.figures[column.figure]
  if (value === undefined) return '-'
  const base = own?.figures[column.figure]
  const ratio = column.ratio && base && entry !== own ? ` (x${short(value / base)})` : ''
  return `${short(value)}${ratio}`
}

/** About three significant digits, thousands with commas. */
function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toFixed(value >= 10 ? 1 : 2)
}
