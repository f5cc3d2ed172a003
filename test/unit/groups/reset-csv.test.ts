// Reset plans as CSV: both forms, quotes, and invalid lines.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import { parsePlan, planCsv } from '../../../src/groups/reset-csv.ts'

const row = fc.record({
  group: fc.string({ unit: fc.constantFrom('a', 'ü', ' ', ',', '"', '\n', '\r\n', '\t', '\u001b', '') }),
  topic: fc.stringMatching(/^[a-zA-Z0-9._-]{1,40}$/),
  partition: fc.nat(),
  offset: fc.nat(),
})

test('a written plan is read back, with and without groups', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), (found) => {
      const rows = found.map((one) => ({ ...one }))
      assert.deepEqual(parsePlan(planCsv(rows, true), [], 'f'), rows)
      const own = rows.map((one) => ({ ...one, group: 'g' }))
      assert.deepEqual(parsePlan(planCsv(own, false), ['g'], 'f'), own)
    }),
  )
})

test("names are quoted as by Kafka's writer", () => {
  const one = { group: 'a b', topic: 'orders.v-1', partition: 0, offset: 7 }
  assert.equal(planCsv([one], true), '"a b",orders.v-1,0,7\n')
  assert.equal(planCsv([{ ...one, group: 'say "x"' }], true), '"say ""x""",orders.v-1,0,7\n')
  assert.equal(planCsv([{ ...one, topic: 't'.repeat(24) }], false), `${'t'.repeat(24)},0,7\n`)
  assert.equal(planCsv([{ ...one, topic: 't'.repeat(25) }], false), `"${'t'.repeat(25)}",0,7\n`)
})

test('a group without a name, a very long one and one with line ends are written and read back', () => {
  for (const group of ['', 'g'.repeat(5000), 'two\nlines', '\u001b[31mred']) {
    const one = { group, topic: 'orders', partition: 0, offset: 7 }
    assert.deepEqual(parsePlan(planCsv([one, one], true), [], 'f'), [one, one])
  }
})

test('Windows line ends are accepted, and empty lines at the end are ignored', () => {
  assert.deepEqual(parsePlan('t,0,1\r\nt,1,2\r\n\n', ['g'], 'f').length, 2)
})

test('an unusable plan is refused with its line', () => {
  const line = (text: string, groups: string[] = []) => {
    try {
      parsePlan(text, groups, 'plan.csv')
    } catch (error) {
      assert.ok(error instanceof Failure)
      assert.equal(error.circumstances.file, 'plan.csv')
      return error.circumstances.line
    }
    return undefined
  }
  assert.equal(line(''), 1)
  assert.equal(line('g,t,0,1\ng,t,zero,1'), 2)
  assert.equal(line('g,t,0,1\ng,t,0,many'), 2)
  assert.equal(line('t,0,1'), 1)
  assert.equal(line('t,0,1\ng,t,0,1', ['g']), 2)
  assert.equal(line('"g,t,0,1'), 1)
  assert.equal(line('"a\nb",t,0,1\ng,t,zero,1'), 3)
})
