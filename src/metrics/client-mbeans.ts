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
      `Mean throttle time of Fetch answers (quotas of the source), ms, ${window}.`,
      ({ fetching }) => fetching.avg,
    ],
    [
      'fetch-throttle-time-max',
      `Greatest throttle time of a Fetch answer, ms, ${window}.`,
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
      'Source offsets not acknowledged by the target. While the target does not answer, by what the source says alone; no series while unknown.',
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
      'Bytes of record batches fetched since the start, without what Fetch answers hold beside them.',
      ({ meter }) => meter.polledBytes,
    ],
    [
      'connection-count',
      'Open connections that records are fetched over.',
      ({ flow }) => flow.work?.connections.fetching ?? 0,
    ],
  ],
)

export const producerBean = bean<TaskView>(
  'kafka.producer',
  'producer-metrics',
  ['client-id'],
  [
    [
      'outgoing-byte-total',
      'Bytes of record batches acknowledged since the start, as they came from the source.',
      ({ meter }) => meter.writtenBytes,
    ],
    [
      'connection-count',
      'Open connections that records are produced over.',
      ({ flow }) => flow.work?.connections.producing ?? 0,
    ],
    [
      'produce-throttle-time-avg',
      `Mean throttle time of Produce answers (quotas of the target), ms, ${window}.`,
      ({ producing }) => producing.avg,
    ],
    [
      'produce-throttle-time-max',
      `Greatest throttle time of a Produce answer, ms, ${window}.`,
      ({ producing }) => producing.max,
    ],
    ['buffer-total-bytes', 'Memory for records on their way, bytes.', ({ flow }) => flow.work?.memoryBytes ?? 0],
    ['buffer-available-bytes', 'What of it is free, bytes.', ({ flow }) => flow.work?.memoryFree ?? 0],
  ],
)

/** Its view is the number itself. */
export const adminBean = bean<number>(
  'kafka.admin.client',
  'admin-client-metrics',
  ['client-id'],
  [
    [
      'connection-count',
      'Open connections to look after topics, offsets and groups of one cluster of the flow.',
      (connections) => connections,
    ],
  ],
)
