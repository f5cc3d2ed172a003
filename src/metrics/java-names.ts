// Metric families under the names of MM2, Connect and Kafka's clients: for each MBean its rows, for each attribute its names.
import type { FlowStatus } from '../model/flow-status.ts'
import type { Collector } from './collect.ts'
import type { Connector } from './connectors.ts'
import { type Family, jmxValue, label } from './exposition.ts'
import { type Exposed, type FamilyName, type LabelSource, namesOf } from './families.ts'
import {
  type Attribute,
  adminBean,
  checkpointBean,
  connectorStatusBean,
  consumerBean,
  consumerLagBean,
  coordinatorBean,
  fetchManagerBean,
  type MBean,
  producerBean,
  rebalanceBean,
  sourceBean,
  sourceTaskBean,
  taskBean,
  taskErrorBean,
  taskStatusBean,
  workerBean,
  workerConnectorBean,
} from './mbeans.ts'
import { type CheckpointView, type PartitionSample, type TaskView, taskOf, workerOf } from './views.ts'

interface BeanSources {
  /** of godwit */
  readonly version: string
  readonly flows: readonly FlowStatus[]
  readonly collector: Collector
  readonly exposed: Exposed
  /** ms since the epoch */
  readonly now: number
  readonly partitions: readonly PartitionSample[]
}

/** One MBean: a value for each tag of its kind, and the view that its attributes are read from. */
type Row<V> = readonly [values: readonly string[], view: V]

/** All families with names of MM2, Connect or Kafka's clients. */
export function* beanFamilies(sources: BeanSources): Generator<Family> {
  yield* mirrorFamilies(sources)
  yield* workerFamilies(sources)
  yield* clientFamilies(sources)
}

function* mirrorFamilies({ flows, collector, exposed, now, partitions }: BeanSources): Generator<Family> {
  const { families } = exposed
  const rows = partitions.map(({ flow, topic, partition, view }): Row<typeof view> => {
    return [withPartition(partition, ...tagsOf(flow), topic.targetTopic), view]
  })
  yield* familiesOf(fitting(sourceBean, exposed), rows, families)
  const checkpoints = flows.flatMap((flow) => checkpointRows(flow, collector, exposed.partitions, now))
  const bean = exposed.partitions ? checkpointBean : withoutTags(checkpointBean, ['topic', 'partition'])
  yield* familiesOf(bean, checkpoints, families)
}

/** MM2 tags its metrics with the cluster aliases of its connectors. */
const tagsOf = ({ source, target, aliases = { source, target } }: FlowStatus) =>
  [aliases.source, aliases.target] as const

function checkpointRows(
  status: FlowStatus,
  collector: Collector,
  withPartitions: boolean,
  now: number,
): Row<CheckpointView>[] {
  const [source, target] = tagsOf(status)
  return [...collector.groups(status.flow)].flatMap(([group, meter]) => {
    const spread = meter.measure(now)
    if (!withPartitions) return [[[source, target, group], { last: meter.latest, spread }]]
    return [...meter.last].flatMap(([topic, partitions]) =>
      partitions.flatMap((last, partition): Row<CheckpointView>[] => [
        [[source, target, group, topic, String(partition)], { last, spread }],
      ]),
    )
  })
}

function* workerFamilies({ version, flows, collector, exposed, now }: BeanSources): Generator<Family> {
  const { families } = exposed
  const worker = workerOf(flows, collector, now)
  yield* familiesOf(workerBean, [[[], worker]], families)
  yield* familiesOf(rebalanceBean, [[[], worker]], families)
  const { connectors } = worker
  const named = connectors.map((one): Row<Connector> => [[one.name], one])
  yield* familiesOf(workerConnectorBean, named, families)
  const stated = connectors.map((one): Row<Connector> => {
    return [[one.name, 'source', one.className, version, one.state.toLowerCase()], one]
  })
  yield* familiesOf(connectorStatusBean, stated, families)
  const tasks = connectors.filter((one) => one.tasks > 0)
  const states = tasks.map((one): Row<Connector> => [[one.name, '0', one.taskState.toLowerCase()], one])
  yield* familiesOf(taskStatusBean, states, families)
  const copying = tasksHere(flows).map((flow): Row<TaskView> => [[sourceName(flow), '0'], taskOf(flow, collector, now)])
  yield* familiesOf(taskBean, copying, families)
  yield* familiesOf(sourceTaskBean, copying, families)
  yield* familiesOf(taskErrorBean, copying, families)
  yield* familiesOf(
    coordinatorBean,
    flows.map((flow): Row<FlowStatus> => [[flow.flow], flow]),
    families,
  )
}

/** A worker has series for tasks that it runs or has run, not for tasks of other processes or tasks that have never run. */
const tasksHere = (flows: readonly FlowStatus[]) => flows.filter(({ work }) => work === undefined || work.begun > 0)

/** Strimzi's name of the connector, which is unique per flow while MM2's own is not. */
const sourceName = ({ flow }: FlowStatus) => `${flow}.MirrorSourceConnector`

/** Client ids as in MM2; dashboards find its consumer and producer by the suffixes. */
const consumerId = (flow: FlowStatus) => `${flow.flow}|${sourceName(flow)}-0|replication-consumer`
const producerId = (flow: FlowStatus) => `connector-producer-${sourceName(flow)}-0`
const adminId = (flow: FlowStatus, side: 'source' | 'target') =>
  `${flow.flow}|${sourceName(flow)}|replication-${side}-admin`

function* clientFamilies({ flows, collector, exposed, now, partitions }: BeanSources): Generator<Family> {
  const { families } = exposed
  const tasks = tasksHere(flows).map((flow) => taskOf(flow, collector, now))
  const consumers = tasks.map((task): Row<TaskView> => [[consumerId(task.flow)], task])
  yield* familiesOf(fetchManagerBean, consumers, families)
  yield* familiesOf(consumerBean, consumers, families)
  const ids = new Map(flows.map((flow) => [flow, consumerId(flow)]))
  const idOf = (flow: FlowStatus) => ids.get(flow) ?? ''
  const known = partitions.filter(({ view }) => view.consumerLag !== undefined)
  const lags = known.map(({ flow, topic, partition, view }): Row<typeof view> => {
    return [withPartition(partition, idOf(flow), topic.topic), view]
  })
  yield* familiesOf(fitting(consumerLagBean, exposed), lags, families)
  const producers = tasks.map((task): Row<TaskView> => [[producerId(task.flow)], task])
  yield* familiesOf(producerBean, producers, families)
  const admins = flows.flatMap((flow) =>
    (['source', 'target'] as const).map((side): Row<number> => {
      return [[adminId(flow, side)], flow.work?.connections[side] ?? 0]
    }),
  )
  yield* familiesOf(adminBean, admins, families)
}

const withPartition = (partition: string | undefined, ...tags: string[]): string[] => {
  if (partition !== undefined) tags.push(partition)
  return tags
}

const fitting = <V>(bean: MBean<V>, { partitions }: Exposed): MBean<V> =>
  partitions ? bean : withoutTags(bean, ['partition'])

const withoutTags = <V>(bean: MBean<V>, gone: readonly string[]): MBean<V> => ({
  ...bean,
  tags: bean.tags.filter((tag) => !gone.includes(tag)),
})

function* familiesOf<V>(bean: MBean<V>, rows: readonly Row<V>[], families: readonly FamilyName[]): Generator<Family> {
  const texts = new Map<string, string[]>()
  for (const attribute of bean.attributes) {
    for (const { name, labels } of namesOf(bean, attribute, families)) {
      const key = [...labels].map(([text, { tag, isQuoted }]) => `${text} ${tag} ${isQuoted}`).join()
      const made = texts.get(key) ?? textsOf(bean, rows, labels)
      texts.set(key, made)
      yield familyFrom(name, attribute, made, rows)
    }
  }
}

function familyFrom<V>(name: string, { help, value }: Attribute<V>, texts: string[], rows: readonly Row<V>[]): Family {
  return {
    metric: { name, kind: name.endsWith('_total') ? 'counter' : 'gauge', help },
    labels: texts,
    value: (index) => {
      const row = rows[index]
      return row ? value(row[1]) : Number.NaN
    },
  }
}

/** Label texts of all rows. Consecutive rows mostly differ only in the last tag, so the text before it is created once. */
function textsOf<V>(bean: MBean<V>, rows: readonly Row<V>[], labels: ReadonlyMap<string, LabelSource>): string[] {
  const sources = [...labels].map(([name, { tag, isQuoted }]) => {
    const at = bean.tags.indexOf(tag)
    const texts = new Map<string, string>()
    return (values: readonly string[]) => {
      const value = values[at] ?? ''
      const text = texts.get(value) ?? label(name, isQuoted ? jmxValue(value) : value)
      texts.set(value, text)
      return text
    }
  })
  const last = sources.pop()
  if (!last) return rows.map(() => '')
  let [head, parts]: [string, string[]] = ['', []]
  return rows.map(([values]) => {
    if (sources.some((source, at) => source(values) !== parts[at])) {
      parts = sources.map((source) => source(values))
      head = `${parts.join(',')},`
    }
    return head + last(values)
  })
}
