// What values are read from at the moment of a scrape: partitions, groups, tasks, connectors, the process.
import type { FlowStatus, PartitionStatus, TopicStatus } from '../model/flow-status.ts'
import type { Collector, PartitionMeter, TaskMeter } from './collect.ts'
import { type Connector, connectorsOf } from './connectors.ts'
import type { Measured } from './window.ts'

/** One partition, or all of a topic taken together. */
export interface PartitionView {
  readonly records: number
  readonly bytes: number
  /** ms */
  readonly recordAge: number
  readonly replicationLatency: number
  readonly fetched: Measured
  readonly acknowledged: Measured
  /** its lag is known */
  readonly isKnown: boolean
  readonly lag: number
  /** the lag as a consumer of the source has it, which needs no answer of the target; undefined while unknown */
  readonly consumerLag: number | undefined
  readonly lagMs: number
  readonly doubtful: number
  readonly missed: number
}

/** The lag as a consumer of the source has it: where the target does not answer, by what the source says alone. */
export function consumerLagOf({ lag, sourceLag }: PartitionStatus): number | undefined {
  return lag ?? sourceLag
}

/** The sum, undefined as soon as one is. */
export function knownSum(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce<number | undefined>(
    (sum, value) => (sum === undefined || value === undefined ? undefined : sum + value),
    0,
  )
}

/** A partition, or a whole topic, with where it belongs. */
export interface PartitionRow {
  readonly flow: FlowStatus
  readonly topic: TopicStatus
  /** its number as text; undefined where it stands for the whole topic */
  readonly partition: string | undefined
  readonly view: PartitionView
}

/** All partitions of all flows, or one row for each topic; `now` in ms. */
export function partitionRows(
  flows: readonly FlowStatus[],
  collector: Collector,
  withPartitions: boolean,
  now: number,
): PartitionRow[] {
  return flows.flatMap((flow) =>
    flow.topics.flatMap((topic): PartitionRow[] => {
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

/** Reads what is asked for when it is asked for: ten thousand views with all their values live as long as a scrape is sent. */
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

/** All partitions of a topic as one: counts, rates and lag are sums, ages the greatest, averages weighed by their rates. */
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

/** The source task of a flow, which is the flow's copying. */
export interface TaskView {
  readonly flow: FlowStatus
  readonly meter: TaskMeter
  readonly polls: Measured
  readonly writes: Measured
  /** how long commits took, ms */
  readonly commits: Measured
  /** share of commits that were done, as avg */
  readonly outcomes: Measured
  /** throttle times of answers, ms */
  readonly producing: Measured
  readonly fetching: Measured
  /** source offsets fetched and not yet acknowledged */
  readonly active: number
  readonly missed: number
}

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

/** Checkpoints of one partition of a group; the spread is that of the whole group. */
export interface CheckpointView {
  /** ms */
  readonly last: number
  readonly spread: Measured
}

/** The process as one Connect worker. */
export interface WorkerView {
  readonly flows: readonly FlowStatus[]
  readonly connectors: readonly Connector[]
  /** flows that have come as far as to work or stand by, once */
  readonly begun: number
  /** flows that failed before that */
  readonly stillborn: number
  /** ms since the epoch */
  readonly now: number
}

export function workerOf(flows: readonly FlowStatus[], collector: Collector, now: number): WorkerView {
  const begun = flows.filter((flow) => {
    const isNow = flow.state === 'running' || flow.state === 'standby' || (flow.work?.taken ?? 0) > 0
    return collector.hasBegun(flow.flow, isNow)
  })
  const stillborn = flows.filter((flow) => flow.state === 'failed' && !begun.includes(flow)).length
  return { flows, connectors: flows.flatMap(connectorsOf), begun: begun.length, stillborn, now }
}
