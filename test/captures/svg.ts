// Converts a terminal capture (`tmux capture-pane -e`: text with colours as control sequences) to an SVG picture.

interface Look {
  colour: string
  background: string | undefined
  isBold: boolean
}

const paper = '#1b1f24'
const ink = '#d7dde4'
const palette: Readonly<Record<string, string>> = { 31: '#ff7b72', 32: '#7ee787', 33: '#f0c674', 36: '#79c0ff' }
const [cell, line, margin] = [8.4, 18, 12]

/** A picture of these lines on a terminal with this number of columns. @param title text for screen readers */
export function svgOf(capture: string, columns: number, title: string): string {
  const lines = capture.replace(/\n$/, '').split('\n')
  const [width, height] = [Math.ceil(columns * cell + 2 * margin), lines.length * line + 2 * margin]
  // A line starts with the colours of the end of the previous one.
  const look: Look = { colour: ink, background: undefined, isBold: false }
  const rows = lines.flatMap((text, at) => rowOf(text, margin + at * line, look))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="6" fill="${paper}"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

/** A control sequence that changes colours, or text up to the next one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences contain control characters
const pieces = /\u001b\[([\d;]*)m|([^\u001b]+)/g

function rowOf(text: string, top: number, look: Look): string[] {
  let column = 0
  const drawn: string[] = []
  for (const [, codes, shown = ''] of text.matchAll(pieces)) {
    if (codes !== undefined) change(look, codes)
    if (shown.trim() !== '' || (look.background && shown !== '')) drawn.push(...pieceOf(shown, column, top, look))
    column += shown.length
  }
  return drawn
}

function pieceOf(text: string, column: number, top: number, { colour, background, isBold }: Look): string[] {
  const [x, width] = [(margin + column * cell).toFixed(1), (text.length * cell).toFixed(1)]
  const behind = background
    ? [`<rect x="${x}" y="${top}" width="${width}" height="${line}" fill="${background}"/>`]
    : []
  const weight = isBold ? ' font-weight="bold"' : ''
  const place = `x="${x}" y="${top + 13}" textLength="${width}" fill="${colour}"${weight}`
  return [...behind, `<text ${place}>${escaped(text)}</text>`]
}

function change(look: Look, codes: string): void {
  for (const code of codes.split(';')) {
    if (code === '' || code === '0') Object.assign(look, { colour: ink, background: undefined, isBold: false })
    else if (code === '1') look.isBold = true
    else if (code === '2') look.colour = '#8b949e'
    else if (code === '7') Object.assign(look, { colour: paper, background: ink })
    else if (code === '39') look.colour = ink
    else look.colour = palette[code] ?? look.colour
  }
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
