// The MBeans of Kafka's clients: consumer, producer and admin.
import { bean, window } from './mbean.ts'
import type { PartitionView, TaskView } from './views.ts'

export const fetchManagerBean = bean<TaskView>(
  'kafka.consumer',
  'consumer-fetch-manager-metrics',
  ['client-id'],
  [
    ['records-consumed-total', 'Source offsets fetched since the start.', ({ meter }) => meter.polled],
    ['bytes-consumed-total', 'Bytes of record batches fetched since the start.', ({ meter }) => meter.polledBytes],
    ['records-consumed-rate', `Source offsets fetched per second, ${window}.`, ({ polls }) => polls.rate],
    [
      'fetch-throttle-time-avg',
      `Mean throttle time of Fetch responses (quotas of the source), ms, ${window}.`,
      ({ fetching }) => fetching.avg,
    ],
    [
      'fetch-throttle-time-max',
      `Maximum throttle time of a Fetch response, ms, ${window}.`,
      ({ fetching }) => fetching.max,
    ],
  ],
)

export const consumerLagBean = bean<PartitionView>(
  'kafka.consumer',
  'consumer-fetch-manager-metrics',
  ['client-id', 'topic', 'partition'],
  [
    [
      'records-lag',
      'Source offsets not acknowledged by the target. While the target does not answer, computed from the source alone; no series while unknown.',
      ({ consumerLag }) => consumerLag ?? Number.NaN,
    ],
  ],
)

export const consumerBean = bean<TaskView>(
  'kafka.consumer',
  'consumer-metrics',
  ['client-id'],
  [
    [
      'incoming-byte-total',
      'Bytes of record batches fetched since the start, without the rest of the Fetch responses.',
      ({ meter }) => meter.polledBytes,
    ],
    ['connection-count', 'Open connections for fetching records.', ({ flow }) => flow.work?.connections.fetching ?? 0],
  ],
)

export const producerBean = bean<TaskView>(
  'kafka.producer',
  'producer-metrics',
  ['client-id'],
  [
    [
      'outgoing-byte-total',
      'Bytes of record batches acknowledged since the start, in the size they had on the source.',
      ({ meter }) => meter.writtenBytes,
    ],
    [
      'connection-count',
      'Open connections for producing records.',
      ({ flow }) => flow.work?.connections.producing ?? 0,
    ],
    [
      'produce-throttle-time-avg',
      `Mean throttle time of Produce responses (quotas of the target), ms, ${window}.`,
      ({ producing }) => producing.avg,
    ],
    [
      'produce-throttle-time-max',
      `Maximum throttle time of a Produce response, ms, ${window}.`,
      ({ producing }) => producing.max,
    ],
    ['buffer-total-bytes', 'Memory for records in flight, bytes.', ({ flow }) => flow.work?.memoryBytes ?? 0],
    ['buffer-available-bytes', 'Free part of that memory, bytes.', ({ flow }) => flow.work?.memoryFree ?? 0],
  ],
)

/** The view is the number of connections. */
export const adminBean = bean<number>(
  'kafka.admin.client',
  'admin-client-metrics',
  ['client-id'],
  [
    [
      'connection-count',
      'Open connections for administration (topics, offsets and groups) to one cluster of the flow.',
      (connections) => connections,
    ],
  ],
)
