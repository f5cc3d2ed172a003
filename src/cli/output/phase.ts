// Where a flow stands, in one word for people and programs: its state, what its partitions do, and how far they are behind.
import type { FlowStatus, PartitionStatus } from '../../mirror/flow-status.ts'

/**
 * starting: clusters and topics are asked for; settling: it learns what the target holds; catching up: records that were
 * there before are still to come; in sync: what comes is copied within seconds; blocked: nothing is left but partitions that
 * need a person; halted: a person has paused or stopped the copying; heartbeats: it copies nothing on purpose.
 */
export type Phase =
  | 'starting'
  | 'settling'
  | 'catching up'
  | 'in sync'
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

/** The phase of a flow. */
export function phaseOf(flow: FlowStatus): Phase {
  if (flow.state !== 'running') return ofState[flow.state]
  if (flow.heartbeatsOnly) return 'heartbeats'
  if (flow.halted?.MirrorSourceConnector) return 'halted'
  const partitions = flow.topics.flatMap((topic) => topic.partitions)
  const able = partitions.filter(({ state }) => state !== 'quarantined')
  const isPrompt = able.every(({ lag, lagMs }) => lag === 0 || lagMs <= promptMs)
  const isCaughtUp = able.every((one) => isKnown(one) && one.lag === 0)
  if (able.length < partitions.length && (flow.inSync ? isPrompt : isCaughtUp)) return 'blocked'
  if (flow.inSync && isPrompt) return 'in sync'
  const isSettling = able.every(({ state }) => state === 'settling' || state === 'waiting')
  return !flow.inSync && able.length > 0 && isSettling ? 'settling' : 'catching up'
}

/** The lag of a partition means something. */
export function isKnown({ position, sourceEnd }: PartitionStatus): boolean {
  return position >= 0 && sourceEnd >= 0
}
