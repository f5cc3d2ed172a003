// ACL resource patterns (literal, prefixed, all) for regular expressions of names. If an expression has no exact equivalent,
// the narrowest resource pattern that covers it is returned.

/** A name, or the prefix of names; `*` (literal) is every name. */
export interface NamePattern {
  readonly name: string
  readonly patternType: 'literal' | 'prefix'
}

const everything: NamePattern = { name: '*', patternType: 'literal' }

/** The resource patterns that cover all names that an include list can match. Patterns that another one covers are omitted. */
export function namePatterns(include: readonly RegExp[]): NamePattern[] {
  const all = include.flatMap(({ source, flags }) =>
    flags.includes('i') ? [everything] : alternatives(unwrapped(source)).map(patternOf),
  )
  if (all.some(({ name }) => name === '*')) return [everything]
  const different = [...new Map(all.map((one) => [`${one.patternType} ${one.name}`, one])).values()]
  const isCovered = (one: NamePattern) =>
    different.some(({ name, patternType }, i) => {
      return patternType === 'prefix' && one !== different[i] && one.name.startsWith(name)
    })
  return different.filter((one) => !isCovered(one))
}

/** The source without the anchors and the group that enclose the whole list. */
function unwrapped(source: string): string {
  return source.startsWith('^(?:') && source.endsWith(')$') ? source.slice(4, -2) : source
}

/** The parts between top-level `|`, those outside of groups and classes. */
function alternatives(source: string): string[] {
  const parts = ['']
  let depth = 0
  for (let at = 0; at < source.length; at++) {
    const char = source[at] ?? ''
    const text = char === '\\' ? char + (source[++at] ?? '') : char
    if (char === '(' || char === '[') depth++
    if (char === ')' || char === ']') depth--
    if (char === '|' && depth === 0) parts.push('')
    else parts[parts.length - 1] += text
  }
  return parts.filter((part) => part !== '' && part !== '(?!)')
}

function patternOf(alternative: string): NamePattern {
  const { text, rest } = literalPrefix(alternative)
  if (rest === '') return { name: text, patternType: 'literal' }
  return text === '' ? everything : { name: text, patternType: 'prefix' }
}

/** The characters that every match begins with, and the rest of the expression. */
function literalPrefix(source: string): { text: string; rest: string } {
  let text = ''
  let at = 0
  while (at < source.length) {
    const char = source[at] ?? ''
    const isEscaped = char === '\\' && /[^A-Za-z0-9]/.test(source[at + 1] ?? '')
    if (!isEscaped && !/[\w\-%/:@ ]/.test(char)) break
    const size = isEscaped ? 2 : 1
    // The last character belongs to the quantifier.
    if (/[*+?{]/.test(source[at + size] ?? '')) break
    text += source[at + size - 1]
    at += size
  }
  return { text, rest: source.slice(at) }
}
