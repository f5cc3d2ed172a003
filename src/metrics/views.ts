// The views that metric values are read from at a scrape: partitions, groups, tasks, connectors, the process.
import type { FlowStatus, PartitionStatus, TopicStatus } from '../model/flow-status.ts'
import type { Collector, PartitionMeter, TaskMeter } from './collect.ts'
import { type Connector, connectorsOf } from './connectors.ts'
import type { Measured } from './window.ts'

/** One partition, or all partitions of a topic combined. */
export interface PartitionView {
  readonly records: number
  readonly bytes: number
  /** ms */
  readonly recordAge: number
  readonly replicationLatency: number
  readonly fetched: Measured
  readonly acknowledged: Measured
  /** whether the lag is known */
  readonly isKnown: boolean
  readonly lag: number
  /** the lag of a consumer of the source, which does not depend on the target; undefined while unknown */
  readonly consumerLag: number | undefined
  readonly lagMs: number
  readonly doubtful: number
  readonly missed: number
}

/** The lag of a consumer of the source: while the target does not answer, computed from the source alone. */
export function consumerLagOf({ lag, sourceLag }: PartitionStatus): number | undefined {
  return lag ?? sourceLag
}

/** The sum; undefined if any value is. */
export function knownSum(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce<number | undefined>(
    (sum, value) => (sum === undefined || value === undefined ? undefined : sum + value),
    0,
  )
}

/** A partition, or a whole topic, with its flow and topic. */
export interface PartitionSample {
  readonly flow: FlowStatus
  readonly topic: TopicStatus
  /** partition number as text; undefined for a whole topic */
  readonly partition: string | undefined
  readonly view: PartitionView
}

/** All partitions of all flows, or one row per topic. @param now ms since the epoch */
export function partitionSamples(
  flows: readonly FlowStatus[],
  collector: Collector,
  withPartitions: boolean,
  now: number,
): PartitionSample[] {
  return flows.flatMap((flow) =>
    flow.topics.flatMap((topic): PartitionSample[] => {
      const views = viewsOf(flow.flow, topic, collector, now)
      if (!withPartitions) return [{ flow, topic, partition: undefined, view: together(views) }]
      return views.map((view, at) => ({ flow, topic, partition: String(topic.partitions[at]?.partition), view }))
    }),
  )
}

/** A topic's partitions. */
function viewsOf(flow: string, topic: TopicStatus, collector: Collector, now: number): PartitionView[] {
  return topic.partitions.map((status) => {
    return new LazyView(status, collector.meter(flow, topic.targetTopic, status.partition), now)
  })
}

/** Computes each value when it is read: ten thousand views with all their values would live until a scrape is sent. */
class LazyView implements PartitionView {
  readonly #status: PartitionStatus
  readonly #meter: PartitionMeter
  readonly #now: number

  constructor(status: PartitionStatus, meter: PartitionMeter, now: number) {
    this.#status = status
    this.#meter = meter
    this.#now = now
  }

  get records(): number {
    return this.#meter.records
  }

  get bytes(): number {
    return this.#meter.bytes
  }

  get recordAge(): number {
    return this.#meter.recordAge
  }

  get replicationLatency(): number {
    return this.#meter.replicationLatency
  }

  get fetched(): Measured {
    return this.#meter.measureFetched(this.#now)
  }

  get acknowledged(): Measured {
    return this.#meter.measureAcknowledged(this.#now)
  }

  get isKnown(): boolean {
    return this.#status.lag !== null
  }

  get lag(): number {
    return this.#status.lag ?? 0
  }

  get consumerLag(): number | undefined {
    return consumerLagOf(this.#status)
  }

  get lagMs(): number {
    return this.#status.lagMs
  }

  get doubtful(): number {
    return this.#status.doubtful
  }

  get missed(): number {
    return this.#status.missed
  }
}

/** All partitions of a topic combined: counts, rates and lag are sums, ages are maxima, averages are weighted by their rates. */
function together(views: readonly PartitionView[]): PartitionView {
  const sum = (of: (view: PartitionView) => number) => views.reduce((total, view) => total + of(view), 0)
  const most = (of: (view: PartitionView) => number) =>
    views.reduce((greatest, view) => Math.max(greatest, of(view)), 0)
  const known = views.filter((view) => view.isKnown)
  return {
    records: sum((view) => view.records),
    bytes: sum((view) => view.bytes),
    recordAge: most((view) => view.recordAge),
    replicationLatency: most((view) => view.replicationLatency),
    fetched: measuredTogether(views.map(({ fetched }) => fetched)),
    acknowledged: measuredTogether(views.map(({ acknowledged }) => acknowledged)),
    isKnown: known.length > 0 && known.length === views.length,
    lag: known.reduce((total, { lag }) => total + lag, 0),
    consumerLag: knownSum(views.map(({ consumerLag }) => consumerLag)),
    lagMs: known.reduce((greatest, { lagMs }) => Math.max(greatest, lagMs), 0),
    doubtful: sum((view) => view.doubtful),
    missed: sum((view) => view.missed),
  }
}

function measuredTogether(all: readonly Measured[]): Measured {
  const rate = all.reduce((sum, one) => sum + one.rate, 0)
  const valued = all.filter(({ avg }) => !Number.isNaN(avg))
  if (valued.length === 0) return { rate, min: Number.NaN, max: Number.NaN, avg: Number.NaN }
  const weight = valued.reduce((sum, one) => sum + one.rate, 0)
  return {
    rate,
    min: Math.min(...valued.map(({ min }) => min)),
    max: Math.max(...valued.map(({ max }) => max)),
    avg: valued.reduce((sum, one) => sum + one.avg * (weight > 0 ? one.rate / weight : 1 / valued.length), 0),
  }
}

/** The source task of a flow: the task that copies. */
export interface TaskView {
  readonly flow: FlowStatus
  readonly meter: TaskMeter
  readonly polls: Measured
  readonly writes: Measured
  /** duration of commits, ms */
  readonly commits: Measured
  /** avg is the share of successful commits */
  readonly outcomes: Measured
  /** throttle times of responses, ms */
  readonly producing: Measured
  readonly fetching: Measured
  /** source offsets fetched and not yet acknowledged */
  readonly active: number
  readonly missed: number
}

/** The view of a flow's source task. @param now ms since the epoch */
export function taskOf(flow: FlowStatus, collector: Collector, now: number): TaskView {
  const meter = collector.task(flow.flow)
  const sum = (of: (partition: PartitionStatus) => number) =>
    flow.topics.reduce((total, { partitions }) => partitions.reduce((some, one) => some + of(one), total), 0)
  return {
    flow,
    meter,
    polls: meter.polls.measure(now),
    writes: meter.writes.measure(now),
    commits: meter.commits.measure(now),
    outcomes: meter.outcomes.measure(now),
    producing: meter.producing.measure(now),
    fetching: meter.fetching.measure(now),
    active: sum(({ active }) => active ?? 0),
    missed: sum(({ missed }) => missed),
  }
}

/** Checkpoints of one partition of a group; `spread` covers the whole group. */
export interface CheckpointView {
  /** ms */
  readonly last: number
  readonly spread: Measured
}

/** The process as a Connect worker. */
export interface WorkerView {
  readonly flows: readonly FlowStatus[]
  readonly connectors: readonly Connector[]
  /** flows that have worked or stood by at least once */
  readonly begun: number
  /** flows that failed before that */
  readonly failedAtStart: number
  /** ms since the epoch */
  readonly now: number
}

/** The view of the process as a Connect worker. @param now ms since the epoch */
export function workerOf(flows: readonly FlowStatus[], collector: Collector, now: number): WorkerView {
  const begun = flows.filter((flow) => {
    const isNow = flow.state === 'running' || flow.state === 'standby' || (flow.work?.taken ?? 0) > 0
    return collector.hasBegun(flow.flow, isNow)
  })
  const failedAtStart = flows.filter((flow) => flow.state === 'failed' && !begun.includes(flow)).length
  return { flows, connectors: flows.flatMap(connectorsOf), begun: begun.length, failedAtStart, now }
}
