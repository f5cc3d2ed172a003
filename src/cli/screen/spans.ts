// Lines of a full-screen view: pieces of text with a meaning, cut to the width of the terminal before they get their colours.

/** What a piece of text is, not how it looks: colours follow from it. */
export type Style = 'plain' | 'strong' | 'faint' | 'good' | 'warn' | 'bad' | 'inverse'

export interface Span {
  readonly text: string
  readonly style?: Style
}

export type Line = readonly Span[]

/** How a terminal may be written to. */
export interface Looks {
  readonly colours: boolean
  /** false: nothing but ASCII */
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
const wide =
  /[\p{Extended_Pictographic}\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

/**
 * `text` as a terminal may be given it: control characters, which names of groups and messages of others may hold, become
 * `?`, invisible ones go, and without `unicode` everything beyond ASCII becomes `?`.
 */
export function printable(text: string, unicode = true): string {
  if (ascii.test(text)) return text
  const shown = text.replaceAll(/\p{Cc}/gu, '?').replaceAll(/\p{Cf}|\p{Zl}|\p{Zp}/gu, '')
  return unicode ? shown : shown.replaceAll(/[^\x20-\x7e]/gu, '?')
}

/** How many columns a terminal needs for `text`, as far as that can be told from outside. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

function columnsOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0
  return wide.test(character) ? 2 : 1
}

/** The beginning of `text` that fits `width` columns. */
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

/** `text` in at most `width` columns; what is too long loses its middle, as the ends of names tell them apart. */
export function shortened(text: string, width: number, { unicode }: Looks): string {
  if (widthOf(text) <= width) return text
  if (width < 3) return cut(text, width)
  const kept = width - 1
  const tail = [...text].slice(-Math.floor(kept / 2)).join('')
  const fitting = widthOf(tail) <= Math.floor(kept / 2) ? tail : ''
  return `${cut(text, kept - widthOf(fitting))}${unicode ? '…' : '~'}${fitting}`
}

/** `text` made `width` columns wide with blanks. */
export function padded(text: string, width: number, alignment: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)))
  return alignment === 'left' ? text + blanks : blanks + text
}

/** A line as it is sent to the terminal: cut to `width` columns, colours closed again. */
export function rendered(line: Line, width: number, looks: Looks): string {
  let [out, used] = ['', 0]
  for (const { text, style = 'plain' } of line) {
    const piece = cut(printable(text, looks.unicode), width - used)
    if (piece === '') continue
    used += widthOf(piece)
    const code = codes[style]
    out += looks.colours && code !== '' ? `\u001b[${code}m${piece}\u001b[0m` : piece
  }
  return out
}

/** How many columns a line takes. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(printable(text)), 0)
}

/** `left` at the left and `right` at the right edge; `right` is left out where both do not fit. */
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
