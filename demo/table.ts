// Plain text tables, and the demo's formats of numbers, sizes and times.

export interface Column {
  readonly title: string
  /** left for text, right for numbers */
  readonly align: 'left' | 'right'
  /** minimum width, so that the columns of a redrawn table do not move */
  readonly width?: number
  /** if the columns do not fit, the one with the greatest rank is left out first; columns without a rank are kept */
  readonly rank?: number
}

/** The columns that fit into `width`, with their cells; columns without a rank are always kept. */
export function fitting(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly [columns: readonly Column[], rows: readonly (readonly string[])[]] {
  const least = columns.reduce<number>(
    (least, { rank = -1 }, i) => (rank > (columns[least]?.rank ?? -1) ? i : least),
    0,
  )
  const widest = table(columns, rows)[1]?.length ?? 0
  if (widest <= width || columns[least]?.rank === undefined) return [columns, rows]
  const kept = <T>(list: readonly T[]) => list.filter((_, i) => i !== least)
  return fitting(kept(columns), rows.map(kept), width)
}

/** A sentence as lines of at most `width` characters, cut between words; later ones begin with `indent` blanks. */
export function wrapped(sentence: string, width: number, indent: number): string[] {
  const lines: string[] = []
  // Consecutive blanks separate columns and are kept.
  for (const piece of sentence.split(/(?<=\S)(?= +\S)/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + piece.length <= width) lines[lines.length - 1] = last + piece
    else lines.push(last === undefined ? piece : `${' '.repeat(indent)}${piece.trimStart()}`)
  }
  return lines
}

/** Lines of a table: titles, a rule, the rows; every column as wide as its widest cell. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column, i) =>
    Math.max(column.width ?? 0, column.title.length, ...rows.map((row) => (row[i] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    columns.map((column, i) => pad(cells[i] ?? '', widths[i] ?? 0, column.align))
  return [
    line(columns.map((column) => column.title)),
    widths.map((width) => '-'.repeat(width)),
    ...rows.map((row) => line(row)),
  ].map((cells) => cells.join('  ').trimEnd())
}

function pad(text: string, width: number, align: Column['align']): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width)
}

/** 1234567 -> `1,234,567` */
export function count(n: number): string {
  return Math.round(n).toLocaleString('en-US')
}

/** Bytes -> `812 B`, `4.2 KB`, `31.0 MB` (powers of 1,000) */
export function size(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} KB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}

/** Milliseconds -> `0.4 s`, `12 s`, `3 min 5 s`, `more than 1 h` */
export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  if (seconds > 3600) return 'more than 1 h'
  return `${Math.floor(Math.round(seconds) / 60)} min ${Math.round(seconds) % 60} s`
}
