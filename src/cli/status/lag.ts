// Compares lags with a limit: one row per topic of a flow. Pure.
import { counted } from '../../base/counted.ts'
import type { FlowStatus, PartitionStatus } from '../../model/flow-status.ts'
import { sumsOf } from '../output/pace.ts'
import type { Filter } from './selection.ts'

/** Maximum lag; undefined: no limit. */
export interface Limit {
  readonly records: number | undefined
  readonly seconds: number | undefined
}

/** fine: within the limit; above: above it; unknown: counts as not within the limit. */
type LagResult = 'fine' | 'above' | 'unknown'

export interface LagRow {
  readonly flow: string
  /** undefined: nothing is known about the topics of the flow */
  readonly topic?: string
  /** source offsets still to copy; null while unknown */
  readonly lag: number | null
  /** age of the oldest record still to copy, as far as known */
  readonly seconds: number | null
  readonly result: LagResult
  /** why the lag is unknown */
  readonly reason?: string
}

/** Rows of the flows that copy; flows that only emit heartbeats have no lag. */
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
    const reason = unknownReason(partitions)
    return [rowWithResult({ flow, topic, lag: unknown > 0 ? null : lag, seconds: lagMs / 1000, reason }, limit)]
  })
}

/** Why the lag of a topic is unknown; undefined when it is known. */
function unknownReason(partitions: readonly PartitionStatus[]): string | undefined {
  const of = (some: readonly PartitionStatus[], what: string) =>
    `${some.length} of ${counted(partitions.length, 'partition')} ${what}`
  const stopped = partitions.filter(({ state }) => state === 'quarantined')
  if (stopped.length > 0) return of(stopped, `stopped: ${stopped[0]?.problem?.message ?? 'see godwit status'}`)
  const waiting = partitions.filter(({ position }) => position < 0)
  if (waiting.length > 0) return of(waiting, 'not started yet')
  const unknown = partitions.filter(({ lag }) => lag === null)
  return unknown.length > 0 ? of(unknown, 'with an unknown end offset on the source') : undefined
}

/**
 * A row with its result. A `reason` (a partition has stopped, or has not started) means that the real lag may be higher: the
 * row can be above a limit, but not within one.
 */
export function rowWithResult(
  { flow, topic, lag, seconds, reason }: Omit<LagRow, 'result' | 'reason'> & { readonly reason: string | undefined },
  limit: Limit,
): LagRow {
  const row = { flow, ...(topic !== undefined && { topic }), lag, seconds: reason === undefined ? seconds : null }
  const reported = { ...row, ...(reason !== undefined && { reason }) }
  if (lag === null) return { ...reported, result: 'unknown', reason: reason ?? 'an end offset is unknown' }
  const isAbove = lag > (limit.records ?? Infinity) || (row.seconds ?? 0) > (limit.seconds ?? Infinity)
  if (isAbove) return { ...reported, result: 'above' }
  const isLimited = limit.records !== undefined || limit.seconds !== undefined
  return { ...reported, result: reason !== undefined && isLimited ? 'unknown' : 'fine' }
}

/** True when every lag is known and within the limit. */
export function isWithin(rows: readonly LagRow[]): boolean {
  return rows.every(({ result }) => result === 'fine')
}

/** One line per row, with plain numbers: `fine     old->new  orders  lag=10 seconds=2.5`. */
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
