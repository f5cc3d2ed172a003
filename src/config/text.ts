// Text formats for other folders of src: properties, JAAS lines, YAML. Keys are not checked here.
import { createRequire } from 'node:module'
import { parseProperties } from './dialects/properties.ts'

/**
 * Keys and values of a text; the last of duplicated keys is used.
 * @throws Failure CONFIG_INVALID with the line where Java fails too
 */
export function propertiesOf(text: string, file: string): Record<string, string> {
  const latin1 = Buffer.from(text, 'utf8').toString('latin1')
  return Object.fromEntries(parseProperties(latin1, file).map(({ key, value }) => [key, value]))
}

/** `key = value`, escaped where Java would read something else. A value with several lines is written over several lines. */
export function propertyLine(key: string, value: string): string {
  const escapedKey = escapedText(key).replaceAll(/[\s=:#!]/g, '\\$&')
  const lines = value.split('\n').map(escapedText)
  const first = (lines[0] ?? '').replace(/^(?=[\t ])/, '\\')
  return `${escapedKey} = ${[first, ...lines.slice(1)].join('\\n\\\n  ')}`
}

/** Escapes backslashes, and characters that ISO-8859-1 lacks. */
function escapedText(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(/[^\x20-\x7e\t]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** The line, with quotes and backslashes escaped for Kafka's parser. @param mechanism PLAIN, or one of SCRAM */
export function jaasLine(mechanism: string | undefined, username: string, password: string): string {
  const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule'
  return `org.apache.kafka.common.security.${module} required username=${quoted(username)} password=${quoted(password)};`
}

type Library = typeof import('yaml')

/** The library is loaded when it is first needed. */
const load = createRequire(import.meta.url)

/** `value` (a JSON value; undefined fields are left out) as a YAML document, without wrapping long texts. */
export function yamlText(value: unknown): string {
  const { stringify } = load('yaml') as Library
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}

/**
 * Every document of the text as plain values, with all scalars as text (`"4"` for 4), because values are only looked up here.
 * Undefined if the text is not YAML (JSON is YAML).
 */
export function yamlValues(text: string): unknown[] | undefined {
  const { parseAllDocuments } = load('yaml') as Library
  const parsed = parseAllDocuments(text, { schema: 'failsafe', prettyErrors: false, logLevel: 'silent' })
  const documents = Array.isArray(parsed) ? parsed : []
  if (documents.some(({ errors }) => errors.length > 0)) return undefined
  return documents.map((document) => document.toJS({ maxAliasCount: 100 }) as unknown)
}
