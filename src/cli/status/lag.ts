// Lags against a limit: one row for each topic of a flow, and the verdict a script waits for. Pure.
import { counted } from '../../base/counted.ts'
import type { FlowStatus, PartitionStatus } from '../../model/flow-status.ts'
import { sumsOf } from '../output/pace.ts'
import type { Filter } from './selection.ts'

/** What is still allowed; undefined: anything. */
export interface Limit {
  readonly records: number | undefined
  readonly seconds: number | undefined
}

/** fine: within the limit; above: not; unknown: which is not fine either. */
type LagResult = 'fine' | 'above' | 'unknown'

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
  const { flow, state, reason, completeness } = status
  if (state !== 'running') {
    const why = `${state}${reason === undefined ? '' : `: ${reason}`}`
    return [{ flow, lag: null, seconds: null, result: 'unknown', reason: why }]
  }
  if (!completeness || completeness.verdict === 'unknown' || completeness.verdict === 'nothing-selected') {
    const why = completeness?.reasons.join('; ') ?? 'the source has not been listed yet'
    return [{ flow, lag: null, seconds: null, result: 'unknown', reason: why }]
  }
  return status.topics.flatMap(({ topic, targetTopic, partitions }): LagRow[] => {
    if (!filter(topic) && !filter(targetTopic)) return []
    const { lag, lagMs, unknown } = sumsOf(partitions)
    const reason = whyUnknown(partitions)
    return [judged({ flow, topic, lag: unknown > 0 ? null : lag, seconds: lagMs / 1000, reason }, limit)]
  })
}

/** Why nobody can say that a topic is within any limit; undefined when it can be said. */
function whyUnknown(partitions: readonly PartitionStatus[]): string | undefined {
  const of = (some: readonly PartitionStatus[], what: string) =>
    `${some.length} of ${counted(partitions.length, 'partition')} ${what}`
  const stopped = partitions.filter(({ state }) => state === 'quarantined')
  if (stopped.length > 0) return of(stopped, `stopped: ${stopped[0]?.problem?.message ?? 'see godwit status'}`)
  const waiting = partitions.filter(({ position }) => position < 0)
  if (waiting.length > 0) return of(waiting, 'not begun yet')
  const unknown = partitions.filter(({ lag }) => lag === null)
  return unknown.length > 0 ? of(unknown, 'without a known end on the source') : undefined
}

/**
 * A row with what the limit makes of it. With a `reason` why the topic is not simply on its way (a partition that has stopped, or has not
 * been begun) a lag can be above the limit, but nothing can be within one.
 */
export function judged(
  { flow, topic, lag, seconds, reason }: Omit<LagRow, 'result' | 'reason'> & { readonly reason: string | undefined },
  limit: Limit,
): LagRow {
  const row = { flow, ...(topic !== undefined && { topic }), lag, seconds: reason === undefined ? seconds : null }
  const said = { ...row, ...(reason !== undefined && { reason }) }
  if (lag === null) return { ...said, result: 'unknown', reason: reason ?? 'an end is not known' }
  const isAbove = lag > (limit.records ?? Infinity) || (row.seconds ?? 0) > (limit.seconds ?? Infinity)
  if (isAbove) return { ...said, result: 'above' }
  const isLimited = limit.records !== undefined || limit.seconds !== undefined
  return { ...said, result: reason !== undefined && isLimited ? 'unknown' : 'fine' }
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
  const words = [
    `lag=${lag ?? '?'}`,
    ...(seconds === null ? [] : [`seconds=${Math.round(seconds * 10) / 10}`]),
    reason ?? '',
  ]
  return words.join(' ').trimEnd()
}
