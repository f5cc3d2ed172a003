// Parses and checks one value of a setting, as Kafka's ConfigDef does.
import { type Range, rangeText, type Setting } from './setting.ts'

/** Java's String.trim: removes all characters up to the blank; a no-break space stays. */
export const javaTrim = (value: string): string => value.replace(/^[\0- ]+/, '').replace(/[\0- ]+$/, '')

/** A list as ConfigDef splits it: trimmed as a whole, split at commas with their white space, empty items kept. */
export function splitList(value: string): string[] {
  const trimmed = javaTrim(value)
  return trimmed === '' ? [] : trimmed.split(/[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/)
}

/** A value, or why it is refused and what to write instead. */
type Parsed =
  | { readonly ok: true; readonly value: string | boolean | bigint | number | readonly string[] }
  | { readonly ok: false; readonly reason: string; readonly remedy: string }

const no = (reason: string, remedy: string): Parsed => ({ ok: false, reason, remedy })

/**
 * Parses and checks one value. Never throws. `duplicates`: a duplicated item of a list is dropped when Kafka reads its own
 * configuration, and refused when it validates a connector's.
 */
export function parseSetting(setting: Setting, written: string, duplicates: 'dropped' | 'refused'): Parsed {
  switch (setting.type) {
    case 'boolean':
      return parseBoolean(written)
    case 'int':
      return parseWhole(setting, written, 31n)
    case 'short':
      return parseWhole(setting, written, 15n)
    case 'long':
      return parseWhole(setting, written, 63n)
    case 'double':
      return parseDouble(setting, written)
    case 'list':
      return parseList(setting, splitList(written), duplicates)
    case 'string':
      return parseText(setting.range ?? {}, javaTrim(written))
    case 'class':
    case 'password':
      return { ok: true, value: javaTrim(written) }
  }
}

function parseBoolean(written: string): Parsed {
  const word = javaTrim(written).toLowerCase()
  if (word === 'true' || word === 'false') return { ok: true, value: word === 'true' }
  return no(`must be true or false, not ${quoted(written)}`, 'write true or false, and nothing behind it on the line')
}

function parseWhole({ range }: Setting, written: string, bits: bigint): Parsed {
  const digits = javaTrim(written)
  const limit = 1n << bits
  const accepted = rangeText(range) ?? `a whole number from ${-limit} to ${limit - 1n}`
  if (!/^[+-]?\d+$/.test(digits))
    return no(`must be a whole number, not ${quoted(written)}`, `write ${accepted}, without a unit`)
  const value = BigInt(digits.replace('+', ''))
  if (value < -limit || value >= limit || isOutside(range, Number(value))) {
    return no(`${digits} is out of range`, `write ${accepted}`)
  }
  return { ok: true, value }
}

/** Decimal and hexadecimal floating-point literals as Double.parseDouble accepts them. */
const doubleLiteral =
  /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+[fFdD]?)$/

function parseDouble({ range, default: fallback }: Setting, written: string): Parsed {
  const digits = javaTrim(written)
  const example = `a number such as ${fallback ?? '0.5'}`
  if (!doubleLiteral.test(digits)) return no(`must be a number, not ${quoted(written)}`, `write ${example}`)
  const value = Number(digits.replace(/[fFdD]$/, ''))
  if (isOutside(range, value)) return no(`${digits} is out of range`, `write ${rangeText(range) ?? example}`)
  return { ok: true, value }
}

function parseList(setting: Setting, items: readonly string[], duplicates: 'dropped' | 'refused'): Parsed {
  if (setting.anyItems) return { ok: true, value: items }
  if (setting.nonEmpty && items.length === 0) return no('must not be empty', 'give at least one item')
  if (items.includes('')) return no('holds an empty item', 'remove the comma that has nothing before or behind it')
  const choices = setting.range?.choices
  const unknown = choices && items.find((item) => !choices.includes(item))
  if (unknown !== undefined) {
    const known = choices?.join(', ')
    return no(`names ${quoted(unknown)}, which is none of ${known}`, `choose from ${known}`)
  }
  const once = [...new Set(items)]
  if (duplicates === 'refused' && once.length < items.length) {
    const twice = items.find((item, at) => items.indexOf(item) < at) ?? ''
    return no(`names ${quoted(twice)} twice`, 'give each item once')
  }
  return { ok: true, value: once }
}

function parseText({ choices, anyCase, pattern, words }: Range, value: string): Parsed {
  if (pattern !== undefined && !pattern.test(value)) return no(`must be ${words}`, `write ${words}`)
  if (choices === undefined) return { ok: true, value }
  const isMeant = (choice: string) => (anyCase ? choice.toLowerCase() === value.toLowerCase() : choice === value)
  if (choices.some(isMeant)) return { ok: true, value }
  return no(
    `must be one of ${choices.join(', ')}${anyCase ? '' : ' in exactly these letters'}, not ${quoted(value)}`,
    `write one of ${choices.join(', ')}`,
  )
}

const isOutside = ({ min, max, notZero }: Range = {}, value: number) =>
  (min !== undefined && !(value >= min)) || (max !== undefined && !(value <= max)) || (notZero === true && value === 0)

const quoted = (value: string) => JSON.stringify(value)
