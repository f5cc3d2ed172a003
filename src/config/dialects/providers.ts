// Kafka's config providers: `${file:path:key}`, `${dir:path:file}`, `${env:NAME}`, with the special cases of ConfigTransformer
// and AbstractConfig. Files, directories and the environment are accessed only through the given functions.
import { compileJavaPattern } from '../../java-pattern/java-pattern.ts'
import { parseProperties } from './properties.ts'

/** What a configuration file may refer to. Each function throws on failure. */
export interface Outside {
  readonly environment: (name: string) => string | undefined
  readonly readFile: (path: string) => Uint8Array
  /** names of the regular files in a directory */
  readonly listDirectory: (path: string) => readonly string[]
}

/** A file with KafkaMirrorMaker2 resources. */
export interface ResourceInput extends Outside {
  /** path of the file, for messages and to find other files in its directory */
  readonly file: string
  readonly bytes: Uint8Array
  /** where Secrets are mounted; absent: they are documents in the file or in its directory */
  readonly secretsDir?: string
}

/** Looks up a key; undefined: the provider does not have it, and the reference stays as written. */
export type Provider = (path: string, key: string) => string | undefined
export type Providers = ReadonlyMap<string, Provider>

/** Why a provider, or a reference to it, cannot be used, in one sentence; `key` is the key in the file. */
export class ProviderError extends Error {
  readonly key: string | undefined
  constructor(message: string, key?: string, cause?: unknown) {
    super(message, { cause })
    this.key = key
  }
}

const packageName = 'org.apache.kafka.common.config.provider.'

/** Kafka's pattern: `${provider:key}` or `${provider:path:key}`. */
const reference = /\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}/g

/** Whether a text contains a reference to a config provider. */
export const hasReference = (text: string): boolean => new RegExp(reference.source).test(text)

/** The names in `config.providers` as read by Kafka: the connectors trim, the first reading of the file does not. */
function providerNames(list: string | undefined, reading: 'trimmed' | 'untrimmed'): string[] {
  if (list === undefined) return []
  const names = reading === 'trimmed' ? list.trim().split(/\s*,\s*/) : list.split(',')
  return names.filter((name) => name !== '')
}

/**
 * The providers that a map of properties declares. In the untrimmed reading a name without a class is skipped, as in Kafka.
 * `more` are additional classes, by name.
 * @throws ProviderError for an unknown class or an invalid parameter
 */
export function declareProviders(
  props: ReadonlyMap<string, string>,
  reading: 'trimmed' | 'untrimmed',
  outside: Outside,
  more: Readonly<Record<string, Provider>> = {},
): Providers {
  const providers = new Map<string, Provider>()
  for (const name of providerNames(props.get('config.providers'), reading)) {
    const prefix = `config.providers.${name}.`
    const className = props.get(`${prefix}class`)
    if (className === undefined) continue
    const other = Object.hasOwn(more, className.trim()) ? more[className.trim()] : undefined
    providers.set(name, other ?? newProvider(className.trim(), prefix, props, outside))
  }
  return providers
}

function newProvider(
  className: string,
  prefix: string,
  props: ReadonlyMap<string, string>,
  outside: Outside,
): Provider {
  const isAllowed = () =>
    allowedPaths(props.get(`${prefix}param.allowed.paths`), `${prefix}param.allowed.paths`, outside)
  switch (className) {
    case `${packageName}FileConfigProvider`:
      return fileProvider(outside, isAllowed())
    case `${packageName}DirectoryConfigProvider`:
      return directoryProvider(outside, isAllowed())
    case `${packageName}EnvVarConfigProvider`:
      return environmentProvider(
        outside,
        props.get(`${prefix}param.allowlist.pattern`),
        `${prefix}param.allowlist.pattern`,
      )
    default:
      throw new ProviderError(`there is no config provider class ${className} here`, `${prefix}class`)
  }
}

function fileProvider(outside: Outside, isAllowed: (path: string) => boolean): Provider {
  return (path, key) => {
    if (path === '' || !isAllowed(path)) return undefined
    const properties = parseProperties(utf8(outside.readFile, path), path)
    return properties.findLast((property) => property.key === key)?.value
  }
}

/** The whole file is the value, including a newline at its end. */
function directoryProvider(outside: Outside, isAllowed: (path: string) => boolean): Provider {
  return (path, key) => {
    if (path === '' || !isAllowed(path) || !namesIn(path, outside).includes(key)) return undefined
    return utf8(outside.readFile, path.endsWith('/') ? `${path}${key}` : `${path}/${key}`)
  }
}

/** A path that is not a directory has no names: Kafka only logs it. */
function namesIn(path: string, outside: Outside): readonly string[] {
  try {
    return outside.listDirectory(path)
  } catch {
    return []
  }
}

function environmentProvider(outside: Outside, pattern: string | undefined, parameter: string): Provider {
  let allowed: RegExp
  try {
    allowed = compileJavaPattern(pattern ?? '.*')
  } catch (cause) {
    throw new ProviderError(`allowlist.pattern is no Java regular expression: ${pattern}`, parameter, cause)
  }
  return (path, key) => {
    if (path !== '') throw new ProviderError(`the environment has no paths, but a reference names one: ${path}`)
    return allowed.test(key) ? outside.environment(key) : undefined
  }
}

/** Kafka's AllowedPaths: every entry must be absolute and exist. A path outside all of them has no keys. */
function allowedPaths(list: string | undefined, key: string, outside: Outside): (path: string) => boolean {
  if (list === undefined || list === '') return () => true
  const roots = list.split(',').map((root) => {
    if (!root.startsWith('/')) throw new ProviderError(`allowed.paths holds ${root}, which is not absolute`, key)
    if (!exists(root, outside)) throw new ProviderError(`allowed.paths holds ${root}, which does not exist`, key)
    return normalized(root)
  })
  return (path) => roots.some((root) => isWithin(normalized(path), root))
}

function exists(path: string, outside: Outside): boolean {
  for (const look of [outside.listDirectory, outside.readFile]) {
    try {
      look(path)
      return true
    } catch {
      // the other kind of file may exist
    }
  }
  return false
}

/** A path without `.`, `..` and duplicated slashes, as a list of names; relative paths keep a marker. */
function normalized(path: string): string[] {
  const names: string[] = path.startsWith('/') ? ['/'] : ['']
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (name === '..' && names.length > 1) names.pop()
    else names.push(name)
  }
  return names
}

const isWithin = (path: readonly string[], root: readonly string[]) => root.every((name, at) => path[at] === name)

function utf8(readFile: (path: string) => Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFile(path))
  } catch (cause) {
    throw new ProviderError(`${path} cannot be read`, undefined, cause)
  }
}

/** Replaces every reference whose provider exists and has the key. Inserted values are not expanded again. */
export function resolveReferences(text: string, providers: Providers): string {
  return text.replaceAll(
    reference,
    (whole: string, name: string, _colon: string, path: string | undefined, key: string) => {
      return providers.get(name)?.(path ?? '', key) ?? whole
    },
  )
}
