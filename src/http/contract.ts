// The HTTP API of a running godwit: routes and responses, shared by server and client.
import type { FlowStatus } from '../model/flow-status.ts'

export const routes = {
  metrics: '/metrics',
  live: '/health/live',
  ready: '/health/ready',
  status: '/api/v1/status',
} as const

/** Path of POST to reset positions of a flow (`A->B`), which must be running in that process. */
export const positionsResetPath = (flow: string): string => `/api/v1/flows/${encodeURIComponent(flow)}/positions/reset`

/** The flow of such a path; undefined for any other path. */
export function flowOfResetPath(path: string): string | undefined {
  const [, flow] = /^\/api\/v1\/flows\/([^/]+)\/positions\/reset$/.exec(path) ?? []
  try {
    return flow === undefined ? undefined : decodeURIComponent(flow)
  } catch {
    return undefined
  }
}

/** `GET /api/v1/status?fresh` lists the sources first; values of sources that do not answer within seconds are unknown. */
export const freshParameter = 'fresh'

/** GET /api/v1/status */
export interface StatusAnswer {
  /** version of godwit */
  readonly version: string
  /** start of the process, ms since the epoch */
  readonly startedAt: number
  readonly flows: readonly FlowStatus[]
}

/** GET /health/live and /health/ready: 200 when ok, else 503 with the reasons. */
export interface HealthAnswer {
  readonly ok: boolean
  readonly reasons: readonly string[]
}

/** Every response with a status of 400 or above, as application/problem+json (RFC 9457), except of the health routes. */
export interface ProblemAnswer {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** what the operator should do */
  readonly remedy?: string
  /** a code of base/failure.ts, if there is one */
  readonly code?: string
}

export const defaultAddress = '127.0.0.1:9099'
