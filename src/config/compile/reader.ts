// Typed access to a map of checked entries. An absent or invalid entry has its default value.
import type { WantedFactor } from '../../model/flow-settings.ts'
import type { ClientDefinition } from '../definitions.ts'
import { parseSetting } from '../parse.ts'
import type { ScopedProblems } from '../problems.ts'
import type { Entries, Entry } from '../resolve.ts'
import type { Definition, FieldsOf, NameOf, RowOf, Setting, TextOf } from '../setting.ts'

/** Reads a file named by a configuration value; throws on failure. */
type ReadFile = (path: string) => Uint8Array

/** The input for compiling one client, and where its problems are added. */
export interface ClientInput {
  readonly reader: Reader<RowOf<ClientDefinition>>
  readonly readFile: ReadFile
  readonly problems: ScopedProblems
}

type Whole = 'int' | 'short' | 'long'

/** Reads by the names of a definition, which the compiler knows. A name of another type is a compile error. */
export class Reader<Row extends Setting> {
  readonly #entries: Entries
  readonly #definition: Definition<Row>

  constructor(entries: Entries, definition: Definition<Row>) {
    this.#entries = entries
    this.#definition = definition
  }

  /** The map that is read. */
  get entries(): Entries {
    return this.#entries
  }

  /** The entry of a setting, if the file (or MM2) sets it. */
  entry(name: NameOf<Row>): Entry | undefined {
    return this.#entries.get(name)
  }

  /** The untrimmed text; undefined if the file does not set it. */
  raw(name: NameOf<Row>): string | undefined {
    return this.#entries.get(name)?.text
  }

  isSet(name: NameOf<Row>): boolean {
    return this.#entries.has(name)
  }

  /** The declaration of a setting. */
  setting(name: NameOf<Row>): Setting {
    const setting = this.#definition.get(name)
    if (setting === undefined) throw new TypeError(`${name} is in no table`)
    return setting
  }

  /** The default as text; empty if there is none. */
  defaultText(name: NameOf<Row>): string {
    const setting = this.setting(name)
    return setting.ownDefault?.value ?? setting.default ?? ''
  }

  boolean(name: NameOf<Row, 'boolean'>): boolean {
    return this.#value(name) === true
  }

  /** A whole number, 0 if there is none; values beyond 2^53 are inexact. */
  number(name: NameOf<Row, Whole>): number {
    return Number(this.#value(name) ?? 0)
  }

  /** A replication factor, and whether it is the default: what MM2 or the operator inserts is not set by the file. */
  factor(name: NameOf<Row, Whole>): WantedFactor {
    return { replicationFactor: this.number(name), factorIsDefault: (this.entry(name)?.line ?? 0) === 0 }
  }

  /** A trimmed text; empty if there is none. For a setting with choices, one of them. */
  text<Name extends NameOf<Row, 'string' | 'class' | 'password'>>(name: Name): TextOf<Row, Name> {
    return String(this.#value(name) ?? '') as TextOf<Row, Name>
  }

  /** The items of a list; for a setting with choices, some of them. */
  list<Name extends NameOf<Row, 'list'>>(name: Name): readonly TextOf<Row, Name>[] {
    return itemsOf(this.#value(name)) as readonly TextOf<Row, Name>[]
  }

  /** The value of a text as a list; undefined if it is invalid. */
  listIn(name: NameOf<Row, 'list'>, text: string): readonly string[] | undefined {
    const parsed = parseSetting(this.setting(name), text, 'dropped')
    return parsed.ok ? itemsOf(parsed.value) : undefined
  }

  /** The values of all settings that name a field, by field. */
  fields(): FieldsOf<Row> {
    const values = [...this.#definition.values()].flatMap(({ name, field }) => {
      const value = this.#value(name)
      return field === undefined ? [] : [[field, typeof value === 'bigint' ? Number(value) : value]]
    })
    return Object.fromEntries(values) as FieldsOf<Row>
  }

  #value(name: NameOf<Row>) {
    const setting = this.setting(name)
    const text = this.#entries.get(name)?.text
    const parsed = text === undefined ? undefined : parseSetting(setting, text, 'dropped')
    if (parsed?.ok) return parsed.value
    const fallback = parseSetting(setting, this.defaultText(name), 'dropped')
    return fallback.ok ? fallback.value : undefined
  }
}

const itemsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : [])
