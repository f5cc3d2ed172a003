// Typed look-ups in a map of entries whose values have been checked: a value that does not parse reads as the default.
import type { WantedFactor } from '../../model/flow-settings.ts'
import { parseSetting, type Setting } from '../define.ts'
import type { Entries, Entry } from '../resolve.ts'
import type { Definition } from '../settings/known.ts'

export class Reader {
  readonly #entries: Entries
  readonly #definition: Definition

  constructor(entries: Entries, definition: Definition) {
    this.#entries = entries
    this.#definition = definition
  }

  /** What is read from. */
  get entries(): Entries {
    return this.#entries
  }

  /** The entry behind a key, if the file (or MM2) gives one. */
  entry(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** The raw text, untrimmed; undefined when the file says nothing. */
  raw(key: string): string | undefined {
    return this.#entries.get(key)?.text
  }

  isSet(key: string): boolean {
    return this.#entries.has(key)
  }

  /** The declaration of a key. @throws TypeError for a key that no table has, which is a mistake of ours */
  setting(key: string): Setting {
    const setting = this.#definition.get(key)
    if (setting === undefined) throw new TypeError(`${key} is in no table`)
    return setting
  }

  #value(key: string) {
    const setting = this.setting(key)
    const text = this.#entries.get(key)?.text
    const parsed = text === undefined ? undefined : parseSetting(setting, text, 'dropped')
    if (parsed?.ok) return parsed.value
    const fallback = setting.fallback === null ? undefined : parseSetting(setting, setting.fallback, 'dropped')
    return fallback?.ok ? fallback.value : undefined
  }

  flag(key: string): boolean {
    return this.#value(key) === true
  }

  /** A whole number; values beyond 2^53 lose their last digits. */
  number(key: string): number {
    return Number(this.#value(key) ?? 0)
  }

  /** A replication factor, and whether it is the default: what MM2 or the operator inserts is not set by the file. */
  factor(key: string): WantedFactor {
    return { replicationFactor: this.number(key), factorIsDefault: (this.entry(key)?.line ?? 0) === 0 }
  }

  text(key: string): string {
    return String(this.#value(key) ?? '')
  }

  list(key: string): readonly string[] {
    const value = this.#value(key)
    return Array.isArray(value) ? (value as readonly string[]) : []
  }
}
