// Tables of a full-screen view: columns have fixed widths, and less important ones are hidden on narrow terminals.
import { type Line, padded, printable, type Span, shortened, type TerminalFeatures, widthOf, wrapped } from './spans.ts'

export interface ScreenColumn<Row> {
  readonly title: string
  readonly alignment: 'left' | 'right'
  /** width in terminal columns; the minimum if it `grows` or `wraps` */
  readonly width: number
  /** columns with a higher rank are hidden first; 0: never hidden */
  readonly rank: number
  /** takes spare width, as far as its texts need it */
  readonly grows?: boolean
  /** last column only: its text wraps to the lines below */
  readonly wraps?: boolean
  /** its name in `--sort` */
  readonly sort?: string
  cell(row: Row): string | Span
}

/** The columns that fit the terminal, with their widths. */
export interface Layout<Row> {
  readonly columns: readonly { readonly column: ScreenColumn<Row>; readonly width: number }[]
  readonly features: TerminalFeatures
}

const gap = 2

/**
 * Chooses the columns for a terminal of `width` columns.
 * @param longest width of the longest text in the growing column
 */
export function layoutOf<Row>(
  columns: readonly ScreenColumn<Row>[],
  { width, longest, features }: { width: number; longest: number; features: TerminalFeatures },
): Layout<Row> {
  const needed = (list: readonly ScreenColumn<Row>[]) => list.reduce((sum, one) => sum + one.width + gap, -gap)
  let chosen = [...columns]
  while (needed(chosen) > width) {
    const least = Math.max(...chosen.map(({ rank }) => rank))
    if (least === 0) break
    chosen = chosen.filter((column) => column !== chosen.findLast(({ rank }) => rank === least))
  }
  let spare = Math.max(0, width - needed(chosen))
  const widths = chosen.map((column) => {
    if (!column.grows) return column.width
    const more = Math.min(spare, Math.max(0, longest - column.width))
    spare -= more
    return column.width + more
  })
  const placed = chosen.map((column, at) => ({
    column,
    width: (widths[at] ?? 0) + (column.wraps ? spare : 0),
  }))
  return { columns: placed, features }
}

/** The head of a table; the column that rows are sorted by is marked. */
export function headOf<Row>({ columns, features }: Layout<Row>, sort?: string): Line {
  const mark = features.unicode ? '▼' : '*'
  const cells = columns.map(({ column, width }) => {
    const title = sort !== undefined && column.sort === sort ? `${column.title}${mark}` : column.title
    return padded(title, width, column.alignment)
  })
  return [{ text: cells.join(' '.repeat(gap)), style: 'faint' }]
}

/** The lines of a row: more than one if its last column wraps. */
export function rowLines<Row>({ columns, features }: Layout<Row>, row: Row): Line[] {
  const line: Span[] = []
  const below: Line[] = []
  let at = 0
  for (const { column, width } of columns) {
    if (at > 0) line.push({ text: ' '.repeat(gap) })
    const given = column.cell(row)
    const { text, style = 'plain' } = typeof given === 'string' ? { text: given } : given
    const clean = printable(text, features.unicode)
    const [first = '', ...more] = column.wraps ? wrapped(clean, width) : [shortened(clean, width, features)]
    line.push({ text: padded(first, width, column.alignment), style })
    for (const rest of more) below.push([{ text: ' '.repeat(at) }, { text: rest, style }])
    at += width + gap
  }
  return [line, ...below]
}

/** Width of the longest of these texts on a terminal. */
export function longestOf(texts: Iterable<string>): number {
  let longest = 0
  for (const text of texts) longest = Math.max(longest, widthOf(text))
  return longest
}
