// Kinds of settings: one row declares key, kind, default, range and doc; parsing, the reference page and suggestions follow from it.
// Parsing is that of Kafka's ConfigDef.

export type Kind = 'string' | 'boolean' | 'int' | 'short' | 'long' | 'double' | 'list' | 'class' | 'password'
export type Importance = 'high' | 'medium' | 'low'

/** acted on: does what Kafka's does; not yet: read and kept, without effect so far; no effect: has no meaning here; refused: only its default is accepted. */
export type Standing = 'acted on' | 'not yet' | 'no effect' | 'refused'

export interface Bounds {
  readonly min?: number
  readonly max?: number
  /** zero lies in the range, but is refused */
  readonly notZero?: boolean
  /** what a text has to look like, and how to say so */
  readonly shape?: { readonly pattern: RegExp; readonly words: string }
  readonly choices?: readonly string[]
  /** choices are compared without regard to letter case */
  readonly anyCase?: boolean
  /** a list that may not be empty */
  readonly nonEmpty?: boolean
  /** a list Kafka checks in a way of its own: empty items and duplicates are not refused as such */
  readonly ownCheck?: boolean
  readonly required?: boolean
}

export interface Setting extends Remarks {
  readonly key: string
  readonly kind: Kind
  /** Kafka's default as text; null: none */
  readonly fallback: string | null
  readonly importance: Importance
  readonly standing: Standing
  readonly doc: string
}

/** What an author of a table may add to a row. */
export interface Remarks extends Bounds {
  /** what MM2 does with another value and godwit does not: reported when a file sets one; absent: it only tunes MM2 itself */
  readonly effect?: string
  /** values for which the effect does not come about, beside the default */
  readonly harmless?: readonly string[]
  /** it belongs to what godwit leaves alone for MM2, and is not reported */
  readonly silent?: true
  /** what the newest Kafka has changed about this key, where an older one differs */
  readonly change?: string
}

export const [high, medium, low] = ['high', 'medium', 'low'] as const
export const acted = 'acted on'
export const notYet = 'not yet'
export const noEffect = 'no effect'
export const refused = 'refused'

const row =
  (kind: Kind) =>
  (
    key: string,
    fallback: string | null,
    importance: Importance,
    standing: Standing,
    doc: string,
    remarks: Remarks = {},
  ): Setting => ({ key, kind, fallback, importance, standing, doc, ...remarks })

export const text = row('string')
export const flag = row('boolean')
export const int = row('int')
export const short = row('short')
export const long = row('long')
export const double = row('double')
export const list = row('list')
export const className = row('class')
export const secret = row('password')

/** Java's String.trim: everything up to the blank goes, no-break space stays. */
export const javaTrim = (value: string): string => value.replace(/^[\0- ]+/, '').replace(/[\0- ]+$/, '')

/** A list as ConfigDef splits it: trimmed as a whole, cut at commas with their white space, empty items kept. */
export function splitList(value: string): string[] {
  const trimmed = javaTrim(value)
  return trimmed === '' ? [] : trimmed.split(/[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/)
}

export type Parsed =
  | { readonly ok: true; readonly value: string | boolean | bigint | number | readonly string[] }
  | { readonly ok: false; readonly reason: string; readonly remedy: string }

const no = (reason: string, remedy: string): Parsed => ({ ok: false, reason, remedy })

/**
 * Parses and checks one value. `duplicates` says what becomes of an item that is given twice in a list: dropped where Kafka
 * reads its own configuration, refused where it validates a connector's.
 */
export function parseSetting(setting: Setting, written: string, duplicates: 'dropped' | 'refused'): Parsed {
  switch (setting.kind) {
    case 'boolean':
      return parseFlag(written)
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
      return parseChoice(setting, javaTrim(written))
    case 'class':
    case 'password':
      return { ok: true, value: javaTrim(written) }
  }
}

function parseFlag(written: string): Parsed {
  const word = javaTrim(written).toLowerCase()
  if (word === 'true' || word === 'false') return { ok: true, value: word === 'true' }
  return no(`must be true or false, not ${quoted(written)}`, 'write true or false, and nothing behind it on the line')
}

function parseWhole(setting: Setting, written: string, bits: bigint): Parsed {
  const digits = javaTrim(written)
  const limit = 1n << bits
  const range = rangeOf(setting) ?? `a whole number from ${-limit} to ${limit - 1n}`
  if (!/^[+-]?\d+$/.test(digits))
    return no(`must be a whole number, not ${quoted(written)}`, `write ${range}, without a unit`)
  const value = BigInt(digits.replace('+', ''))
  if (value < -limit || value >= limit || isOutside(setting, Number(value))) {
    return no(`${digits} is out of range`, `write ${range}`)
  }
  return { ok: true, value }
}

/** Decimal and hexadecimal floating-point literals as Double.parseDouble takes them. */
const doubleLiteral =
  /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?|0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+[fFdD]?)$/

function parseDouble(setting: Setting, written: string): Parsed {
  const digits = javaTrim(written)
  if (!doubleLiteral.test(digits))
    return no(`must be a number, not ${quoted(written)}`, `write a number such as ${setting.fallback ?? '0.5'}`)
  const value = Number(digits.replace(/[fFdD]$/, ''))
  if (isOutside(setting, value))
    return no(`${digits} is out of range`, `write ${rangeOf(setting) ?? `a number such as ${setting.fallback}`}`)
  return { ok: true, value }
}

function parseList(setting: Setting, items: readonly string[], duplicates: 'dropped' | 'refused'): Parsed {
  if (setting.ownCheck) return { ok: true, value: items }
  if (setting.nonEmpty && items.length === 0) return no('must not be empty', 'give at least one item')
  if (items.includes('')) return no('holds an empty item', 'remove the comma that has nothing before or behind it')
  const stranger = setting.choices && items.find((item) => !setting.choices?.includes(item))
  if (stranger !== undefined) {
    const choices = setting.choices?.join(', ')
    return no(`names ${quoted(stranger)}, which is none of ${choices}`, `choose from ${choices}`)
  }
  const once = [...new Set(items)]
  if (duplicates === 'refused' && once.length < items.length) {
    const twice = items.find((item, at) => items.indexOf(item) < at) ?? ''
    return no(`names ${quoted(twice)} twice`, 'give each item once')
  }
  return { ok: true, value: once }
}

function parseChoice(setting: Setting, value: string): Parsed {
  const { choices, anyCase, shape } = setting
  if (shape !== undefined && !shape.pattern.test(value)) return no(`must be ${shape.words}`, `write ${shape.words}`)
  if (choices === undefined) return { ok: true, value }
  const isMeant = (choice: string) => (anyCase ? choice.toLowerCase() === value.toLowerCase() : choice === value)
  if (choices.some(isMeant)) return { ok: true, value }
  return no(
    `must be one of ${choices.join(', ')}${anyCase ? '' : ' in exactly these letters'}, not ${quoted(value)}`,
    `write one of ${choices.join(', ')}`,
  )
}

const isOutside = ({ min, max, notZero }: Setting, value: number) =>
  (min !== undefined && !(value >= min)) || (max !== undefined && !(value <= max)) || (notZero === true && value === 0)

/** The range of a setting in words, or undefined where the type is the only limit. */
export function rangeOf({ min, max, notZero, choices, shape }: Setting): string | undefined {
  if (choices !== undefined) return choices.join(', ')
  if (shape !== undefined) return shape.words
  if (min === -1 && notZero) return '-1, or 1 or more'
  if (min !== undefined && max !== undefined) return `${min} to ${max}`
  if (min !== undefined) return `${min} or more`
  return max === undefined ? undefined : `at most ${max}`
}

const quoted = (value: string) => JSON.stringify(value)
