// Where one partition is read on the source: from which broker, from which offset on, and what the source has said of its log.

/** After this many checks without records the source is not just busy. */
const SILENCE = 5
/** A fetch asks for this many times the usual size at most, for a batch that is larger than the usual size. */
const MAX_SIZE_FACTOR = 64

/** Written by the partition's own methods; everyone else reads. Offsets are -1 while they are unknown. */
export class FetchCursor {
  /** broker to fetch from */
  leader = -1
  leaderEpoch = -1
  /** a follower in our rack that the leader has pointed to (KIP-392), fetched from until that time (ms since the epoch) */
  nearReplica: { readonly id: number; readonly until: number } | undefined
  /** first offset that the source still has */
  logStart = -1
  /** offset behind the last record that may be read: the high watermark, or the last stable offset under read_committed */
  end = -1
  /** the highest end that a listing of the source has told, and when the last of these listings began (ms since the epoch; 0: none has told an end) */
  listedEnd = -1
  listedAt = 0
  /** next offset to ask for */
  next = -1
  /** leader epoch of the last batch that came, for KIP-595's check of diverging logs */
  lastEpoch = -1
  /** how many times the usual size the next fetch asks for */
  sizeFactor = 1
  /** not fetched before this time, because its target does not answer (ms since the epoch) */
  heldUntil = 0
  /** looks in a row at which the source broker had room in its answer, but nothing for this partition */
  #silent = 0

  /** Fetches from this broker. @param epoch of the leader, as metadata tells */
  readFrom(broker: number, epoch: number): void {
    this.leader = broker
    this.leaderEpoch = epoch
  }

  /** Fetches from this follower, as its leader has asked. @param until ms since the epoch */
  preferReplica(id: number, until: number): void {
    this.nearReplica = { id, until }
  }

  /** Fetches from the leader again. */
  forgetReplica(): void {
    this.nearReplica = undefined
  }

  /** Notes what the source has listed or answered; -1 changes nothing. A log's start never moves back. */
  noteRange(logStart: number, end: number): void {
    if (logStart > this.logStart) this.logStart = logStart
    if (end >= 0) this.end = end
  }

  /** Notes a range that was listed just now, whatever was known before. */
  setRange(logStart: number, end: number): void {
    this.logStart = logStart
    this.end = end
  }

  /** A listing of the source has told this end. @param at when it began, ms since the epoch */
  noteListed(end: number, at: number): void {
    this.listedEnd = Math.max(this.listedEnd, end)
    this.listedAt = at
  }

  /** Whole batches have come; goes on behind them. @param leaderEpoch of the last one; undefined where its format has none */
  advance(next: number, leaderEpoch?: number): void {
    this.next = next
    this.sizeFactor = 1
    this.#silent = 0
    if (leaderEpoch !== undefined) this.lastEpoch = leaderEpoch
  }

  /** The last batch that an earlier process got had this leader epoch. */
  resumeAtEpoch(leaderEpoch: number): void {
    this.lastEpoch = leaderEpoch
  }

  /** Asks again from this offset on. */
  rewind(next: number): void {
    this.next = next
  }

  /** Begins at this offset. */
  begin(next: number): void {
    this.next = next
    this.#silent = 0
  }

  /** Not even one whole batch has come: the next one is larger than was asked for. */
  askForMore(): void {
    this.sizeFactor = Math.min(this.sizeFactor * 2, MAX_SIZE_FACTOR)
  }

  /** @param until ms since the epoch */
  hold(until: number): void {
    this.heldUntil = until
  }

  /**
   * Called about once a second while the source broker has room in its answers.
   * @param waits whether records that the source has are asked for and nothing is queued
   * @returns whether there are records that never come
   */
  isKeptWaiting(waits: boolean): boolean {
    this.#silent = waits && this.next < this.end ? this.#silent + 1 : 0
    return this.#silent >= SILENCE
  }
}
