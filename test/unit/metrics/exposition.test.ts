import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { expose, type Family, formatFor, jmxValue, labels } from '../../../src/metrics/exposition.ts'

const families: Family[] = [
  { metric: { name: 'up', kind: 'gauge', help: 'one\ntwo \\' }, samples: [['', 1]] },
  {
    metric: { name: 'seen_total', kind: 'counter', help: 'Seen.' },
    samples: [
      ['a="b"', Number.NaN],
      ['a="c"', Number.POSITIVE_INFINITY],
    ],
  },
]

test('text 0.0.4 has help, type and one line per sample', () => {
  assert.equal(
    [...expose(families, 'prometheus')].join(''),
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

test('OpenMetrics names a counter without _total in its head, and ends with EOF', () => {
  const text = [...expose(families, 'openmetrics')].join('')
  assert.match(text, /# TYPE seen counter\nseen_total\{a="b"\} NaN\n/)
  assert.ok(text.endsWith('\n# EOF\n'))
})

test('much text comes in pieces of bounded length that end with a line', () => {
  const samples = Array.from({ length: 20_000 }, (_, i) => [`n="${i}"`, i] as const)
  const pieces = [...expose([{ metric: { name: 'm', kind: 'gauge', help: 'M.' }, samples }], 'prometheus')]
  assert.ok(pieces.length > 3)
  for (const piece of pieces) assert.ok(piece.length < 70_000 && piece.endsWith('\n'))
  assert.equal(pieces.join('').split('\n').length, 20_000 + 2 + 1)
})

test('the format follows the Accept headers that Prometheus and browsers send', () => {
  const prometheus = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'
  assert.equal(formatFor(prometheus), 'openmetrics')
  assert.equal(formatFor('text/plain;q=0.9, application/openmetrics-text;q=0.1'), 'prometheus')
  for (const accept of ['', '*/*', 'text/html', 'application/openmetrics-text;q=0', 'text/plain;version=0.0.4;q=1']) {
    assert.equal(formatFor(accept), 'prometheus', accept)
  }
})

test('a label value with anything in it can be read back', () => {
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

test("a value is quoted as Kafka's JMX reporter does it, which dashboards rely on", () => {
  assert.equal(jmxValue('orders-v1_x.y%'), 'orders-v1_x.y%')
  assert.equal(jmxValue('a->b|replication-consumer'), '"a->b|replication-consumer"')
  assert.equal(jmxValue('a*b?"\\\n'), '"a\\*b\\?\\"\\\\\\n"')
})
