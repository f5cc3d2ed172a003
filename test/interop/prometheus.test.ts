// The expressions of dashboards and alerts made for MirrorMaker 2, evaluated by a real Prometheus that scrapes a real godwit.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { runKafkaTool } from '../harness/java.ts'
import { type Element, Prometheus } from '../harness/prometheus.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { Site } from '../integration/engine/site.ts'

const pod = { namespace: 'kafka', pod: 'mm-mirrormaker2-0', kubernetes_pod_name: 'mm-mirrormaker2-0' }
const labels = { strimzi_io_kind: 'KafkaMirrorMaker2', strimzi_io_cluster: 'mm', ...pod }
/** the selector of all Strimzi panels */
const own = 'strimzi_io_kind=~"KafkaMirrorMaker2",strimzi_io_cluster="mm"'
const families = 'strimzi, metrics-reporter, summary, jvm'
const records = 900
const perPartition = records / 3

let site: Site
let godwit: GodwitProcess
let prometheus: Prometheus

/** One flow that works, and one that fails permanently: its offsets topic on the target is not compacted. */
function configuration(): string {
  const wrong = [
    'clusters = A1, B1, lost',
    `lost.bootstrap.servers = ${site.source.bootstrap}`,
    'lost->B1.enabled = true',
    'lost->B1.topics = nothing',
  ]
  const fast = ['offset.flush.interval.ms', 'refresh.groups.interval.seconds', 'emit.checkpoints.interval.seconds']
  return [
    ...site
      .configuration('1', 'orders', `godwit.metrics.families = ${families}`)
      .split('\n')
      .filter((line) => !line.startsWith('clusters')),
    ...wrong,
    `B1.${fast[0]} = 1000`,
    ...fast.slice(1).map((key) => `A1->B1.${key} = 1`),
    '',
  ].join('\n')
}

before(async () => {
  site = await Site.start()
  await site.create('orders', 3)
  await site.produce('orders', { count: records, partitions: [0, 1, 2] })
  const reset = ['--group', 'billing', '--topic', 'orders', '--reset-offsets', '--to-latest', '--execute']
  const tool = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'
  const done = await runKafkaTool(tool, ['--bootstrap-server', site.source.bootstrap, ...reset])
  assert.equal(done.code, 0, done.stderr)
  await site.onTarget({ do: 'create', topic: 'mm2-offsets.lost.internal', partitions: 1 })
  godwit = await GodwitProcess.start(configuration())
  await godwit.untilCopied('orders', { 0: perPartition, 1: perPartition, 2: perPartition })
  prometheus = await Prometheus.start([{ target: godwit.address, labels }])
  await prometheus.until('sum(kafka_connect_connector_status{status="failed"})', ([found]) => (found?.value ?? 0) > 0)
  // A rate needs two scrapes.
  await prometheus.until('sum(rate(kafka_consumer_incoming_byte_total[5m]))', (found) => found.length > 0)
})

after(async () => {
  await prometheus?.[Symbol.asyncDispose]()
  await godwit?.[Symbol.asyncDispose]()
  await site?.[Symbol.asyncDispose]()
})

const mirror = 'kafka_connect_mirror_mirrorsourceconnector'
const spreads = ['', '_avg', '_min', '_max']

type Judge = (found: readonly Element[]) => void

const one = (accept: (value: number) => boolean): Judge => {
  return (found) => assert.ok(found.length === 1 && accept(found[0]?.value ?? Number.NaN))
}
const equal = (value: number): Judge => one((found) => found === value)
const positive = one((value) => value > 0)
const notNegative = one((value) => value >= 0)
/** one element per partition of orders */
const perPartitionOf =
  (accept: (value: number) => boolean): Judge =>
  (found) => {
    const places = found.map(({ labels: { topic, partition } }) => `${topic}-${partition}`)
    assert.deepEqual(places.toSorted(), ['orders-0', 'orders-1', 'orders-2'])
    for (const { value } of found) assert.ok(accept(value))
  }
const perPod: Judge = (found) => {
  assert.deepEqual(
    found.map(({ labels: { kubernetes_pod_name } }) => kubernetes_pod_name),
    [pod.kubernetes_pod_name],
  )
}
const none: Judge = (found) => assert.deepEqual(found, [])

function check(questions: readonly (readonly [expression: string, judge: Judge])[]): Promise<void>[] {
  return questions.map(async ([expression, judge]) => {
    const found = await prometheus.query(expression)
    try {
      judge(found)
    } catch (error) {
      assert.fail(`${expression} gives ${JSON.stringify(found)}: ${String(error)}`)
    }
  })
}

describe("Strimzi's dashboards and alerts", () => {
  test('mirror panels have series per partition with the correct numbers of copied records', async () => {
    const ages = ['record_age_ms', 'replication_latency_ms'].flatMap((name) =>
      spreads.map((spread) => [`sum(${mirror}_${name}${spread}{${own}}) by (partition, topic)`, name] as const),
    )
    await Promise.all(
      check([
        [`sum(${mirror}_record_count{${own}})`, equal(records)],
        [`sum(${mirror}_record_rate{${own}})`, notNegative],
        [`sum(${mirror}_byte_rate{${own}})`, notNegative],
        [`sum(${mirror}_byte_count{${own}})`, one((bytes) => bytes > records)],
        ...ages.map(([expression]) => [expression, perPartitionOf((value) => value >= 0)] as const),
      ]),
    )
  })

  test('lag panels find the consumer by the end of its client id, including the quote', async () => {
    const lag = `kafka_consumer_fetch_manager_records_lag{${own},clientid=~".*replication-consumer\\""}`
    await Promise.all(
      check([
        [`sum(${lag}) by (topic, partition)`, perPartitionOf((value) => value === 0)],
        [`topk(20, sum(${lag}) by (topic, partition))`, perPartitionOf((value) => value === 0)],
      ]),
    )
  })

  test('worker and client panels find one worker with the connectors of both flows', async () => {
    const source = 'connector=~"\\".*SourceConnector\\""'
    const commits = `kafka_connect_connector_task_offset_commit_avg_time_ms{${source},task=~"[0-9]+",${own}}`
    await Promise.all(
      check([
        ['kafka_connect_worker_connector_count{strimzi_io_kind="KafkaMirrorMaker2"}', equal(6)],
        [`sum(kafka_connect_worker_connector_count{${own}})`, equal(6)],
        [`sum(kafka_connect_worker_task_count{${own}})`, one((tasks) => tasks >= 2)],
        [`sum(rate(kafka_consumer_incoming_byte_total{${own}}[5m])) by (kubernetes_pod_name)`, perPod],
        [`sum(rate(kafka_producer_outgoing_byte_total{${own}}[5m])) by (kubernetes_pod_name)`, perPod],
        [`sum(kafka_producer_buffer_available_bytes{clientid=~"\\".*SourceConnector-[0-9]+\\"",${own}})`, positive],
        // The failed flow has no task here, so that its NaN does not appear in the sum.
        [`sum(${commits}) / count(${commits})`, positive],
        [`sum(kafka_connect_source_task_source_record_active_count{${source},${own}})`, equal(0)],
        [`sum(kafka_connect_coordinator_assigned_connectors{${own}}) by (kubernetes_pod_name)`, equal(3)],
        [`sum(kafka_connect_coordinator_assigned_tasks{${own}}) by (kubernetes_pod_name)`, equal(1)],
        [`sum(kafka_connect_worker_rebalance_rebalancing{${own}})`, equal(0)],
        [`sum(jvm_memory_used_bytes{${own}}) by (kubernetes_pod_name)`, perPod],
        [`sum(rate(jvm_gc_collection_seconds_sum{${own}}[5m])) by (kubernetes_pod_name)`, perPod],
        [`sum(jvm_threads_current{${own}}) by (kubernetes_pod_name)`, one((threads) => threads > 1)],
        ...['consumer', 'producer', 'admin_client'].map(
          (client) => [`sum(kafka_${client}_connection_count{${own}})`, positive] as const,
        ),
      ]),
    )
  })

  test("Connect's panels and alerts distinguish the failed flow from the one that works", async () => {
    const count = (state: string) => `sum(kafka_connect_worker_connector_${state}_task_count)`
    await Promise.all(
      check([
        [
          'kafka_connect_connector_status{connector=~".*A1->B1.MirrorSourceConnector.*",task="0",status="running"}',
          equal(1),
        ],
        ['sum(kafka_connect_connector_status{status="failed"}) by (namespace, pod) > 0', equal(1)],
        ['sum(kafka_connect_worker_connector_failed_task_count) by (namespace, pod) > 0', equal(1)],
        ['kafka_connect_worker_connector_failed_task_count{connector=~".*A1->B1.*"} > 0', none],
        ['kafka_connect_worker_task_startup_failure_total', equal(1)],
        [count('running'), one((tasks) => tasks >= 1)],
        [count('paused'), equal(0)],
        [count('unassigned'), equal(0)],
        [count('destroyed'), equal(0)],
        ['sum(kafka_connect_task_error_total_record_failures)', equal(0)],
      ]),
    )
  })

  test('panels with kubelet metrics are empty, as without the kubelet', async () => {
    const cpu = 'namespace="kafka",pod=~"mm-mirrormaker2-.+",container="mm-mirrormaker2"'
    await Promise.all(
      check([
        [`sum(rate(container_cpu_usage_seconds_total{${cpu}}[5m])) by (pod)`, none],
        ['absent(container_last_seen{container=~".+-mirrormaker2",pod=~".+-mirrormaker2-.+"})', equal(1)],
      ]),
    )
  })

  test('checkpoint latency has series by group and partition', async () => {
    const expression = `sum by (source,target,topic,partition,group)(kafka_connect_mirror_mirrorcheckpointconnector_checkpoint_latency_ms{${own}})`
    await prometheus.until(expression, (found) =>
      [0, 1, 2].every((p) => found.some(({ labels: l }) => l['group'] === 'billing' && l['partition'] === `${p}`)),
    )
  })
})

describe("the dashboard for Strimzi's metrics reporter, and Charmed Kafka Connect's", () => {
  test('every panel has its series', async () => {
    const long = 'kafka_connect_connect'
    const commits = 'kafka_connect_connector_task_metrics_offset_commit_avg_time_ms{connector=~".*SourceConnector"}'
    await Promise.all(
      check([
        [`sum(${mirror}_record_count{${own}})`, equal(records)],
        [`sum(${long}_worker_metrics_connector_count{${own}})`, equal(6)],
        [`sum(${long}_worker_metrics_task_count{${own}})`, one((tasks) => tasks >= 2)],
        [`sum(${long}_coordinator_metrics_assigned_connectors{${own}})`, equal(3)],
        [`sum(${long}_coordinator_metrics_assigned_tasks{${own}})`, equal(1)],
        [`sum(${long}_worker_rebalance_metrics_rebalancing{${own}})`, equal(0)],
        [`sum(${commits}) / count(${commits})`, positive],
        ['sum(kafka_connect_source_task_metrics_source_record_active_count{connector=~".*SourceConnector"})', equal(0)],
        [
          'sum(kafka_consumer_consumer_fetch_manager_metrics_records_lag{client_id=~".*replication-consumer"}) by (topic, partition)',
          perPartitionOf((value) => value === 0),
        ],
        ['sum(rate(kafka_consumer_consumer_metrics_incoming_byte[5m])) by (kubernetes_pod_name)', perPod],
        ['sum(rate(kafka_producer_producer_metrics_outgoing_byte[5m])) by (kubernetes_pod_name)', perPod],
        [
          'sum(kafka_producer_producer_metrics_buffer_available_bytes{client_id=~".*SourceConnector-[0-9]+"})',
          positive,
        ],
        ['sum(rate(process_cpu_seconds_total[5m])) by (pod)', positive],
        ['count(kafka_connect_connector_info{status="failed",connector_type="source"})', equal(3)],
        ['count(kafka_connect_connector_task_status{status="failed"})', equal(1)],
      ]),
    )
  })
})

describe('names of godwit and of a managed MirrorMaker 2', () => {
  test('periodic tasks run, lag is known, and the flow that failed is a problem', async () => {
    await Promise.all(
      check([
        ['sum(kafka_mirrormaker_summary_replication_lag{replication_flow="A1->B1"})', equal(0)],
        ['godwit_periodic_task_up{flow="A1->B1",task="topics"}', equal(1)],
        ['godwit_periodic_task_next_run_timestamp_seconds{flow="A1->B1",task="topics"} - time() < 5', one(() => true)],
        ['godwit_flow_state{state="failed"} == 1', one(() => true)],
        ['sum(godwit_problems{flow="lost->B1",code="STATE_UNREADABLE"})', equal(1)],
        ['sum(kafka_connect_mirror_records_count)', equal(records)],
      ]),
    )
  })

  test('a group that has read everything has no lag, and a target offset for each partition', async () => {
    await prometheus.until('godwit_group_partitions{group="billing"}', ([found]) => found?.value === 3)
    await Promise.all(
      check([
        ['godwit_group_lag_sum_records{group="billing"}', equal(0)],
        ['godwit_group_untranslated_partitions{group="billing"}', equal(0)],
        ['sum(godwit_group_translated_offset{group="billing"})', equal(records)],
        ['count(godwit_group_info{group="billing",source_state="Empty"})', equal(1)],
      ]),
    )
  })

  test('while the target is frozen lag counts uncopied source records, and afterwards it is 0 again', async () => {
    const lag = 'sum(kafka_consumer_fetch_manager_records_lag{clientid=~".*replication-consumer\\""})'
    site.target.broker.freeze(true)
    try {
      await site.produce('orders', { count: 60, partitions: [0, 1, 2], label: 'late' })
      await prometheus.until(lag, ([found]) => found?.value === 60)
      await prometheus.until('sum(kafka_mirrormaker_summary_replication_lag)', ([found]) => found?.value === 60)
      // The copied records are unknown now: godwit's own lag metric is absent, while the lag known from the source alone remains.
      const seconds = `count_over_time((absent(godwit_replication_lag_records) and (${lag} == 60))[1m:1s])`
      await prometheus.until(seconds, ([found]) => (found?.value ?? 0) >= 15)
      const active = 'sum(kafka_connect_source_task_source_record_active_count)'
      await prometheus.until(active, ([found]) => found?.value === 60)
    } finally {
      site.target.broker.freeze(false)
    }
    await prometheus.until(lag, ([found]) => found?.value === 0)
    await godwit.untilCopied('orders', { 0: perPartition + 20, 1: perPartition + 20, 2: perPartition + 20 })
  })
})
