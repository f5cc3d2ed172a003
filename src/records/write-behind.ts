// Collects changes between flushes, so that many marks cause few appends. Flushes never overlap, and a failed flush loses nothing.
import type { NewLogRecord, RecordLog } from './record-log.ts'

/** Keys per append; the records of ten thousand partitions would take many megabytes. */
const KEYS_AT_ONCE = 2000

/** Collects keys whose state changed. `encode` creates the record of a key when it is written, so that it has the latest state. */
export class WriteBehind<Key> {
  readonly #log: Pick<RecordLog, 'append'>
  readonly #encode: (key: Key) => NewLogRecord
  readonly #dirty = new Set<Key>()
  #settled: Promise<void> = Promise.resolve()
  #waiting: Promise<void> | undefined

  constructor(log: Pick<RecordLog, 'append'>, encode: (key: Key) => NewLogRecord) {
    this.#log = log
    this.#encode = encode
  }

  mark(key: Key): void {
    this.#dirty.add(key)
  }

  /** Number of keys to be written. */
  get size(): number {
    return this.#dirty.size
  }

  /** Discards all marks, for a state that is reloaded. */
  clear(): void {
    this.#dirty.clear()
  }

  /**
   * Writes all keys that are marked when the append starts, including all marked before this call. Calls made while an append is
   * pending share the next one.
   * @throws whatever the append threw; its keys stay marked
   */
  flush(): Promise<void> {
    this.#waiting ??= this.#begin()
    return this.#waiting
  }

  async #begin(): Promise<void> {
    await this.#settled
    this.#waiting = undefined
    const writing = this.#write()
    const settle = () => {}
    this.#settled = writing.then(settle, settle)
    return writing
  }

  async #write(): Promise<void> {
    const keys = [...this.#dirty]
    this.#dirty.clear()
    for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
      try {
        await this.#log.append(keys.slice(at, at + KEYS_AT_ONCE).map(this.#encode))
      } catch (error) {
        for (const key of keys.slice(at)) this.#dirty.add(key)
        throw error
      }
    }
  }
}
