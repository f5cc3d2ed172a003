// The phase of a flow, from its state, the states of its partitions and their lag.
import type { FlowStatus, PartitionStatus } from '../../model/flow-status.ts'

/**
 * starting: connects and lists topics; recovering: reads what the target contains; catching up: old records are still to copy;
 * keeping up: records are in flight but wait only seconds; in sync: all records of the last listing of the source have been
 * copied; unknown: a cluster does not answer; nothing to copy: no topic is selected; blocked: all partitions still to copy need
 * an operator; halted: an operator has paused or stopped copying; heartbeats: it is configured to copy nothing.
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

/** Longest wait of a record in the phase `keeping up` (ms). */
const promptMs = 10_000

const ofState = {
  starting: 'starting',
  standby: 'standby',
  draining: 'stopping',
  stopped: 'stopped',
  failed: 'failed',
} as const

/** The phase of a flow. */
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
