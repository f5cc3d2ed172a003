// Backslash escapes for one character or a set of characters, inside and outside of character classes.
import { type Cursor, Refusal } from './cursor.ts'

type Escape = { readonly kind: 'point'; readonly code: number } | { readonly kind: 'set'; readonly operand: string }

const sets: Readonly<Record<string, string>> = {
  d: '[0-9]',
  D: '[^0-9]',
  w: '[A-Za-z0-9_]',
  W: '[^A-Za-z0-9_]',
  s: '[\\t\\n\\v\\f\\r\\u{20}]',
  S: '[^\\t\\n\\v\\f\\r\\u{20}]',
  h: '[\\t\\u{20}\\u{a0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}]',
  H: '[^\\t\\u{20}\\u{a0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}]',
  v: '[\\n\\v\\f\\r\\u{85}\\u{2028}\\u{2029}]',
  V: '[^\\n\\v\\f\\r\\u{85}\\u{2028}\\u{2029}]',
}

const points: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 }

const point = (code: number): Escape => ({ kind: 'point', code })

/** Reads an escape after its backslash; undefined, and nothing is consumed, if it is of another kind. @throws Refusal */
export function readEscape(cursor: Cursor, startsRange = false): Escape | undefined {
  const letter = cursor.peek()
  if (letter === '') throw new Refusal('it ends with a single backslash')
  if (!/[A-Za-z0-9]/.test(letter)) return point(cursor.take().codePointAt(0) ?? 0)
  if (letter === 'v' && startsRange) {
    cursor.take()
    return point(11)
  }
  const set = sets[letter]
  if (set !== undefined) {
    cursor.take()
    return { kind: 'set', operand: set }
  }
  const code = points[letter]
  if (code !== undefined) {
    cursor.take()
    return point(code)
  }
  return readNumeric(cursor, letter) ?? readProperty(cursor, letter)
}

function readNumeric(cursor: Cursor, letter: string): Escape | undefined {
  const read = numerics[letter]
  if (read === undefined) return undefined
  cursor.take()
  return point(read(cursor))
}

const numerics: Readonly<Record<string, (cursor: Cursor) => number>> = {
  0: octal,
  x: hexadecimal,
  u: utf16,
  c: control,
}

function control(cursor: Cursor): number {
  if (cursor.ended) throw new Refusal('\\c names no control character')
  return (cursor.take().codePointAt(0) ?? 0) ^ 64
}

function octal(cursor: Cursor): number {
  let digits = ''
  while (digits.length < 3 && /[0-7]/.test(cursor.peek())) {
    if (digits.length === 2 && !/^[0-3]/.test(digits)) break
    digits += cursor.take()
  }
  if (digits === '') throw new Refusal('\\0 is not followed by an octal number')
  return Number.parseInt(digits, 8)
}

function hexadecimal(cursor: Cursor): number {
  if (!cursor.skip('{')) return Number.parseInt(hexDigits(cursor, 2), 16)
  const digits = cursor.takeWhile(/[0-9a-fA-F]/)
  if (!cursor.skip('}') || digits === '' || Number.parseInt(digits, 16) > 0x10ffff) {
    throw new Refusal('\\x{ is not followed by the number of a character and }')
  }
  return Number.parseInt(digits, 16)
}

/** Two escapes that form a surrogate pair are one character. */
function utf16(cursor: Cursor): number {
  const code = Number.parseInt(hexDigits(cursor, 4), 16)
  if (code < 0xd800 || code > 0xdbff) return code
  const from = cursor.at
  if (cursor.skip('\\u')) {
    const low = Number.parseInt(hexDigits(cursor, 4), 16)
    if (low >= 0xdc00 && low <= 0xdfff) return 0x10000 + (code - 0xd800) * 0x400 + (low - 0xdc00)
    cursor.at = from
  }
  return code
}

function hexDigits(cursor: Cursor, count: number): string {
  let digits = ''
  while (digits.length < count && /[0-9a-fA-F]/.test(cursor.peek())) digits += cursor.take()
  if (digits.length < count) throw new Refusal(`an escape needs ${count} hexadecimal digits`)
  return digits
}

const letters = 'A-Za-z'

const asciiClasses: Readonly<Record<string, string>> = {
  ASCII: '\\u{0}-\\u{7f}',
  Alnum: 'A-Za-z0-9',
  Alpha: letters,
  Blank: '\\t\\u{20}',
  Cntrl: '\\u{0}-\\u{1f}\\u{7f}',
  Digit: '0-9',
  Graph: '\\u{21}-\\u{7e}',
  Lower: 'a-z',
  Print: '\\u{20}-\\u{7e}',
  Punct: '\\u{21}-\\u{2f}\\u{3a}-\\u{40}\\u{5b}-\\u{60}\\u{7b}-\\u{7e}',
  Space: '\\t-\\r\\u{20}',
  Upper: 'A-Z',
  XDigit: '0-9A-Fa-f',
}

/** Binary properties that Java writes with `Is`, with the JavaScript equivalent. */
const binaryProperties: Readonly<Record<string, string>> = {
  ALPHABETIC: '\\p{Alphabetic}',
  IDEOGRAPHIC: '\\p{Ideographic}',
  LETTER: '\\p{L}',
  LOWERCASE: '\\p{Lowercase}',
  UPPERCASE: '\\p{Uppercase}',
  TITLECASE: '\\p{Lt}',
  PUNCTUATION: '\\p{P}',
  CONTROL: '\\p{Cc}',
  WHITE_SPACE: '\\p{White_Space}',
  WHITESPACE: '\\p{White_Space}',
  DIGIT: '\\p{Nd}',
  HEX_DIGIT: '\\p{Nd}0-9A-Fa-f\\u{ff10}-\\u{ff19}\\u{ff21}-\\u{ff26}\\u{ff41}-\\u{ff46}',
  HEXDIGIT: '\\p{Nd}0-9A-Fa-f\\u{ff10}-\\u{ff19}\\u{ff21}-\\u{ff26}\\u{ff41}-\\u{ff46}',
  ASSIGNED: '\\P{Cn}',
}

const categories = /^(?:C[cfnos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/

/** Reads \p{..} and \P{..}. @throws Refusal for a property without equivalent in JavaScript */
function readProperty(cursor: Cursor, letter: string): Escape | undefined {
  if (letter !== 'p' && letter !== 'P') return undefined
  cursor.take()
  let name = cursor.take()
  if (name === '{') {
    name = cursor.takeWhile(/[^}]/)
    if (name === '' || !cursor.skip('}')) throw new Refusal('\\p{ has no name, or no closing brace')
  }
  const operand = propertyOperand(name, cursor.flags.i)
  if (operand === undefined) {
    throw new Refusal(`\\${letter}{${name}} has no equivalent here`, 'list the characters in [ ] instead')
  }
  return { kind: 'set', operand: letter === 'P' ? `[^${operand}]` : `[${operand}]` }
}

function propertyOperand(name: string, ignoreCase: boolean): string | undefined {
  const [key, value] = name.split(/=(.*)/s)
  if (value !== undefined) {
    if (/^(?:gc|general_category)$/i.test(key ?? '')) return categoryOperand(value)
    return /^(?:sc|script)$/i.test(key ?? '') ? scriptOperand(value) : undefined
  }
  if (name.startsWith('In')) return undefined
  if (name.startsWith('Is')) {
    const rest = name.slice(2)
    return binaryProperties[rest.toUpperCase()] ?? categoryOperand(rest) ?? scriptOperand(rest)
  }
  const ascii = asciiClasses[name]
  if (ascii !== undefined) return ignoreCase && /^(?:Lower|Upper)$/.test(name) ? letters : ascii
  return categoryOperand(name)
}

function categoryOperand(name: string): string | undefined {
  if (name === 'LC') return '\\p{LC}'
  if (name === 'LD') return '\\p{L}\\p{Nd}'
  if (name === 'L1') return '\\u{0}-\\u{ff}'
  return categories.test(name) ? `\\p{${name}}` : undefined
}

/** A script by its long or short name; Java ignores letter case, JavaScript does not. */
function scriptOperand(name: string): string | undefined {
  const words = name.toLowerCase().split('_')
  const operand = `\\p{Script=${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('_')}}`
  try {
    new RegExp(operand, 'v')
    return operand
  } catch {
    return undefined
  }
}
