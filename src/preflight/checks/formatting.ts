// How sizes, spans of time and lists of names are written in findings.

/** `1.5 GiB`, `900 bytes`. */
export function shownBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let [value, unit] = [bytes, 0]
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** `3 days`, `5 hours`, `40 s`: the largest unit that gives at least two, roughly. */
export function shownSpan(ms: number): string {
  const units = [
    ['days', 86_400_000],
    ['hours', 3_600_000],
    ['minutes', 60_000],
  ] as const
  for (const [name, size] of units) if (ms >= 2 * size) return `${Math.floor(ms / size)} ${name}`
  return `${Math.floor(ms / 1000)} s`
}

/** Names that a list shows; how many more there are is counted. */
const SHOWN = 5

/** `a, b, c, d, e and 7 more`. */
export function shownNames(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return `${names.slice(0, SHOWN).join(', ')}${more}`
}
