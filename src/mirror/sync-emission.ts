// When MM2 would write an offset sync for a partition: at the first record, at every jump of the source offset, when the
// target went back, and when the last sync is too far behind (KIP-545, offset.lag.max).

export class SyncEmission {
  readonly #maxLag: number
  #previousUp = -1
  #previousDown = -1
  #lastSyncDown = -1
  #due = false

  /** @param maxLag offset.lag.max: 0 for a sync at every record */
  constructor(maxLag: number) {
    this.#maxLag = maxLag
  }

  /** A record has arrived at this pair of offsets: true when a sync is due, and stays so until it was taken. */
  note(upstream: number, downstream: number): boolean {
    const isNow =
      this.#lastSyncDown === -1 ||
      downstream - (this.#lastSyncDown + 1) >= this.#maxLag ||
      upstream - this.#previousUp !== 1 ||
      downstream < this.#previousDown
    if (isNow) {
      this.#lastSyncDown = downstream
      this.#due = true
    }
    this.#previousUp = upstream
    this.#previousDown = downstream
    return this.#due
  }

  /** The sync that was due is on its way. */
  taken(): void {
    this.#due = false
  }
}
