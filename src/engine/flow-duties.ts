// The duties of a flow that copies, with the topics they write to.
import type { Logger } from '../base/logger.ts'
import type { FlowSettings } from '../mirror/flow-settings.ts'
import type { InternalTopic } from '../state/internal-topic.ts'
import type { Duty } from './duties/duty.ts'
import { heartbeatsDuty } from './duties/heartbeats.ts'
import { heartbeatsTopic, type Place } from './internal-topics.ts'

export interface FlowDutiesParts {
  readonly settings: FlowSettings
  readonly target: Place
  readonly log: Logger
}

export class FlowDuties {
  readonly all: readonly Duty[]
  readonly #topics: InternalTopic[] = []

  constructor(parts: FlowDutiesParts) {
    const { settings, log } = parts
    const all: Duty[] = []
    if (settings.heartbeats.enabled) {
      const topic = this.#own(heartbeatsTopic(settings, parts.target))
      all.push(heartbeatsDuty(settings, topic, log))
    }
    this.all = all
  }

  /** All of them, each at its interval, until the signal is aborted; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.all.map((duty) => duty.run(signal)))
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#topics.map((topic) => topic.close()))
  }

  #own(topic: InternalTopic): InternalTopic {
    this.#topics.push(topic)
    return topic
  }
}
