// When MM2 would write an offset sync for a partition: at the first record, at every jump of the source offset, when the
// target went back, and when the last sync is too far behind (KIP-545, offset.lag.max).

import type { SyncPoint } from './offset-translation.ts'

export class SyncEmission {
  readonly #maxLag: number
  #previousUp = -1
  #previousDown = -1
  #lastSyncDown = -1
  #due = false
  #isNew = false

  /** @param maxLag offset.lag.max: 0 for a sync at every record */
  constructor(maxLag: number) {
    this.#maxLag = maxLag
  }

  /**
   * So many records have arrived, the first of them at this pair of offsets: true when a sync is due, and stays so until it was
   * taken. MM2 looks at each record and keeps the newest pair of a partition until it can be sent; so does this, with one look.
   */
  note(upstream: number, downstream: number, records = 1): boolean {
    const [lastUp, lastDown] = [upstream + records - 1, downstream + records - 1]
    const isNow =
      this.#lastSyncDown === -1 ||
      lastDown - (this.#lastSyncDown + 1) >= this.#maxLag ||
      upstream - this.#previousUp !== 1 ||
      downstream < this.#previousDown
    if (isNow) {
      this.#lastSyncDown = lastDown
      this.#due = true
    }
    this.#previousUp = lastUp
    this.#previousDown = lastDown
    this.#isNew = true
    return this.#due
  }

  /** The pair of offsets that arrived last; undefined before any record has. */
  get newest(): SyncPoint | undefined {
    if (this.#previousUp < 0) return undefined
    return { upstream: this.#previousUp, downstream: this.#previousDown }
  }

  get isDue(): boolean {
    return this.#due
  }

  /** Something has arrived since the newest pair was last taken. */
  get isNew(): boolean {
    return this.#isNew
  }

  /** The newest pair is on its way. */
  taken(): void {
    this.#due = false
    this.#isNew = false
  }

  /** It did not get there: it is due again. */
  putBack(): void {
    this.#due = true
    this.#isNew = true
  }
}
