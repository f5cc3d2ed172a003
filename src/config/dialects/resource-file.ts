// Which files contain KafkaMirrorMaker2 resources, and their reader, which is not loaded for a properties file (6 MB).
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import type { Effective } from '../effective.ts'
import type { Problems } from '../problems.ts'
import type { ResourceInput } from './providers.ts'

/** Whether to read a file as YAML: by its name, else by two lines that no mm2.properties has. */
export function isResourceFile({ file, bytes }: Pick<ResourceInput, 'file' | 'bytes'>): boolean {
  if (/\.ya?ml$/i.test(file)) return true
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return /^[\s{-]*["']?apiVersion["']?\s*:/m.test(text) && /["']?kind["']?\s*:\s*["']?KafkaMirrorMaker2\b/.test(text)
}

const load = createRequire(import.meta.url)
/** In the published package it is a JavaScript file in the same directory. */
const readerFile = `./resource${extname(import.meta.filename)}`

/** Reads the resources of a file; undefined, and problems, if the operator would refuse them. */
export function readResources(input: ResourceInput, problems: Problems): Effective | undefined {
  const reader = load(readerFile) as typeof import('./resource.ts')
  return reader.readResources(input, problems)
}
