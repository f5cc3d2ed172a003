// Parses the value of `--to`: the offset or time at which copying of a partition continues.
import { Failure } from '../base/failure.ts'

export type Destination =
  | { readonly kind: 'earliest' | 'latest' }
  | { readonly kind: 'offset'; readonly offset: number }
  /** the first record of that time or later. @param at ms since the epoch */
  | { readonly kind: 'time'; readonly at: number }

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const datetime = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?)?$/
/** Integers from here on are times in ms (September 2001), smaller ones are offsets. */
const FIRST_TIME = 1_000_000_000_000

/**
 * `earliest`, `latest`, an offset, ms since the epoch (13 digits), `7d` ago (s, m, h, d), or `2026-11-01T00:00:00Z` (UTC without a zone).
 * @param now ms since the epoch @throws Failure USAGE for anything else, and for a time in the future
 */
export function parseDestination(text: string, now: number): Destination {
  if (text === 'earliest' || text === 'latest') return { kind: text }
  if (/^\d+$/.test(text)) return numbered(text, now)
  const [, number, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (number !== undefined) return past(now - Number(number) * (units[unit] ?? 0), text, now)
  return past(timeOf(text), text, now)
}

function numbered(text: string, now: number): Destination {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw none(text)
  return number < FIRST_TIME ? { kind: 'offset', offset: number } : past(number, text, now)
}

function timeOf(text: string): number {
  const [, day = '', minute = '00:00', second = ':00', zone = 'Z'] = datetime.exec(text) ?? []
  const at = Date.parse(`${day}T${minute}${second}${zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`)
  // Date.parse reads 31 February as 3 March.
  const midnight = Date.parse(`${day}T00:00:00Z`)
  const isReal = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day)
  if (day === '' || Number.isNaN(at) || !isReal) throw none(text)
  return at
}

function past(at: number, text: string, now: number): Destination {
  if (!Number.isFinite(at) || at < 0) throw none(text)
  if (at <= now) return { kind: 'time', at }
  throw new Failure('USAGE', `--to ${text} is in the future`, { remedy: '--to latest is the end of the log' })
}

function none(text: string): Failure {
  return new Failure('USAGE', `--to ${text} is neither an offset nor a time`, {
    remedy: 'write earliest, latest, an offset, 7d (days, also h, m, s), 2026-11-01T00:00:00Z, or ms since the epoch',
  })
}
