// `.properties` text for those who make configurations: read without judging the keys, and written so that Java reads the same.
import { parseProperties } from './dialects/properties.ts'

/** Keys and values of a text, the last of equal keys kept. @throws Failure CONFIG_INVALID with the line where Java fails too */
export function propertiesOf(text: string, file: string): Record<string, string> {
  const latin1 = Buffer.from(text, 'utf8').toString('latin1')
  return Object.fromEntries(parseProperties(latin1, file).map(({ key, value }) => [key, value]))
}

/** `key = value`, escaped where Java would read something else; a value of several lines goes on over several. */
export function propertyLine(key: string, value: string): string {
  const escapedKey = escaped(key).replaceAll(/[\s=:#!]/g, '\\$&')
  const lines = value.split('\n').map(escaped)
  const first = (lines[0] ?? '').replace(/^(?=[\t ])/, '\\')
  return `${escapedKey} = ${[first, ...lines.slice(1)].join('\\n\\\n  ')}`
}

/** Backslashes, and what ISO-8859-1 lacks. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(/[^\x20-\x7e\t]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
