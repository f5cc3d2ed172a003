// Character classes: [abc], [^a-c], unions [a[bc]], intersections [a-z&&[^bc]]; written as classes of the v flag.
// The grammar is that of Java 9 and later, where ^ negates the whole class.
import { type Cursor, Refusal, range } from './cursor.ts'
import { readEscape } from './escapes.ts'

/** Reads a class after its `[`, up to and including its `]`; returns one operand for the v flag. @throws Refusal */
export function readClass(cursor: Cursor): string {
  const negated = cursor.skip('^')
  const operand = readBody(cursor)
  if (!cursor.skip(']')) throw new Refusal('a [ has no closing ]')
  return negated ? `[^${operand}]` : `[${operand}]`
}

/** Reads members and intersections up to the closing bracket, which is not consumed. */
function readBody(cursor: Cursor): string {
  const members: string[] = []
  for (;;) {
    if (cursor.ended) throw new Refusal('a [ has no closing ]')
    if (cursor.peek() === ']' && members.length > 0) return members.join('')
    if (cursor.skip('&&')) {
      const right = readRight(cursor)
      members.splice(0, members.length, members.length === 0 ? right : `[[${members.join('')}]&&${right}]`)
    } else members.push(cursor.skip('[') ? readClass(cursor) : readMember(cursor))
  }
}

/** The right side of &&: classes and members up to the closing bracket; a further && belongs to the right side. */
function readRight(cursor: Cursor): string {
  const parts: string[] = []
  while (!cursor.ended && cursor.peek() !== ']' && cursor.peek() !== '&') {
    parts.push(cursor.skip('[') ? readClass(cursor) : `[${readBody(cursor)}]`)
  }
  if (parts.length === 0)
    throw new Refusal('there is nothing behind a && in [ ]', 'write [a-z&&[^bc]], or \\& for a literal &')
  return `[${parts.join('')}]`
}

function readMember(cursor: Cursor): string {
  const from = readPoint(cursor, true)
  if (typeof from === 'string') return from
  if (cursor.peek() !== '-' || cursor.peek(1) === ']' || cursor.peek(1) === '[' || cursor.peek(1) === '') {
    return range(from, from, cursor.flags.i)
  }
  cursor.take()
  const to = readPoint(cursor, false)
  if (typeof to === 'string') throw new Refusal('a range in [ ] ends with a set of characters')
  if (to < from) throw new Refusal('a range in [ ] is in reverse order')
  return range(from, to, cursor.flags.i)
}

/** A code point, or the operand of an escape for several code points. */
function readPoint(cursor: Cursor, mayStartRange: boolean): number | string {
  const point = cursor.take()
  if (point !== '\\') return point.codePointAt(0) ?? 0
  const found = readEscape(cursor, !mayStartRange || cursor.peek(1) === '-')
  if (found === undefined) throw new Refusal(`\\${cursor.peek()} has no meaning in [ ]`)
  return found.kind === 'set' ? found.operand : found.code
}
