// Lines of a full-screen view: spans of styled text, cut to the width of the terminal before colours are added.
import { createRequire } from 'node:module'

/** The meaning of a span; its colour follows from it. */
export type Style = 'plain' | 'strong' | 'faint' | 'good' | 'warn' | 'bad' | 'inverse'

export interface Span {
  readonly text: string
  readonly style?: Style
}

export type Line = readonly Span[]

/** Features of a terminal. */
export interface TerminalFeatures {
  readonly colours: boolean
  /** false: ASCII only */
  readonly unicode: boolean
}

const codes: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  good: '32',
  warn: '33',
  bad: '1;31',
  inverse: '7',
}
const ascii = /^[\x20-\x7e]*$/
/** Unicode's table of widths, loaded by the first text that is not ASCII. */
let table: typeof import('get-east-asian-width') | undefined
const load = createRequire(import.meta.url)
const widths = () => (table ??= load('get-east-asian-width') as NonNullable<typeof table>)

/**
 * `text` made safe for a terminal: control characters, which group names and broker messages can contain, become `?`,
 * invisible characters are removed, and without `unicode` all characters beyond ASCII become `?`.
 */
export function printable(text: string, unicode = true): string {
  if (ascii.test(text)) return text
  const shown = text.replaceAll(/\p{Cc}/gu, '?').replaceAll(/\p{Cf}|\p{Zl}|\p{Zp}/gu, '')
  return unicode ? shown : shown.replaceAll(/[^\x20-\x7e]/gu, '?')
}

/** Width of `text` in terminal columns; combining characters take none. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

function columnsOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0
  return widths().eastAsianWidth(character.codePointAt(0) ?? 0)
}

/** The beginning of `text` that fits into `width` columns. */
export function cut(text: string, width: number): string {
  if (ascii.test(text)) return text.slice(0, Math.max(0, width))
  let [taken, used] = ['', 0]
  for (const character of text) {
    used += columnsOf(character)
    if (used > width) break
    taken += character
  }
  return taken
}

/** `text` in at most `width` columns; long text is shortened in the middle, because names often differ at their ends. */
export function shortened(text: string, width: number, { unicode }: TerminalFeatures): string {
  if (widthOf(text) <= width) return text
  if (width < 3) return cut(text, width)
  const kept = width - 1
  const tail = [...text].slice(-Math.floor(kept / 2)).join('')
  const fitting = widthOf(tail) <= Math.floor(kept / 2) ? tail : ''
  return `${cut(text, kept - widthOf(fitting))}${unicode ? '…' : '~'}${fitting}`
}

/** `text` padded with spaces to `width` columns. */
export function padded(text: string, width: number, alignment: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)))
  return alignment === 'left' ? text + blanks : blanks + text
}

/** A line for the terminal: cut to `width` columns, with colour codes that are closed again. */
export function renderedSpans(line: Line, width: number, features: TerminalFeatures): string {
  let [out, used] = ['', 0]
  for (const { text, style = 'plain' } of line) {
    const piece = cut(printable(text, features.unicode), width - used)
    if (piece === '') continue
    used += widthOf(piece)
    const code = codes[style]
    out += features.colours && code !== '' ? `\u001b[${code}m${piece}\u001b[0m` : piece
  }
  return out
}

/** Width of a line in terminal columns. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(printable(text)), 0)
}

/** `left` at the left and `right` at the right edge; only `left` if both do not fit. */
export function spread(left: Line, right: Line, width: number): Line {
  const blanks = width - lineWidth(left) - lineWidth(right)
  return blanks < 1 ? left : [...left, { text: ' '.repeat(blanks) }, ...right]
}

/** Words of `text` as lines of at most `width` columns; a word that is longer than a line is broken. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    let rest = word
    if (line !== '' && widthOf(line) + 1 + widthOf(rest) <= width) {
      line += ` ${rest}`
      continue
    }
    if (line !== '') lines.push(line)
    for (; widthOf(rest) > width && width > 1; rest = rest.slice(cut(rest, width).length)) lines.push(cut(rest, width))
    line = rest
  }
  return [...lines, line]
}
