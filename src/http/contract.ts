// The routes of a running godwit and what they answer: shared by server, client and everything that shows it.
import type { FlowStatus } from '../model/flow-status.ts'

export const routes = {
  metrics: '/metrics',
  live: '/health/live',
  ready: '/health/ready',
  status: '/api/v1/status',
} as const

/** POST: resets positions of a flow (`A->B`), which has to be at work in this process. */
export const positionsResetPath = (flow: string): string => `/api/v1/flows/${encodeURIComponent(flow)}/positions/reset`

/** The flow of such a path; undefined for any other. */
export function flowOfResetPath(path: string): string | undefined {
  const [, flow] = /^\/api\/v1\/flows\/([^/]+)\/positions\/reset$/.exec(path) ?? []
  try {
    return flow === undefined ? undefined : decodeURIComponent(flow)
  } catch {
    return undefined
  }
}

/** `GET /api/v1/status?fresh` lists the sources first; what they do not answer within seconds is unknown then. */
export const freshParameter = 'fresh'

/** GET /api/v1/status */
export interface StatusAnswer {
  /** of godwit */
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

/** Every answer of 400 and above, as application/problem+json (RFC 9457), but for the health routes. */
export interface ProblemAnswer {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** what the operator should do */
  readonly remedy?: string
  /** a code of base/failure.ts, where there is one */
  readonly code?: string
}

export const defaultAddress = '127.0.0.1:9099'
