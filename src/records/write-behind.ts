// Changes collected between flushes: many marks, few appends; a flush never overlaps itself; a failed one forgets nothing.
import type { NewLogRecord, RecordLog } from './record-log.ts'

/** Keys per append: the records of ten thousand partitions at a time would take many megabytes. */
const KEYS_AT_ONCE = 2000

/** Collects keys whose state changed; `encode` is asked for a key's record when it is written, so the newest state wins. */
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

  /** Keys that wait to be written. */
  get size(): number {
    return this.#dirty.size
  }

  /** Forgets what was marked, for a state that is loaded anew. */
  clear(): void {
    this.#dirty.clear()
  }

  /**
   * Writes all that is marked when the append begins, hence all that was marked before this call. A call made while
   * an append is under way shares the next one with every other such call.
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
