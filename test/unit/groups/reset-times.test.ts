// Times and durations as kafka-consumer-groups.sh reads them (Utils.getDateTime, java.time.Duration).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { datetimeText, ignoredText, parseDatetime, parseDuration } from '../../../src/groups/reset-times.ts'

const refused = (parse: () => unknown) => {
  assert.throws(parse, (error) => error instanceof Failure && error.code === 'USAGE' && error.remedy !== undefined)
}

test('a time has milliseconds and optionally a zone; the default is UTC', () => {
  const noon = Date.UTC(2026, 2, 1, 12)
  assert.equal(parseDatetime('2026-03-01T12:00:00.000').at, noon)
  assert.equal(parseDatetime('2026-03-01T12:00:00.000Z').at, noon)
  assert.equal(parseDatetime('2026-03-01T13:30:00.000+01:30').at, noon)
  assert.equal(parseDatetime('2026-03-01T07:00:00.000-05').at, noon)
  assert.equal(parseDatetime('2026-03-01T12:00:00.250Z').at, noon + 250)
})

test("a zone without a colon is read as by Kafka's tool, and ignored text is reported", () => {
  const text = '2026-11-27T15:50:19.079-0700'
  assert.deepEqual(parseDatetime(text), { at: Date.UTC(2026, 10, 27, 22, 50, 19, 79), ignored: '00' })
  assert.equal(ignoredText(text, parseDatetime(text)), undefined)
  const half = '2026-03-01T12:00:00.000+0530'
  assert.equal(
    ignoredText(half, parseDatetime(half)),
    `'30' after the time ${half} is ignored, as in Kafka's tool: 2026-03-01T07:00:00.000Z is used; write the zone with a colon, +05:30, if it was meant`,
  )
  const more = '2026-03-01T12:00:00.000Z or so'
  assert.equal(
    ignoredText(more, parseDatetime(more)),
    `' or so' after the time ${more} is ignored, as in Kafka's tool: 2026-03-01T12:00:00.000Z is used`,
  )
})

test('an invalid time is refused with the right format', () => {
  for (const text of [
    '2026-03-01',
    '2026-03-01T12:00:00',
    '2026-03-01T12:00:00Z',
    '2026-02-30T12:00:00.000Z',
    '2026-03-01T24:00:00.000Z',
    '2026-13-01T12:00:00.000Z',
    '2026-03-01T12:00:00.000+24:00',
    'yesterday',
  ])
    refused(() => parseDatetime(text))
})

test('a time written by datetimeText is read back', () => {
  for (const ms of [0, 1, 1_767_225_600_123, Date.UTC(1999, 11, 31, 23, 59, 59, 999)])
    assert.equal(parseDatetime(datetimeText(ms)).at, ms)
})

test('durations are those of Java', () => {
  assert.equal(parseDuration('P1D'), 86_400_000)
  assert.equal(parseDuration('PT2H30M'), 9_000_000)
  assert.equal(parseDuration('P1DT0.5S'), 86_400_500)
  assert.equal(parseDuration('pt15m'), 900_000)
  assert.equal(parseDuration('-PT1M'), -60_000)
  assert.equal(parseDuration('PT-0.5S'), -500)
  assert.equal(parseDuration('PT6H-3M'), 21_420_000)
})

test('an invalid duration is refused', () => {
  for (const text of ['', 'P', 'PT', 'P1', '1D', 'P1DT', 'PT1D', 'P1H', 'PT1.5M', 'P1Y', 'PT.5S'])
    refused(() => parseDuration(text))
})
