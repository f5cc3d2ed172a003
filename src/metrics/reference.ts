// The metrics reference as Markdown, written from the catalog.
import { flowMetrics, metrics, partitionMetrics } from './catalog.ts'
import type { Metric } from './exposition.ts'

/** docs/reference/metrics.md. */
export function metricsReference(): string {
  return `${[
    '# Metrics',
    '',
    'Written from the catalog in `src/metrics/catalog.ts`. `GET /metrics` answers in the Prometheus text format 0.0.4, or in',
    'OpenMetrics 1.0 where the `Accept` header asks for it. Everything is computed at the scrape.',
    '',
    '## Per partition',
    '',
    'Labels `source`, `target`, `topic` (the name on the target, as MirrorMaker 2 has it) and `partition`. The first twelve',
    "are MirrorMaker 2's own, under the names its dashboards ask for; all of them are gauges there, so they are here.",
    'Three differences: `byte_*` counts the bytes of whole record batches as they travel (compressed, with keys, headers and',
    'framing), not of values; ages and latencies are taken once per partition and answer, from the newest record in it; and',
    'series exist from the moment a partition is known. Rates, minima, maxima and averages are computed as Kafka does it.',
    '',
    ...table(partitionMetrics),
    '',
    '## Per flow',
    '',
    'Labels `flow`, `source`, `target`.',
    '',
    ...table([...flowMetrics, metrics.flowState, metrics.flowPartitions, metrics.problems]),
    '',
    '## Under other names',
    '',
    'The same facts where dashboards and alerts made for Kafka Connect look for them. A flow counts as one source connector',
    'with one task. Label values are quoted as exporters of JMX quote them, for dashboards match those quotes.',
    '',
    ...table([
      metrics.summaryLag,
      metrics.consumerLag,
      metrics.connectorCount,
      metrics.taskCount,
      metrics.connectorStatus,
      metrics.runningTasks,
      metrics.failedTasks,
      metrics.unassignedTasks,
    ]),
    '',
    '## The process',
    '',
    ...table([metrics.buildInfo, metrics.cpuSeconds, metrics.residentMemory, metrics.startTime]),
  ].join('\n')}\n`
}

function table(rows: readonly Metric[]): string[] {
  const cells = rows.map(({ name, kind, help }) => `| \`${name}\` | ${kind} | ${help.replaceAll('|', '\\|')} |`)
  return ['| name | kind | meaning |', '| --- | --- | --- |', ...cells]
}
