// Plain tables for terminals and files: columns as wide as their widest cell, no colours.
import { nameText, sentenceText } from '../../base/readable.ts'
import { padded, widthOf } from '../screen/spans.ts'

export interface Column {
  readonly title: string
  readonly alignment: 'left' | 'right'
}

/**
 * Lines of a table, head first, one for each row. Rows may be shorter than the head. Cells may hold any text: they stay on their
 * line, and what is longer than any name of a topic loses its middle. An empty name is shown as `''`; the last column may be empty.
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
