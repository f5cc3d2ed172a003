// Lags against a limit: one row for each topic of a flow, and the verdict a script waits for. Pure.
import { counted, plural } from '../../base/counted.ts'
import type { FlowStatus } from '../../mirror/flow-status.ts'
import { sumsOf } from '../output/pace.ts'
import type { Filter } from './selection.ts'

/** What is still allowed; undefined: anything. */
export interface Limit {
  readonly records: number | undefined
  readonly seconds: number | undefined
}

/** fine: within the limit; above: not; unknown: nobody can say, which is not fine either. */
export type LagResult = 'fine' | 'above' | 'unknown'

export interface LagRow {
  readonly flow: string
  /** undefined: nothing is known about the topics of the flow */
  readonly topic?: string
  /** source offsets still to copy; null while not known */
  readonly lag: number | null
  /** age of the oldest record still to copy, as far as known */
  readonly seconds: number | null
  readonly result: LagResult
  /** why it is not known */
  readonly reason?: string
}

/** Rows of flows that copy, by flow and topic; those that only emit heartbeats have no lag. */
export function lagRows(flows: readonly FlowStatus[], filter: Filter, limit: Limit): LagRow[] {
  return flows.filter(({ heartbeatsOnly }) => heartbeatsOnly !== true).flatMap((flow) => rowsOf(flow, filter, limit))
}

function rowsOf(status: FlowStatus, filter: Filter, limit: Limit): LagRow[] {
  const { flow, state, reason } = status
  if (state !== 'running') {
    const why = `${state}${reason === undefined ? '' : `: ${reason}`}`
    return [{ flow, lag: null, seconds: null, result: 'unknown', reason: why }]
  }
  return status.topics.flatMap(({ topic, targetTopic, partitions }): LagRow[] => {
    if (!filter(topic) && !filter(targetTopic)) return []
    const { lag, lagMs, known } = sumsOf(partitions)
    const unknown = partitions.length - known
    if (unknown > 0) {
      const why = `${unknown} of ${counted(partitions.length, 'partition')} ${plural(unknown, 'is', 'are')} not settled yet`
      return [{ flow, topic, lag: null, seconds: null, result: 'unknown', reason: why }]
    }
    return [judged({ flow, topic, lag, seconds: lagMs / 1000 }, limit)]
  })
}

/** A row with what the limit makes of it. */
export function judged(
  row: { flow: string; topic: string; lag: number; seconds: number | null },
  limit: Limit,
): LagRow {
  const isAbove = row.lag > (limit.records ?? Infinity) || (row.seconds ?? 0) > (limit.seconds ?? Infinity)
  return { ...row, result: isAbove ? 'above' : 'fine' }
}

/** True when every lag is known and within the limit. */
export function isWithin(rows: readonly LagRow[]): boolean {
  return rows.every(({ result }) => result === 'fine')
}

/** `fine     old->new  orders  lag=10 seconds=2.5`: one line each, numbers as programs read them. */
export function lagLines(rows: readonly LagRow[]): string[] {
  const widest = (of: (row: LagRow) => string) => rows.reduce((width, row) => Math.max(width, of(row).length), 0)
  const topicOf = ({ topic }: LagRow) => topic ?? '-'
  const [flow, topic] = [widest((row) => row.flow), widest(topicOf)]
  return rows.map((row) =>
    [row.result.padEnd(7), row.flow.padEnd(flow), topicOf(row).padEnd(topic), numbersOf(row)].join('  '),
  )
}

function numbersOf({ lag, seconds, reason }: LagRow): string {
  if (lag === null) return `lag=? ${reason ?? ''}`.trimEnd()
  return `lag=${lag}${seconds === null ? '' : ` seconds=${Math.round(seconds * 10) / 10}`}`
}
