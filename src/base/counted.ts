// Numbers with their nouns: 1 is singular, everything else plural.

/**
 * The noun for a count: `plural(1, 'topic')` is `topic`, `plural(0, 'topic')` is `topics`.
 * @param many an irregular plural: `plural(2, 'entry', 'entries')`
 */
export function plural(count: number | bigint, one: string, many = `${one}s`): string {
  return count === 1 || count === 1n ? one : many
}

/** Number and word: `counted(1, 'topic')` is `1 topic`. @param many as for `plural` */
export function counted(count: number | bigint, one: string, many?: string): string {
  return `${count} ${plural(count, one, many)}`
}
