// Plain tables for terminals and files: columns as wide as their widest cell, no colours.

export interface Column {
  readonly title: string
  readonly alignment: 'left' | 'right'
}

/** Lines of a table, head first. Rows may be shorter than the head. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, i) => rows.reduce((w, row) => Math.max(w, row[i]?.length ?? 0), title.length))
  const line = (cells: readonly string[]) =>
    columns
      .map(({ alignment }, i) => {
        const [cell, width] = [cells[i] ?? '', widths[i] ?? 0]
        return alignment === 'left' ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...rows.map(line)]
}
