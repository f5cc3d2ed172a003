// The progress that the demo shows while godwit copies: per topic the copied amount, the speed and the lag.
// No I/O: computes rows from two samples of godwit's status; screen.ts draws them.
import type { FlowStatus, PartitionStatus, TopicStatus } from '../src/model/flow-status.ts'
import { type Column, count, duration, fitting, size, table, wrapped } from './table.ts'

export interface Sample {
  /** ms, any monotonic clock */
  readonly at: number
  readonly status: FlowStatus
}

export interface TopicProgress {
  readonly topic: string
  readonly partitions: number
  readonly records: number
  readonly bytes: number
  /** records and bytes per second since the earlier sample */
  readonly recordRate: number
  readonly byteRate: number
  /** false until godwit knows position and lag of at least one partition */
  readonly known: boolean
  /** source offsets not copied yet */
  readonly lag: number
  /** ms until they are copied at the current speed; undefined while nothing is copied */
  readonly etaMs: number | undefined
}

/** One row per topic, sorted by name. @param earlier the sample from which rates are measured */
export function topicsProgress(earlier: Sample | undefined, now: Sample): TopicProgress[] {
  const before = new Map(earlier?.status.topics.map((t) => [t.topic, t]))
  const seconds = (now.at - (earlier?.at ?? now.at)) / 1000
  return now.status.topics
    .toSorted((a, b) => (a.topic < b.topic ? -1 : 1))
    .map((topic) => progressOf(topic, before.get(topic.topic), seconds))
}

function progressOf(topic: TopicStatus, before: TopicStatus | undefined, seconds: number): TopicProgress {
  const perSecond = (of: (p: PartitionStatus) => number) =>
    seconds > 0 && before ? Math.max(0, (sum(topic.partitions, of) - sum(before.partitions, of)) / seconds) : 0
  const lag = sum(topic.partitions, (p) => Math.max(0, p.lag ?? 0))
  const offsetRate = perSecond((p) => Math.max(0, p.position))
  return {
    topic: topic.topic,
    partitions: topic.partitions.length,
    records: sum(topic.partitions, (p) => p.records),
    bytes: sum(topic.partitions, (p) => p.bytes),
    recordRate: perSecond((p) => p.records),
    byteRate: perSecond((p) => p.bytes),
    known: topic.partitions.some((p) => p.lag !== null && p.position >= 0),
    lag,
    etaMs: lag === 0 ? 0 : offsetRate > 0 ? (lag / offsetRate) * 1000 : undefined,
  }
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0)
}

/** The last row: all topics; its ETA is that of the slowest topic. */
export function totalProgress(rows: readonly TopicProgress[]): TopicProgress {
  const waiting = rows.some((row) => row.etaMs === undefined)
  return {
    topic: 'all topics',
    partitions: sum(rows, (r) => r.partitions),
    records: sum(rows, (r) => r.records),
    bytes: sum(rows, (r) => r.bytes),
    recordRate: sum(rows, (r) => r.recordRate),
    byteRate: sum(rows, (r) => r.byteRate),
    known: rows.every((r) => r.known),
    lag: sum(rows, (r) => r.lag),
    etaMs: waiting ? undefined : Math.max(0, ...rows.map((r) => r.etaMs ?? 0)),
  }
}

const columns: readonly Column[] = [
  { title: 'topic', align: 'left', width: 14 },
  { title: 'partitions', align: 'right', rank: 2 },
  { title: 'records', align: 'right', width: 11 },
  { title: 'bytes', align: 'right', width: 9, rank: 1 },
  { title: 'records/s', align: 'right', width: 9 },
  { title: 'bytes/s', align: 'right', width: 10 },
  { title: 'lag', align: 'right', width: 9 },
  { title: 'ETA', align: 'right', width: 12 },
]

/** The table for a terminal, with problems below it; on a narrow terminal without the least important columns. */
export function progressTable(rows: readonly TopicProgress[], status: FlowStatus, width = Infinity): string[] {
  const cells = [...rows, totalProgress(rows)].map((row) => [
    row.topic,
    count(row.partitions),
    count(row.records),
    size(row.bytes),
    count(row.recordRate),
    size(row.byteRate),
    row.known ? count(row.lag) : '?',
    eta(row),
  ])
  const problems = problemLines(status).flatMap((line) => wrapped(line, width, 2))
  return [...table(...fitting(columns, cells, width)), ...problems]
}

/** One row as a line, for output that is not a terminal. */
export function progressLine(row: TopicProgress): string {
  const speed = `${count(row.recordRate)} records/s, ${size(row.byteRate)}/s`
  const amount = `${count(row.partitions)} partitions, ${count(row.records)} records, ${size(row.bytes)}`
  return `${row.topic}: ${amount}, ${speed}, lag ${count(row.lag)}, ETA ${eta(row)}`
}

function eta(row: TopicProgress): string {
  if (row.known && row.lag === 0) return '-'
  return row.etaMs === undefined || !row.known ? '?' : duration(row.etaMs)
}

/** Every problem that godwit reports, of the flow and of its partitions, with its remedy. */
export function problemLines(status: FlowStatus): string[] {
  const ofPartitions = status.topics.flatMap((t) => t.partitions.flatMap((p) => p.problem ?? []))
  const all = [...status.problems, ...ofPartitions].map(
    (p) =>
      `! ${p.code}${p.topic ? ` ${p.topic}${p.partition === undefined ? '' : `-${p.partition}`}` : ''}: ${p.message}${p.remedy ? ` - ${p.remedy}` : ''}`,
  )
  return [...new Set(all)]
}
