// Translates a Java pattern in one pass to JavaScript for the v flag. Groups do not capture, since groups are not used;
// possessive quantifiers and atomic groups become a lookahead and a back reference to it.
import { readClass } from './classes.ts'
import { Cursor, type Flags, literal, noFlags, Refusal, range } from './cursor.ts'
import { readEscape } from './escapes.ts'

/** A piece of JavaScript; `longest` is the maximum number of characters that it matches, which Java limits in (?<=. */
interface Piece {
  readonly js: string
  readonly longest: number
}

interface Reader {
  readonly cursor: Cursor
  readonly names: Set<string>
  /** number of lookaheads so far */
  atomics: number
  depth: number
  /** nesting depth of (?<= */
  behind: number
}

/** JavaScript source for the v flag, without anchors. @throws Refusal */
export function translatePattern(text: string): string {
  const reader: Reader = { cursor: new Cursor(unquoted(text)), names: new Set(), atomics: 0, depth: 0, behind: 0 }
  const piece = readChoice(reader)
  if (!reader.cursor.ended) throw new Refusal('a ) has no opening (', 'write \\) for a literal )')
  return piece.js
}

/** Escapes the text between \Q and \E, as Java does before it parses a pattern. */
function unquoted(text: string): string {
  let out = ''
  let quoting = false
  for (let at = 0; at < text.length; at++) {
    const pair = text.slice(at, at + 2)
    if (quoting ? pair === '\\E' : pair === '\\Q') {
      quoting = !quoting
      at++
      // a digit must not continue an escape before the quotation
      if (quoting && /[0-9]/.test(text.charAt(at + 1))) out += `\\x3${text.charAt(++at)}`
    } else if (quoting) out += /[A-Za-z0-9]|[^\0-\x7f]/.test(text.charAt(at)) ? text.charAt(at) : `\\${text.charAt(at)}`
    else if (text.charAt(at) === '\\') {
      out += pair
      at++
    } else out += text.charAt(at)
  }
  return out
}

function readChoice(reader: Reader): Piece {
  const branches = [readSequence(reader)]
  while (reader.cursor.skip('|')) branches.push(readSequence(reader))
  return { js: branches.map(({ js }) => js).join('|'), longest: Math.max(...branches.map(({ longest }) => longest)) }
}

function readSequence(reader: Reader): Piece {
  const { cursor } = reader
  let js = ''
  let longest = 0
  while (!cursor.ended && cursor.peek() !== '|' && cursor.peek() !== ')') {
    const piece = readRepeated(reader)
    js += piece.js
    longest += piece.longest
  }
  return { js, longest }
}

function readRepeated(reader: Reader): Piece {
  const { cursor } = reader
  const next = cursor.peek()
  if (next === '*' || next === '+' || next === '?') {
    throw new Refusal(`there is nothing before ${next} to repeat`)
  }
  // as in Java, a brace with nothing before it repeats nothing
  const piece = next === '{' ? { js: '(?:)', longest: 0 } : readAtom(reader)
  // a quantifier cannot follow inline flags
  return piece.js === '' ? piece : readQuantifier(reader, piece)
}

function readQuantifier(reader: Reader, piece: Piece): Piece {
  const { cursor } = reader
  const bounds = readBounds(cursor)
  if (bounds === undefined) return piece
  const { text, most } = bounds
  const longest = piece.longest === 0 ? 0 : piece.longest * most
  if (cursor.skip('+')) return atomic(reader, { js: `(?:${piece.js})${text}`, longest })
  return { js: `(?:${piece.js})${text}${cursor.skip('?') ? '?' : ''}`, longest }
}

function readBounds(cursor: Cursor): { text: string; most: number } | undefined {
  for (const [sign, most] of [
    ['*', Number.POSITIVE_INFINITY],
    ['+', Number.POSITIVE_INFINITY],
    ['?', 1],
  ] as const) {
    if (cursor.skip(sign)) return { text: sign, most }
  }
  if (!cursor.skip('{')) return undefined
  const low = cursor.takeWhile(/[0-9]/)
  const comma = cursor.skip(',')
  const high = comma ? cursor.takeWhile(/[0-9]/) : low
  if (low === '' || !cursor.skip('}')) throw new Refusal('a { is not followed by a number of repetitions and }')
  const most = high === '' ? Number.POSITIVE_INFINITY : Number(high)
  if (Number(low) > 0x7fffffff || (high !== '' && most > 0x7fffffff) || most < Number(low)) {
    throw new Refusal('the numbers of a repetition { } are too large or in the wrong order')
  }
  return { text: `{${low}${comma ? `,${high}` : ''}}`, most }
}

/** An atomic group: JavaScript never backtracks into a lookahead. */
function atomic(reader: Reader, { js, longest }: Piece): Piece {
  // JavaScript matches a (?<= from right to left, so the back reference would come before its lookahead
  if (reader.behind > 0)
    throw new Refusal('a (?<= holds a possessive or atomic part', 'remove its possessive + or its (?>')
  const name = `_${++reader.atomics}`
  return { js: `(?:(?=(?<${name}>${js}))\\k<${name}>)`, longest }
}

function readAtom(reader: Reader): Piece {
  const { cursor } = reader
  const point = cursor.take()
  switch (point) {
    case '(':
      return readGroup(reader)
    case '[':
      return one(readClass(cursor))
    case '.':
      return one(anyCharacter(cursor.flags))
    case '^':
      return anchor(lineStart(cursor.flags))
    case '$':
      return anchor(cursor.flags.m ? lineEnd(cursor.flags) : lastLineEnd(cursor.flags))
    case '\\':
      return readBackslash(cursor)
    default:
      return character(point.codePointAt(0) ?? 0, cursor.flags)
  }
}

const one = (js: string): Piece => ({ js, longest: 1 })
const anchor = (js: string): Piece => ({ js, longest: 0 })

function character(code: number, flags: Flags): Piece {
  const operand = range(code, code, flags.i)
  return {
    js: operand.length > 1 && flags.i && /^[a-z]{2}$/i.test(operand) ? `[${operand}]` : literal(code),
    longest: code > 0xffff ? 2 : 1,
  }
}

const anyCharacter = ({ s, d }: Flags) => (s ? '[\\s\\S]' : d ? '[^\\n]' : '[^\\n\\r\\u{85}\\u{2028}\\u{2029}]')

const start = '(?<![\\s\\S])'
const end = '(?![\\s\\S])'
const terminators = '\\n\\r\\u{85}\\u{2028}\\u{2029}'

/** With (?m): after a line terminator, but not at the end of the text, nor between CR and LF. */
function lineStart({ m, d }: Flags): string {
  if (!m) return start
  return d ? `(?:${start}|(?<=\\n)(?!${end}))` : `(?:${start}|(?<=[${terminators}])(?<!\\r(?=\\n))(?!${end}))`
}

const lineEnd = ({ d }: Flags) => (d ? `(?:${end}|(?=\\n))` : `(?:${end}|(?=[${terminators}])(?<!\\r(?=\\n)))`)

/** The end of the text, or before a line terminator at the end of the text. */
const lastLineEnd = ({ d }: Flags) =>
  d ? `(?=\\n?${end})` : `(?:${end}|(?=(?:\\r\\n|[${terminators}])${end})(?<!\\r(?=\\n)))`

const wordBoundary = '(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))'
const noWordBoundary = '(?:(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<![A-Za-z0-9_])(?![A-Za-z0-9_]))'

function readBackslash(cursor: Cursor): Piece {
  const found = readEscape(cursor)
  if (found?.kind === 'set') return one(found.operand)
  if (found?.kind === 'point') return character(found.code, cursor.flags)
  const letter = cursor.take()
  if (letter === 'b' && cursor.peek() !== '{') return anchor(wordBoundary)
  if (letter === 'B') return anchor(noWordBoundary)
  if (letter === 'A') return anchor(start)
  if (letter === 'z') return anchor(end)
  if (letter === 'Z') return anchor(lastLineEnd(cursor.flags))
  if (letter === 'R') return { js: `(?:\\r\\n|[${terminators}\\v\\f])`, longest: 2 }
  if (/[1-9k]/.test(letter)) throw new Refusal('it refers back to a group', 'write out what the group can match')
  throw new Refusal(`\\${letter} has no meaning, or none that can be translated`, 'a letter needs no backslash')
}

function readGroup(reader: Reader): Piece {
  if (++reader.depth > 500) throw new Refusal('its groups are nested too deeply')
  const { cursor } = reader
  const outer = cursor.flags
  const piece = readGroupBody(reader, outer)
  reader.depth--
  return piece
}

function readGroupBody(reader: Reader, outer: Flags): Piece {
  const { cursor } = reader
  if (!cursor.skip('?')) return closed(reader, outer, plain)
  if (cursor.skip(':')) return closed(reader, outer, plain)
  if (cursor.skip('>')) return closed(reader, outer, (piece) => atomic(reader, piece))
  for (const sign of ['=', '!'])
    if (cursor.skip(sign)) return closed(reader, outer, ({ js }) => anchor(`(?${sign}${js})`))
  for (const sign of ['<=', '<!']) if (cursor.skip(sign)) return readBehind(reader, outer, sign)
  if (cursor.skip('<')) return readNamed(reader, outer)
  return readFlags(reader, outer)
}

const plain = ({ js, longest }: Piece): Piece => ({ js: `(?:${js})`, longest })

/** Reads up to the closing parenthesis, where flags that were set inside end. */
function closed(reader: Reader, outer: Flags, wrap: (piece: Piece) => Piece): Piece {
  const piece = readChoice(reader)
  if (!reader.cursor.skip(')')) throw new Refusal('a ( has no closing )', 'close it, or write \\( for a literal (')
  reader.cursor.flags = outer
  return wrap(piece)
}

function readBehind(reader: Reader, outer: Flags, sign: string): Piece {
  reader.behind++
  const piece = closed(reader, outer, (inner) => behind(sign, inner))
  reader.behind--
  return piece
}

function behind(sign: string, { js, longest }: Piece): Piece {
  if (longest === Number.POSITIVE_INFINITY) {
    throw new Refusal('a (?<= ) can be of any length', 'give its * and + an upper bound, e.g. {0,100}')
  }
  return anchor(`(?${sign}${js})`)
}

function readNamed(reader: Reader, outer: Flags): Piece {
  const name = reader.cursor.takeWhile(/[A-Za-z0-9]/)
  if (!/^[A-Za-z]/.test(name) || !reader.cursor.skip('>')) throw new Refusal('a group has no valid name: (?<name>...)')
  if (reader.names.has(name)) throw new Refusal(`two groups have the name ${name}`)
  reader.names.add(name)
  return closed(reader, outer, plain)
}

/** (?i) applies up to the end of the enclosing group, (?i:...) only in its own group. */
function readFlags(reader: Reader, outer: Flags): Piece {
  const { cursor } = reader
  const on = cursor.takeWhile(/[a-zA-Z]/)
  const off = cursor.skip('-') ? cursor.takeWhile(/[a-zA-Z]/) : ''
  const flags = { ...outer }
  for (const letter of on) set(flags, letter, true)
  for (const letter of off) set(flags, letter, false)
  if (flags.i && flags.u) throw new Refusal('it ignores the case of all letters of Unicode', 'remove the u from (?iu)')
  if (cursor.skip(')')) {
    cursor.flags = flags
    return anchor('')
  }
  if (!cursor.skip(':')) throw new Refusal('Java does not support what follows (?')
  cursor.flags = flags
  return closed(reader, outer, plain)
}

function set(flags: { -readonly [K in keyof Flags]: boolean }, letter: string, value: boolean): void {
  if (letter in noFlags) flags[letter as keyof Flags] = value
  else if (value || !'xU'.includes(letter))
    throw new Refusal(`the flag ${letter} is not translated`, `write the pattern without (?${letter})`)
}
