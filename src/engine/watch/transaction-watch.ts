// Which transactions of the source hold records back from a flow that reads committed records only. Streams and exactly-once sinks always
// have one open for a moment: only those are looked up behind which the last stable offset has stood still for a while.

import type { Checked } from '../../completeness/assess.ts'
import { abortCommand, type HeldBack, openTransactions } from '../../completeness/open-transactions.ts'
import type { Admin } from '../../kafka/admin.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { OpenTransaction } from '../../model/flow-status.ts'

/** A last stable offset that has stood still for so long is worth a look (ms). */
const STILL_MS = 5000
/** Looks lie so far apart (ms). */
const APART_MS = 10_000
/** So many partitions are looked up at a time: one stuck producer may hold back thousands. */
const MOST = 100

export class TransactionWatch {
  readonly #admin: Admin
  readonly #source: ClusterSettings
  #open: readonly OpenTransaction[] = []
  #lookedAt = 0
  #isLooking = false

  /** @param source how an administrator reaches the source, for the command that ends a transaction */
  constructor(admin: Admin, source: ClusterSettings) {
    this.#admin = admin
    this.#source = source
  }

  /** What was found by the last look, without those that have ended since. */
  get open(): readonly OpenTransaction[] {
    return this.#open
  }

  /** Looks up whose transactions hold back what a check has found; at most every ten seconds. Never rejects. */
  async look({ heldBack, listed, listing }: Checked): Promise<void> {
    this.#open = this.#open.filter(
      ({ topic, partition, offset }) => heldBack.get(`${topic}-${partition}`)?.offset === offset,
    )
    const still = [...heldBack].filter(([, { since }]) => listing.at - since >= STILL_MS).slice(0, MOST)
    if (still.length === 0 || this.#isLooking || listing.at - this.#lookedAt < APART_MS) return
    this.#isLooking = true
    try {
      const places = still.flatMap(([key]) => listed.get(key) ?? [])
      const found = await openTransactions(this.#admin, places)
      this.#lookedAt = listing.at
      this.#open = still.flatMap(([key, { offset, since }]) => {
        const one = found.get(key)
        return one && 'firstUnstable' in one && one.firstUnstable === offset ? this.#describe(one, since) : []
      })
    } catch {
      // The next check looks again; that records are held back is known without it.
    } finally {
      this.#isLooking = false
    }
  }

  #describe(
    { topic, partition, firstUnstable: offset, highWatermark, transactions }: HeldBack,
    seen: number,
  ): OpenTransaction {
    const [first] = transactions
    return {
      ...{ topic, partition, offset, records: highWatermark - offset },
      producerId: Number(first?.producerId ?? -1n),
      since: first && first.lastTimestamp > 0 ? first.lastTimestamp : seen,
      remedy: abortCommand(this.#source, { topic, partition }, first?.startOffset ?? offset),
    }
  }
}
