// Which partitions must be recovered, and when. Those that are due are recovered together, in one round after the other.
import { asFailure, type Failure } from '../../base/failure.ts'
import type { PartitionCopy, TopicCopy } from '../partition-copy.ts'
import type { Recovered, Recovery } from '../recovery.ts'
import { adoptLimits, type TopicLimits } from '../topic-limits.ts'

interface RecoveryRoundsPort {
  readonly recovery: Pick<Recovery, 'recover'>
  /** reads the limits of a target topic again */
  readonly limitsOf: (targetTopic: string) => Promise<TopicLimits>
  /** reads the metadata of both clusters again */
  readonly refresh: () => Promise<unknown>
  /** why the partition cannot be copied, according to the metadata */
  readonly whyNot: (copy: PartitionCopy) => Failure | undefined
  /** stops the partition, and has it recovered later */
  readonly fail: (copy: PartitionCopy, failure: Failure) => void
  /** the partition copies; it is passed to its fetcher and its sink */
  readonly recovered: (copy: PartitionCopy) => void
}

export class RecoveryRounds {
  readonly #port: RecoveryRoundsPort
  readonly #waiting = new Set<PartitionCopy>()
  #isRunning = false
  #isEnded = false
  #wantsMetadata = false

  constructor(port: RecoveryRoundsPort) {
    this.#port = port
  }

  /** Partitions that are being recovered, or wait for it. */
  get waiting(): ReadonlySet<PartitionCopy> {
    return this.#waiting
  }

  add(copy: PartitionCopy): void {
    this.#waiting.add(copy)
  }

  /** Metadata is read before the next round. */
  wantMetadata(): void {
    this.#wantsMetadata = true
  }

  /** From now on no partition is passed on. */
  end(): void {
    this.#isEnded = true
  }

  /** Starts a round with the partitions that are due, unless one is running. @param now ms since the epoch */
  tick(now: number): void {
    if (this.#isRunning || this.#isEnded || this.#waiting.size === 0) return
    const due = [...this.#waiting].filter((copy) => copy.failures.retryAt <= now)
    if (due.length === 0) return
    this.#isRunning = true
    void this.#round(due).finally(() => {
      this.#isRunning = false
    })
  }

  async #round(due: readonly PartitionCopy[]): Promise<void> {
    const { recovery, refresh, whyNot, fail } = this.#port
    for (const copy of due) copy.beginRecovery()
    try {
      if (this.#wantsMetadata || due.some((copy) => whyNot(copy))) {
        this.#wantsMetadata = false
        await refresh()
      }
      const ready = due.filter((copy) => {
        const failure = whyNot(copy)
        if (failure) fail(copy, failure)
        return !failure
      })
      await this.#readLimitsAgain(ready)
      for await (const recovered of recovery.recover(ready)) this.#handOver(recovered)
    } catch (error) {
      const failure = asFailure(error)
      for (const copy of due) if (copy.state === 'recovering') fail(copy, failure)
    }
  }

  /** The limit that a record exceeded may have been raised. */
  async #readLimitsAgain(copies: readonly PartitionCopy[]): Promise<void> {
    const topics = new Set<TopicCopy>()
    for (const { failures, shared } of copies) if (failures.current?.code === 'TOO_LARGE') topics.add(shared)
    for (const shared of topics) adoptLimits(shared, await this.#port.limitsOf(shared.targetTopic), false)
  }

  #handOver({ copy, failure }: Recovered): void {
    if (this.#isEnded) return
    if (failure) return this.#port.fail(copy, failure)
    // It may have failed again while others of its round were recovered. Then it is recovered again.
    if (copy.state !== 'copying') return
    this.#waiting.delete(copy)
    this.#port.recovered(copy)
  }
}
