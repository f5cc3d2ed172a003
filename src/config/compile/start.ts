// `godwit.start`: items WHEN or PATTERN=WHEN, as rules that are applied in their order.
import { Failure } from '../../base/failure.ts'
import { compileJavaPatterns } from '../../java-pattern/java-pattern.ts'
import type { StartAt, StartRule } from '../../model/flow-settings.ts'
import type { ScopedProblems } from '../problems.ts'

/** The rules of a list. Problems are added to `problems` for `key`, the key in the file, and the invalid item is left out. */
export function startRules(items: readonly string[], key: string, problems: ScopedProblems): StartRule[] {
  const parsed = items.map((item) => ({ item, rule: startRule(item, key, problems) }))
  const whole = parsed.findIndex(({ rule }) => rule !== undefined && rule.topics === undefined)
  if (whole >= 0 && whole < items.length - 1) {
    const [taker, ignored] = [items[whole] ?? '', items.slice(whole + 1)]
    const reason = `has ${ignored.join(', ')} behind ${taker}, which all other topics begin at already`
    const order = [...items.slice(0, whole), ...ignored.filter((item) => item.includes('=')), taker]
    problems.warning(key, reason, `write ${key} = ${order.join(', ').replaceAll('\\', '\\\\')}`)
  }
  return parsed.flatMap(({ rule }) => rule ?? [])
}

function startRule(item: string, key: string, problems: ScopedProblems): StartRule | undefined {
  const split = item.lastIndexOf('=')
  const at = parseStart(item.slice(split + 1).trim())
  if (typeof at === 'string') {
    problems.error(key, `holds ${JSON.stringify(item)}, which does not say where to begin`, at)
    return undefined
  }
  if (split < 0) return { at }
  try {
    return { topics: compileJavaPatterns([item.slice(0, split).trim()]), at }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    problems.error(key, `: ${error.message}`, error.remedy ?? 'correct the pattern')
    return undefined
  }
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const time = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d{2}:?\d{2})?$/

/** One WHEN, or the right format. */
function parseStart(written: string): StartAt | string {
  if (written === 'earliest' || written === 'latest') return { kind: written }
  const [, amount, unit = ''] = /^(\d{1,9})([smhdw])$/.exec(written) ?? []
  if (amount !== undefined) return { kind: 'ago', ms: Number(amount) * (unitMs[unit] ?? 0) }
  const fields = time.exec(written)
  if (fields === null)
    return 'write earliest, latest, an age such as 7d (s, m, h, d or w), or a time with its zone such as 2026-11-01T00:00:00Z'
  const zone = fields[8]
  if (zone === undefined) return `write ${written}Z, or the time with another zone, such as ${written}+02:00`
  const timestamp = timestampOf(fields.slice(1, 8), zone)
  return timestamp === undefined
    ? 'write a time that exists, such as 2026-11-01T00:00:00Z'
    : { kind: 'time', timestamp }
}

/** @returns undefined for a date that does not exist, such as February 30 */
function timestampOf(fields: readonly (string | undefined)[], zone: string): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields
    .slice(0, 6)
    .map((one) => Number(one ?? 0))
  const at = Date.UTC(year, month - 1, day, hour, minute, second, Number((fields[6] ?? '0').padEnd(3, '0')))
  const isReal = new Date(at).getUTCMonth() === month - 1 && day > 0 && hour < 24 && minute < 60 && second < 60
  const [zoneHours, zoneMinutes] = zone === 'Z' ? [0, 0] : [Number(zone.slice(1, 3)), Number(zone.slice(-2))]
  if (!isReal || zoneHours > 18 || zoneMinutes > 59) return undefined
  return at - (zone.startsWith('-') ? -1 : 1) * (zoneHours * 60 + zoneMinutes) * 60_000
}
