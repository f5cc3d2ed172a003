// YAML text as trees with line numbers, and scalars as Kubernetes reads them (YAML 1.1 of go-yaml: `yes` is a boolean). The
// library is loaded for the first YAML file only (ADR 0011).
import { createRequire } from 'node:module'
import type { Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'

type Library = typeof import('yaml')

export interface YamlMap {
  readonly kind: 'map'
  /** line in the file, from 1 */
  readonly line: number
  readonly fields: ReadonlyMap<string, YamlField>
}

/** A value of a map; `line` is that of its key. */
interface YamlField {
  readonly line: number
  readonly node: YamlNode
}

interface YamlList {
  readonly kind: 'list'
  readonly line: number
  readonly items: readonly YamlNode[]
}

interface YamlScalar {
  readonly kind: 'text' | 'flag' | 'number' | 'nothing'
  readonly line: number
  /** as Kubernetes would print it: `true` for `yes`, `384` for `0600`, empty for `~` */
  readonly text: string
}

export type YamlNode = YamlMap | YamlList | YamlScalar

interface ParsedYaml {
  /** one per document that is not empty */
  readonly documents: readonly YamlNode[]
  /** why the text is not YAML; the documents must not be used then */
  readonly problems: readonly { readonly line: number; readonly reason: string }[]
}

/** More nodes than any real file has. Stops documents that multiply themselves by aliases. */
const MOST_NODES = 200_000

const load = createRequire(import.meta.url)

/** Reads every document of the text. Never throws. */
export function parseYaml(text: string): ParsedYaml {
  const library = load('yaml') as Library
  const lineCounter = new library.LineCounter()
  // Failsafe: every scalar is text at first, so that nothing is lost before it is read as by Kubernetes.
  const options = { lineCounter, schema: 'failsafe', prettyErrors: false, logLevel: 'silent' } as const
  const parsed = library.parseAllDocuments(text, options)
  const found = Array.isArray(parsed) ? (parsed as Document.Parsed[]) : []
  const lineOf = (offset: number) => lineCounter.linePos(offset).line
  const problems = found.flatMap(({ errors }) =>
    errors.map(({ code, message, pos }) => ({ line: lineOf(pos[0]), reason: reasonOf(code, message) })),
  )
  if (problems.length > 0) return { documents: [], problems }
  const documents: YamlNode[] = []
  for (const document of found) {
    const reader = new Reader(library, document, lineOf)
    const node = reader.node(document.contents)
    if (reader.problem !== undefined) return { documents: [], problems: [reader.problem] }
    if (node.kind !== 'nothing') documents.push(node)
  }
  return { documents, problems: [] }
}

/** The library's message quotes the text, which may be a secret. The quote is left out. */
function reasonOf(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'holds a key that is given twice in its map'
  return `is no YAML: ${message.replaceAll(/"(?:[^"\\]|\\.)*"/g, '...')}`
}

/** Converts one document of the library to a tree; every node once, so that aliases share it. */
class Reader {
  problem: { readonly line: number; readonly reason: string } | undefined
  readonly #library: Library
  readonly #document: Document.Parsed
  readonly #lineOf: (offset: number) => number
  readonly #known = new Map<Node, YamlNode>()
  readonly #open = new Set<Node>()
  #count = 0

  constructor(library: Library, document: Document.Parsed, lineOf: (offset: number) => number) {
    this.#library = library
    this.#document = document
    this.#lineOf = lineOf
  }

  node(node: Node | null | undefined): YamlNode {
    if (node === null || node === undefined) return { kind: 'nothing', line: 0, text: '' }
    const known = this.#known.get(node)
    if (known !== undefined) return known
    const line = this.#lineOf(node.range?.[0] ?? 0)
    if (this.#open.has(node)) return this.#refuse(line, 'holds an alias of something it is a part of')
    if (++this.#count > MOST_NODES) return this.#refuse(line, 'holds too much')
    this.#open.add(node)
    const read = this.#read(node, line)
    this.#open.delete(node)
    this.#known.set(node, read)
    return read
  }

  #refuse(line: number, reason: string): YamlNode {
    this.problem ??= { line, reason }
    return { kind: 'nothing', line, text: '' }
  }

  #read(node: Node, line: number): YamlNode {
    const { isAlias, isMap, isSeq } = this.#library
    if (isMap(node)) return this.#map(node, line)
    if (isSeq(node)) return this.#list(node, line)
    if (!isAlias(node)) return scalar(node as Scalar, line)
    const named = node.resolve(this.#document)
    return named ? this.node(named) : this.#refuse(line, 'holds an alias of nothing')
  }

  #list(node: YAMLSeq, line: number): YamlList {
    return { kind: 'list', line, items: node.items.map((item) => this.node(item as Node)) }
  }

  #map(node: YAMLMap, line: number): YamlMap {
    const fields = new Map<string, YamlField>()
    const merged = new Map<string, YamlField>()
    for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
      const name = this.node(key)
      const content = this.node(value)
      if (name.kind === 'map' || name.kind === 'list') continue
      if (name.text === '<<') for (const [inner, field] of mergedFields(content)) merged.set(inner, field)
      else fields.set(name.text, { line: this.#lineOf(key.range?.[0] ?? 0), node: content })
    }
    return { kind: 'map', line, fields: new Map([...merged, ...fields]) }
  }
}

/** The fields that `<<` inserts. In a list, earlier maps win. */
function mergedFields(node: YamlNode): [string, YamlField][] {
  if (node.kind === 'map') return [...node.fields]
  return node.kind === 'list' ? node.items.toReversed().flatMap(mergedFields) : []
}

function scalar({ type, tag, value }: Scalar, line: number): YamlScalar {
  const text = String(value ?? '')
  if (type !== 'PLAIN' || tag === 'tag:yaml.org,2002:str') return { kind: 'text', line, text }
  return { line, ...plain(text) }
}

/** A scalar without quotes, by go-yaml's table. */
function plain(text: string): Pick<YamlScalar, 'kind' | 'text'> {
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return { kind: 'nothing', text: '' }
  if (/^(?:y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE)$/.test(text)) return { kind: 'flag', text: 'true' }
  if (/^(?:n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$/.test(text)) return { kind: 'flag', text: 'false' }
  const whole = wholeNumber(text.replaceAll('_', ''))
  if (whole !== undefined) return { kind: 'number', text: whole }
  if (/^[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text))
    return { kind: 'number', text: String(Number(text.replaceAll('_', ''))) }
  return { kind: 'text', text }
}

function wholeNumber(text: string): string | undefined {
  const [, sign = '', digits = ''] = /^([-+]?)(0|[1-9]\d*|0[0-7]+|0o[0-7]+|0x[\da-fA-F]+|0b[01]+)$/.exec(text) ?? []
  if (digits === '') return undefined
  const value = BigInt(digits.replace(/^0(?=[0-7])/, '0o'))
  return String(sign === '-' ? -value : value)
}
