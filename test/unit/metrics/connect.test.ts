// Metrics of Connect's worker, connectors and tasks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowStatus, PeriodicTaskName, PeriodicTaskStatus, WorkStatus } from '../../../src/model/flow-status.ts'
import { clock, flow, newCollector, partition, passed, series } from './scraped.ts'

function task(name: PeriodicTaskName): PeriodicTaskStatus {
  const times = { intervalMs: 1000, runs: 1, failures: 0, lastRun: 0, tookMs: 0, nextRun: 0 }
  return { task: name, state: 'waiting', ...times, result: 'fine', message: '' }
}

function work(given: Partial<WorkStatus> = {}): WorkStatus {
  const connections = { fetching: 2, producing: 3, source: 4, target: 5 }
  const memory = { memoryBytes: 1000, memoryFree: 400 }
  return {
    taken: 1,
    begun: 1,
    takenAt: clock.now - 7000,
    joining: false,
    targetClusterId: 'T',
    ...memory,
    connections,
    ...given,
  }
}

const billing = { group: 'billing', sourceState: 'Empty', targetState: 'Dead', protocol: 'classic', partitions: [] }
const working = (given: Partial<FlowStatus> = {}) =>
  flow({
    groups: [billing],
    periodicTasks: [task('topics'), task('heartbeats'), task('checkpoints'), task('groups')],
    work: work(),
    ...given,
  })

const quoted = (connector: string) => `connector="\\"old->new.${connector}\\""`
const ofTask = `${quoted('MirrorSourceConnector')},task="0"`

test('a flow counts as three connectors, with one task for each kind of its work', () => {
  const all = series([working()])
  assert.equal(all.get('kafka_connect_worker_connector_count'), '3')
  assert.equal(all.get('kafka_connect_worker_task_count'), '3')
  assert.equal(series([working({ groups: [] })]).get('kafka_connect_worker_task_count'), '2')
  const alone = series([flow()])
  assert.equal(alone.get('kafka_connect_worker_connector_count'), '3')
  assert.equal(alone.get('kafka_connect_worker_task_count'), '1')
  const status = (name: string) => `kafka_connect_connector_status{${quoted(name)},task="0",status="running"}`
  for (const name of ['MirrorSourceConnector', 'MirrorHeartbeatConnector', 'MirrorCheckpointConnector']) {
    assert.equal(all.get(status(name)), '1', name)
    assert.equal(alone.has(status(name)), name === 'MirrorSourceConnector', name)
  }
})

test('tasks are counted in the state of their connector, and paused ones are not running', () => {
  const found = series([working({ halted: { MirrorSourceConnector: 'paused' } })])
  const count = (connector: string, state: string) =>
    found.get(`kafka_connect_worker_connector_${state}_task_count{${quoted(connector)}}`)
  assert.equal(count('MirrorSourceConnector', 'paused'), '1')
  assert.equal(count('MirrorSourceConnector', 'running'), '0')
  assert.equal(count('MirrorHeartbeatConnector', 'paused'), '0')
  assert.equal(count('MirrorHeartbeatConnector', 'running'), '1')
})

test('a source task counts fetched and written records, and those in between', () => {
  const collector = newCollector()
  collector.fetched(passed({ records: 60, bytes: 5000 }))
  collector.acknowledged(passed({ records: 30, bytes: 2000 }))
  const topics = [{ topic: 'orders', targetTopic: 'old.orders', partitions: [partition(0, { active: 30, missed: 4 })] }]
  const found = series([working({ topics })], collector)
  const task = (name: string) => found.get(`kafka_connect_${name}{${ofTask}}`)
  assert.equal(task('source_task_source_record_poll_total'), '60')
  assert.equal(task('source_task_source_record_poll_rate'), '2')
  assert.equal(task('source_task_source_record_write_total'), '30')
  assert.equal(task('source_task_source_record_write_rate'), '1')
  assert.equal(task('source_task_source_record_active_count'), '30')
  assert.equal(task('task_error_total_records_skipped'), '4')
  const client = 'clientid="\\"old->new|old->new.MirrorSourceConnector-0|replication-consumer\\""'
  assert.equal(found.get(`kafka_consumer_incoming_byte_total{${client}}`), '5000')
  assert.equal(found.get(`kafka_consumer_fetch_manager_records_consumed_total{${client}}`), '60')
})

test('transient failures are distinguished from those that wait for the user', () => {
  const collector = newCollector()
  const place = { flow: 'old->new', topic: 'old.orders', partition: 0 }
  collector.troubled({ ...place, code: 'LEADER_MOVED' })
  collector.troubled({ ...place, code: 'LEADER_MOVED' })
  collector.troubled({ ...place, code: 'CORRUPT_BATCH' })
  const found = series([working()], collector)
  const task = (name: string) => found.get(`kafka_connect_task_error_${name}{${ofTask}}`)
  assert.equal(task('total_record_errors'), '3')
  assert.equal(task('total_retries'), '2')
  assert.equal(task('total_record_failures'), '1')
  assert.equal(task('last_error_timestamp'), String(clock.now))
  const ofFlow = 'flow="old->new",source="old",target="new"'
  assert.equal(found.get(`godwit_troubles_total{${ofFlow},code="LEADER_MOVED"}`), '2')
})

test('commits have a duration, and their success is a ratio from 0 to 1', () => {
  const collector = newCollector()
  const commit = (name: string) => series([working()], collector).get(`kafka_connect_connector_task_${name}{${ofTask}}`)
  assert.equal(commit('offset_commit_success_percentage'), '0')
  assert.equal(commit('offset_commit_avg_time_ms'), 'NaN')
  for (const [tookMs, isDone] of [
    [10, true],
    [30, true],
    [20, true],
    [100, false],
  ] as const) {
    collector.committed({ flow: 'old->new', tookMs, isDone })
  }
  assert.equal(commit('offset_commit_success_percentage'), '0.75')
  assert.equal(commit('offset_commit_failure_percentage'), '0.25')
  assert.equal(commit('offset_commit_avg_time_ms'), '40')
  assert.equal(commit('offset_commit_max_time_ms'), '100')
})

test('taking the lease counts as a rebalance and as a start of tasks', () => {
  const found = series([working({ work: work({ taken: 3, begun: 2 }) })])
  assert.equal(found.get('kafka_connect_worker_rebalance_completed_rebalances_total'), '3')
  assert.equal(found.get('kafka_connect_worker_rebalance_rebalancing'), '0')
  assert.equal(found.get('kafka_connect_worker_rebalance_time_since_last_rebalance_ms'), '7000')
  assert.equal(found.get('kafka_connect_worker_task_startup_attempts_total'), '3')
  assert.equal(found.get('kafka_connect_worker_task_startup_success_total'), '2')
  assert.equal(found.get('kafka_connect_worker_connector_startup_success_total'), '3')
  assert.equal(found.get('kafka_connect_coordinator_assigned_connectors{clientid="\\"old->new\\""}'), '3')
  const standby = series([flow({ state: 'standby', work: work({ taken: 0, begun: 0, joining: true }) })])
  assert.equal(standby.get('kafka_connect_worker_rebalance_rebalancing'), '1')
  assert.equal(standby.get('kafka_connect_coordinator_assigned_connectors{clientid="\\"old->new\\""}'), '0')
})

test('a flow that runs elsewhere or failed at start has no task metrics that would distort averages', () => {
  const found = series([flow({ state: 'standby', work: work({ taken: 0, begun: 0 }) })])
  const names = [...found.keys()].filter((name) => /_connector_task_|_source_task_|kafka_consumer_incoming/.test(name))
  assert.deepEqual(names, [])
})

test('buffer memory and open connections have the metric names of the clients', () => {
  const found = series([working()])
  const producer = 'clientid="\\"connector-producer-old->new.MirrorSourceConnector-0\\""'
  assert.equal(found.get(`kafka_producer_buffer_available_bytes{${producer}}`), '400')
  assert.equal(found.get(`kafka_producer_buffer_total_bytes{${producer}}`), '1000')
  assert.equal(found.get(`kafka_producer_connection_count{${producer}}`), '3')
  const admin = 'clientid="\\"old->new|old->new.MirrorSourceConnector|replication-target-admin\\""'
  assert.equal(found.get(`kafka_admin_client_connection_count{${admin}}`), '5')
})
