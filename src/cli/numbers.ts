// Numbers and durations as options give them.
import { Failure } from '../base/failure.ts'
import { type OptionValues, textOf } from './command.ts'

/** A number from `least` on, or the fallback where the option is not given. @throws Failure USAGE */
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
  throw wrong(option, `is a number from ${least} on, not '${text}'`, least)
}

/** As `numberOf`, without a fraction. @throws Failure USAGE */
export function wholeNumberOf(values: OptionValues, option: string, fallback: number, least = 0): number {
  const number = numberOf(values, option, fallback, least)
  if (Number.isSafeInteger(number)) return number
  throw wrong(option, `is a whole number, not '${textOf(values, option)}'`, least)
}

function wrong(option: string, sentence: string, least: number): Failure {
  return new Failure('USAGE', `--${option} ${sentence}`, { remedy: `e.g. --${option} ${Math.max(least, 100)}` })
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `10m`, `2h` in ms; `off` is 0. @throws Failure USAGE */
export function durationOf(values: OptionValues, option: string, fallbackMs: number): number {
  const text = textOf(values, option)
  if (text === undefined) return fallbackMs
  if (text === 'off') return 0
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  if (number !== undefined) return Math.round(Number(number) * (unitMs[unit] ?? 0))
  throw new Failure('USAGE', `--${option} is a duration such as 90s, 10m or 2h, not '${text}'`, {
    remedy: `e.g. --${option} 10m`,
  })
}
