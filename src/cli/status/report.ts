// JSON and YAML output of `godwit status`: the response of godwit, with phase, sums, rates and remaining time added.
import type { FlowStatus, TopicStatus } from '../../model/flow-status.ts'
import { flowSums, type Rate, type Rates, type StatusSample, type Sums, sumsOf } from '../output/pace.ts'
import { type Phase, phaseOf } from '../output/phase.ts'
import { type Filter, type Sort, topicRows } from './selection.ts'

interface Measured {
  /** age of the oldest record still to copy, ms */
  readonly lagMs: number
  /** null: not yet known */
  readonly recordsPerSecond: number | null
  readonly bytesPerSecond: number | null
  /** ms until the lag is gone at the current rate; null while it does not shrink, or is unknown */
  readonly etaMs: number | null
}

type ReportedTopic = TopicStatus &
  Measured & { readonly records: number; readonly bytes: number; readonly lag: number | null }
type ReportedFlow = Omit<FlowStatus, 'topics'> &
  Measured & { readonly phase: Phase; readonly topics: readonly ReportedTopic[] }

interface Report {
  readonly version: string
  readonly startedAt: number
  /** when the response was received, ms since the epoch */
  readonly at: number
  readonly flows: readonly ReportedFlow[]
}

/** The value printed by `--output json|yaml`: these flows, with topics that pass the filter, sorted. */
export function reportOf(
  { at, answer }: StatusSample,
  { flows, filter, sort, rates }: { flows: readonly FlowStatus[]; filter: Filter; sort: Sort; rates: Rates },
): Report {
  const { version, startedAt } = answer
  return { version, startedAt, at, flows: flows.map((flow) => flowReport(flow, filter, sort, rates)) }
}

function flowReport(status: FlowStatus, filter: Filter, sort: Sort, rates: Rates): ReportedFlow {
  const { flow, ...rest } = status
  const topics = topicRows([status], filter, sort, rates).map(({ topic }): ReportedTopic => {
    const { records, bytes, lag, unknown, ...sums } = sumsOf(topic.partitions)
    const { partitions, ...names } = topic
    return {
      ...names,
      records,
      bytes,
      lag: unknown > 0 ? null : lag,
      ...measured(sums, rates.topic(status, topic)),
      partitions,
    }
  })
  return { flow, phase: phaseOf(status), ...measured(flowSums(status), rates.flow(status)), ...rest, topics }
}

function measured({ lagMs }: Pick<Sums, 'lagMs'>, rate: Rate | undefined): Measured {
  const isEnding = rate?.etaMs !== undefined && Number.isFinite(rate.etaMs)
  return {
    lagMs,
    recordsPerSecond: rate ? rounded(rate.recordsPerSecond) : null,
    bytesPerSecond: rate ? rounded(rate.bytesPerSecond) : null,
    etaMs: isEnding ? Math.round(rate.etaMs) : null,
  }
}

const rounded = (rate: number) => Math.round(rate * 10) / 10
