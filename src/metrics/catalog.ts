// Every metric godwit gives: name, kind, help, and how its value is read. The reference is written from these tables.
import type { FlowState, FlowStatus, PartitionState, PartitionStatus } from '../mirror/flow-status.ts'
import type { Metric } from './exposition.ts'
import type { Measured } from './window.ts'

/** One partition at the moment of the scrape. */
export interface PartitionView {
  readonly status: PartitionStatus
  readonly records: number
  readonly bytes: number
  readonly recordAge: number
  readonly replicationLatency: number
  readonly fetched: Measured
  readonly acknowledged: Measured
}

export interface PartitionMetric extends Metric {
  /** no series while the partition's position or end is unknown: a NaN would spoil every sum */
  readonly needsOffsets?: boolean
  readonly value: (view: PartitionView) => number
}

export interface FlowMetric extends Metric {
  readonly value: (flow: FlowStatus) => number
}

/** MM2's prefix under the exporter rules most dashboards were made for. */
const prefix = 'kafka_connect_mirror_mirrorsourceconnector_'
const window = 'over the last 30 to 60 s'

function mm2(attribute: string, help: string, value: PartitionMetric['value']): PartitionMetric {
  return { name: `${prefix}${attribute}`, kind: 'gauge', help, value }
}

const recordCount = (view: PartitionView) => view.records

/** Labels: source, target, topic (its name on the target), partition. */
export const partitionMetrics: readonly PartitionMetric[] = [
  mm2('record_count', 'Records the target has acknowledged since the start.', recordCount),
  mm2('record_rate', `Records acknowledged per second, ${window}.`, (view) => view.acknowledged.rate),
  mm2('byte_count', 'Bytes of record batches fetched since the start.', (view) => view.bytes),
  mm2('byte_rate', `Bytes of record batches fetched per second, ${window}.`, (view) => view.fetched.rate),
  mm2('record_age_ms', 'Age of the last records when they were fetched, ms.', (view) => view.recordAge),
  mm2('record_age_ms_max', `Greatest age of records when fetched, ms, ${window}.`, (view) => view.fetched.max),
  mm2('record_age_ms_min', `Least age of records when fetched, ms, ${window}.`, (view) => view.fetched.min),
  mm2('record_age_ms_avg', `Mean age of records when fetched, ms, ${window}.`, (view) => view.fetched.avg),
  mm2('replication_latency_ms', 'Time from the timestamp of the last records to their acknowledgement, ms.', (view) => {
    return view.replicationLatency
  }),
  mm2('replication_latency_ms_max', `Greatest time from timestamp to acknowledgement, ms, ${window}.`, (view) => {
    return view.acknowledged.max
  }),
  mm2('replication_latency_ms_min', `Least time from timestamp to acknowledgement, ms, ${window}.`, (view) => {
    return view.acknowledged.min
  }),
  mm2('replication_latency_ms_avg', `Mean time from timestamp to acknowledgement, ms, ${window}.`, (view) => {
    return view.acknowledged.avg
  }),
  {
    name: 'kafka_connect_mirror_records_count',
    kind: 'gauge',
    help: 'The same as record_count, for those who follow a guide and grep for records_count.',
    value: recordCount,
  },
  {
    name: 'godwit_replication_lag_records',
    kind: 'gauge',
    help: 'Source offsets still to copy; no series while unknown.',
    needsOffsets: true,
    value: ({ status }) => status.lag,
  },
  {
    name: 'godwit_replication_lag_seconds',
    kind: 'gauge',
    help: 'Age of the oldest record still to copy, as far as known, seconds; 0 when there is none, no series while unknown.',
    needsOffsets: true,
    value: ({ status }) => status.lagMs / 1000,
  },
  {
    name: 'godwit_doubtful_records_total',
    kind: 'counter',
    help: 'Records that may stand twice on the target.',
    value: ({ status }) => status.doubtful,
  },
  {
    name: 'godwit_missed_offsets_total',
    kind: 'counter',
    help: 'Source offsets that were gone (retention, deletion) before they could be copied.',
    value: ({ status }) => status.missed,
  },
]

export function isKnown(status: PartitionStatus): boolean {
  return status.position >= 0 && status.sourceEnd >= 0
}

/** Labels: flow, source, target. */
export const flowMetrics: readonly FlowMetric[] = [
  {
    name: 'godwit_flow_in_sync',
    kind: 'gauge',
    help: '1 when everything that was there at the start has arrived.',
    value: (flow) => Number(flow.inSync),
  },
  {
    name: 'godwit_flow_lag_records',
    kind: 'gauge',
    help: 'Source offsets still to copy, over all partitions.',
    value: (flow) => flow.lag,
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
]

export const flowStates = [
  'starting',
  'standby',
  'running',
  'draining',
  'stopped',
  'failed',
] as const satisfies FlowState[]
export const partitionStates = ['waiting', 'settling', 'copying', 'quarantined'] as const satisfies PartitionState[]

/** Connect's word for a flow's state; a flow that stands by has its task elsewhere. */
export const connectStatus: Readonly<Record<FlowState, 'running' | 'failed' | 'unassigned' | 'stopped'>> = {
  starting: 'unassigned',
  standby: 'unassigned',
  running: 'running',
  draining: 'running',
  stopped: 'stopped',
  failed: 'failed',
}

/** Metrics whose samples are more than one value per flow or partition; `scrape.ts` reads them. */
export const metrics = {
  buildInfo: { name: 'godwit_build_info', kind: 'gauge', help: 'Always 1; the label version tells which godwit runs.' },
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
    help: 'Problems the flow has now, by code (label code, see the failures).',
  },
  summaryLag: {
    name: 'kafka_mirrormaker_summary_replication_lag',
    kind: 'gauge',
    help: 'Source offsets still to copy by replication_flow and topic: the name a managed MirrorMaker 2 uses.',
  },
  consumerLag: {
    name: 'kafka_consumer_fetch_manager_records_lag',
    kind: 'gauge',
    help: "The lag under the name of MM2's replication consumer, labels clientid, topic (on the source), partition.",
  },
  connectorCount: {
    name: 'kafka_connect_worker_connector_count',
    kind: 'gauge',
    help: 'Flows of this process, each counted as the source connector it stands for.',
  },
  taskCount: { name: 'kafka_connect_worker_task_count', kind: 'gauge', help: 'Flows of this process, one task each.' },
  connectorStatus: {
    name: 'kafka_connect_connector_status',
    kind: 'gauge',
    help: "1 with the flow's state in Connect's words; labels connector, task, status.",
  },
  runningTasks: {
    name: 'kafka_connect_worker_connector_running_task_count',
    kind: 'gauge',
    help: '1 when the flow is copying; label connector.',
  },
  failedTasks: {
    name: 'kafka_connect_worker_connector_failed_task_count',
    kind: 'gauge',
    help: '1 when the flow has failed for good; label connector.',
  },
  unassignedTasks: {
    name: 'kafka_connect_worker_connector_unassigned_task_count',
    kind: 'gauge',
    help: '1 when the flow starts or stands by for another process; label connector.',
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
