// godwit's own metrics: name, kind, help, and how each value is read. docs/reference/metrics.md is generated from these tables.
// Metrics under the names of MM2 and Connect are in mbeans.ts.
import type {
  FlowState,
  FlowStatus,
  GroupPartitionStatus,
  GroupStatus,
  PartitionState,
  PeriodicTaskStatus,
} from '../model/flow-status.ts'
import type { Metric } from './exposition.ts'
import type { PartitionView } from './views.ts'

/** A metric with one value per partition, flow, task or group (`V`). */
export interface ValueMetric<V> extends Metric {
  /** which of them have a series; all when absent. Unknown values have none: a NaN or -1 would make every sum wrong. */
  readonly when?: (view: V) => boolean
  readonly value: (view: V) => number
}

/** Labels: source, target, topic (its name on the target), partition. */
export const partitionMetrics: readonly ValueMetric<PartitionView>[] = [
  {
    name: 'kafka_connect_mirror_records_count',
    kind: 'gauge',
    help: 'The same as record_count, for guides that grep for records_count.',
    value: ({ records }) => records,
  },
  {
    name: 'godwit_replication_lag_records',
    kind: 'gauge',
    help: 'Source offsets not copied yet; no series while unknown.',
    when: ({ isKnown }) => isKnown,
    value: ({ lag }) => lag,
  },
  {
    name: 'godwit_replication_lag_seconds',
    kind: 'gauge',
    help: 'Age of the oldest record not copied yet, as far as known, seconds; 0 when there is none, no series while unknown.',
    when: ({ isKnown }) => isKnown,
    value: ({ lagMs }) => lagMs / 1000,
  },
  {
    name: 'godwit_doubtful_records_total',
    kind: 'counter',
    help: 'Records that may be duplicated on the target.',
    value: ({ doubtful }) => doubtful,
  },
  {
    name: 'godwit_missed_offsets_total',
    kind: 'counter',
    help: 'Source offsets that the source deleted, for example by retention, before they were copied.',
    value: ({ missed }) => missed,
  },
]

const oldestLagMs = ({ topics }: FlowStatus) =>
  topics.reduce((most, { partitions }) => partitions.reduce((some, { lagMs }) => Math.max(some, lagMs), most), 0)

/** Labels: flow, source, target. */
export const flowMetrics: readonly ValueMetric<FlowStatus>[] = [
  {
    name: 'godwit_flow_in_sync',
    kind: 'gauge',
    help: '1 when everything that was on the source at godwit_flow_listed_timestamp_seconds is on the target, else 0.',
    when: ({ heartbeatsOnly }) => !heartbeatsOnly,
    value: (flow) => Number(flow.inSync),
  },
  {
    name: 'godwit_flow_listed_timestamp_seconds',
    kind: 'gauge',
    help: 'When the topics and end offsets of the source were last listed, seconds since the epoch; all lags refer to this time. No series before the first listing.',
    when: ({ asOf }) => asOf > 0,
    value: ({ asOf }) => asOf / 1000,
  },
  {
    name: 'godwit_flow_missing_partitions',
    kind: 'gauge',
    help: 'Source partitions that are not completely on the target or whose state is unknown; no series before the first listing.',
    when: ({ completeness }) => completeness !== undefined,
    value: ({ completeness }) => completeness?.missing ?? 0,
  },
  {
    name: 'godwit_flow_lag_records',
    kind: 'gauge',
    help: 'Source offsets not copied yet, over all partitions; no series while unknown, or while the flow selects no topic.',
    when: ({ lag }) => lag !== null,
    value: ({ lag }) => lag ?? 0,
  },
  {
    name: 'godwit_flow_lag_seconds',
    kind: 'gauge',
    help: 'Age of the oldest record not copied yet in any partition, as far as known, seconds; 0 when there is none.',
    value: (flow) => oldestLagMs(flow) / 1000,
  },
  {
    name: 'godwit_flow_records_total',
    kind: 'counter',
    help: 'Records the target has acknowledged, over all partitions.',
    value: (flow) => flow.records,
  },
  {
    name: 'godwit_flow_bytes_total',
    kind: 'counter',
    help: 'Bytes of record batches the target has acknowledged, over all partitions.',
    value: (flow) => flow.bytes,
  },
  {
    name: 'godwit_flow_produce_throttle_seconds',
    kind: 'gauge',
    help: 'Throttle time of the last Produce response (quotas of the target), seconds; 0 without throttling.',
    value: ({ work }) => (work?.throttle?.producing ?? 0) / 1000,
  },
  {
    name: 'godwit_flow_fetch_throttle_seconds',
    kind: 'gauge',
    help: 'Throttle time of the last Fetch response (quotas), seconds; 0 without throttling.',
    value: ({ work }) => (work?.throttle?.fetching ?? 0) / 1000,
  },
]

/** Labels: flow, source, target, periodic task. */
export const taskMetrics: readonly ValueMetric<PeriodicTaskStatus>[] = [
  {
    name: 'godwit_periodic_task_up',
    kind: 'gauge',
    help: '1 when its last run succeeded, 0 when it failed; no series before the first run.',
    when: ({ result }) => result !== 'none',
    value: ({ result }) => Number(result === 'fine'),
  },
  {
    name: 'godwit_periodic_task_runs_total',
    kind: 'counter',
    help: 'Runs since this process began to work on the flow.',
    value: ({ runs }) => runs,
  },
  {
    name: 'godwit_periodic_task_failures_total',
    kind: 'counter',
    help: 'Failed runs since this process began to work on the flow.',
    value: ({ failures }) => failures,
  },
  {
    name: 'godwit_periodic_task_last_run_timestamp_seconds',
    kind: 'gauge',
    help: 'When the last run began, seconds since the epoch; no series before the first run.',
    when: ({ lastRun }) => lastRun > 0,
    value: ({ lastRun }) => lastRun / 1000,
  },
  {
    name: 'godwit_periodic_task_last_run_seconds',
    kind: 'gauge',
    help: 'How long the last run took, seconds.',
    when: ({ lastRun }) => lastRun > 0,
    value: ({ tookMs }) => tookMs / 1000,
  },
  {
    name: 'godwit_periodic_task_next_run_timestamp_seconds',
    kind: 'gauge',
    help: 'When the next run begins, seconds since the epoch; no series when none is scheduled.',
    when: ({ nextRun }) => nextRun > 0,
    value: ({ nextRun }) => nextRun / 1000,
  },
]

/** By how many offsets the committed offset on the target is behind the translated one; 0 when it is ahead. */
const behind = ({ downstream, targetCommitted }: GroupPartitionStatus) =>
  downstream < 0 ? 0 : Math.max(0, downstream - Math.max(0, targetCommitted))
const sumOver = (of: (partition: GroupPartitionStatus) => number) => (group: GroupStatus) =>
  group.partitions.reduce((sum, partition) => sum + of(partition), 0)

/** Labels: flow, source, target, group. */
export const groupMetrics: readonly ValueMetric<GroupStatus>[] = [
  {
    name: 'godwit_group_lag_sum_records',
    kind: 'gauge',
    help: 'Source offsets that the group has not read yet, over its partitions as far as known.',
    value: sumOver(({ lag }) => Math.max(0, lag)),
  },
  {
    name: 'godwit_group_sync_lag_sum_records',
    kind: 'gauge',
    help: 'Offsets by which the group on the target is behind its translated offsets, over its partitions.',
    value: sumOver(behind),
  },
  {
    name: 'godwit_group_partitions',
    kind: 'gauge',
    help: 'Partitions for which the group has committed an offset on the source.',
    value: ({ partitions }) => partitions.length,
  },
  {
    name: 'godwit_group_untranslated_partitions',
    kind: 'gauge',
    help: 'Partitions of the group whose offset has no translation for the target.',
    value: sumOver(({ downstream }) => Number(downstream < 0)),
  },
]

/** Labels: flow, source, target, group, topic (its name on the source), partition. */
export const groupPartitionMetrics: readonly ValueMetric<GroupPartitionStatus>[] = [
  {
    name: 'godwit_group_lag_records',
    kind: 'gauge',
    help: 'Source offsets that the group has not read yet; no series while the end of the partition is unknown.',
    when: ({ lag }) => lag >= 0,
    value: ({ lag }) => lag,
  },
  {
    name: 'godwit_group_sync_lag_records',
    kind: 'gauge',
    help: 'Offsets by which the group on the target is behind its translated offset; no series while there is none.',
    when: ({ downstream }) => downstream >= 0,
    value: behind,
  },
  {
    name: 'godwit_group_source_offset',
    kind: 'gauge',
    help: 'Offset that the group has committed on the source.',
    value: ({ upstream }) => upstream,
  },
  {
    name: 'godwit_group_translated_offset',
    kind: 'gauge',
    help: 'The offset of the group, translated for the target; no series while unknown.',
    when: ({ downstream }) => downstream >= 0,
    value: ({ downstream }) => downstream,
  },
  {
    name: 'godwit_group_target_offset',
    kind: 'gauge',
    help: 'Offset that the group has committed on the target; no series when it has none.',
    when: ({ targetCommitted }) => targetCommitted >= 0,
    value: ({ targetCommitted }) => targetCommitted,
  },
]

export const flowStates = [
  'starting',
  'standby',
  'running',
  'draining',
  'stopped',
  'failed',
] as const satisfies FlowState[]
export const partitionStates = ['waiting', 'recovering', 'copying', 'quarantined'] as const satisfies PartitionState[]

/** Metrics whose samples need more than one value each; `scrape.ts` reads them. */
export const metrics = {
  buildInfo: {
    name: 'godwit_build_info',
    kind: 'gauge',
    help: 'Always 1; the label version is the version of godwit.',
  },
  flowState: {
    name: 'godwit_flow_state',
    kind: 'gauge',
    help: `1 for the state the flow is in, 0 for the others; label state: ${flowStates.join(', ')}.`,
  },
  flowPartitions: {
    name: 'godwit_flow_partitions',
    kind: 'gauge',
    help: `Partitions of the flow by state; label state: ${partitionStates.join(', ')}.`,
  },
  problems: {
    name: 'godwit_problems',
    kind: 'gauge',
    help: 'Current problems of the flow, by code (label code, see docs/reference/failures.md).',
  },
  failuresByCode: {
    name: 'godwit_troubles_total',
    kind: 'counter',
    help: 'Failures of partitions of the flow, by code (label code), including those that a retry resolved.',
  },
  groupInfo: {
    name: 'godwit_group_info',
    kind: 'gauge',
    help: 'Always 1; labels source_state, target_state and protocol describe the group on both sides.',
  },
  summaryLag: {
    name: 'kafka_mirrormaker_summary_replication_lag',
    kind: 'gauge',
    help: 'Source offsets not copied yet by replication_flow and topic: the name a managed MirrorMaker 2 uses. While the target does not answer, computed from the source alone.',
  },
  heap: {
    name: 'jvm_memory_used_bytes',
    kind: 'gauge',
    help: "Memory of V8: label area is heap for objects, nonheap for buffers outside of V8's heap.",
  },
  collection: {
    name: 'jvm_gc_collection_seconds_sum',
    kind: 'gauge',
    help: 'Time that V8 has spent on garbage collection since the start, seconds, by kind (label gc).',
  },
  threads: {
    name: 'jvm_threads_current',
    kind: 'gauge',
    help: 'Threads of this process; only on Linux.',
  },
  cpuSeconds: { name: 'process_cpu_seconds_total', kind: 'counter', help: 'CPU time of this process, seconds.' },
  residentMemory: {
    name: 'process_resident_memory_bytes',
    kind: 'gauge',
    help: 'Resident memory of this process, bytes.',
  },
  startTime: {
    name: 'process_start_time_seconds',
    kind: 'gauge',
    help: 'Start of this process, seconds since the epoch.',
  },
} as const satisfies Record<string, Metric>
