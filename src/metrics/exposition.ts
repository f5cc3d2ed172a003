// Prometheus text 0.0.4 and OpenMetrics 1.0, in pieces. Written here because prom-client keeps an object per series:
// 107 MB for the series of 2,000 partitions, where this keeps none.

export type MetricKind = 'gauge' | 'counter'

export interface Metric {
  /** counters end in _total */
  readonly name: string
  readonly kind: MetricKind
  readonly help: string
}

/** Labels as they stand between the braces, and the value. */
export type Sample = readonly [labels: string, value: number]

export interface Family {
  readonly metric: Metric
  readonly samples: Iterable<Sample>
}

export type TextFormat = 'prometheus' | 'openmetrics'

export const contentTypes: Readonly<Record<TextFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

const pieceLength = 64 * 1024

/** The format an Accept header prefers; plain text unless OpenMetrics is asked for at least as much. */
export function formatFor(accept: string): TextFormat {
  const weights = { open: 0, plain: 0 }
  for (const part of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim())
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1) || 0
    if (type === 'application/openmetrics-text') weights.open = Math.max(weights.open, weight)
    if (type === 'text/plain') weights.plain = Math.max(weights.plain, weight)
  }
  return weights.open > 0 && weights.open >= weights.plain ? 'openmetrics' : 'prometheus'
}

/** Renders families in pieces of about 64 KiB, so that no scrape holds megabytes of text. */
export function* expose(families: Iterable<Family>, format: TextFormat): Generator<string, void, undefined> {
  let text = ''
  for (const { metric, samples } of families) {
    const family = format === 'openmetrics' ? metric.name.replace(/_total$/, '') : metric.name
    text += `# HELP ${family} ${escapeHelp(metric.help)}\n# TYPE ${family} ${metric.kind}\n`
    for (const [labels, value] of samples) {
      text += labels === '' ? `${metric.name} ${number(value)}\n` : `${metric.name}{${labels}} ${number(value)}\n`
      if (text.length < pieceLength) continue
      yield text
      text = ''
    }
  }
  yield format === 'openmetrics' ? `${text}# EOF\n` : text
}

/** `source="a",topic="orders"` */
export function labels(pairs: Readonly<Record<string, string | number>>): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name}="${escapeLabel(String(value))}"`)
    .join(',')
}

/**
 * A value as Kafka's JMX reporter writes it and exporters pass it on: in quotes once it holds anything but letters,
 * digits and `-_%. \t`. Dashboards' expressions contain those quotes.
 */
export function jmxValue(text: string): string {
  if (/^[\w\-%. \t]*$/.test(text)) return text
  return `"${text.replaceAll(/[\\*?"]/g, '\\$&').replaceAll('\n', '\\n')}"`
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
