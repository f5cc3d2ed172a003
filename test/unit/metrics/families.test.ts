import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricFamilies } from '../../../src/config/settings/godwit.ts'
import { type FamilyName, namings, otherFamilies } from '../../../src/metrics/families.ts'
import { flow, newCollector, partition, passed, series } from './scraped.ts'

const exposing = (...families: FamilyName[]) => ({ families, partitions: true })

function counted() {
  const collector = newCollector()
  collector.acknowledged(passed({ records: 7 }))
  return collector
}

const place = 'source="old",target="new",topic="old.orders",partition="0"'

test('a file may name exactly the existing families', () => {
  assert.deepEqual(metricFamilies.toSorted(), [...Object.keys(namings), ...Object.keys(otherFamilies)].toSorted())
})

test("each family has its own names for MirrorMaker 2's series", () => {
  const names: Partial<Record<FamilyName, string>> = {
    strimzi: `kafka_connect_mirror_mirrorsourceconnector_record_count{${place}}`,
    jmx: `kafka_connect_mirror_MirrorSourceConnector_record_count{${place}}`,
    'metrics-reporter': `kafka_connect_mirror_mirrorsourceconnector_record_count{${place}}`,
    'source-connector':
      'kafka_connect_mirror_source_connector_record_count{source="old",target="new",destination="new",topic="old.orders",partition="0"}',
    'connect-mirror': `connect_mirror_mirrorsourceconnector_record_count{${place}}`,
  }
  for (const [family, name] of Object.entries(names)) {
    assert.equal(series([flow()], counted(), exposing(family as FamilyName)).get(name), '7', family)
  }
  const example = [...series([flow()], counted(), exposing('jmx-example')).keys()]
  assert.deepEqual(
    example.filter((name) => name.startsWith('kafka_connect_mirror_mirror')),
    [],
  )
})

test("client ids and connectors keep the quotes of JMX, except in the reporter's family, which has no JMX", () => {
  const client = 'old->new|old->new.MirrorSourceConnector-0|replication-consumer'
  const names: Partial<Record<FamilyName, string>> = {
    strimzi: `kafka_consumer_fetch_manager_records_lag{clientid="\\"${client}\\"",topic="orders",partition="0"}`,
    'jmx-example': `kafka_consumer_fetch_manager_records_lag{clientId="\\"${client}\\"",topic="orders",partition="0"}`,
    jmx: `kafka_consumer_consumer_fetch_manager_metrics_records_lag{client_id="\\"${client}\\"",topic="orders",partition="0"}`,
    'metrics-reporter': `kafka_consumer_consumer_fetch_manager_metrics_records_lag{client_id="${client}",topic="orders",partition="0"}`,
  }
  for (const [family, name] of Object.entries(names)) {
    assert.equal(series([flow()], counted(), exposing(family as FamilyName)).get(name), '10', family)
  }
})

test('families with a common name share its series, so that no sum is doubled', () => {
  const found = series([flow()], counted(), exposing('strimzi', 'jmx-example', 'metrics-reporter'))
  const lags = [...found.keys()].filter((name) => name.startsWith('kafka_consumer_fetch_manager_records_lag{'))
  assert.equal(lags.length, 1)
  assert.match(lags[0] ?? '', /clientid=".*",topic="orders",partition="0",clientId="/)
})

test('a counter keeps _total, except in the family whose exporter removes it', () => {
  const found = series([flow()], counted(), exposing('strimzi', 'jmx', 'metrics-reporter'))
  const values = [...found].filter(([name]) => name.includes('outgoing_byte'))
  const names = values.map(([name]) => name.split('{')[0])
  assert.deepEqual(names.toSorted(), [
    'kafka_producer_outgoing_byte_total',
    'kafka_producer_producer_metrics_outgoing_byte',
    'kafka_producer_producer_metrics_outgoing_byte_total',
  ])
  for (const [, value] of values) assert.equal(value, '1000')
})

test("states become labels, in each family's own form", () => {
  const found = series([flow({ state: 'failed' })], counted(), exposing('strimzi', 'metrics-reporter'))
  const one = (name: string, quote: string) =>
    found.get(`${name}{connector="${quote}old->new.MirrorSourceConnector${quote}",task="0",status="failed"}`)
  assert.equal(one('kafka_connect_connector_status', '\\"'), '1')
  assert.equal(one('kafka_connect_connector_task_status', ''), '1')
  const info = [...found.keys()].find((name) => name.startsWith('kafka_connect_connector_info{')) ?? ''
  assert.match(info, /connector_class="org\.apache\.kafka\.connect\.mirror\.MirrorSourceConnector"/)
  assert.match(info, /connector_version="1\.2\.3",status="failed"/)
})

test('without families only the metrics of godwit and of the process remain', () => {
  const names = [...series([flow()], counted(), exposing()).keys()].map((name) => name.split('{')[0] ?? '')
  assert.deepEqual(
    names.filter((name) => !/^(godwit|process)_/.test(name) && name !== 'kafka_connect_mirror_records_count'),
    [],
  )
})

test('V8 metrics get JVM names only if requested', () => {
  const of = (...families: FamilyName[]) => series([], newCollector(), exposing(...families))
  assert.equal(of('strimzi').has('jvm_memory_used_bytes{area="heap"}'), false)
  const found = of('jvm')
  assert.ok(Number(found.get('jvm_memory_used_bytes{area="heap"}')) > 1_000_000)
  assert.ok(Number(found.get('jvm_gc_collection_seconds_sum{gc="minor"}')) >= 0)
})

test('without partitions there is one series per topic: sums of counts, rates and lag, the maximum age', () => {
  const collector = newCollector()
  collector.fetched(passed({ timestamp: 999_000 }))
  collector.fetched(passed({ partition: 1, timestamp: 996_000, bytes: 3000 }))
  collector.acknowledged(passed({ records: 1, timestamp: 999_900 }))
  collector.acknowledged(passed({ partition: 1, records: 3, timestamp: 999_700 }))
  const partitions = [
    partition(0),
    partition(1, { lag: 5, lagMs: 9000, missed: 2 }),
    partition(2, { position: -1, lag: 0 }),
  ]
  const topics = [{ topic: 'orders', targetTopic: 'old.orders', partitions }]
  const found = series([flow({ topics })], collector, { families: ['strimzi'], partitions: false })
  const whole = 'source="old",target="new",topic="old.orders"'
  const mirror = (attribute: string) => found.get(`kafka_connect_mirror_mirrorsourceconnector_${attribute}{${whole}}`)
  assert.equal(mirror('record_count'), '4')
  assert.equal(mirror('byte_rate'), String(4000 / 30))
  assert.equal(mirror('record_age_ms'), '4000')
  assert.equal(mirror('record_age_ms_min'), '1000')
  assert.equal(mirror('replication_latency_ms_avg'), '250')
  assert.equal(found.get(`godwit_replication_lag_records{${whole}}`), '15')
  assert.equal(found.get(`godwit_replication_lag_seconds{${whole}}`), '9')
  assert.equal(found.get(`godwit_missed_offsets_total{${whole}}`), '2')
  assert.deepEqual(
    [...found.keys()].filter((name) => name.includes('partition=')),
    [],
  )
})
