// Loads modules of the client library one by one when first needed. Its entry point would load all of it, which takes 25 MB and half a
// second at startup (ADR 0010).
import { registerHooks } from 'node:module'
import { extname } from 'node:path'

const entry = import.meta.resolve('@platformatic/kafka')
/** The extension is .js in the published package, .ts in the sources. */
const standIns = new URL(`library-stand-ins${extname(import.meta.filename)}`, import.meta.url).href
const load = <Module>(file: string) => import(new URL(file, entry).href) as Promise<Module>
let ready: Promise<unknown> | undefined

/** Loads one module of the library, by its path relative to the library's entry point. */
export async function libraryPart<Module>(file: string): Promise<Module> {
  ready ??= withStandIns(() => load('./protocol/writer.js')).then(nameYoungerCodes)
  await ready
  return load(file)
}

/**
 * The library's writer imports a JSON schema validator (15 MB, 40 ms) and a debug logger through a helper module, but only
 * its clients use them, which are never loaded here. While the writer loads, both are replaced by empty stand-ins.
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
 * For an error code that is newer than the library, the library throws a TypeError, and the rest of the response is lost. So
 * these codes get a placeholder name. Only the library's own errors contain it, and they are not used.
 */
async function nameYoungerCodes(): Promise<void> {
  const { protocolErrorsCodesById: names } = await load<{ protocolErrorsCodesById: object }>('./protocol/errors.js')
  Object.setPrototypeOf(names, new Proxy({}, { get: () => 'UNKNOWN_SERVER_ERROR' }))
}
