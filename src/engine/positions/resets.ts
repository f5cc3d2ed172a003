// Resets of positions while a flow runs: its active period ends with everything flushed, the stored state is changed, a new period begins.
import { Failure } from '../../base/failure.ts'
import type { Logger } from '../../base/logger.ts'
import type { PositionsReset, TopicReset } from '../../model/positions-reset.ts'
import type { PartitionCopy } from '../../replicate/partition-copy.ts'
import { type StateParts, StoredPositions } from '../../state/open-state.ts'
import type { ActiveFlow } from '../active-flow.ts'

/** How long to wait for requests in flight; if they are not answered by then, nothing is reset (ms). */
const DRAIN_MS = 15_000

/** Connect's REST API has topic names only: uses the id of the topic that the flow copied last. */
function idOf({ topic, sourceTopicId }: TopicReset, run: ActiveFlow): string {
  return sourceTopicId || (run.pairs.find((pair) => pair.topic === topic)?.sourceId ?? '')
}

/** Whether requests are in flight, or the position is not written. */
const isOpen = ({ queue, position }: PartitionCopy): boolean => queue.inFlight.length > 0 || position.isDirty

function concerns({ topics, all = false }: PositionsReset, copy: PartitionCopy): boolean {
  const ofTopic = topics.find(({ topic }) => topic === copy.shared.topic)
  return all || ofTopic?.partitions.some(({ partition }) => partition === copy.partition) === true
}

interface Wanted {
  readonly reset: PositionsReset
  readonly done: PromiseWithResolvers<void>
}

export class Resets {
  readonly #parts: StateParts
  readonly #log: Logger
  #wanted: Wanted[] = []
  #interrupt: (() => void) | undefined

  constructor(parts: StateParts) {
    this.#parts = parts
    this.#log = parts.log
  }

  /** Resolves when the reset is done. @throws Failure STANDBY when this process does not work on the flow; of the target */
  add(reset: PositionsReset): Promise<void> {
    if (!this.#interrupt) return Promise.reject(this.#notNow())
    const done = Promise.withResolvers<void>()
    this.#wanted.push({ reset, done })
    this.#interrupt()
    return done.promise
  }

  /** Resolves when a reset is requested. One active period listens at a time, until `perform` or `refuse`. */
  wanted(): Promise<void> {
    return new Promise((resolve) => {
      this.#interrupt = resolve
    })
  }

  /** Ends the active period and performs the requested resets. Never throws. @param mayWrite whether this process still holds the lease */
  async perform(run: ActiveFlow, mayWrite: () => boolean): Promise<void> {
    if (this.#wanted.length === 0) return this.refuse()
    this.#log.info('copying is interrupted to reset positions')
    await run.drain(DRAIN_MS).catch(() => {})
    await run.close()
    this.#interrupt = undefined
    for (const { reset, done } of this.#wanted.splice(0)) {
      await this.#one(run, reset, mayWrite).then(done.resolve, done.reject)
    }
  }

  /** Rejects requested resets: the active period ends for another reason. */
  refuse(): void {
    this.#interrupt = undefined
    for (const { done } of this.#wanted.splice(0)) done.reject(this.#notNow())
  }

  async #one(run: ActiveFlow, reset: PositionsReset, mayWrite: () => boolean): Promise<void> {
    const { settings } = this.#parts
    const unanswered = [...run.copies].find((copy) => isOpen(copy) && concerns(reset, copy))
    if (unanswered) {
      const sentence = `cluster ${settings.target} does not answer: records sent to ${unanswered.shared.targetTopic}-${unanswered.partition}, or its position, are not acknowledged, so nothing was reset`
      throw new Failure('REQUEST_TIMED_OUT', sentence, {
        cluster: settings.target,
        topic: unanswered.shared.targetTopic,
        partition: unanswered.partition,
        remedy: 'run the command again once the broker answers',
      })
    }
    await using stored = await StoredPositions.open(this.#parts, 'work')
    if (!mayWrite()) throw this.#notNow()
    const partitions = reset.all
      ? stored.partitions.length
      : reset.topics.reduce((n, topic) => n + topic.partitions.length, 0)
    await stored.reset({
      ...reset,
      topics: reset.topics.map((topic) => ({ ...topic, sourceTopicId: idOf(topic, run) })),
    })
    this.#log.info('positions were reset', { partitions })
  }

  #notNow(): Failure {
    const { name } = this.#parts.settings
    return new Failure('STANDBY', `this process is not working on flow ${name} now; nothing was reset`, {
      flow: name,
      remedy: 'run the command again; `godwit status` shows which process works on the flow',
    })
  }
}
