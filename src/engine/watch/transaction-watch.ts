// Finds the open transactions on the source that block records of a read_committed flow. Streams applications and exactly-once
// sinks always have a short one open, so transactions are looked up only if the last stable offset has not changed for a while.

import type { Checked } from '../../completeness/assess.ts'
import { abortCommand, type HeldBack, openTransactions } from '../../completeness/open-transactions.ts'
import type { Admin } from '../../kafka/admin.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { OpenTransaction } from '../../model/flow-status.ts'

/** How long a last stable offset must be unchanged before its transaction is looked up (ms). */
const STILL_MS = 5000
/** Minimum time between two lookups (ms). */
const APART_MS = 10_000
/** Maximum number of partitions per lookup: one stuck producer may block thousands. */
const MOST = 100

export class TransactionWatch {
  readonly #admin: Admin
  readonly #source: ClusterSettings
  #open: readonly OpenTransaction[] = []
  #lookedAt = 0
  #isLooking = false

  /** @param source admin settings of the source, for the command that aborts a transaction */
  constructor(admin: Admin, source: ClusterSettings) {
    this.#admin = admin
    this.#source = source
  }

  /** Transactions found by the last lookup, without those that have ended since. */
  get open(): readonly OpenTransaction[] {
    return this.#open
  }

  /** Looks up the transactions behind the partitions that a check found held back; at most every ten seconds. Never rejects. */
  async look({ heldBack, listed, listing }: Checked): Promise<void> {
    this.#open = this.#open.filter(
      ({ topic, partition, offset }) => heldBack.get(`${topic}-${partition}`)?.offset === offset,
    )
    const still = [...heldBack].filter(([, { since }]) => listing.at - since >= STILL_MS).slice(0, MOST)
    if (still.length === 0 || this.#isLooking || listing.at - this.#lookedAt < APART_MS) return
    this.#isLooking = true
    try {
      const wanted = still.flatMap(([key]) => listed.get(key) ?? [])
      const found = await openTransactions(this.#admin, wanted)
      this.#lookedAt = listing.at
      this.#open = still.flatMap(([key, { offset, since }]) => {
        const one = found.get(key)
        return one && 'firstUnstable' in one && one.firstUnstable === offset ? this.#describe(one, since) : []
      })
    } catch {
      // The next check tries again.
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
