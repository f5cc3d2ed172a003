// Parts of the client library, loaded one by one when first needed: its only entry loads all of it, 25 MB and half a second
// that a start can do without (ADR 0010).
import { registerHooks } from 'node:module'
import { extname } from 'node:path'

const entry = import.meta.resolve('@platformatic/kafka')
/** Published, it is JavaScript beside this. */
const standIns = new URL(`library-stand-ins${extname(import.meta.filename)}`, import.meta.url).href
const load = <Module>(file: string) => import(new URL(file, entry).href) as Promise<Module>
let ready: Promise<unknown> | undefined

/** Loads one module of the library, by its path beside the library's entry. */
export async function libraryPart<Module>(file: string): Promise<Module> {
  ready ??= withStandIns(() => load('./protocol/writer.js')).then(nameYoungerCodes)
  await ready
  return load(file)
}

/**
 * The library's writer reaches a JSON schema validator (15 MB, 40 ms) and a debug log through a module of helpers, yet only
 * its clients, which are never loaded here, make use of them. While the writer loads, empty ones stand in.
 */
async function withStandIns(work: () => Promise<unknown>): Promise<void> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('ajv/') || specifier === 'debug'
        ? { url: standIns, shortCircuit: true }
        : next(specifier, context),
  })
  try {
    await work()
  } finally {
    hooks.deregister()
  }
}

/**
 * An error code that is younger than the library has it throw a TypeError, and the rest of the answer is lost with it: such codes
 * borrow a name. Only the library's own errors bear it, which nobody looks at.
 */
async function nameYoungerCodes(): Promise<void> {
  const { protocolErrorsCodesById: names } = await load<{ protocolErrorsCodesById: object }>('./protocol/errors.js')
  Object.setPrototypeOf(names, new Proxy({}, { get: () => 'UNKNOWN_SERVER_ERROR' }))
}
