// How fast topics move, from two looks at the status.
import type { StatusAnswer } from '../../http/contract.ts'
import type { FlowStatus, TopicStatus } from '../../mirror/flow-status.ts'

export interface Pace {
  readonly recordsPerSecond: number
  readonly bytesPerSecond: number
  /** ms until the lag is gone if it goes on shrinking like this; Infinity while it does not shrink */
  readonly etaMs: number
}

/** A look at the status, and when it was taken (ms). */
export interface Look {
  readonly at: number
  readonly answer: StatusAnswer
}

interface Sums {
  readonly records: number
  readonly bytes: number
  readonly lag: number
}

/** Pace of a topic between two looks; undefined when there was none before, or the process was started anew. */
export type Paces = (flow: FlowStatus, topic: TopicStatus) => Pace | undefined

/** The paces between two looks at the same process. */
export function pacesBetween(before: Look | undefined, now: Look): Paces {
  const seconds = before ? (now.at - before.at) / 1000 : 0
  if (!before || seconds <= 0 || before.answer.startedAt !== now.answer.startedAt) return () => undefined
  const known = new Map<string, Sums>()
  for (const flow of before.answer.flows) {
    for (const topic of flow.topics) known.set(key(flow, topic), sumsOf(topic))
  }
  return (flow, topic) => {
    const was = known.get(key(flow, topic))
    return was && paceOf(was, sumsOf(topic), seconds)
  }
}

export function sumsOf(topic: TopicStatus): Sums {
  let [records, bytes, lag] = [0, 0, 0]
  for (const partition of topic.partitions) {
    records += partition.records
    bytes += partition.bytes
    lag += Math.max(0, partition.lag)
  }
  return { records, bytes, lag }
}

function paceOf(was: Sums, is: Sums, seconds: number): Pace {
  const shrunk = was.lag - is.lag
  const endless = shrunk > 0 ? (is.lag / shrunk) * seconds * 1000 : Number.POSITIVE_INFINITY
  return {
    recordsPerSecond: Math.max(0, is.records - was.records) / seconds,
    bytesPerSecond: Math.max(0, is.bytes - was.bytes) / seconds,
    etaMs: is.lag === 0 ? 0 : endless,
  }
}

function key(flow: FlowStatus, topic: TopicStatus): string {
  return `${flow.flow}\n${topic.topic}`
}
