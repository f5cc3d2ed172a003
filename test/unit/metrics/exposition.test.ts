import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { expose, type Family, formatFor, jmxValue, labels } from '../../../src/metrics/exposition.ts'

const families: Family[] = [
  { metric: { name: 'up', kind: 'gauge', help: 'one\ntwo \\' }, labels: [''], value: () => 1 },
  {
    metric: { name: 'seen_total', kind: 'counter', help: 'Seen.' },
    labels: ['a="b"', 'a="c"'],
    value: (index) => [Number.NaN, Number.POSITIVE_INFINITY][index] ?? 0,
  },
]

/** Pieces share their memory, so each is copied at once. */
function piecesOf(given: Family[], format: 'prometheus' | 'openmetrics'): string[] {
  const pieces: string[] = []
  for (const piece of expose(given, format)) pieces.push(Buffer.from(piece).toString())
  return pieces
}

test('text format 0.0.4 has help, type and one line per sample', () => {
  assert.equal(
    piecesOf(families, 'prometheus').join(''),
    [
      '# HELP up one\\ntwo \\\\',
      '# TYPE up gauge',
      'up 1',
      '# HELP seen_total Seen.',
      '# TYPE seen_total counter',
      'seen_total{a="b"} NaN',
      'seen_total{a="c"} +Inf',
      '',
    ].join('\n'),
  )
})

test('OpenMetrics names a counter without _total in its metadata, and ends with EOF', () => {
  const text = piecesOf(families, 'openmetrics').join('')
  assert.match(text, /# TYPE seen counter\nseen_total\{a="b"\} NaN\n/)
  assert.ok(text.endsWith('\n# EOF\n'))
})

test('long text is returned in pieces of limited length, and nothing is lost between them', () => {
  for (const letter of ['n', '\u00fc', '\u20ac']) {
    const texts = Array.from({ length: 20_000 }, (_, i) => `n="${letter.repeat(20)}${i}"`)
    const given: Family = { metric: { name: 'm', kind: 'gauge', help: 'M.' }, labels: texts, value: (i) => i }
    const pieces = piecesOf([given, given], 'prometheus')
    assert.ok(pieces.length > 3)
    for (const piece of pieces) assert.ok(Buffer.byteLength(piece) <= 64 * 1024)
    const expected = `# HELP m M.\n# TYPE m gauge\n${texts.map((text, i) => `m{${text}} ${i}\n`).join('')}`
    assert.equal(pieces.join(''), expected + expected)
  }
})

test('the format follows the Accept headers that Prometheus and browsers send', () => {
  const prometheus = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'
  assert.equal(formatFor(prometheus), 'openmetrics')
  assert.equal(formatFor('text/plain;q=0.9, application/openmetrics-text;q=0.1'), 'prometheus')
  for (const accept of ['', '*/*', 'text/html', 'application/openmetrics-text;q=0', 'text/plain;version=0.0.4;q=1']) {
    assert.equal(formatFor(accept), 'prometheus', accept)
  }
})

test('a label value with any characters can be read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const text = labels({ name: value })
      const [, quoted = ''] = /^name="((?:[^"\\\n]|\\["\\n])*)"$/.exec(text) ?? []
      assert.equal(
        quoted.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
        value,
      )
    }),
  )
})

test("a value is quoted as by Kafka's JMX reporter, which dashboards rely on", () => {
  assert.equal(jmxValue('orders-v1_x.y%'), 'orders-v1_x.y%')
  assert.equal(jmxValue('a->b|replication-consumer'), '"a->b|replication-consumer"')
  assert.equal(jmxValue('a*b?"\\\n'), '"a\\*b\\?\\"\\\\\\n"')
})
