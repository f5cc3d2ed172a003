// Decides when `--until in-sync` is over: everything that is on the source has arrived, or never will.
import { type FailureCode, failures } from '../base/failure.ts'
import type { FlowStatus, PartitionStatus, Problem } from '../mirror/flow-status.ts'

/** pending: still copying; stuck: what is left needs a person; nothing: the flow selects no topic, or copies none on purpose. */
export type Arrival = 'pending' | 'in-sync' | 'stuck' | 'nothing'

/**
 * Where a flow stands. A quarantined partition, or a topic that may not be copied at all, would keep a flow from ever being in sync: it is
 * stuck once nothing else is missing.
 */
export function arrivalOf(flow: FlowStatus): Arrival {
  if (flow.state === 'failed') return 'stuck'
  if (flow.heartbeatsOnly) return 'nothing'
  if (flow.inSync) return 'in-sync'
  if (flow.state !== 'running' || !flow.completeness) return 'pending'
  if (flow.completeness.verdict === 'nothing-selected') return 'nothing'
  return flow.completeness.verdict === 'missing' && isStuck(flow) ? 'stuck' : 'pending'
}

function isStuck(flow: FlowStatus): boolean {
  const lost = new Set(flow.problems.filter(isTopicLost).map(({ topic }) => topic))
  const left = flow.topics.flatMap(({ topic, partitions }) =>
    partitions.filter((one) => !hasArrived(one)).map((one) => ({ topic, one })),
  )
  const pending = left.filter(({ topic, one }) => one.state !== 'quarantined' && !lost.has(topic))
  return left.length > 0 && pending.length === 0
}

const hasArrived = ({ position, lag, state }: PartitionStatus) => position >= 0 && lag === 0 && state !== 'quarantined'

/** A whole topic that waits for a person. */
function isTopicLost({ code, topic, partition }: Problem): boolean {
  if (topic === undefined || partition !== undefined || !(code in failures)) return false
  const { verdict } = failures[code as FailureCode]
  return verdict === 'quarantine' || verdict === 'halt'
}
