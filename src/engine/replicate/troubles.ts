// Since when a partition is in which trouble: each is told once, however often it is tried again.
import type { Failure } from '../../base/failure.ts'
import type { PartitionCopy } from './partition-copy.ts'

export class Troubles {
  readonly #known = new Map<PartitionCopy, { code: string; message: string; since: number }>()

  /** Notes a failure; `isNews`: it was not told yet. @param now ms since the epoch */
  note(copy: PartitionCopy, failure: Failure, now: number): { since: number; isNews: boolean } {
    const { code, message } = failure
    const known = this.#known.get(copy)
    const since = known?.code === code ? known.since : now
    this.#known.set(copy, { code, message, since })
    return { since, isNews: known?.code !== code || known.message !== message }
  }

  /** The partition makes progress again. */
  over(copy: PartitionCopy): void {
    if (this.#known.size > 0) this.#known.delete(copy)
  }
}
