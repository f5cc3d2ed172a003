// From what flows say and the collector counted to the families of one scrape. Costs nothing between scrapes.
import type { FlowStatus, TopicStatus } from '../mirror/flow-status.ts'
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
import { contentTypes, expose, type Family, formatFor, jmxValue, labels, type Sample } from './exposition.ts'

export interface Scraped {
  readonly version: string
  /** ms since the epoch */
  readonly startedAt: number
  readonly flows: readonly FlowStatus[]
}

/** The answer to a scrape: its media type by the Accept header, its text in pieces. */
export function scrape(
  scraped: Scraped,
  collector: Collector,
  accept: string,
  now: number = Date.now(),
): { contentType: string; pieces: Iterable<string> } {
  const format = formatFor(accept)
  return { contentType: contentTypes[format], pieces: expose(families(scraped, collector, now), format) }
}

function* families(scraped: Scraped, collector: Collector, now: number): Generator<Family> {
  yield { metric: metrics.buildInfo, samples: [[labels({ version: scraped.version }), 1]] }
  yield* processFamilies(scraped.startedAt)
  yield* flowFamilies(scraped.flows)
  yield* connectFamilies(scraped.flows)
  yield { metric: metrics.summaryLag, samples: summaryLags(scraped.flows) }
  yield { metric: metrics.consumerLag, samples: consumerLags(scraped.flows) }
  const views = [...partitionViews(scraped.flows, collector, now)]
  for (const metric of partitionMetrics) {
    yield { metric, samples: views.map(([text, view]): Sample => [text, metric.value(view)]) }
  }
}

function* processFamilies(startedAt: number): Generator<Family> {
  const { user, system } = process.cpuUsage()
  yield { metric: metrics.cpuSeconds, samples: [['', (user + system) / 1e6]] }
  yield { metric: metrics.residentMemory, samples: [['', process.memoryUsage.rss()]] }
  yield { metric: metrics.startTime, samples: [['', startedAt / 1000]] }
}

function* flowFamilies(flows: readonly FlowStatus[]): Generator<Family> {
  const ofFlow = ({ flow, source, target }: FlowStatus) => ({ flow, source, target })
  for (const metric of flowMetrics) {
    yield { metric, samples: flows.map((flow): Sample => [labels(ofFlow(flow)), metric.value(flow)]) }
  }
  const perState = <S extends string>(states: readonly S[], count: (flow: FlowStatus, state: S) => number) =>
    flows.flatMap((flow) => states.map((state): Sample => [labels({ ...ofFlow(flow), state }), count(flow, state)]))
  yield { metric: metrics.flowState, samples: perState(flowStates, (flow, state) => Number(flow.state === state)) }
  const counted = new Map(flows.map((flow) => [flow, countStates(flow.topics)]))
  yield {
    metric: metrics.flowPartitions,
    samples: perState(partitionStates, (flow, state) => counted.get(flow)?.get(state) ?? 0),
  }
  yield { metric: metrics.problems, samples: flows.flatMap(problemSamples) }
}

function countStates(topics: readonly TopicStatus[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { partitions } of topics) {
    for (const { state } of partitions) counts.set(state, (counts.get(state) ?? 0) + 1)
  }
  return counts
}

function problemSamples({ flow, source, target, problems }: FlowStatus): Sample[] {
  return [...Map.groupBy(problems, (problem) => problem.code)].map(([code, list]) => [
    labels({ flow, source, target, code }),
    list.length,
  ])
}

/** Strimzi's name of the connector, which tells flows apart where MM2's own name does not. */
function connectorName({ source, target }: FlowStatus): string {
  return `${source}->${target}.MirrorSourceConnector`
}

function* connectFamilies(flows: readonly FlowStatus[]): Generator<Family> {
  const connector = (flow: FlowStatus) => ({ connector: jmxValue(connectorName(flow)) })
  yield { metric: metrics.connectorCount, samples: [['', flows.length]] }
  yield { metric: metrics.taskCount, samples: [['', flows.length]] }
  yield {
    metric: metrics.connectorStatus,
    samples: flows.map((flow) => [labels({ ...connector(flow), task: 0, status: connectStatus[flow.state] }), 1]),
  }
  const tasks = [
    [metrics.runningTasks, 'running'],
    [metrics.failedTasks, 'failed'],
    [metrics.unassignedTasks, 'unassigned'],
  ] as const
  for (const [metric, status] of tasks) {
    const samples = flows.map((flow): Sample => [labels(connector(flow)), Number(connectStatus[flow.state] === status)])
    yield { metric, samples }
  }
}

function* summaryLags(flows: readonly FlowStatus[]): Generator<Sample> {
  for (const { source, target, topics } of flows) {
    for (const { topic, partitions } of topics) {
      const lag = partitions.reduce((sum, partition) => sum + (isKnown(partition) ? partition.lag : 0), 0)
      yield [labels({ replication_flow: `${source}->${target}`, source, target, topic }), lag]
    }
  }
}

function* consumerLags(flows: readonly FlowStatus[]): Generator<Sample> {
  for (const flow of flows) {
    const entity = `${flow.source}->${flow.target}|${connectorName(flow)}-0`
    const client = labels({ clientid: jmxValue(`${entity}|replication-consumer`) })
    for (const { topic, partitions } of flow.topics) {
      const ofTopic = `${client},${labels({ topic: jmxValue(topic) })}`
      for (const partition of partitions) {
        if (isKnown(partition)) yield [`${ofTopic},partition="${partition.partition}"`, partition.lag]
      }
    }
  }
}

function* partitionViews(
  flows: readonly FlowStatus[],
  collector: Collector,
  now: number,
): Generator<[labels: string, view: PartitionView]> {
  for (const { flow, source, target, topics } of flows) {
    for (const { targetTopic, partitions } of topics) {
      const ofTopic = labels({ source: jmxValue(source), target: jmxValue(target), topic: jmxValue(targetTopic) })
      for (const status of partitions) {
        const meter = collector.meter(flow, targetTopic, status.partition)
        const { records, bytes, recordAge, replicationLatency } = meter
        const fetched = meter.measureFetched(now)
        const acknowledged = meter.measureAcknowledged(now)
        const view = { status, records, bytes, recordAge, replicationLatency, fetched, acknowledged }
        yield [`${ofTopic},partition="${status.partition}"`, view]
      }
    }
  }
}
