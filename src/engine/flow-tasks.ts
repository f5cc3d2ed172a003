// The periodic tasks of a flow that copies, with the topics they write to.

import { GroupTasks, type GroupTasksParts } from '../groups/group-tasks.ts'
import type { CompletenessVerdict, GroupStatus, PeriodicTaskName } from '../model/flow-status.ts'
import type { InternalTopic } from '../records/internal-topic.ts'
import { heartbeatsTopic } from '../state/internal-topics.ts'
import type { PeriodicTask } from '../tasks/periodic-task.ts'
import { heartbeatsTask } from './tasks/heartbeats.ts'

interface FlowTasksParts extends GroupTasksParts {
  /** periodic tasks without an internal topic */
  readonly others: readonly PeriodicTask[]
}

/** Tasks that run once more when a flow stops, in this order, so that groups that move now have the latest offsets. */
const finalTasks: readonly (readonly PeriodicTaskName[])[] = [['offset-syncs'], ['checkpoints', 'group-offsets']]
/** Tasks whose first round, before everything had arrived, was incomplete. */
const rerunAfterArrival: ReadonlySet<PeriodicTaskName> = new Set(['checkpoints', 'group-offsets'])
/** Tasks that run at least once, even if the flow stops before their first interval: MM2 runs them before the first record. */
const runAtLeastOnce: ReadonlySet<PeriodicTaskName> = new Set(['topic-configs', 'topic-acls', 'heartbeats'])

export class FlowTasks {
  readonly all: readonly PeriodicTask[]
  readonly #topics: InternalTopic[] = []
  readonly #groups: GroupTasks
  #hasArrived = false

  constructor(parts: FlowTasksParts) {
    const { settings, log } = parts
    this.#groups = new GroupTasks(parts)
    const all: PeriodicTask[] = [...parts.others, ...this.#groups.all]
    if (settings.heartbeats.enabled) {
      const topic = this.#own(heartbeatsTopic(settings, parts.target))
      all.push(heartbeatsTask(settings, topic, log))
    }
    this.all = all
  }

  /** Runs all tasks, each at its interval, until the signal is aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.all.map((task) => task.run(signal)))
  }

  /** When everything has arrived for the first time, runs the translation of groups at once instead of after its interval. */
  checked(verdict: CompletenessVerdict): void {
    if (verdict !== 'complete' || this.#hasArrived) return
    this.#hasArrived = true
    for (const task of this.all) if (rerunAfterArrival.has(task.name) && task.hasRun) task.runNow()
  }

  get groups(): readonly GroupStatus[] {
    return this.#groups.groups
  }

  /** Runs the tasks that are due when a flow stops; gives up after the deadline (ms). Never rejects. */
  async finish(deadlineMs: number): Promise<void> {
    const signal = AbortSignal.timeout(Math.max(1, deadlineMs))
    const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    const all = async () => {
      await Promise.all(this.all.filter(mustStillRun).map((task) => task.once(signal, true)))
      for (const names of finalTasks) {
        const due = this.all.filter(({ name }) => names.includes(name))
        await Promise.all(due.map((task) => task.once(signal, true)))
      }
    }
    await Promise.race([all(), over])
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#topics.map((topic) => topic.close()), this.#groups.close()])
  }

  #own(topic: InternalTopic): InternalTopic {
    this.#topics.push(topic)
    return topic
  }
}

const mustStillRun = (task: PeriodicTask) => runAtLeastOnce.has(task.name) && !task.hasRun
