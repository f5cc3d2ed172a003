// The text of docs/reference/metrics.md, generated from the catalogs.

import { markdownTable } from '../base/markdown-table.ts'
import { flowMetrics, groupMetrics, groupPartitionMetrics, metrics, partitionMetrics, taskMetrics } from './catalog.ts'
import type { Metric } from './exposition.ts'
import { namesOf, namings, otherFamilies } from './families.ts'
import { type MBean, mbeans } from './mbeans.ts'

/** docs/reference/metrics.md. */
export function metricsReference(): string {
  return `${[
    '# Metrics',
    '',
    'Generated from `src/metrics/catalog.ts` and `src/metrics/mbeans.ts`. `GET /metrics` answers in the Prometheus text format',
    '0.0.4, or in OpenMetrics 1.0 if the `Accept` header requests it. All values are computed at the time of the scrape.',
    '[Metrics](../metrics.md) describes what to watch, which names dashboards use, and what has no counterpart here.',
    '',
    "## godwit's own",
    '',
    'Per partition: labels `source`, `target`, `topic` (the name on the target, as in MirrorMaker 2) and `partition`. With',
    '`godwit.metrics.partitions = false` per topic: counts and lag are then sums, ages are maxima.',
    '',
    ...table(partitionMetrics),
    '',
    'Per flow: labels `flow`, `source`, `target`.',
    '',
    ...table([...flowMetrics, metrics.flowState, metrics.flowPartitions, metrics.problems, metrics.failuresByCode]),
    '',
    'Per periodic task (what a flow does in addition to copying records): labels `flow`, `source`, `target`, `task`.',
    '',
    ...table(taskMetrics),
    '',
    'Per consumer group whose offsets are translated: labels `flow`, `source`, `target`, `group`.',
    '',
    ...table([...groupMetrics, metrics.groupInfo]),
    '',
    'Per partition of a group, unless `godwit.metrics.partitions = false`: labels as before, `topic` (the name on the source) and',
    '`partition`.',
    '',
    ...table(groupPartitionMetrics),
    '',
    'Of the process:',
    '',
    ...table([metrics.buildInfo, metrics.cpuSeconds, metrics.residentMemory, metrics.startTime]),
    '',
    "## MirrorMaker 2's and Connect's",
    '',
    'Exported under the names of the families in `godwit.metrics.families`; the tables show the names of `strimzi`, which is on by',
    'default. Families that use the same name for a series share it. Names that end in `_total` are counters, all others gauges.',
    '',
    ...markdownTable(
      ['family', 'whose names'],
      Object.entries({ ...docsOf(), ...otherFamilies }).map(([name, doc]) => [`\`${name}\``, doc]),
    ),
    ...mbeans.flatMap((bean) => beanTable(bean as MBean<never>)),
    '',
    'Family `summary` (on by default): labels `replication_flow`, `source`, `target`, `topic` (the name on the source).',
    '',
    ...table([metrics.summaryLag]),
    '',
    'Family `jvm`:',
    '',
    ...table([metrics.heap, metrics.collection, metrics.threads]),
  ].join('\n')}\n`
}

const docsOf = () => Object.fromEntries(Object.entries(namings).map(([name, { doc }]) => [name, doc]))

/** Attributes under the names of the family `strimzi`; where it has none, under those of the one that has. */
function beanTable(bean: MBean<never>): string[] {
  const tags = bean.tags.length > 0 ? `, ${bean.tags.map((tag) => `${tag}=`).join(',')}` : ''
  const named = (name: string) => namesOf(bean, { name }, ['strimzi'])
  const rows = bean.attributes.map(({ name, help }): Metric => {
    const [shown = namesOf(bean, { name }, ['metrics-reporter'])[0]] = named(name)
    const metric = shown?.name ?? name
    return { name: metric, kind: metric.endsWith('_total') ? 'counter' : 'gauge', help }
  })
  const isElsewhere = bean.attributes.every(({ name }) => named(name).length === 0)
  const where = isElsewhere ? ' (family `metrics-reporter` only)' : ''
  return ['', `\`${bean.domain}:type=${bean.type}${tags}\`${where}`, '', ...table(rows)]
}

function table(rows: readonly Metric[]): string[] {
  return markdownTable(
    ['name', 'kind', 'meaning'],
    rows.map(({ name, kind, help }) => [`\`${name}\``, kind, help]),
  )
}
