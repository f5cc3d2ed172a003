// Access to parsed YAML and JSON of unknown structure.

export type Tree = Readonly<Record<string, unknown>>

/** The value as a map; empty if it is something else. */
export function tree(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {}
}

/** The value as a list; empty if it is something else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value as text; undefined if it is no text or empty. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
