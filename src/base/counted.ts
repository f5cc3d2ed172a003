// Numbers with their units: one is singular, everything else plural.

/**
 * The word for this many: `plural(1, 'topic')` is `topic`, `plural(0, 'topic')` is `topics`.
 * @param many the plural where it is not the word with an s: `plural(2, 'entry', 'entries')`
 */
export function plural(count: number | bigint, one: string, many = `${one}s`): string {
  return count === 1 || count === 1n ? one : many
}

/** Number and word: `counted(1, 'topic')` is `1 topic`. @param many as for `plural` */
export function counted(count: number | bigint, one: string, many?: string): string {
  return `${count} ${plural(count, one, many)}`
}
