// From what flows say and the collector counted to the families of one scrape. Costs nothing between scrapes.
import type { FlowStatus, PartitionStatus, TopicStatus } from '../mirror/flow-status.ts'
import {
  connectStatus,
  flowMetrics,
  flowStates,
  isKnown,
  metrics,
  type PartitionView,
  partitionMetrics,
  partitionStates,
} from './catalog.ts'
import type { Collector } from './collect.ts'
import { contentTypes, expose, type Family, formatFor, jmxValue, labels, type Metric } from './exposition.ts'

export interface Scraped {
  readonly version: string
  /** ms since the epoch */
  readonly startedAt: number
  readonly flows: readonly FlowStatus[]
}

/** The answer to a scrape: its media type by the Accept header; its bytes in pieces, each valid until the next is taken. */
export function scrape(
  scraped: Scraped,
  collector: Collector,
  accept: string,
  now: number = Date.now(),
): { contentType: string; pieces: Iterable<Uint8Array> } {
  const format = formatFor(accept)
  return { contentType: contentTypes[format], pieces: expose(families(scraped, collector, now), format) }
}

function* families({ version, startedAt, flows }: Scraped, collector: Collector, now: number): Generator<Family> {
  yield single(metrics.buildInfo, 1, labels({ version }))
  yield* processFamilies(startedAt)
  yield* flowFamilies(flows)
  yield* connectFamilies(flows)
  yield familyOf(metrics.summaryLag, flows.flatMap(summaryLags))
  yield familyOf(metrics.consumerLag, flows.flatMap(consumerLags))
  yield* partitionFamilies(flows, collector, now)
}

type Sample = readonly [labels: string, value: number]

function single(metric: Metric, value: number, text = ''): Family {
  return { metric, labels: [text], value: () => value }
}

function familyOf(metric: Metric, samples: readonly Sample[]): Family {
  return { metric, labels: samples.map(([text]) => text), value: (index) => samples[index]?.[1] ?? Number.NaN }
}

function* processFamilies(startedAt: number): Generator<Family> {
  const { user, system } = process.cpuUsage()
  yield single(metrics.cpuSeconds, (user + system) / 1e6)
  yield single(metrics.residentMemory, process.memoryUsage.rss())
  yield single(metrics.startTime, startedAt / 1000)
}

const ofFlow = ({ flow, source, target }: FlowStatus) => ({ flow, source, target })

function* flowFamilies(flows: readonly FlowStatus[]): Generator<Family> {
  for (const metric of flowMetrics) {
    yield familyOf(
      metric,
      flows.map((flow) => [labels(ofFlow(flow)), metric.value(flow)]),
    )
  }
  const perState = <S extends string>(
    metric: Metric,
    states: readonly S[],
    count: (flow: FlowStatus, s: S) => number,
  ) =>
    familyOf(
      metric,
      flows.flatMap((flow) => states.map((state): Sample => [labels({ ...ofFlow(flow), state }), count(flow, state)])),
    )
  yield perState(metrics.flowState, flowStates, (flow, state) => Number(flow.state === state))
  const counted = new Map(flows.map((flow) => [flow, countStates(flow.topics)]))
  yield perState(metrics.flowPartitions, partitionStates, (flow, state) => counted.get(flow)?.get(state) ?? 0)
  yield familyOf(metrics.problems, flows.flatMap(problemSamples))
}

function countStates(topics: readonly TopicStatus[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { partitions } of topics) {
    for (const { state } of partitions) counts.set(state, (counts.get(state) ?? 0) + 1)
  }
  return counts
}

function problemSamples(flow: FlowStatus): Sample[] {
  const byCode = Map.groupBy(flow.problems, (problem) => problem.code)
  return [...byCode].map(([code, list]) => [labels({ ...ofFlow(flow), code }), list.length])
}

/** Strimzi's name of the connector, which tells flows apart where MM2's own name does not. */
function connectorName({ source, target }: FlowStatus): string {
  return `${source}->${target}.MirrorSourceConnector`
}

function* connectFamilies(flows: readonly FlowStatus[]): Generator<Family> {
  const connector = (flow: FlowStatus) => ({ connector: jmxValue(connectorName(flow)) })
  yield single(metrics.connectorCount, flows.length)
  yield single(metrics.taskCount, flows.length)
  yield familyOf(
    metrics.connectorStatus,
    flows.map((flow) => [labels({ ...connector(flow), task: 0, status: connectStatus[flow.state] }), 1]),
  )
  const tasks = [
    [metrics.runningTasks, 'running'],
    [metrics.failedTasks, 'failed'],
    [metrics.unassignedTasks, 'unassigned'],
  ] as const
  for (const [metric, status] of tasks) {
    yield familyOf(
      metric,
      flows.map((flow) => [labels(connector(flow)), Number(connectStatus[flow.state] === status)]),
    )
  }
}

function summaryLags({ source, target, topics }: FlowStatus): Sample[] {
  return topics.map(({ topic, partitions }) => {
    const lag = partitions.reduce((sum, partition) => sum + (isKnown(partition) ? partition.lag : 0), 0)
    return [labels({ replication_flow: `${source}->${target}`, source, target, topic }), lag]
  })
}

function consumerLags(flow: FlowStatus): Sample[] {
  const entity = `${flow.source}->${flow.target}|${connectorName(flow)}-0`
  const client = labels({ clientid: jmxValue(`${entity}|replication-consumer`) })
  return flow.topics.flatMap(({ topic, partitions }) => {
    const ofTopic = `${client},${labels({ topic: jmxValue(topic) })}`
    return partitions.filter(isKnown).map(({ partition, lag }): Sample => [withPartition(ofTopic, partition), lag])
  })
}

interface Columns {
  readonly texts: string[]
  readonly views: PartitionView[]
}

function* partitionFamilies(flows: readonly FlowStatus[], collector: Collector, now: number): Generator<Family> {
  const all: Columns = { texts: [], views: [] }
  const known: Columns = { texts: [], views: [] }
  for (const { flow, source, target, topics } of flows) {
    for (const { targetTopic, partitions } of topics) {
      const ofTopic = labels({ source: jmxValue(source), target: jmxValue(target), topic: jmxValue(targetTopic) })
      for (const status of partitions) {
        const text = withPartition(ofTopic, status.partition)
        const view = viewOf(status, collector, flow, targetTopic, now)
        add(all, text, view)
        if (isKnown(status)) add(known, text, view)
      }
    }
  }
  for (const metric of partitionMetrics) {
    const { texts, views } = metric.needsOffsets ? known : all
    const value = (index: number) => {
      const view = views[index]
      return view ? metric.value(view) : Number.NaN
    }
    yield { metric, labels: texts, value }
  }
}

function add({ texts, views }: Columns, text: string, view: PartitionView): void {
  texts.push(text)
  views.push(view)
}

function withPartition(ofTopic: string, partition: number): string {
  return `${ofTopic},partition="${partition}"`
}

function viewOf(
  status: PartitionStatus,
  collector: Collector,
  flow: string,
  targetTopic: string,
  now: number,
): PartitionView {
  const meter = collector.meter(flow, targetTopic, status.partition)
  const { records, bytes, recordAge, replicationLatency } = meter
  const [fetched, acknowledged] = [meter.measureFetched(now), meter.measureAcknowledged(now)]
  return { status, records, bytes, recordAge, replicationLatency, fetched, acknowledged }
}
