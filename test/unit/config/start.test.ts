// `godwit.start`: where topics without a stored position start, by rules in their order.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startAtOf, startTime } from '../../../src/mirror/start.ts'
import { base, load, next, onlyFlow } from './reading.ts'

const settings = (lines: string) => onlyFlow(`${base}${lines}\n`).settings
const starts = (lines: string, ...topics: string[]) => topics.map((topic) => startAtOf(settings(lines), topic))

test('the first item that matches the whole name of a topic is used', () => {
  assert.deepEqual(starts('godwit.start = audit.*=latest, logs.*=7d, earliest', 'audit-1', 'logs', 'old.logs', 'x'), [
    { kind: 'latest' },
    { kind: 'ago', ms: 604_800_000 },
    { kind: 'earliest' },
    { kind: 'earliest' },
  ])
})

test('a time needs a zone, and may omit seconds or have fractions of them', () => {
  const written = {
    '2026-11-01T00:00:00Z': '2026-11-01T00:00:00.000Z',
    '2026-11-01T02:30:00.5+02:00': '2026-11-01T00:30:00.500Z',
    '2026-11-01T00:00-0130': '2026-11-01T01:30:00.000Z',
  }
  for (const [text, meant] of Object.entries(written))
    assert.deepEqual(starts(`godwit.start = ${text}`, 'x'), [{ kind: 'time', timestamp: Date.parse(meant) }], text)
})

test('ages are in seconds, minutes, hours, days and weeks before the current time', () => {
  const ages = { '90s': 90_000, '5m': 300_000, '12h': 43_200_000, '7d': 604_800_000, '2w': 1_209_600_000 }
  for (const [text, ms] of Object.entries(ages)) {
    const [at] = starts(`godwit.start = ${text}`, 'x')
    assert.ok(at)
    assert.equal(startTime(at, 2_000_000_000_000), 2_000_000_000_000 - ms, text)
  }
})

test('if no item matches, auto.offset.reset is used, as without godwit.start', () => {
  const reset = 'a.consumer.auto.offset.reset = latest'
  assert.deepEqual(starts(`${reset}\ngodwit.start = logs.*=earliest`, 'logs-1', 'x'), [
    { kind: 'earliest' },
    { kind: 'latest' },
  ])
  assert.deepEqual(starts(reset, 'x'), [{ kind: 'latest' }])
  assert.deepEqual(starts('', 'x'), [{ kind: 'earliest' }])
})

test('the key of a flow overrides that of its target, which overrides the one without prefix', () => {
  const lines = ['godwit.start = latest', 'b.godwit.start = 1d', 'a->b.godwit.start = 2d']
  assert.deepEqual(starts(lines[0] ?? '', 'x'), [{ kind: 'latest' }])
  assert.deepEqual(starts(lines.slice(0, 2).join('\n'), 'x'), [{ kind: 'ago', ms: 86_400_000 }])
  assert.deepEqual(starts(lines.join('\n'), 'x'), [{ kind: 'ago', ms: 172_800_000 }])
})

test('a partition created after the first start is copied from its start, or as in MM2 if configured', () => {
  const late = (lines: string) => startAtOf(settings(`godwit.start = latest\n${lines}`), 'x', true).kind
  assert.equal(late(''), 'earliest')
  assert.equal(late('godwit.new.partitions = as-configured'), 'latest')
  assert.equal(late('godwit.new.partitions = as-configured\na->b.godwit.new.partitions = earliest'), 'earliest')
})

const wrong: readonly (readonly [value: string, reason: RegExp, remedy: RegExp])[] = [
  ['yesterday', /holds "yesterday", which does not say where to begin/, /write earliest, latest, an age such as 7d/],
  ['7 days', /holds "7 days"/, /an age such as 7d/],
  ['logs.*=', /holds "logs\.\*="/, /an age/],
  ['2026-11-01T00:00:00', /holds "2026-11-01T00:00:00"/, /^write 2026-11-01T00:00:00Z/],
  ['2026-02-30T00:00:00Z', /holds "2026-02-30T00:00:00Z"/, /time that exists/],
  ['*.logs=latest', /the pattern \*\.logs cannot be used/, /write \.\*\.logs/],
]

for (const [value, reason, remedy] of wrong) {
  test(`godwit.start = ${value} is an error with its line and what to write`, () => {
    const { model, problems } = load(`${base}godwit.start = ${value}\n`)
    assert.equal(model, undefined)
    const [problem] = problems.filter(({ severity }) => severity === 'error')
    assert.deepEqual([problem?.line, problem?.key], [next, 'godwit.start'])
    assert.match(problem?.reason ?? '', reason)
    assert.match(problem?.remedy ?? '', remedy)
  })
}

test('items after one that matches every topic are reported with an order that uses them', () => {
  const { model, problems } = load(`${base}godwit.start = earliest, logs\\\\..*=7d\n`)
  assert.ok(model)
  assert.deepEqual(
    problems.map(({ severity, line, remedy }) => [severity, line, remedy]),
    [['warning', next, 'write godwit.start = logs\\\\..*=7d, earliest']],
  )
  assert.deepEqual(load(`${base}${problems[0]?.remedy.replace('write ', '')}\n`).problems, [])
})
