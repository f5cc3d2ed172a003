// Liveness and readiness, with reasons, from the status of the flows.
import type { FlowStatus } from '../model/flow-status.ts'

export interface Health {
  readonly ok: boolean
  /** one sentence per reason why not; empty when ok */
  readonly reasons: readonly string[]
}

/** Live: at least one flow has not failed permanently. Otherwise the process should be restarted. */
export function liveness(flows: readonly FlowStatus[]): Health {
  const dead = flows.length > 0 && flows.every((flow) => flow.state === 'failed')
  return { ok: !dead, reasons: dead ? flows.map(reasonOf) : [] }
}

/**
 * Ready: every flow is standby, or runs and both its clusters answer. Standby counts as ready, because a rolling update stops
 * the old process only when the new one is ready, and the new one can take over only after that.
 */
export function readiness(flows: readonly FlowStatus[]): Health {
  if (flows.length === 0) return { ok: false, reasons: ['no flow has been started yet'] }
  const reasons = flows.flatMap((flow) => whyNotReady(flow) ?? [])
  return { ok: reasons.length === 0, reasons }
}

function whyNotReady(flow: FlowStatus): string | undefined {
  if (flow.state === 'standby' || (flow.state === 'running' && flow.heartbeatsOnly)) return undefined
  if (flow.state !== 'running') return reasonOf(flow)
  const { flow: name, completeness, lag } = flow
  if (!completeness) return `flow ${name}: its source has not been listed yet`
  if (completeness.verdict === 'unknown' || completeness.verdict === 'nothing-selected')
    return `flow ${name}: ${completeness.reasons.join('; ')}`
  return lag === null && completeness.missing === completeness.partitions
    ? `flow ${name}: its lag is unknown`
    : undefined
}

function reasonOf(flow: FlowStatus): string {
  const why = flow.reason ?? flow.problems[0]?.message
  return `flow ${flow.flow} is ${flow.state}${why ? `: ${why}` : ''}`
}
