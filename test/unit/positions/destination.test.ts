// The values of `--to`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { parseDestination } from '../../../src/positions/destination.ts'

const now = Date.parse('2026-11-28T18:00:00Z')
const at = (text: string) => ({ kind: 'time', at: Date.parse(text) })

test('positions, offsets and times are distinguished', () => {
  assert.deepEqual(parseDestination('earliest', now), { kind: 'earliest' })
  assert.deepEqual(parseDestination('latest', now), { kind: 'latest' })
  assert.deepEqual(parseDestination('0', now), { kind: 'offset', offset: 0 })
  assert.deepEqual(parseDestination('999999999999', now), { kind: 'offset', offset: 999_999_999_999 })
  assert.deepEqual(parseDestination('1764547200000', now), { kind: 'time', at: 1_764_547_200_000 })
  assert.deepEqual(parseDestination('7d', now), at('2026-11-21T18:00:00Z'))
  assert.deepEqual(parseDestination('90m', now), at('2026-11-28T16:30:00Z'))
  for (const text of ['2026-11-01', '2026-11-01T00:00', '2026-11-01T00:00:00', '2026-11-01T00:00:00.000Z'])
    assert.deepEqual(parseDestination(text, now), at('2026-11-01T00:00:00Z'))
  for (const text of ['2026-11-01T02:00:00+02:00', '2026-11-01T02:00:00.0+0200'])
    assert.deepEqual(parseDestination(text, now), at('2026-11-01T00:00:00Z'))
})

test('other values, and times in the future, are refused with the valid forms', () => {
  for (const text of [
    '',
    '-1',
    '1.5',
    'end',
    '7 d',
    '7w',
    '2026-02-31',
    '2026-13-01',
    '2026-11-01T25:00',
    '99999999999999999999',
  ]) {
    assert.throws(
      () => parseDestination(text, now),
      (error: unknown) => {
        assert.ok(error instanceof Failure && error.code === 'USAGE', text)
        return /neither an offset nor a time/.test(error.message)
      },
    )
  }
  for (const text of ['2026-12-01', '1800000000000', '2027-01-01T00:00:00Z'])
    assert.throws(() => parseDestination(text, now), /is in the future/)
})
