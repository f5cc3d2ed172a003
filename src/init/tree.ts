// Looking into parsed YAML and JSON without trusting its shape.

export type Tree = Readonly<Record<string, unknown>>

/** The value as a map; empty where it is something else. */
export function tree(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {}
}

/** The value as a list; empty where it is something else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value as text; undefined where it is none or empty. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
