// An mm2.properties for any number of small clusters: all intervals are one second, topics have one replica.
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

/** @param clusters by alias @param lines lines of the test; they come last and override earlier ones */
export function mm2File(clusters: Readonly<Record<string, TestCluster>>, ...lines: readonly string[]): string {
  return [
    `clusters = ${Object.keys(clusters).join(', ')}`,
    ...Object.entries(clusters).map(([alias, { bootstrap }]) => `${alias}.bootstrap.servers = ${bootstrap}`),
    ...replicated.map((key) => `${key} = 1`),
    ...intervals.map((name) => `${name}.interval.seconds = 1`),
    // A worker key: MM2 reads it only with the alias of the target.
    ...Object.keys(clusters).map((alias) => `${alias}.offset.flush.interval.ms = 1000`),
    ...lines,
    '',
  ].join('\n')
}

export const identity = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy'
