// A map of the resource with its path. Its values are read as entries with their lines.
import type { Entry } from '../../resolve.ts'
import type { YamlMap, YamlNode } from '../yaml.ts'

/** One map of the resource, e.g. `clusters[0].tls`. */
export class Place {
  /** `clusters[0].tls`; empty for `spec` itself */
  readonly path: string
  /** line of the key whose value is the map */
  readonly line: number
  readonly #map: YamlMap

  constructor(map: YamlMap, path: string, line: number = map.line) {
    this.#map = map
    this.path = path
    this.line = line
  }

  get names(): readonly string[] {
    return [...this.#map.fields.keys()]
  }

  /** Whether the field has a value; an empty one counts as absent, as in Kubernetes. */
  has(name: string): boolean {
    const node = this.node(name)
    return node !== undefined && node.kind !== 'nothing'
  }

  /** Line of the field's key; that of the map if the field is absent. */
  lineOf(name: string): number {
    return this.#map.fields.get(name)?.line ?? this.line
  }

  pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }

  /** A scalar as an entry; undefined if there is none. */
  entry(name: string): Entry | undefined {
    const node = this.node(name)
    if (node === undefined || node.kind === 'map' || node.kind === 'list' || node.kind === 'nothing') return undefined
    return { key: this.pathOf(name), written: node.text, text: node.text, line: this.lineOf(name) }
  }

  text(name: string): string | undefined {
    return this.entry(name)?.text
  }

  /** The map in a field. */
  place(name: string): Place | undefined {
    const node = this.node(name)
    return node?.kind === 'map' ? new Place(node, this.pathOf(name), this.lineOf(name)) : undefined
  }

  /** The maps in a list. */
  places(name: string): Place[] {
    const node = this.node(name)
    if (node?.kind !== 'list') return []
    return node.items.flatMap((item, at) => (item.kind === 'map' ? new Place(item, `${this.pathOf(name)}[${at}]`) : []))
  }

  /** The scalars of a map such as `config`, by key. */
  entries(name: string): Map<string, Entry> {
    const inner = this.place(name)
    const entries = (inner?.names ?? []).flatMap((key): [string, Entry][] => {
      const entry = inner?.entry(key)
      return entry ? [[key, entry]] : []
    })
    return new Map(entries)
  }

  /** The value of a field, for the check of its shape. */
  node(name: string): YamlNode | undefined {
    return this.#map.fields.get(name)?.node
  }
}
