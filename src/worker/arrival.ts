// Decides when `--until in-sync` is over: everything that was there has arrived, or never will.
import { type FailureCode, failures } from '../base/failure.ts'
import type { FlowStatus, PartitionStatus, Problem } from '../mirror/flow-status.ts'

/** pending: still copying; stuck: what is left needs a person. */
export type Arrival = 'pending' | 'in-sync' | 'stuck'

/**
 * Watches one flow. A quarantined partition, or a topic that may not be copied at all, would keep a flow from ever being
 * in sync; so each partition's source end is noted when it is first seen, and once all others have reached theirs the
 * flow is stuck and the run may end.
 */
export class ArrivalWatch {
  readonly #ends = new Map<string, number>()

  /** Looks at the flow's status of now and gives where it stands. */
  look(flow: FlowStatus): Arrival {
    if (flow.state === 'failed') return 'stuck'
    if (flow.inSync) return 'in-sync'
    if (flow.state !== 'running') return 'pending'
    let hopeless = flow.problems.filter((problem) => isTopicLost(problem, flow)).length
    let pending = 0
    for (const { topic, partitions } of flow.topics) {
      for (const partition of partitions) {
        if (partition.state === 'quarantined') hopeless++
        else if (!this.#hasArrived(`${topic}-${partition.partition}`, partition)) pending++
      }
    }
    return hopeless > 0 && pending === 0 ? 'stuck' : 'pending'
  }

  #hasArrived(key: string, partition: PartitionStatus): boolean {
    if (partition.sourceEnd < 0 || partition.position < 0) return false
    const end = this.#ends.get(key) ?? partition.sourceEnd
    this.#ends.set(key, end)
    return partition.position >= end
  }
}

/** A whole topic that waits for a person: none of its partitions is known to the flow. */
function isTopicLost({ code, topic, partition }: Problem, { topics }: FlowStatus): boolean {
  if (topic === undefined || partition !== undefined || !(code in failures)) return false
  const { verdict } = failures[code as FailureCode]
  return (verdict === 'quarantine' || verdict === 'halt') && !topics.some((known) => known.topic === topic)
}
