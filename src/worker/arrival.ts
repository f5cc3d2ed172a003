// Decides when `--until in-sync` ends: all records of the source are copied, or some never will be.
import type { FlowStatus } from '../model/flow-status.ts'

/** pending: still copying; stuck: the rest needs an operator; nothing: the flow selects no topic, or only emits heartbeats. */
export type Arrival = 'pending' | 'in-sync' | 'stuck' | 'nothing'

/** The arrival of a flow, by its state and completeness. */
export function arrivalOf({ state, heartbeatsOnly, inSync, completeness }: FlowStatus): Arrival {
  if (state === 'failed') return 'stuck'
  if (heartbeatsOnly) return 'nothing'
  if (inSync) return 'in-sync'
  if (state !== 'running' || !completeness) return 'pending'
  if (completeness.verdict === 'nothing-selected') return 'nothing'
  return completeness.verdict === 'missing' && completeness.isStuck ? 'stuck' : 'pending'
}
