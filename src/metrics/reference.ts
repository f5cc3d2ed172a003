// The metrics reference as Markdown, written from the catalog.

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
    'Written from the catalogs in `src/metrics/catalog.ts` and `src/metrics/mbeans.ts`. `GET /metrics` answers in the Prometheus',
    'text format 0.0.4, or in OpenMetrics 1.0 where the `Accept` header asks for it. Everything is computed at the scrape.',
    '[Metrics for people](../metrics.md) tells what to watch, which names dashboards ask for, and what has no counterpart here.',
    '',
    "## godwit's own",
    '',
    'Per partition: labels `source`, `target`, `topic` (the name on the target, as MirrorMaker 2 has it) and `partition`; with',
    '`godwit.metrics.partitions = false` per topic: counts and lag are then sums, ages the greatest.',
    '',
    ...table(partitionMetrics),
    '',
    'Per flow: labels `flow`, `source`, `target`.',
    '',
    ...table([...flowMetrics, metrics.flowState, metrics.flowPartitions, metrics.problems, metrics.troubles]),
    '',
    'Per periodic task, that is what a flow does beside the records: labels `flow`, `source`, `target`, `task`.',
    '',
    ...table(taskMetrics),
    '',
    'Per consumer group whose offsets are looked after: labels `flow`, `source`, `target`, `group`.',
    '',
    ...table([...groupMetrics, metrics.groupInfo]),
    '',
    'Per partition of a group, unless `godwit.metrics.partitions = false`: labels as before, `topic` (the name on the source) and',
    '`partition`.',
    '',
    ...table(groupPartitionMetrics),
    '',
    'The process.',
    '',
    ...table([metrics.buildInfo, metrics.cpuSeconds, metrics.residentMemory, metrics.startTime]),
    '',
    "## MirrorMaker 2's and Connect's",
    '',
    'Under the names of the families in `godwit.metrics.families`; those shown are the names of `strimzi`, which is on by default.',
    'Families that give a series the same name share it. What ends in `_total` is a counter, all else a gauge, as exporters have it.',
    '',
    ...markdownTable(
      ['family', 'whose names'],
      Object.entries({ ...docsOf(), ...otherFamilies }).map(([name, doc]) => [`\`${name}\``, doc]),
    ),
    ...mbeans.flatMap((bean) => beanTable(bean as MBean<never>)),
    '',
    'Of the family `summary` (on by default): labels `replication_flow`, `source`, `target`, `topic` (the name on the source).',
    '',
    ...table([metrics.summaryLag]),
    '',
    'Of the family `jvm`.',
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
