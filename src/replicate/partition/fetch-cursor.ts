// Where one partition is read on the source: the broker, the next offset, and what the source has reported about its log.

/** After this many checks without records the cause is not just a busy source. */
const SILENCE = 5
/** A fetch requests at most this many times the usual size, for a batch larger than that. */
const MAX_SIZE_FACTOR = 64

/** Written by the partition's own methods. All others only read. Offsets are -1 while unknown. */
export class FetchCursor {
  /** broker to fetch from */
  leader = -1
  leaderEpoch = -1
  /** a follower in our rack named by the leader (KIP-392), used until that time (ms since the epoch) */
  nearReplica: { readonly id: number; readonly until: number } | undefined
  /** log start offset of the source */
  logStart = -1
  /** the offset after the last readable record: the high watermark, or the last stable offset under read_committed */
  end = -1
  /**
   * the highest end offset in a listing of the source, and when the last of these listings started (ms since the epoch; 0: none)
   */
  listedEnd = -1
  listedAt = 0
  /** next offset to fetch */
  next = -1
  /** leader epoch of the last fetched batch, for the check of diverging logs (KIP-595) */
  lastEpoch = -1
  /** how many times the usual size the next fetch requests */
  sizeFactor = 1
  /** not fetched before this time, because the target does not answer (ms since the epoch) */
  heldUntil = 0
  /** consecutive checks in which the source broker had space in its answer, but no records of this partition */
  #silent = 0

  /** Fetches from this broker. @param epoch of the leader in the metadata */
  readFrom(broker: number, epoch: number): void {
    this.leader = broker
    this.leaderEpoch = epoch
  }

  /** Fetches from this follower, as requested by the leader. @param until ms since the epoch */
  preferReplica(id: number, until: number): void {
    this.nearReplica = { id, until }
  }

  /** Fetches from the leader again. */
  forgetReplica(): void {
    this.nearReplica = undefined
  }

  /** Records a range that was listed or fetched; -1 changes nothing. A log start never moves back. */
  noteRange(logStart: number, end: number): void {
    if (logStart > this.logStart) this.logStart = logStart
    if (end >= 0) this.end = end
  }

  /** Records a range that was just listed, regardless of earlier ones. */
  setRange(logStart: number, end: number): void {
    this.logStart = logStart
    this.end = end
  }

  /** A listing of the source has this end offset. @param at when the listing started, ms since the epoch */
  noteListed(end: number, at: number): void {
    this.listedEnd = Math.max(this.listedEnd, end)
    this.listedAt = at
  }

  /** Complete batches have arrived; continues after them. @param leaderEpoch of the last one; undefined if its format has none */
  advance(next: number, leaderEpoch?: number): void {
    this.next = next
    this.sizeFactor = 1
    this.#silent = 0
    if (leaderEpoch !== undefined) this.lastEpoch = leaderEpoch
  }

  /** The last batch that an earlier process fetched had this leader epoch. */
  resumeAtEpoch(leaderEpoch: number): void {
    this.lastEpoch = leaderEpoch
  }

  /** Fetches again from this offset on. */
  rewind(next: number): void {
    this.next = next
  }

  /** Starts at this offset. */
  begin(next: number): void {
    this.next = next
    this.#silent = 0
  }

  /** Not one complete batch has arrived: the next one is larger than the requested size. */
  askForMore(): void {
    this.sizeFactor = Math.min(this.sizeFactor * 2, MAX_SIZE_FACTOR)
  }

  /** @param until ms since the epoch */
  hold(until: number): void {
    this.heldUntil = until
  }

  /**
   * Called about once a second while the source broker has space in its answers.
   * @param waits whether the source has records that are being fetched, and none are queued
   * @returns whether there are records that never arrive
   */
  isKeptWaiting(waits: boolean): boolean {
    this.#silent = waits && this.next < this.end ? this.#silent + 1 : 0
    return this.#silent >= SILENCE
  }
}
