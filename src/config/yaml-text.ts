// Values as YAML text, for results that people keep in files. The library is loaded by the first one that asks.
import { createRequire } from 'node:module'

type Library = typeof import('yaml')

const load = createRequire(import.meta.url)

/** `value` (what JSON can hold; undefined fields are left out) as a YAML document, long texts unbroken. */
export function yamlText(value: unknown): string {
  const { stringify } = load('yaml') as Library
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}

/**
 * Every document of the text as plain values, all scalars as text (`"4"` for 4): what was read is only looked up, never counted with.
 * Undefined where the text is no YAML (JSON is YAML).
 */
export function yamlValues(text: string): unknown[] | undefined {
  const { parseAllDocuments } = load('yaml') as Library
  const parsed = parseAllDocuments(text, { schema: 'failsafe', prettyErrors: false, logLevel: 'silent' })
  const documents = Array.isArray(parsed) ? parsed : []
  if (documents.some(({ errors }) => errors.length > 0)) return undefined
  return documents.map((document) => document.toJS({ maxAliasCount: 100 }) as unknown)
}
