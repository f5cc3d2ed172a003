// The Secrets and ConfigMaps that a resource refers to: from --secrets-dir, from documents of the same file, or from other YAML
// files in its directory.
import type { ResourceInput } from '../providers.ts'
import { parseYaml, type YamlMap, type YamlNode } from '../yaml.ts'
import { Place } from './place.ts'

export type HolderKind = 'Secret' | 'ConfigMap'

/** The content of one Secret or ConfigMap. Values are decoded on demand. */
interface Holder {
  readonly keys: readonly string[]
  /** throws SecretError for an unreadable value */
  readonly value: (key: string) => string
}

/** Why a value of a Secret cannot be read, in one sentence that never contains the value. */
export class SecretError extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

type SecretsInput = Pick<ResourceInput, 'file' | 'secretsDir' | 'readFile' | 'listDirectory'>

/** The maps of a YAML text, including those in a `kind: List`. */
export function resourcesIn(documents: readonly YamlNode[]): YamlMap[] {
  return documents.flatMap((node) => {
    if (node.kind !== 'map') return []
    const items = node.fields.get('items')?.node
    const isList = /List$/.test(new Place(node, '').text('kind') ?? '')
    return isList && items?.kind === 'list' ? resourcesIn(items.items) : [node]
  })
}

/** Finds Secrets and ConfigMaps by namespace and name. @throws SecretError if one is missing or unreadable */
export class Secrets {
  readonly #input: SecretsInput
  readonly #own: readonly YamlMap[]
  #beside: readonly YamlMap[] | undefined
  readonly #unread: string[] = []

  /** @param own the documents of the file itself */
  constructor(own: readonly YamlMap[], input: SecretsInput) {
    this.#own = own
    this.#input = input
  }

  /** The keys of a Secret. @throws SecretError if it does not exist */
  keys(kind: HolderKind, namespace: string, name: string): readonly string[] {
    return this.#holder(kind, namespace, name).keys
  }

  /** One value. @throws SecretError if Secret or key is missing, or the value is empty or invalid */
  value(kind: HolderKind, namespace: string, name: string, key: string): string {
    const holder = this.#holder(kind, namespace, name)
    if (!holder.keys.includes(key)) {
      const has = holder.keys.length > 0 ? `it has ${holder.keys.join(', ')}` : 'it is empty'
      throw new SecretError(
        `needs the key ${key} of the ${kind} ${name}, but ${has}`,
        `correct the key, or add ${key} to the ${kind}`,
      )
    }
    const value = holder.value(key)
    if (value === '')
      throw new SecretError(`needs the key ${key} of the ${kind} ${name}, which is empty`, `fill ${key} in`)
    return value
  }

  #holder(kind: HolderKind, namespace: string, name: string): Holder {
    const found =
      this.#mounted(namespace, name) ??
      documented(this.#own, kind, namespace, name) ??
      documented(this.#besides(), kind, namespace, name)
    if (found !== undefined) return found
    const unread = this.#unread.length > 0 ? ` (${this.#unread.join(', ')} could not be read)` : ''
    const command = `kubectl get ${kind.toLowerCase()} ${name}${namespace === '' ? '' : ` -n ${namespace}`} -o yaml`
    throw new SecretError(
      `needs the ${kind} ${name}, which is not at hand${unread}`,
      `put it as YAML into this file or beside it (${command}), or give --secrets-dir DIR with DIR/${name}/KEY`,
    )
  }

  /** `DIR/<namespace>/<name>/<key>` or `DIR/<name>/<key>`, as Kubernetes mounts them. */
  #mounted(namespace: string, name: string): Holder | undefined {
    const { secretsDir, readFile, listDirectory } = this.#input
    if (secretsDir === undefined) return undefined
    const folders = [...(namespace === '' ? [] : [`${secretsDir}/${namespace}/${name}`]), `${secretsDir}/${name}`]
    for (const folder of folders) {
      const keys = attempt(() => listDirectory(folder)) ?? []
      if (keys.length === 0) continue
      return {
        keys,
        value: (key) =>
          utf8(
            readable(() => readFile(`${folder}/${key}`), `${folder}/${key}`),
            `${folder}/${key}`,
          ),
      }
    }
    return undefined
  }

  /** Documents of the other YAML files in the directory, read only if something is still missing. */
  #besides(): readonly YamlMap[] {
    this.#beside ??= this.#readBesides()
    return this.#beside
  }

  #readBesides(): YamlMap[] {
    const { file, readFile, listDirectory } = this.#input
    const folder = /^(.*)[/\\][^/\\]*$/.exec(file)?.[1] ?? '.'
    const own = file.replace(/^.*[/\\]/, '')
    const names = (attempt(() => listDirectory(folder === '' ? '/' : folder)) ?? []).toSorted()
    return names.flatMap((name) => {
      if (!/\.ya?ml$/i.test(name) || name === own) return []
      const text = attempt(() => utf8(readFile(`${folder}/${name}`), name))
      // A file without Secrets is not parsed, even if it is not YAML.
      if (text !== undefined && !/kind["']?\s*:\s*["']?(?:Secret|ConfigMap|\w*List)\b/.test(text)) return []
      const parsed = text === undefined ? undefined : parseYaml(text)
      if (parsed === undefined || parsed.problems.length > 0) this.#unread.push(name)
      return resourcesIn(parsed?.documents ?? [])
    })
  }
}

/** The Secret with this name in its namespace, else the only one with this name. */
function documented(
  documents: readonly YamlMap[],
  kind: HolderKind,
  namespace: string,
  name: string,
): Holder | undefined {
  const named = documents
    .map((map) => new Place(map, ''))
    .filter((place) => {
      return place.text('kind') === kind && place.place('metadata')?.text('name') === name
    })
  const namespaceOf = (place: Place) => place.place('metadata')?.text('namespace')
  const exact = named.find((place) => namespaceOf(place) === namespace)
  const found = exact ?? (named.length === 1 ? named[0] : undefined)
  return found && holderOf(found, kind, name)
}

function holderOf(place: Place, kind: HolderKind, name: string): Holder {
  const data = place.entries('data')
  const coded = kind === 'Secret' ? data : place.entries('binaryData')
  const plain = kind === 'Secret' ? place.entries('stringData') : data
  return {
    keys: [...new Set([...coded.keys(), ...plain.keys()])],
    value: (key) => plain.get(key)?.text ?? decoded(coded.get(key)?.text ?? '', `${key} of the ${kind} ${name}`),
  }
}

function decoded(text: string, what: string): string {
  const bare = text.replaceAll(/\s/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(bare))
    throw new SecretError(`needs ${what}, which is not base64`, 'encode it, or write it as it is below stringData')
  return utf8(Buffer.from(bare, 'base64'), what)
}

function utf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new SecretError(`needs ${what}, which is not text`, 'certificates and keys have to be PEM, passwords UTF-8')
  }
}

function readable<Result>(read: () => Result, what: string): Result {
  try {
    return read()
  } catch {
    throw new SecretError(`needs ${what}, which cannot be read`, 'make it readable for the user that runs godwit')
  }
}

function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
