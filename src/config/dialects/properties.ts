// Reads `.properties` text exactly as java.util.Properties does, and keeps what Java discards: line numbers, order, duplicates.
// The keys are not interpreted here.
import { Failure } from '../../base/failure.ts'

/** One `key = value` in file order. A key may occur several times. */
export interface Property {
  readonly key: string
  readonly value: string
  /** first line of the (possibly continued) entry, from 1 */
  readonly line: number
  /** it continues over several lines */
  readonly isContinued: boolean
  /**
   * positions in `value` of a `$` that the file escapes as `\$`: Java removes the backslash, but it shows that no variable is
   * meant
   */
  readonly literalDollars: readonly number[]
}

interface LogicalLine {
  readonly text: string
  readonly line: number
  readonly isContinued: boolean
}

/** The text of a file as `Properties.load(InputStream)` reads it: ISO-8859-1, including a byte order mark. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** Every entry of the text. @throws Failure CONFIG_INVALID with the line where Java's load fails, for a malformed \u escape */
export function parseProperties(text: string, file: string): Property[] {
  return logicalLines(text).map(({ text: content, line, isContinued }) => {
    const { keyEnd, valueStart } = split(content)
    const key = unescaped(content.slice(0, keyEnd), file, line)
    const value = unescaped(content.slice(valueStart), file, line)
    return { key: key.text, value: value.text, line, isContinued, literalDollars: value.dollars }
  })
}

const isBlank = (c: string) => c === ' ' || c === '\t' || c === '\f'

/**
 * Joins continued lines and removes comments and empty lines, as Java's LineReader does. Including its special cases: a comment
 * may follow a line with only a backslash; an empty line ends a continuation; CR alone ends a line; a file that ends with only a
 * backslash has an entry with an empty key.
 */
function logicalLines(text: string): LogicalLine[] {
  const natural = text.split(/\r\n|\r|\n/)
  if (natural.at(-1) === '') natural.pop()
  const lines: LogicalLine[] = []
  let open: LogicalLine | undefined
  for (const [at, line] of natural.entries()) {
    const content = line.replace(/^[ \t\f]+/, '')
    if ((open?.text ?? '') === '' && (content === '' || /^[#!]/.test(content))) {
      open = undefined
      continue
    }
    const before = open?.text ?? ''
    const isContinued = before !== ''
    const joined = { text: before + content, line: open && isContinued ? open.line : at + 1, isContinued }
    const continues = (/\\*$/.exec(content)?.[0].length ?? 0) % 2 === 1
    open = continues ? { ...joined, text: joined.text.slice(0, -1) } : undefined
    if (!continues) lines.push(joined)
    else if (at === natural.length - 1) lines.push({ ...joined, text: joined.text.slice(0, -1) })
  }
  return lines
}

/** Where the key ends (first unescaped `=`, `:` or blank) and the value starts. */
function split(content: string): { keyEnd: number; valueStart: number } {
  let keyEnd = 0
  for (let escaping = false; keyEnd < content.length; keyEnd++) {
    const c = content.charAt(keyEnd)
    if (!escaping && (isBlank(c) || c === '=' || c === ':')) break
    escaping = c === '\\' && !escaping
  }
  let valueStart = keyEnd
  while (isBlank(content.charAt(valueStart))) valueStart++
  const c = content.charAt(valueStart)
  if (c === '=' || c === ':') valueStart++
  while (isBlank(content.charAt(valueStart))) valueStart++
  return { keyEnd, valueStart }
}

const shortEscapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescaped(content: string, file: string, line: number): { text: string; dollars: number[] } {
  let text = ''
  const dollars: number[] = []
  for (let at = 0; at < content.length; at++) {
    const c = content.charAt(at)
    if (c !== '\\') {
      text += c
      continue
    }
    const next = content.charAt(++at)
    if (next === 'u') {
      text += String.fromCharCode(hexDigits(content.slice(at + 1, at + 5), file, line))
      at += 4
      continue
    }
    if (next === '$') dollars.push(text.length)
    text += shortEscapes[next] ?? next
  }
  return { text, dollars }
}

function hexDigits(digits: string, file: string, line: number): number {
  if (/^[0-9a-fA-F]{4}$/.test(digits)) return Number.parseInt(digits, 16)
  throw new Failure('CONFIG_INVALID', `malformed escape \\u${digits}: Java reads the file no further than this`, {
    file,
    line,
    remedy: 'write \\u with exactly four hexadecimal digits, or \\\\u for a backslash and the letter u',
  })
}
