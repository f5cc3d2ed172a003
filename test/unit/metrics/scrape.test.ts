import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricFamilies } from '../../../src/config/settings/godwit.ts'
import { clock, flow, newCollector, partition, passed, scraped, series } from './scraped.ts'

const labels = 'source="old",target="new",topic="old.orders",partition="0"'
const mm2 = (attribute: string) => `kafka_connect_mirror_mirrorsourceconnector_${attribute}{${labels}}`

test("MM2's series count copied records and bytes, under the names of its dashboards", () => {
  const collector = newCollector()
  collector.fetched(passed())
  collector.fetched(passed({ timestamp: clock.now - 600 }))
  collector.acknowledged(passed({ timestamp: clock.now - 300 }))
  const found = series([flow()], collector)
  const expected = {
    record_count: 5,
    record_rate: 5 / 30,
    byte_count: 2000,
    byte_rate: 2000 / 30,
    record_age_ms: 600,
    record_age_ms_min: 200,
    record_age_ms_max: 600,
    record_age_ms_avg: 400,
    replication_latency_ms: 300,
    replication_latency_ms_min: 300,
    replication_latency_ms_max: 300,
    replication_latency_ms_avg: 300,
  }
  for (const [attribute, value] of Object.entries(expected)) assert.equal(found.get(mm2(attribute)), String(value))
})

test('series exist before the first record, with NaN as in Kafka', () => {
  const found = series([flow()])
  assert.equal(found.get(mm2('record_count')), '0')
  assert.equal(found.get(mm2('record_rate')), '0')
  assert.equal(found.get(mm2('record_age_ms_max')), 'NaN')
})

test('grep records_count finds a series, with the value of record_count', () => {
  const collector = newCollector()
  collector.acknowledged(passed({ records: 7 }))
  const found = [...series([flow()], collector)].filter(([name]) => name.includes('records_count'))
  assert.deepEqual(found, [[`kafka_connect_mirror_records_count{${labels}}`, '7']])
})

test('records with an unknown timestamp are counted without an age', () => {
  const collector = newCollector()
  collector.fetched(passed({ timestamp: -1 }))
  collector.acknowledged(passed({ timestamp: -1 }))
  const found = series([flow()], collector)
  assert.equal(found.get(mm2('record_count')), '5')
  assert.equal(found.get(mm2('record_age_ms')), '0')
  assert.equal(found.get(mm2('replication_latency_ms_avg')), 'NaN')
})

test('lag is given per partition in records and seconds; an unknown lag has no series that distorts sums', () => {
  const partitions = [partition(0), partition(1, { position: -1, lag: null, lagMs: 0 })]
  const found = series([flow({ topics: [{ topic: 'orders', targetTopic: 'old.orders', partitions }] })])
  assert.equal(found.get(`godwit_replication_lag_records{${labels}}`), '10')
  assert.equal(found.get(`godwit_replication_lag_seconds{${labels}}`), '1.5')
  const unknown = labels.replace('"0"', '"1"')
  assert.equal(found.get(`godwit_doubtful_records_total{${unknown}}`), '0')
  assert.equal(found.has(`godwit_replication_lag_records{${unknown}}`), false)
  assert.equal(found.has(`godwit_replication_lag_seconds{${unknown}}`), false)
  const summary = 'kafka_mirrormaker_summary_replication_lag{replication_flow="old->new"'
  assert.equal(found.has(`${summary},source="old",target="new",topic="orders"}`), false)
})

test("while the target does not answer, MM2 metrics have the source's lag, godwit metrics have none", () => {
  const partitions = [partition(0), partition(1, { lag: null, sourceLag: 7 })]
  const found = series([flow({ topics: [{ topic: 'orders', targetTopic: 'old.orders', partitions }] })])
  const client = '\\"old->new|old->new.MirrorSourceConnector-0|replication-consumer\\"'
  const consumer = `kafka_consumer_fetch_manager_records_lag{clientid="${client}",topic="orders",partition="1"}`
  assert.equal(found.get(consumer), '7')
  const summary = 'kafka_mirrormaker_summary_replication_lag{replication_flow="old->new"'
  assert.equal(found.get(`${summary},source="old",target="new",topic="orders"}`), '17')
  assert.equal(found.has(`godwit_replication_lag_records{${labels.replace('"0"', '"1"')}}`), false)
})

test("the lag also has the name of MM2's replication consumer, quotes included", () => {
  const client = '\\"old->new|old->new.MirrorSourceConnector-0|replication-consumer\\"'
  const name = `kafka_consumer_fetch_manager_records_lag{clientid="${client}",topic="orders",partition="0"}`
  assert.equal(series([flow()]).get(name), '10')
})

test('possibly duplicated and missed records are counted per partition', () => {
  const partitions = [partition(0, { doubtful: 3, missed: 4 })]
  const found = series([flow({ topics: [{ topic: 'orders', targetTopic: 'old.orders', partitions }] })])
  assert.equal(found.get(`godwit_doubtful_records_total{${labels}}`), '3')
  assert.equal(found.get(`godwit_missed_offsets_total{${labels}}`), '4')
})

test('a failed flow triggers alerts made for Connect, and reports its problems by code', () => {
  const problem = { code: 'AUTHENTICATION_FAILED', message: 'x', since: 0 }
  const found = series([flow({ state: 'failed', problems: [problem, problem] }), flow({ flow: 'b->c', source: 'b' })])
  const connector = 'connector="\\"old->new.MirrorSourceConnector\\""'
  assert.equal(found.get(`kafka_connect_connector_status{${connector},task="0",status="failed"}`), '1')
  assert.equal(found.get(`kafka_connect_worker_connector_failed_task_count{${connector}}`), '1')
  assert.equal(found.get('kafka_connect_worker_connector_count'), '6')
  assert.equal(found.get('kafka_connect_worker_connector_startup_failure_total'), '3')
  const ofFlow = 'flow="old->new",source="old",target="new"'
  assert.equal(found.get(`godwit_problems{${ofFlow},code="AUTHENTICATION_FAILED"}`), '2')
  assert.equal(found.get(`godwit_flow_state{${ofFlow},state="failed"}`), '1')
  assert.equal(found.get(`godwit_flow_state{${ofFlow},state="running"}`), '0')
  assert.equal(found.get(`godwit_flow_partitions{${ofFlow},state="copying"}`), '1')
})

test('the process reports CPU time, memory and start time', () => {
  const found = series([])
  assert.ok(Number(found.get('process_cpu_seconds_total')) > 0)
  assert.ok(Number(found.get('process_resident_memory_bytes')) > 10_000_000)
  assert.equal(found.get('process_start_time_seconds'), '2')
  assert.equal(found.get('godwit_build_info{version="1.2.3"}'), '1')
})

test('for any families no series is duplicated, and each belongs to a described metric', () => {
  const flows = [flow(), flow({ flow: 'b->new', source: 'b' })]
  const text = scraped(flows, newCollector(), { families: metricFamilies, partitions: true })
  const lines = text.trimEnd().split('\n')
  const names = lines.filter((line) => !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' ')))
  assert.equal(new Set(names).size, names.length)
  const types = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2])
  assert.equal(new Set(types).size, types.length)
  for (const name of names) assert.ok(types.includes(name.split('{')[0]), name)
})

test("MM2's metrics are tagged with the aliases that the file gives the connectors", () => {
  const text = scraped([flow({ aliases: { source: 'usdf', target: 'prod' } })])
  assert.match(text, /^kafka_connect_mirror_\w+\{[^}]*source="usdf",target="prod"/m)
  const byFlow = text.match(/^kafka_connect_mirror_\w+(?=\{[^}]*source="old")/gm)
  assert.deepEqual(byFlow, ['kafka_connect_mirror_records_count'], "godwit's own series go by the flow")
})
