// Rates of flows, topics and partitions, from status samples taken some seconds apart.
import type { StatusAnswer } from '../../http/contract.ts'
import type { FlowStatus, PartitionStatus, TopicStatus } from '../../model/flow-status.ts'
import { isKnown } from './phase.ts'

export interface Rate {
  readonly recordsPerSecond: number
  readonly bytesPerSecond: number
  /** growth of the lag, negative while it shrinks; undefined while unknown */
  readonly lagPerSecond: number | undefined
  /** ms until the lag is gone at this rate; Infinity while it does not shrink, undefined while unknown */
  readonly etaMs: number | undefined
}

/** A status with the time when it was received (ms since the epoch). */
export interface StatusSample {
  readonly at: number
  readonly answer: StatusAnswer
}

export interface Sums {
  readonly records: number
  readonly bytes: number
  readonly lag: number
  /** age of the oldest record still to copy, ms */
  readonly lagMs: number
  /** number of partitions with known and with unknown lag */
  readonly known: number
  readonly unknown: number
}

/** Rates at the last sample; undefined without an earlier sample of the same process. */
export interface Rates {
  flow(flow: FlowStatus): Rate | undefined
  topic(flow: FlowStatus, topic: TopicStatus): Rate | undefined
  partition(flow: FlowStatus, topic: TopicStatus, partition: PartitionStatus): Rate | undefined
}

export const noRates: Rates = { flow: () => undefined, topic: () => undefined, partition: () => undefined }

interface TopicSnapshot {
  readonly sums: Sums
  readonly partitions: readonly PartitionStatus[]
}

interface Snapshot {
  readonly at: number
  readonly startedAt: number
  readonly flows: ReadonlyMap<string, { readonly sums: Sums; readonly topics: ReadonlyMap<string, TopicSnapshot> }>
}

/** Rates are measured over this time: long enough to be steady, short enough to be current (ms). */
const windowMs = 5000

/** Keeps the samples of the last seconds, and measures rates over them. */
export class RateWindow {
  #before: Snapshot[] = []
  #now: Snapshot | undefined

  /** Takes the next sample and gives the rates. After a restart of godwit it starts again. */
  note(sample: StatusSample): Rates {
    const before = this.#now
    this.#now = snapshotOf(sample)
    if (before) this.#before.push(before)
    this.#before = this.#before.filter(({ startedAt, at }) => startedAt === sample.answer.startedAt && at < sample.at)
    while (this.#before.length > 1 && sample.at - (this.#before[1]?.at ?? 0) >= windowMs) this.#before.shift()
    const [was] = this.#before
    return was ? ratesBetween(was, this.#now) : noRates
  }
}

/** Sums over partitions. */
export function sumsOf(partitions: readonly PartitionStatus[]): Sums {
  let [records, bytes, lag, lagMs, known, unknown] = [0, 0, 0, 0, 0, 0]
  for (const partition of partitions) {
    records += partition.records
    bytes += partition.bytes
    lag += Math.max(0, partition.lag ?? 0)
    lagMs = Math.max(lagMs, partition.lagMs)
    if (isKnown(partition)) known++
    else unknown++
  }
  return { records, bytes, lag, lagMs, known, unknown }
}

/** Sums over all topics of a flow. */
export function flowSums(flow: FlowStatus): Sums {
  return together(flow.topics.map(({ partitions }) => sumsOf(partitions)))
}

function together(all: readonly Sums[]): Sums {
  let [records, bytes, lag, lagMs, known, unknown] = [0, 0, 0, 0, 0, 0]
  for (const sums of all) {
    records += sums.records
    bytes += sums.bytes
    lag += sums.lag
    lagMs = Math.max(lagMs, sums.lagMs)
    known += sums.known
    unknown += sums.unknown
  }
  return { records, bytes, lag, lagMs, known, unknown }
}

function snapshotOf({ at, answer }: StatusSample): Snapshot {
  const flows = answer.flows.map((flow) => {
    const topics = new Map(
      flow.topics.map(({ topic, partitions }) => [topic, { sums: sumsOf(partitions), partitions }] as const),
    )
    return [flow.flow, { topics, sums: together([...topics.values()].map(({ sums }) => sums)) }] as const
  })
  return { at, startedAt: answer.startedAt, flows: new Map(flows) }
}

function ratesBetween(was: Snapshot, is: Snapshot): Rates {
  const seconds = (is.at - was.at) / 1000
  const rate = (before: Sums | undefined, now: Sums | undefined) => before && now && rateOf(before, now, seconds)
  const topicIn = (then: Snapshot, flow: FlowStatus, topic: TopicStatus) =>
    then.flows.get(flow.flow)?.topics.get(topic.topic)
  return {
    flow: ({ flow }) => rate(was.flows.get(flow)?.sums, is.flows.get(flow)?.sums),
    topic: (flow, topic) => rate(topicIn(was, flow, topic)?.sums, topicIn(is, flow, topic)?.sums),
    partition: (flow, topic, partition) => {
      const before = topicIn(was, flow, topic)?.partitions.find((one) => one.partition === partition.partition)
      return before && rateOf(sumsOf([before]), sumsOf([partition]), seconds)
    },
  }
}

function rateOf(was: Sums, is: Sums, seconds: number): Rate {
  // A partition whose lag has just become known would look like a growing lag.
  const lagPerSecond = was.known === is.known ? (is.lag - was.lag) / seconds : undefined
  return {
    recordsPerSecond: Math.max(0, is.records - was.records) / seconds,
    bytesPerSecond: Math.max(0, is.bytes - was.bytes) / seconds,
    lagPerSecond,
    etaMs: etaOf(is, lagPerSecond),
  }
}

function etaOf({ lag, known, unknown }: Sums, lagPerSecond: number | undefined): number | undefined {
  if (unknown > 0) return undefined
  if (lag === 0 && known > 0) return 0
  if (lagPerSecond === undefined || known === 0) return undefined
  return lagPerSecond < 0 ? (lag / -lagPerSecond) * 1000 : Number.POSITIVE_INFINITY
}
