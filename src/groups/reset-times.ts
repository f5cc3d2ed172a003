// Points in time as kafka-consumer-groups.sh takes them: --to-datetime and --by-duration, by Java's rules.
import { Failure } from '../base/failure.ts'

const datetime = /^(\d{4,})-(\d{1,2})-(\d{1,2})T(\d{1,2}):(\d{1,2}):(\d{1,2})\.(\d{1,3})(Z|[+-]\d{2}(?::?\d{2})?)?$/
const duration =
  /^([+-])?P(?:([+-]?\d+)D)?(?:T(?=[+-]?\d)(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-])?(\d+)(?:[.,](\d{0,9}))?S)?)?$/i
const DAY_MS = 86_400_000

/**
 * `2026-03-01T08:00:00.000+01:00` -> ms since the epoch; without a zone it is UTC.
 * @throws Failure USAGE, also for dates that do not exist
 */
export function parseDatetime(text: string): number {
  const found = datetime.exec(text)
  if (!found) throw noDatetime(text)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millis = 0] = found.slice(1, 8).map(Number)
  const at = Date.UTC(year, month - 1, day, hour, minute, second, millis)
  const read = new Date(at)
  const isReal =
    read.getUTCMonth() === month - 1 && read.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  if (!isReal || !Number.isFinite(at)) throw noDatetime(text)
  return at - zoneMs(found[8] ?? 'Z', text)
}

/** A time as `--to-datetime` takes it. @param ms since the epoch */
export function datetimeText(ms: number): string {
  return new Date(ms).toISOString()
}

/** `P1DT2H30M` (ISO 8601 as java.time.Duration reads it) -> ms. @throws Failure USAGE */
export function parseDuration(text: string): number {
  const found = duration.exec(text)
  const [, sign, days, hours, minutes, secondsSign, seconds, fraction] = found ?? []
  if (!found || [days, hours, minutes, seconds].every((part) => part === undefined)) {
    throw new Failure('USAGE', `'${text}' is no duration`, {
      remedy: 'write PnDTnHnMnS, e.g. P1D for a day, PT2H30M for two and a half hours, PT0.5S',
    })
  }
  const whole = Number(days ?? 0) * DAY_MS + Number(hours ?? 0) * 3_600_000 + Number(minutes ?? 0) * 60_000
  const rest = Number(seconds ?? 0) * 1000 + Math.floor(Number(`0.${fraction || '0'}`) * 1000)
  const total = whole + (secondsSign === '-' ? -rest : rest)
  return sign === '-' ? -total : total
}

/** `Z`, `+01`, `+0100` (Java's X takes it no more than XXX does), `+01:00`. */
function zoneMs(zone: string, text: string): number {
  if (zone === 'Z') return 0
  if (zone.length === 5) throw noDatetime(text)
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number)
  if (hours > 23 || minutes > 59) throw noDatetime(text)
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

function noDatetime(text: string): Failure {
  return new Failure('USAGE', `'${text}' is no time that can be used`, {
    remedy:
      'write YYYY-MM-DDTHH:mm:SS.sss with milliseconds and a zone (Z, +02:00; UTC without one), e.g. 2026-03-01T08:00:00.000Z',
  })
}
