// Times and durations of `godwit groups reset` compared with Kafka's own code (Utils.getDateTime, java.time.Duration): the same
// texts are accepted and refused, with the same values.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Failure } from '../../src/base/failure.ts'
import { parseDatetime, parseDuration } from '../../src/groups/reset-times.ts'
import { NEWEST } from '../harness/kafka-jars.ts'
import { JavaServer } from './engine/java-server.ts'

const tools = await JavaServer.start('KafkaTools.java', NEWEST)
after(() => tools.close())

const javas = (tool: 'datetimes' | 'durations', args: readonly string[]) => tools.ask<(number | null)[]>({ tool, args })

function ours(parse: () => number): number | null {
  try {
    return parse()
  } catch (error) {
    assert.ok(error instanceof Failure && error.code === 'USAGE', String(error))
    return null
  }
}

/** Times before 1970 mean the start. Java permits later times than JavaScript's Date. */
const clamped = (at: number | null) => (at === null ? null : Math.min(8.64e15, Math.max(0, at)))

/** Random numbers that are equal in every run. */
function newRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const zones = ['', 'Z', '+00:00', '-00:00', '+1:00', '+01', '-0700', '+0530', '+05:30', '-05:45', '+14:00', '+14:01']
const oddZones = [
  '+15:00',
  '-13:00',
  '-13:01',
  '+24',
  '+7',
  '+01:',
  '+01:6',
  '+01:60',
  '+0160',
  'z',
  ' Z',
  'ZZ',
  ' UTC',
]
const others = ['-07:00:30', '+010', '+1', 'T', '+', '-', 'Z+01:00', ' +02:00', '\t+02:00', '+ 2:00', '[Europe/Berlin]']
const times = [
  ...['2026-11-27T15:50:19.079', '2026-11-27T15:50:19', '2026-11-27T15:50', '2026-11-27', '2026-11-27T', 'T', ''],
  ...['2026-11-27t15:50:19.079', '2026-11-27 15:50:19.079', ' 2026-11-27T15:50:19.079', '2026- 11-27T15:50:19.079'],
  ...['2026-1-2T3:4:5.6', '2026-01-02T03:04:05.1234', '2026-01-02T03:04:05.0123', '2026-01-02T03:04:05,123'],
  ...['2026-02-29T00:00:00.000', '2028-02-29T00:00:00.000', '2026-02-30T00:00:00.000', '2026-13-01T00:00:00.000'],
  ...['2026-00-01T00:00:00.000', '2026-01-00T00:00:00.000', '2026-01-01T24:00:00.000', '2026-01-01T23:60:00.000'],
  ...['2026-01-01T23:59:60.000', '26-01-01T00:00:00.000', '0-01-01T00:00:00.000', '-5-01-01T00:00:00.000'],
  ...['12026-01-01T00:00:00.000', '1970-01-01T00:00:00.000', '1969-12-31T23:59:59.999', '1600-02-29T00:00:00.000'],
  ...['2026-01-01T0000:00:00.000', '2026-01-01T00:00:00.1E2', '2026-01-01T+1:00:00.000', '2026-01-01T00:00:00.'],
  ...['yesterday', '2026-001-001T00:00:00.000', '2026-01-01T00:00:00.000T00:00', '2026-01-01TT00:00:00.000'],
  ...['275000-01-01T00:00:00.000', '99999999999-01-01T00:00:00.000', '2026-01-01T1E1:00:00.000'],
]

/** A time, sometimes with an error in it. */
function randomTime(random: (below: number) => number): string {
  const number = (most: number, width: number) => String(random(most)).padStart(random(8) === 0 ? 1 : width, '0')
  const date = `${1970 + random(80)}-${number(14, 2)}-${number(33, 2)}`
  const time = `${number(26, 2)}:${number(62, 2)}:${number(62, 2)}.${number(1100, 3)}`
  const all = [...zones, ...oddZones, ...others]
  const text = `${date}T${time}${all[random(all.length)]}`
  if (random(4) > 0) return text
  const at = random(text.length)
  const odd = '0123456789+-:.TZ E\t'
  return `${text.slice(0, at)}${odd[random(odd.length)]}${text.slice(at + random(2))}`
}

test("times are accepted, refused and read as by Kafka's tool, including zones without a colon", async () => {
  const random = newRandom(7)
  const written = times.flatMap((time) => [...zones, ...oddZones, ...others].map((zone) => `${time}${zone}`))
  const texts = [...written, ...Array.from({ length: 20_000 }, () => randomTime(random))]
  const theirs = await javas('datetimes', texts)
  const differing = texts.flatMap((text, at) => {
    const [own, other] = [clamped(ours(() => parseDatetime(text).at)), clamped(theirs[at] ?? null)]
    return own === other ? [] : [`${JSON.stringify(text)}: ${own}, not ${other}`]
  })
  assert.deepEqual(differing, [])
  assert.ok(theirs.filter((one) => one !== null).length > 1000)
  assert.equal(
    ours(() => parseDatetime('2026-11-27T15:50:19.079-0700').at),
    Date.UTC(2026, 10, 27, 22, 50, 19, 79),
  )
})

test("durations are accepted, refused and read as by Kafka's tool", async () => {
  const parts = ['', '+', '-'].flatMap((sign) => ['', 'P', 'p'].map((p) => `${sign}${p}`))
  const days = ['', '1D', '-2D', '+3d', '0D', '1.5D', '99999999999D', '1W', '1M', '1Y']
  const rest = ['', 'T', 'T1H', 'T-6H3M', 't15m', 'T0.5S', 'T-0.5S', 'T1,25s', 'T1.S', 'T.5S', 'T1.1234567891S', '1H']
  const texts = parts.flatMap((p) => days.flatMap((d) => rest.map((r) => `${p}${d}${r}`)))
  texts.push('P106751991167D', 'P106751991168D', 'PT2562047788015215H', 'PT9999999999999999999S', ' P1D', 'P1D ')
  const theirs = await javas('durations', texts)
  const differing = texts.flatMap((text, at) => {
    const [own, other] = [ours(() => parseDuration(text)), theirs[at] ?? null]
    return own === other ? [] : [`${JSON.stringify(text)}: ${own}, not ${other}`]
  })
  assert.deepEqual(differing, [])
})
