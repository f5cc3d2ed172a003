// JSON and YAML output of `godwit status`: the response of godwit, with phase, sums, rates and remaining time added.
import type { FlowStatus, TopicStatus } from '../../model/flow-status.ts'
import { flowSums, type Look, type Pace, type Paces, type Sums, sumsOf } from '../output/pace.ts'
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
  { at, answer }: Look,
  { flows, filter, sort, paces }: { flows: readonly FlowStatus[]; filter: Filter; sort: Sort; paces: Paces },
): Report {
  const { version, startedAt } = answer
  return { version, startedAt, at, flows: flows.map((flow) => flowReport(flow, filter, sort, paces)) }
}

function flowReport(status: FlowStatus, filter: Filter, sort: Sort, paces: Paces): ReportedFlow {
  const { flow, ...rest } = status
  const topics = topicRows([status], filter, sort, paces).map(({ topic }): ReportedTopic => {
    const { records, bytes, lag, unknown, ...sums } = sumsOf(topic.partitions)
    const { partitions, ...names } = topic
    return {
      ...names,
      records,
      bytes,
      lag: unknown > 0 ? null : lag,
      ...measured(sums, paces.topic(status, topic)),
      partitions,
    }
  })
  return { flow, phase: phaseOf(status), ...measured(flowSums(status), paces.flow(status)), ...rest, topics }
}

function measured({ lagMs }: Pick<Sums, 'lagMs'>, pace: Pace | undefined): Measured {
  const isEnding = pace?.etaMs !== undefined && Number.isFinite(pace.etaMs)
  return {
    lagMs,
    recordsPerSecond: pace ? rounded(pace.recordsPerSecond) : null,
    bytesPerSecond: pace ? rounded(pace.bytesPerSecond) : null,
    etaMs: isEnding ? Math.round(pace.etaMs) : null,
  }
}

const rounded = (rate: number) => Math.round(rate * 10) / 10
