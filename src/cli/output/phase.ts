// Where a flow stands, in a word or two for people and programs: its state, what its partitions do, and how far they are behind.
import type { FlowStatus, PartitionStatus } from '../../model/flow-status.ts'

/**
 * starting: clusters and topics are asked for; recovering: it learns what the target holds; catching up: records that have waited
 * for a while are still to come; keeping up: something is always on its way, and arrives within seconds; in sync: everything that was on
 * the source a moment ago has arrived; unknown: a cluster does not answer; nothing to copy: no topic is selected; blocked: nothing is left
 * but partitions that need a person; halted: a person has paused or stopped the copying; heartbeats: it copies nothing on purpose.
 */
export type Phase =
  | 'starting'
  | 'recovering'
  | 'catching up'
  | 'keeping up'
  | 'in sync'
  | 'unknown'
  | 'nothing to copy'
  | 'blocked'
  | 'halted'
  | 'heartbeats'
  | 'standby'
  | 'stopping'
  | 'stopped'
  | 'failed'

/** A record that waits longer than this is more than the usual way from source to target (ms). */
const promptMs = 10_000

const ofState = {
  starting: 'starting',
  standby: 'standby',
  draining: 'stopping',
  stopped: 'stopped',
  failed: 'failed',
} as const

/** The phase of a flow. Whether it is in sync the flow says itself. */
export function phaseOf(flow: FlowStatus): Phase {
  if (flow.state !== 'running') return ofState[flow.state]
  if (flow.heartbeatsOnly) return 'heartbeats'
  if (flow.halted?.MirrorSourceConnector) return 'halted'
  if (flow.completeness?.verdict === 'nothing-selected') return 'nothing to copy'
  if (flow.completeness?.verdict === 'unknown') return 'unknown'
  if (flow.inSync) return 'in sync'
  return flow.completeness ? phaseOfCopying(flow) : 'recovering'
}

function phaseOfCopying({ topics, completeness }: FlowStatus): Phase {
  const partitions = topics.flatMap((topic) => topic.partitions)
  const able = partitions.filter(({ state }) => state !== 'quarantined')
  const isBegun = able.every((one) => one.position >= 0 && one.lag !== null)
  const isPrompt =
    isBegun && able.every(({ lag, lagMs }) => lag === 0 || (completeness?.wasComplete && lagMs <= promptMs))
  if (able.length < partitions.length && isPrompt) return 'blocked'
  if (isPrompt && completeness?.wasComplete && completeness.openTransactions.length === 0) return 'keeping up'
  const isRecovering = able.length > 0 && able.every(({ state }) => state === 'recovering' || state === 'waiting')
  return isRecovering ? 'recovering' : 'catching up'
}

/** The lag of a partition is known. */
export function isKnown({ lag }: PartitionStatus): boolean {
  return lag !== null
}
