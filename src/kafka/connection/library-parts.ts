// Parts of the client library, loaded one by one when first needed: its only entry loads all of it, 25 MB and half a second
// that a start can do without (ADR 0010).
import { registerHooks } from 'node:module'

const entry = import.meta.resolve('@platformatic/kafka')
const validator = new URL('no-validator.ts', import.meta.url).href
const load = <Module>(file: string) => import(new URL(file, entry).href) as Promise<Module>
let ready: Promise<unknown> | undefined

/** Loads one module of the library, by its path beside the library's entry. */
export async function libraryPart<Module>(file: string): Promise<Module> {
  ready ??= withoutValidator(() => load('./protocol/writer.js'))
  await ready
  return load(file)
}

/**
 * The library's writer reaches its JSON schema validator (15 MB, 40 ms) through a module of helpers, yet only the clients'
 * options, which are never loaded here, are validated with it. While the writer loads, an empty one stands in.
 */
async function withoutValidator(work: () => Promise<unknown>): Promise<void> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('ajv/') ? { url: validator, shortCircuit: true } : next(specifier, context),
  })
  try {
    await work()
  } finally {
    hooks.deregister()
  }
}
