// Points in time as kafka-consumer-groups.sh takes them: --to-datetime and --by-duration, by Java's rules.
import { Failure } from '../base/failure.ts'

export interface Datetime {
  /** ms since the epoch */
  readonly at: number
  /** what stood behind the time and was not looked at, as by Kafka's tool; empty for nothing */
  readonly ignored: string
}

const duration =
  /^([+-])?P(?:([+-]?\d+)D)?(?:T(?=[+-]?\d)(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-])?(\d+)(?:[.,](\d{0,9}))?S)?)?$/i
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** A number as SimpleDateFormat takes it: behind blanks, of any length, with a sign and an exponent. */
const field = String.raw`[ \t]*(-?\d+(?:E-?\d+)?)`
const datetime = new RegExp(`^${field}-${field}-${field}T${field}:${field}:${field}\\.${field}[ \t]*`)
/** Zones in the two patterns that Kafka tries, in its order: XXX, and X where that one does not fit. */
const zones = [/^(?:Z|([+-])(\d\d):(\d\d))/, /^(?:Z|([+-])(\d\d))/]
/** Offsets of zones that Java's calendar takes (minutes). */
const [WESTMOST, EASTMOST] = [-13 * 60, 14 * 60]
/** Years that Java's calendar, and JavaScript's, know. */
const [LAST_YEAR, LAST_YEAR_HERE] = [292_278_994, 275_759]
/** the latest of JavaScript's times: no record is younger */
const LAST_MS = 8.64e15
/** Days of Java's years before this one are counted by the Julian calendar, which is of no use here. */
const FIRST_GREGORIAN = 1583
/** more than the largest long of Java, of milliseconds too */
const LONG = 2 ** 63

/**
 * `2026-03-01T08:00:00.000+01:00` -> ms since the epoch, with the rules of org.apache.kafka.common.utils.Utils.getDateTime: zones
 * +01:00, +01 and Z, UTC without one. Of a zone without a colon (+0130) the hours count only, as there: see `ignored`.
 * @throws Failure USAGE for what Kafka's tool refuses, as dates that do not exist
 */
export function parseDatetime(text: string): Datetime {
  const whole = hasZone(text) ? text : `${text}Z`
  const found = datetime.exec(whole)
  if (!found) throw invalidDatetime(text)
  const rest = whole.slice(found[0].length)
  const zone = zones.map((pattern) => pattern.exec(rest)).find((one) => one !== null && isZone(one))
  const at = timeOf(found.slice(1, 8).map((text) => javaInt(Number(text))))
  if (!zone || at === undefined) throw invalidDatetime(text)
  return { at: at === LAST_MS ? at : at - zoneMinutes(zone) * MINUTE_MS, ignored: rest.slice(zone[0].length) }
}

/** What an operator is told of a time that was not read as a whole; undefined where nothing is to be said. */
export function ignoredText(text: string, { at, ignored }: Datetime): string | undefined {
  if (/^(00)?$/.test(ignored)) return undefined
  const zone = /^\d\d$/.test(ignored) ? `; write the zone with a colon, ${zoneWithColon(text)}, if it was meant` : ''
  return `'${ignored}' after the time ${text} is ignored, as in Kafka's tool: ${datetimeText(at)} is used${zone}`
}

/** A time as `--to-datetime` takes it. @param ms since the epoch */
export function datetimeText(ms: number): string {
  return new Date(ms).toISOString()
}

/** `P1DT2H30M` (ISO 8601 as java.time.Duration reads it) -> ms. @throws Failure USAGE, also for more than Java's times know */
export function parseDuration(text: string): number {
  const found = duration.exec(text)
  const [, sign, days, hours, minutes, secondsSign, seconds, fraction] = found ?? []
  if (!found || [days, hours, minutes, seconds].every((part) => part === undefined)) throw invalidDuration(text)
  const whole = Number(days ?? 0) * DAY_MS + Number(hours ?? 0) * HOUR_MS + Number(minutes ?? 0) * MINUTE_MS
  const rest = Number(seconds ?? 0) * 1000 + Math.floor(Number(`0.${fraction || '0'}`) * 1000)
  const total = whole + (secondsSign === '-' ? -rest : rest)
  if (Math.abs(total) >= LONG) throw invalidDuration(text)
  return sign === '-' ? -total : total
}

/** Kafka adds a Z where it sees none of these behind the first T. */
function hasZone(text: string): boolean {
  return /[+\-Z]/.test(text.split('T')[1] ?? '')
}

function timeOf([year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millis = 0]: readonly number[]):
  | number
  | undefined {
  if (year < 1 || year > LAST_YEAR || month < 1 || month > 12 || day < 1 || day > 31) return undefined
  if (hour > 23 || minute > 59 || second > 59 || millis > 999 || Math.min(hour, minute, second, millis) < 0)
    return undefined
  // A year of four hundred has the same calendar.
  const alike = year > LAST_YEAR_HERE || year < FIRST_GREGORIAN ? 2000 + (year % 400) : year
  const at = Date.UTC(alike, month - 1, day, hour, minute, second, millis)
  if (new Date(at).getUTCMonth() !== month - 1) return undefined
  if (year > LAST_YEAR_HERE) return LAST_MS
  return year < FIRST_GREGORIAN ? Date.UTC(FIRST_GREGORIAN, 0, 1) : at
}

/** As Java turns the number that it has read into an int. */
function javaInt(value: number): number {
  return value < LONG ? Math.trunc(value) | 0 : LAST_YEAR + 1
}

function zoneMinutes([, sign, hours = '0', minutes = '0']: RegExpExecArray): number {
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

function isZone(zone: RegExpExecArray): boolean {
  const minutes = zoneMinutes(zone)
  return Number(zone[3] ?? 0) < 60 && minutes >= WESTMOST && minutes <= EASTMOST
}

const zoneWithColon = (text: string) => text.slice(-5).replace(/(\d\d)$/, ':$1')

function invalidDuration(text: string): Failure {
  return new Failure('USAGE', `'${text}' is not a valid duration`, {
    remedy: 'write PnDTnHnMnS, e.g. P1D for a day, PT2H30M for two and a half hours, PT0.5S',
  })
}

function invalidDatetime(text: string): Failure {
  return new Failure('USAGE', `'${text}' is not a valid time`, {
    remedy:
      'write YYYY-MM-DDTHH:mm:SS.sss with milliseconds and a zone (Z, +02:00; UTC without one), e.g. 2026-03-01T08:00:00.000Z',
  })
}
