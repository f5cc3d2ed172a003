// Times as kafka-consumer-groups.sh parses them: --to-datetime and --by-duration, by Java's rules.
import { Failure } from '../base/failure.ts'

export interface Datetime {
  /** ms since the epoch */
  readonly at: number
  /** text after the time, which is ignored as in Kafka's tool; may be empty */
  readonly ignored: string
}

const duration =
  /^([+-])?P(?:([+-]?\d+)D)?(?:T(?=[+-]?\d)(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-])?(\d+)(?:[.,](\d{0,9}))?S)?)?$/i
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** A number as SimpleDateFormat parses it: after blanks, of any length, with sign and exponent. */
const field = String.raw`[ \t]*(-?\d+(?:E-?\d+)?)`
const datetime = new RegExp(`^${field}-${field}-${field}T${field}:${field}:${field}\\.${field}[ \t]*`)
/** Zones in the two patterns that Kafka tries in this order: XXX, then X. */
const zones = [/^(?:Z|([+-])(\d\d):(\d\d))/, /^(?:Z|([+-])(\d\d))/]
/** Zone offsets that Java's calendar accepts (minutes). */
const [WESTMOST, EASTMOST] = [-13 * 60, 14 * 60]
/** Last years of Java's and of JavaScript's calendar. */
const [LAST_YEAR, LAST_YEAR_HERE] = [292_278_994, 275_759]
/** the latest time of JavaScript (ms since the epoch) */
const LAST_MS = 8.64e15
/** Java uses the Julian calendar before this year, which does not matter here. */
const FIRST_GREGORIAN = 1583
/** one more than Java's largest long */
const LONG = 2 ** 63

/**
 * `2026-03-01T08:00:00.000+01:00` -> ms since the epoch, by the rules of org.apache.kafka.common.utils.Utils.getDateTime: zones
 * +01:00, +01 and Z; UTC without a zone. Of a zone without a colon (+0130) only the hours count: see `ignored`.
 * @throws Failure USAGE for what Kafka's tool refuses, e.g. dates that do not exist
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

/** The warning about ignored text after a time; undefined where nothing that matters was ignored. */
export function ignoredText(text: string, { at, ignored }: Datetime): string | undefined {
  if (/^(00)?$/.test(ignored)) return undefined
  const zone = /^\d\d$/.test(ignored) ? `; write the zone with a colon, ${zoneWithColon(text)}, if it was meant` : ''
  return `'${ignored}' after the time ${text} is ignored, as in Kafka's tool: ${datetimeText(at)} is used${zone}`
}

/** A time in the format of `--to-datetime`. @param ms since the epoch */
export function datetimeText(ms: number): string {
  return new Date(ms).toISOString()
}

/** `P1DT2H30M` (ISO 8601 as java.time.Duration reads it) -> ms. @throws Failure USAGE, also beyond Java's range */
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

/** Kafka adds a Z where none of these follows the first T. */
function hasZone(text: string): boolean {
  return /[+\-Z]/.test(text.split('T')[1] ?? '')
}

function timeOf([year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millis = 0]: readonly number[]):
  | number
  | undefined {
  if (year < 1 || year > LAST_YEAR || month < 1 || month > 12 || day < 1 || day > 31) return undefined
  if (hour > 23 || minute > 59 || second > 59 || millis > 999 || Math.min(hour, minute, second, millis) < 0)
    return undefined
  // The calendar repeats every 400 years.
  const alike = year > LAST_YEAR_HERE || year < FIRST_GREGORIAN ? 2000 + (year % 400) : year
  const at = Date.UTC(alike, month - 1, day, hour, minute, second, millis)
  if (new Date(at).getUTCMonth() !== month - 1) return undefined
  if (year > LAST_YEAR_HERE) return LAST_MS
  return year < FIRST_GREGORIAN ? Date.UTC(FIRST_GREGORIAN, 0, 1) : at
}

/** Converts the parsed number to an int as Java does. */
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
