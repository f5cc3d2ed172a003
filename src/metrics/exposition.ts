// Prometheus text 0.0.4 and OpenMetrics 1.0, in pieces. Written here because prom-client keeps an object per series:
// 107 MB for the series of 2,000 partitions, where this keeps none.

type MetricKind = 'gauge' | 'counter'

export interface Metric {
  /** counters end in _total */
  readonly name: string
  readonly kind: MetricKind
  readonly help: string
}

/** One metric and its samples, column-wise: an object per sample would be megabytes of garbage at each scrape. */
export interface Family {
  readonly metric: Metric
  /** per sample, the labels as they stand between the braces; empty text: none */
  readonly labels: readonly string[]
  /** the value of sample `index` */
  readonly value: (index: number) => number
}

/** The labels of one sample as text, and its value. */
export type Sample = readonly [labels: string, value: number]

export function familyOf(metric: Metric, samples: readonly Sample[]): Family {
  return { metric, labels: samples.map(([text]) => text), value: (index) => samples[index]?.[1] ?? Number.NaN }
}

export function single(metric: Metric, value: number, text = ''): Family {
  return { metric, labels: [text], value: () => value }
}

type TextFormat = 'prometheus' | 'openmetrics'

export const contentTypes: Readonly<Record<TextFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

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

/**
 * Renders families in pieces of at most 64 KiB. All pieces are the same memory: each is valid until the next is asked
 * for, and must have been sent by then.
 */
export function* expose(families: Iterable<Family>, format: TextFormat): Generator<Uint8Array, void, undefined> {
  const piece = new Piece()
  for (const { metric, labels: texts, value } of families) {
    const family = format === 'openmetrics' ? metric.name.replace(/_total$/, '') : metric.name
    const head = `# HELP ${family} ${escapeHelp(metric.help)}\n# TYPE ${family} ${metric.kind}\n`
    if (!piece.hasRoomFor(head.length)) yield piece.take()
    piece.add(head)
    const open = `${metric.name}{`
    for (let i = 0; i < texts.length; i++) {
      const text = texts[i] ?? ''
      if (!piece.hasRoomFor(open.length + text.length + numberRoom)) yield piece.take()
      piece.add(text === '' ? metric.name : open)
      piece.add(text)
      piece.add(text === '' ? ' ' : '} ')
      piece.add(number(value(i)))
      piece.add('\n')
    }
  }
  if (!piece.hasRoomFor(numberRoom)) yield piece.take()
  if (format === 'openmetrics') piece.add('# EOF\n')
  yield piece.take()
}

const pieceBytes = 64 * 1024
/** more than any number, with blank, brace and line end */
const numberRoom = 40

/** Text on its way out, as bytes that are used again and again. */
class Piece {
  readonly #bytes = Buffer.allocUnsafeSlow(pieceBytes)
  #length = 0

  /** Whether `characters` more fit for certain (UTF-8 takes up to three bytes for one). */
  hasRoomFor(characters: number): boolean {
    return this.#length + characters * 3 <= pieceBytes
  }

  add(text: string): void {
    this.#length += this.#bytes.write(text, this.#length)
  }

  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#length = 0
    return taken
  }
}

/** `source="a",topic="orders"` */
export function labels(pairs: Readonly<Record<string, string | number>>): string {
  return Object.entries(pairs)
    .map(([name, value]) => label(name, String(value)))
    .join(',')
}

/** `topic="orders"` */
export function label(name: string, value: string): string {
  return `${name}="${escapeLabel(value)}"`
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
