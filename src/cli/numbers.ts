// Numbers and durations in options.
import { Failure } from '../base/failure.ts'
import { type OptionValues, textOf } from './command.ts'

/** The number of an option, at least `least`, or the fallback when the option is not given. @throws Failure USAGE */
export function numberOf<Fallback extends number | undefined>(
  values: OptionValues,
  option: string,
  fallback: Fallback,
  least = 0,
): number | Fallback {
  const text = textOf(values, option)
  if (text === undefined) return fallback
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number) && number >= least) return number
  throw wrong(option, `must be a number of at least ${least}, not '${text}'`, least)
}

/** As `numberOf`, for whole numbers. @throws Failure USAGE */
export function wholeNumberOf(values: OptionValues, option: string, fallback: number, least = 0): number {
  const number = numberOf(values, option, fallback, least)
  if (Number.isSafeInteger(number)) return number
  throw wrong(option, `must be a whole number, not '${textOf(values, option)}'`, least)
}

function wrong(option: string, sentence: string, least: number): Failure {
  return new Failure('USAGE', `--${option} ${sentence}`, { remedy: `e.g. --${option} ${Math.max(least, 100)}` })
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The duration of an option such as `90s`, `10m`, `2h`, in ms; 0 for `off`. @throws Failure USAGE */
export function durationOf(values: OptionValues, option: string, fallbackMs: number): number {
  const text = textOf(values, option)
  if (text === undefined) return fallbackMs
  if (text === 'off') return 0
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  if (number !== undefined) return Math.round(Number(number) * (unitMs[unit] ?? 0))
  throw new Failure('USAGE', `--${option} must be a duration such as 90s, 10m or 2h, not '${text}'`, {
    remedy: `e.g. --${option} 10m`,
  })
}
