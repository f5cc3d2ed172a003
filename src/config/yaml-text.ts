// Values as YAML text, for results that people keep in files. The library is loaded by the first one that asks.
import { createRequire } from 'node:module'

type Library = typeof import('yaml')

const load = createRequire(import.meta.url)

/** `value` (what JSON can hold; undefined fields are left out) as a YAML document, long texts unbroken. */
export function yamlText(value: unknown): string {
  const { stringify } = load('yaml') as Library
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}
