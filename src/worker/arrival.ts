// Decides when `--until in-sync` is over: everything that is on the source has arrived, or never will.
import type { FlowStatus } from '../model/flow-status.ts'

/** pending: still copying; stuck: what is left needs a person; nothing: the flow selects no topic, or copies none on purpose. */
export type Arrival = 'pending' | 'in-sync' | 'stuck' | 'nothing'

/** Where a flow stands, by what it says itself of its completeness. */
export function arrivalOf({ state, heartbeatsOnly, inSync, completeness }: FlowStatus): Arrival {
  if (state === 'failed') return 'stuck'
  if (heartbeatsOnly) return 'nothing'
  if (inSync) return 'in-sync'
  if (state !== 'running' || !completeness) return 'pending'
  if (completeness.verdict === 'nothing-selected') return 'nothing'
  return completeness.verdict === 'missing' && completeness.isStuck ? 'stuck' : 'pending'
}
