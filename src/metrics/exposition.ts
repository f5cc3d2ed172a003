// Writes Prometheus text 0.0.4 and OpenMetrics 1.0 in pieces. Not prom-client, because it keeps an object per series:
// 140 MB for the series of 10,000 partitions (ADR 0017). This module keeps none.

type MetricKind = 'gauge' | 'counter'

export interface Metric {
  /** the name of a counter ends in _total */
  readonly name: string
  readonly kind: MetricKind
  readonly help: string
}

/** One metric and its samples, stored by column: an object per sample would be megabytes of garbage at each scrape. */
export interface Family {
  readonly metric: Metric
  /** per sample, the text between the braces; empty: no labels */
  readonly labels: readonly string[]
  /** the value of sample `index` */
  readonly value: (index: number) => number
}

/** The labels of one sample as text, and its value. */
export type Sample = readonly [labels: string, value: number]

/** A family from a list of samples. */
export function familyOf(metric: Metric, samples: readonly Sample[]): Family {
  return { metric, labels: samples.map(([text]) => text), value: (index) => samples[index]?.[1] ?? Number.NaN }
}

/** A family with one sample. @param text its labels; empty: none */
export function single(metric: Metric, value: number, text = ''): Family {
  return { metric, labels: [text], value: () => value }
}

type TextFormat = 'prometheus' | 'openmetrics'

export const contentTypes: Readonly<Record<TextFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** The format that an Accept header prefers; plain text unless OpenMetrics has at least the same weight. */
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
 * Renders families in pieces of at most 64 KiB. All pieces share the same memory: a piece is valid until the next one is
 * requested, and must have been sent by then.
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
/** bytes reserved for a number with blank, brace and line end */
const numberRoom = 40

/** The output buffer, reused for every piece. */
class Piece {
  readonly #bytes = Buffer.allocUnsafeSlow(pieceBytes)
  #length = 0

  /** Whether `characters` more fit in any case (UTF-8 needs up to three bytes for one UTF-16 unit). */
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
 * A value as Kafka's JMX reporter writes it and exporters keep it: in quotes if it contains anything but letters,
 * digits and `-_%. \t`. Expressions of dashboards contain those quotes.
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
