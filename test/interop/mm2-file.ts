// The text of an mm2.properties between any number of small clusters: everything once a second, topics with one replica.
import type { TestCluster } from '../harness/cluster.ts'

const replicated = [
  'replication.factor',
  ...['checkpoints', 'heartbeats', 'offset-syncs'].map((name) => `${name}.topic.replication.factor`),
  ...['offset', 'status', 'config'].map((name) => `${name}.storage.replication.factor`),
]
const intervals = [
  'refresh.topics',
  'refresh.groups',
  'emit.checkpoints',
  'emit.heartbeats',
  'sync.group.offsets',
  'sync.topic.configs',
]

/** @param clusters by alias @param lines of the story itself: they go last, and so beat those before them */
export function mm2File(clusters: Readonly<Record<string, TestCluster>>, ...lines: readonly string[]): string {
  return [
    `clusters = ${Object.keys(clusters).join(', ')}`,
    ...Object.entries(clusters).map(([alias, { bootstrap }]) => `${alias}.bootstrap.servers = ${bootstrap}`),
    ...replicated.map((key) => `${key} = 1`),
    ...intervals.map((name) => `${name}.interval.seconds = 1`),
    // A worker's key: MM2 hears it only with the alias of the target.
    ...Object.keys(clusters).map((alias) => `${alias}.offset.flush.interval.ms = 1000`),
    ...lines,
    '',
  ].join('\n')
}

export const identity = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy'
