// Metrics of periodic tasks, consumer groups and checkpoints.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupPartitionStatus, GroupStatus, PeriodicTaskStatus } from '../../../src/model/flow-status.ts'
import { clock, flow, newCollector, series } from './scraped.ts'

const ofFlow = 'flow="old->new",source="old",target="new"'

function task(given: Partial<PeriodicTaskStatus>): PeriodicTaskStatus {
  const times = { intervalMs: 1000, runs: 0, failures: 0, lastRun: 0, tookMs: 0, nextRun: 0 }
  return { task: 'topics', state: 'waiting', ...times, result: 'none', message: '', ...given }
}

test('a periodic task reports start, duration, next run and result', () => {
  const ran = task({ runs: 5, failures: 2, lastRun: 900_000, tookMs: 250, nextRun: 1_500_000, result: 'failed' })
  const found = series([flow({ periodicTasks: [ran] })])
  const one = (name: string) => found.get(`godwit_periodic_task_${name}{${ofFlow},task="topics"}`)
  assert.equal(one('runs_total'), '5')
  assert.equal(one('failures_total'), '2')
  assert.equal(one('last_run_timestamp_seconds'), '900')
  assert.equal(one('last_run_seconds'), '0.25')
  assert.equal(one('next_run_timestamp_seconds'), '1500')
  assert.equal(one('up'), '0')
})

test('a periodic task that has not run yet has no time and no result, so that no alert fires', () => {
  const found = series([flow({ periodicTasks: [task({ nextRun: 0 })] })])
  const names = [...found.keys()]
    .filter((name) => name.startsWith('godwit_periodic_task_'))
    .map((name) => name.split('{')[0])
  assert.deepEqual(names, ['godwit_periodic_task_runs_total', 'godwit_periodic_task_failures_total'])
})

function committed(partition: number, given: Partial<GroupPartitionStatus> = {}): GroupPartitionStatus {
  const place = { topic: 'orders', targetTopic: 'old.orders', partition }
  return { ...place, upstream: 100, downstream: 90, targetCommitted: 80, lag: 7, result: 'synced', ...given }
}

function group(...partitions: GroupPartitionStatus[]): GroupStatus {
  return { group: 'billing', sourceState: 'Stable', targetState: 'Empty', protocol: 'classic', partitions }
}

test('a group has sums even if some of its partitions are unknown', () => {
  const groups = [
    group(
      committed(0),
      committed(1, { downstream: -1, lag: -1 }),
      committed(2, { targetCommitted: -1 }),
      committed(3, { targetCommitted: 95 }),
    ),
  ]
  const found = series([flow({ groups })])
  const one = (name: string) => found.get(`godwit_group_${name}{${ofFlow},group="billing"}`)
  assert.equal(one('lag_sum_records'), '21')
  assert.equal(one('sync_lag_sum_records'), '100')
  assert.equal(one('partitions'), '4')
  assert.equal(one('untranslated_partitions'), '1')
  const info = 'source_state="Stable",target_state="Empty",protocol="classic"'
  assert.equal(found.get(`godwit_group_info{${ofFlow},group="billing",${info}}`), '1')
})

test('group partitions have series for their known values', () => {
  const found = series([flow({ groups: [group(committed(0), committed(1, { downstream: -1, lag: -1 }))] })])
  const one = (name: string, partition: number) =>
    found.get(`godwit_group_${name}{${ofFlow},group="billing",topic="orders",partition="${partition}"}`)
  assert.equal(one('lag_records', 0), '7')
  assert.equal(one('sync_lag_records', 0), '10')
  assert.equal(one('source_offset', 0), '100')
  assert.equal(one('translated_offset', 0), '90')
  assert.equal(one('target_offset', 0), '80')
  assert.equal(one('source_offset', 1), '100')
  for (const name of ['lag_records', 'sync_lag_records', 'translated_offset']) assert.equal(one(name, 1), undefined)
})

test('without partitions a group has only its sums', () => {
  const found = series([flow({ groups: [group(committed(0))] })], newCollector(), { families: [], partitions: false })
  const names = [...found.keys()].filter((name) => name.includes('group=')).map((name) => name.split('{')[0])
  assert.deepEqual(names, [
    'godwit_group_lag_sum_records',
    'godwit_group_sync_lag_sum_records',
    'godwit_group_partitions',
    'godwit_group_untranslated_partitions',
    'godwit_group_info',
  ])
})

const checkpoint = {
  flow: 'old->new',
  source: 'old',
  target: 'new',
  group: 'billing',
  topic: 'old.orders',
  partition: 2,
}

test('checkpoint latency has the last value per partition, and minimum, maximum and average per group', () => {
  const collector = newCollector()
  collector.checkpointed({ ...checkpoint, latencyMs: 30 })
  collector.checkpointed({ ...checkpoint, partition: 5, latencyMs: 10 })
  const found = series([flow()], collector)
  const one = (name: string, partition: number) =>
    found.get(
      `kafka_connect_mirror_mirrorcheckpointconnector_checkpoint_latency_ms${name}{source="old",target="new",group="billing",topic="old.orders",partition="${partition}"}`,
    )
  assert.equal(one('', 2), '30')
  assert.equal(one('', 5), '10')
  assert.equal(one('_max', 5), '30')
  assert.equal(one('_min', 2), '10')
  assert.equal(one('_avg', 2), '20')
  assert.equal(one('', 3), undefined)
  clock.now += 120_000
  const later = series([flow()], collector)
  clock.now -= 120_000
  const name =
    'kafka_connect_mirror_mirrorcheckpointconnector_checkpoint_latency_ms_max{source="old",target="new",group="billing",topic="old.orders",partition="2"}'
  assert.equal(later.get(name), 'NaN')
})

test('without partitions checkpoint latency is one series per group, with the last value of any partition', () => {
  const collector = newCollector()
  collector.checkpointed({ ...checkpoint, latencyMs: 30 })
  collector.checkpointed({ ...checkpoint, partition: 5, latencyMs: 10 })
  const found = series([flow()], collector, { families: ['strimzi'], partitions: false })
  const name = 'kafka_connect_mirror_mirrorcheckpointconnector_checkpoint_latency_ms'
  assert.equal(found.get(`${name}{source="old",target="new",group="billing"}`), '10')
})
