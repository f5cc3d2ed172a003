// Text tables: columns as wide as their widest cell, without colours.
import { nameText, sentenceText } from '../../base/readable.ts'
import { padded, widthOf } from '../screen/spans.ts'

export interface Column {
  readonly title: string
  readonly alignment: 'left' | 'right'
}

/**
 * Lines of a table: the head, then one line per row. Rows may have fewer cells than the head. Cells may contain any text:
 * control characters are made visible, very long text is shortened in the middle, and empty cells are shown as `''` except in
 * the last column.
 */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const last = columns.length - 1
  const cells = rows.map((row) => row.map((cell, i) => (i === last ? sentenceText(cell) : nameText(cell))))
  const widths = columns.map(({ title }, i) =>
    i === last && columns[i]?.alignment === 'left'
      ? 0
      : cells.reduce((width, row) => Math.max(width, widthOf(row[i] ?? '')), title.length),
  )
  const line = (row: readonly string[]) =>
    columns
      .map(({ alignment }, i) => padded(row[i] ?? '', widths[i] ?? 0, alignment))
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...cells.map(line)]
}
