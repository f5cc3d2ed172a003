// Builds the metric families of one scrape from the status of the flows and the collector. No cost between scrapes.
import type { FlowStatus, TopicStatus } from '../model/flow-status.ts'
import {
  flowMetrics,
  flowStates,
  groupMetrics,
  groupPartitionMetrics,
  metrics,
  partitionMetrics,
  partitionStates,
  taskMetrics,
  type ValueMetric,
} from './catalog.ts'
import type { Collector } from './collect.ts'
import {
  contentTypes,
  expose,
  type Family,
  familyOf,
  formatFor,
  jmxValue,
  labels,
  type Metric,
  type Sample,
  single,
} from './exposition.ts'
import type { Exposed } from './families.ts'
import { beanFamilies } from './java-names.ts'
import { jvmFamilies, processFamilies } from './runtime.ts'
import { consumerLagOf, knownSum, type PartitionSample, type PartitionView, partitionSamples } from './views.ts'

interface Scraped {
  readonly version: string
  /** ms since the epoch */
  readonly startedAt: number
  readonly flows: readonly FlowStatus[]
}

interface ScrapeRequest {
  readonly accept: string
  readonly exposed: Exposed
  /** ms since the epoch */
  readonly now: number
}

/** The response to a scrape: media type by the Accept header; bytes in pieces, each valid until the next one is requested. */
export function scrape(
  scraped: Scraped,
  collector: Collector,
  { accept, exposed, now }: ScrapeRequest,
): { contentType: string; pieces: Iterable<Uint8Array> } {
  const format = formatFor(accept)
  return { contentType: contentTypes[format], pieces: expose(families(scraped, collector, exposed, now), format) }
}

function* families(
  { version, startedAt, flows }: Scraped,
  collector: Collector,
  exposed: Exposed,
  now: number,
): Generator<Family> {
  yield single(metrics.buildInfo, 1, labels({ version }))
  yield* processFamilies(startedAt)
  if (exposed.families.includes('jvm')) yield* jvmFamilies()
  yield* flowFamilies(flows, collector)
  yield* groupFamilies(flows, exposed.partitions)
  if (exposed.families.includes('summary')) yield familyOf(metrics.summaryLag, flows.flatMap(summaryLags))
  const partitions = partitionSamples(flows, collector, exposed.partitions, now)
  yield* valueFamilies(partitionMetrics, labelled(partitions))
  yield* beanFamilies({ version, flows, collector, exposed, now, partitions })
}

/** The view of a series with the text of its labels. */
type Labelled<V> = readonly [labels: string, view: V]

function* valueFamilies<V>(list: readonly ValueMetric<V>[], things: readonly Labelled<V>[]): Generator<Family> {
  for (const metric of list) {
    const { when, value } = metric
    const shown = when ? things.filter(([, view]) => when(view)) : things
    yield {
      metric,
      labels: shown.map(([text]) => text),
      value: (index) => {
        const thing = shown[index]
        return thing ? value(thing[1]) : Number.NaN
      },
    }
  }
}

/** The labels of a topic are created once for its partitions, which are consecutive rows. */
function labelled(rows: readonly PartitionSample[]): Labelled<PartitionView>[] {
  let [last, ofTopic]: [TopicStatus | undefined, string] = [undefined, '']
  return rows.map(({ flow, topic, partition, view }) => {
    if (topic !== last) {
      const names = { source: jmxValue(flow.source), target: jmxValue(flow.target), topic: jmxValue(topic.targetTopic) }
      ofTopic = labels(names)
      last = topic
    }
    return [partition === undefined ? ofTopic : `${ofTopic},partition="${partition}"`, view]
  })
}

const ofFlow = ({ flow, source, target }: FlowStatus) => ({ flow, source, target })

function* flowFamilies(flows: readonly FlowStatus[], collector: Collector): Generator<Family> {
  yield* valueFamilies(
    flowMetrics,
    flows.map((flow) => [labels(ofFlow(flow)), flow]),
  )
  yield perState(flows, metrics.flowState, flowStates, (flow, state) => Number(flow.state === state))
  const counted = new Map(flows.map((flow) => [flow, countStates(flow.topics)]))
  yield perState(flows, metrics.flowPartitions, partitionStates, (flow, state) => counted.get(flow)?.get(state) ?? 0)
  yield familyOf(metrics.problems, flows.flatMap(problemSamples))
  yield familyOf(
    metrics.failuresByCode,
    flows.flatMap((flow) =>
      [...collector.task(flow.flow).failuresByCode].map(
        ([code, count]): Sample => [labels({ ...ofFlow(flow), code }), count],
      ),
    ),
  )
  yield* valueFamilies(
    taskMetrics,
    flows.flatMap((flow) =>
      flow.periodicTasks.map((task) => [labels({ ...ofFlow(flow), task: task.task }), task] as const),
    ),
  )
}

function perState<S extends string>(
  flows: readonly FlowStatus[],
  metric: Metric,
  states: readonly S[],
  count: (flow: FlowStatus, state: S) => number,
): Family {
  return familyOf(
    metric,
    flows.flatMap((flow) => states.map((state): Sample => [labels({ ...ofFlow(flow), state }), count(flow, state)])),
  )
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

/** Sums per group are always exported. Series per partition of a group can be left out, because there may be many. */
function* groupFamilies(flows: readonly FlowStatus[], withPartitions: boolean): Generator<Family> {
  const groups = flows.flatMap((flow) =>
    (flow.groups ?? []).map((group) => [labels({ ...ofFlow(flow), group: group.group }), group] as const),
  )
  yield* valueFamilies(groupMetrics, groups)
  yield familyOf(
    metrics.groupInfo,
    groups.map(([text, { sourceState, targetState, protocol }]) => {
      return [`${text},${labels({ source_state: sourceState, target_state: targetState, protocol })}`, 1]
    }),
  )
  if (!withPartitions) return
  yield* valueFamilies(
    groupPartitionMetrics,
    groups.flatMap(([text, { partitions }]) =>
      partitions.map((one) => [`${text},${labels({ topic: one.topic, partition: one.partition })}`, one] as const),
    ),
  )
}

function summaryLags({ source, target, topics }: FlowStatus): Sample[] {
  return topics.flatMap(({ topic, partitions }): Sample[] => {
    const lag = knownSum(partitions.map(consumerLagOf))
    return lag === undefined ? [] : [[labels({ replication_flow: `${source}->${target}`, source, target, topic }), lag]]
  })
}
