// The MBeans of MM2, Connect and Kafka's clients that have a counterpart in godwit, with their JMX names.
import type { FlowStatus } from '../model/flow-status.ts'
import { adminBean, consumerBean, consumerLagBean, fetchManagerBean, producerBean } from './client-mbeans.ts'
import type { Connector, ConnectorState } from './connectors.ts'
import { bean, type MBean, window } from './mbean.ts'
import type { CheckpointView, PartitionView, TaskView, WorkerView } from './views.ts'

export type { Attribute, MBean } from './mbean.ts'

export const sourceBean = bean<PartitionView>(
  'kafka.connect.mirror',
  'MirrorSourceConnector',
  ['source', 'target', 'topic', 'partition'],
  [
    ['record-count', 'Records the target has acknowledged since the start.', (view) => view.records],
    ['record-rate', `Records acknowledged per second, ${window}.`, (view) => view.acknowledged.rate],
    ['byte-count', 'Bytes of record batches fetched since the start.', (view) => view.bytes],
    ['byte-rate', `Bytes of record batches fetched per second, ${window}.`, (view) => view.fetched.rate],
    ['record-age-ms', 'Age of the last records when they were fetched, ms.', (view) => view.recordAge],
    ['record-age-ms-max', `Maximum age of records when fetched, ms, ${window}.`, (view) => view.fetched.max],
    ['record-age-ms-min', `Minimum age of records when fetched, ms, ${window}.`, (view) => view.fetched.min],
    ['record-age-ms-avg', `Mean age of records when fetched, ms, ${window}.`, (view) => view.fetched.avg],
    [
      'replication-latency-ms',
      'Time from the timestamp of the last records to their acknowledgement, ms.',
      (view) => view.replicationLatency,
    ],
    [
      'replication-latency-ms-max',
      `Maximum time from timestamp to acknowledgement, ms, ${window}.`,
      (view) => view.acknowledged.max,
    ],
    [
      'replication-latency-ms-min',
      `Minimum time from timestamp to acknowledgement, ms, ${window}.`,
      (view) => view.acknowledged.min,
    ],
    [
      'replication-latency-ms-avg',
      `Mean time from timestamp to acknowledgement, ms, ${window}.`,
      (view) => view.acknowledged.avg,
    ],
  ],
)

export const checkpointBean = bean<CheckpointView>(
  'kafka.connect.mirror',
  'MirrorCheckpointConnector',
  ['source', 'target', 'group', 'topic', 'partition'],
  [
    [
      'checkpoint-latency-ms',
      'Time from the timestamp of the last checkpoint to its acknowledgement, ms.',
      ({ last }) => last,
    ],
    [
      'checkpoint-latency-ms-max',
      `Maximum of these times over all partitions of the group, ms, ${window}.`,
      ({ spread }) => spread.max,
    ],
    [
      'checkpoint-latency-ms-min',
      `Minimum of these times over all partitions of the group, ms, ${window}.`,
      ({ spread }) => spread.min,
    ],
    [
      'checkpoint-latency-ms-avg',
      `Mean of these times over all partitions of the group, ms, ${window}.`,
      ({ spread }) => spread.avg,
    ],
  ],
)

const sumOf = (flows: readonly FlowStatus[], of: (flow: FlowStatus) => number) =>
  flows.reduce((sum, flow) => sum + of(flow), 0)
const taken = ({ flows }: WorkerView) => sumOf(flows, ({ work }) => work?.taken ?? 0)
const begun = ({ flows }: WorkerView) => sumOf(flows, ({ work }) => work?.begun ?? 0)
/** Only a permanent failure counts as a failed start; a flow that waits for a cluster is still starting. */
const unbegun = ({ flows }: WorkerView) =>
  flows.filter(({ state, work }) => state === 'failed' && (work?.taken ?? 0) > (work?.begun ?? 0)).length
const share = (part: number, rest: number) => (part + rest === 0 ? 0 : part / (part + rest))
const perFlow = 3

export const workerBean = bean<WorkerView>(
  'kafka.connect',
  'connect-worker-metrics',
  [],
  [
    [
      'connector-count',
      'Connectors of this process: three per flow, as in MirrorMaker 2.',
      ({ connectors }) => connectors.length,
    ],
    [
      'task-count',
      'Tasks of this process: one per flow for copying, one for heartbeats and one for groups if the flow handles them.',
      ({ connectors }) => connectors.reduce((sum, { tasks }) => sum + tasks, 0),
    ],
    [
      'connector-startup-attempts-total',
      'Connectors that this process was started with.',
      ({ connectors }) => connectors.length,
    ],
    [
      'connector-startup-success-total',
      'Connectors whose flow has begun to work or to stand by.',
      (view) => view.begun * perFlow,
    ],
    [
      'connector-startup-failure-total',
      'Connectors whose flow failed permanently before that.',
      (view) => view.failedAtStart * perFlow,
    ],
    [
      'connector-startup-success-percentage',
      'Share of successful starts, from 0 to 1 as in Connect.',
      (view) => share(view.begun, view.failedAtStart),
    ],
    [
      'connector-startup-failure-percentage',
      'Share of failed starts, from 0 to 1.',
      (view) => share(view.failedAtStart, view.begun),
    ],
    ['task-startup-attempts-total', 'How often this process has begun to work on a flow.', taken],
    ['task-startup-success-total', 'How often copying started after that.', begun],
    ['task-startup-failure-total', 'How often the flow failed permanently before copying started.', unbegun],
    [
      'task-startup-success-percentage',
      'Share of successful starts, from 0 to 1.',
      (view) => share(begun(view), unbegun(view)),
    ],
    [
      'task-startup-failure-percentage',
      'Share of failed starts, from 0 to 1.',
      (view) => share(unbegun(view), begun(view)),
    ],
  ],
)

const tasksIn = (state: ConnectorState) => (view: Connector) => (view.taskState === state ? view.tasks : 0)

export const workerConnectorBean = bean<Connector>(
  'kafka.connect',
  'connect-worker-metrics',
  ['connector'],
  [
    ['connector-total-task-count', 'Tasks of the connector.', ({ tasks }) => tasks],
    ['connector-running-task-count', 'Tasks of a running flow.', tasksIn('RUNNING')],
    ['connector-paused-task-count', 'Tasks of a paused connector.', tasksIn('PAUSED')],
    [
      'connector-failed-task-count',
      'Tasks that failed, or have a partition that needs a manual action.',
      tasksIn('FAILED'),
    ],
    [
      'connector-unassigned-task-count',
      'Tasks of a flow that starts, or stands by for another process.',
      tasksIn('UNASSIGNED'),
    ],
    ['connector-destroyed-task-count', 'Tasks that no longer exist; a stopped connector has none.', tasksIn('STOPPED')],
  ],
)

export const rebalanceBean = bean<WorkerView>(
  'kafka.connect',
  'connect-worker-rebalance-metrics',
  [],
  [
    ['completed-rebalances-total', 'How often this process has acquired the lease of a flow.', taken],
    [
      'rebalancing',
      '1 while a flow waits for the decision which process works on it.',
      ({ flows }) => Number(flows.some(({ work }) => work?.joining)),
    ],
    [
      'time-since-last-rebalance-ms',
      'Time since a lease was last acquired, ms; NaN before the first.',
      ({ flows, now }) => {
        const last = flows.reduce((latest, { work }) => Math.max(latest, work?.takenAt ?? 0), 0)
        return last === 0 ? Number.NaN : now - last
      },
    ],
  ],
)

/** The value is always 1: the information is in the tags. */
const always = [
  ['status', "Always 1; the label has the state of the connector's flow in Connect's words.", () => 1],
] as const

export const taskStatusBean: MBean<Connector> = {
  ...bean<Connector>('kafka.connect', 'connector-task-metrics', ['connector', 'task', 'status'], always),
  isText: true,
}

export const connectorStatusBean: MBean<Connector> = {
  ...bean<Connector>(
    'kafka.connect',
    'connector-metrics',
    ['connector', 'connector-type', 'connector-class', 'connector-version', 'status'],
    always,
  ),
  isText: true,
}

const ofTask = ['connector', 'task']

export const taskBean = bean<TaskView>('kafka.connect', 'connector-task-metrics', ofTask, [
  [
    'offset-commit-max-time-ms',
    `Maximum time for writing positions and MirrorMaker 2's offsets, ms, ${window}.`,
    ({ commits }) => commits.max,
  ],
  ['offset-commit-avg-time-ms', `Mean time for these writes, ms, ${window}.`, ({ commits }) => commits.avg],
  [
    'offset-commit-success-percentage',
    `Share of these writes that succeeded, from 0 to 1, ${window}; 0 before the first.`,
    ({ outcomes }) => (Number.isNaN(outcomes.avg) ? 0 : outcomes.avg),
  ],
  [
    'offset-commit-failure-percentage',
    `Share of these writes that failed (they are retried), from 0 to 1, ${window}.`,
    ({ outcomes }) => (Number.isNaN(outcomes.avg) ? 0 : 1 - outcomes.avg),
  ],
])

export const sourceTaskBean = bean<TaskView>('kafka.connect', 'source-task-metrics', ofTask, [
  [
    'source-record-poll-total',
    'Source offsets fetched since the start; batches are not opened for counting, so gaps in the log count too.',
    ({ meter }) => meter.polled,
  ],
  ['source-record-poll-rate', `Source offsets fetched per second, ${window}.`, ({ polls }) => polls.rate],
  ['source-record-write-total', 'Records the target has acknowledged since the start.', ({ meter }) => meter.written],
  ['source-record-write-rate', `Records acknowledged per second, ${window}.`, ({ writes }) => writes.rate],
  ['source-record-active-count', 'Source offsets fetched and not yet acknowledged.', ({ active }) => active],
])

export const taskErrorBean = bean<TaskView>('kafka.connect', 'task-error-metrics', ofTask, [
  [
    'total-record-failures',
    'How often a partition was quarantined until a manual action; the others go on.',
    ({ meter }) => meter.parkings,
  ],
  [
    'total-record-errors',
    'Failures of partitions of any kind, including leader changes and lost connections.',
    ({ meter }) => meter.retries + meter.parkings,
  ],
  [
    'total-records-skipped',
    'Source offsets that the source deleted, for example by retention, before they were copied.',
    ({ missed }) => missed,
  ],
  ['total-retries', 'Failures of partitions that are retried automatically.', ({ meter }) => meter.retries],
  [
    'last-error-timestamp',
    'When a partition last failed, ms since the epoch; 0: never.',
    ({ meter }) => meter.lastFailure,
  ],
])

const holds = ({ state }: FlowStatus) => state === 'running' || state === 'draining'

export const coordinatorBean = bean<FlowStatus>(
  'kafka.connect',
  'connect-coordinator-metrics',
  ['client-id'],
  [
    [
      'assigned-connectors',
      'Connectors of the flow that this process works on: three while it holds the lease, else 0.',
      (flow) => (holds(flow) ? perFlow : 0),
    ],
    ['assigned-tasks', '1 while this process copies the flow, else 0.', (flow) => Number(holds(flow))],
  ],
)

export { adminBean, consumerBean, consumerLagBean, fetchManagerBean, producerBean }

/** All of them, for docs/reference/metrics.md. */
export const mbeans = [
  sourceBean,
  checkpointBean,
  workerBean,
  workerConnectorBean,
  rebalanceBean,
  taskStatusBean,
  connectorStatusBean,
  taskBean,
  sourceTaskBean,
  taskErrorBean,
  coordinatorBean,
  fetchManagerBean,
  consumerLagBean,
  consumerBean,
  producerBean,
  adminBean,
] as const
