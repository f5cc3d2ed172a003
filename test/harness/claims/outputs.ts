// Every output in which godwit claims that everything has been copied, as a function that a test can poll.
import { godwit } from '../godwit.ts'

/** A claim that everything the flow has to copy is on the target. */
export interface Claim {
  /** the output that made the claim */
  readonly output: string
  /** the claim covers at least what the source held at this time, ms since the epoch */
  readonly asOf: number
  /** when the question was sent */
  readonly asked: number
  /** godwit's own words */
  readonly said: string
}

/** Asks once. Empty if godwit claims nothing, does not know, or does not answer. */
export type Output = () => Promise<readonly Claim[]>

/** The address of the running godwit, and when it started (ms since the epoch). No claim of it can rest on anything earlier. */
export interface Running {
  readonly address: string
  readonly since: () => number
}

/** The maximum age (ms) of a source listing that a claim may rest on. */
export const freshMs = 10_000

interface FlowAnswer {
  readonly flow: string
  readonly inSync: boolean
  readonly lag: number | null
  readonly asOf?: number | null
  readonly phase?: string
}

/** `GET /api/v1/status`. */
export const statusOutput =
  ({ address, since }: Running): Output =>
  async () => {
    const [asked, from] = [Date.now(), since()]
    const answer = await get(address, '/api/v1/status')
    if (answer?.status !== 200) return []
    const { flows } = JSON.parse(answer.text) as { flows: FlowAnswer[] }
    return flows.flatMap((flow) => claimsOf(flow, 'status', asked, from))
  }

/** `GET /metrics`. */
export const metricsOutput =
  ({ address, since }: Running): Output =>
  async () => {
    const [asked, from] = [Date.now(), since()]
    const answer = await get(address, '/metrics')
    const lines = answer?.text.split('\n') ?? []
    const wanted = /^godwit_flow_(in_sync\{.*\} 1|lag_records\{.*\} 0)$/
    return lines.filter((line) => wanted.test(line)).map((said) => unnamed('metrics', asked, from, said))
  }

/** `godwit status --output json`. */
export const statusCommandOutput =
  ({ address, since }: Running): Output =>
  async () => {
    const [asked, from] = [Date.now(), since()]
    const { code, out } = await godwit(['status', '--output', 'json', '--http', address])
    if (code !== 0) return []
    const { flows } = JSON.parse(out) as { flows: FlowAnswer[] }
    return flows.flatMap((flow) => claimsOf(flow, 'godwit status', asked, from))
  }

/** `godwit lag --fail-above 0`, of the running godwit. */
export const lagOutput =
  ({ address, since }: Running): Output =>
  async () => {
    const [asked, from] = [Date.now(), since()]
    const { code, out } = await godwit(['lag', '--fail-above', '0', '--output', 'json', '--http', address])
    if (code !== 0) return []
    const { lags = [], asOf } = JSON.parse(out) as { lags?: { asOf?: number }[]; asOf?: number }
    const named = [asOf, ...lags.map((row) => row.asOf)].filter((at) => typeof at === 'number')
    const rests = named.length > 0 ? Math.min(...named) : covered(asked, from)
    return [{ output: 'godwit lag', asked, asOf: rests, said: out }]
  }

/** `godwit lag FILE --fail-above 0`: calculated from stored positions and from offsets that are listed while the command runs. */
export const lagFileOutput =
  (file: string): Output =>
  async () => {
    const asked = Date.now()
    const { code, out } = await godwit(['lag', file, '--fail-above', '0'])
    return code === 0 ? [{ output: 'godwit lag FILE', asked, asOf: asked, said: out }] : []
  }

/** `godwit verify FILE`: covers what the source held when the command started. */
export const verifyOutput =
  (file: string, depth: 'offsets' | 'counts' | 'full'): Output =>
  async () => {
    const asked = Date.now()
    const { code, out } = await godwit(['verify', file, '--depth', depth, '--wait', '1'])
    return code === 0 ? [{ output: 'godwit verify', asked, asOf: asked, said: out }] : []
  }

type LogLine = Readonly<Record<string, unknown>>

/** Log lines that claim completeness, each once. @param log the log of the current process; it grows */
export function logOutput({ since }: Running, log: () => readonly LogLine[]): Output {
  const seen = new WeakMap<readonly LogLine[], number>()
  return async () => {
    const lines = log()
    const fresh = lines.slice(seen.get(lines) ?? 0)
    seen.set(lines, lines.length)
    return fresh.filter(isClaim).map((line) => {
      const asked = Date.parse(String(line['time'])) || Date.now()
      return unnamed('log', asked, since(), JSON.stringify(line))
    })
  }
}

function isClaim({ message, lag }: LogLine): boolean {
  return (message === 'progress' && lag === 0) || /^in sync|has arrived/.test(String(message))
}

/** `GET /health/ready`: ready or not, with the reasons. Undefined if nothing answers. */
export async function readiness(address: string): Promise<{ ok: boolean; reasons: readonly string[] } | undefined> {
  const answer = await get(address, '/health/ready')
  return answer && (JSON.parse(answer.text) as { ok: boolean; reasons: readonly string[] })
}

/** The claims in one flow's status: in sync, or nothing left to copy. */
function claimsOf(
  { flow, inSync, lag, asOf, phase }: FlowAnswer,
  output: string,
  asked: number,
  since: number,
): Claim[] {
  const said = [
    ...(inSync ? ['inSync: true'] : []),
    ...(lag === 0 ? ['lag: 0'] : []),
    ...(phase === 'in sync' ? ['phase: in sync'] : []),
  ]
  if (said.length === 0) return []
  const words = `${flow} ${said.join(', ')}${asOf ? `, as of ${asOf}` : ''}`
  return [{ output, asked, asOf: asOf ?? covered(asked, since), said: words }]
}

function unnamed(output: string, asked: number, since: number, said: string): Claim {
  return { output, asked, asOf: covered(asked, since), said }
}

/** For a claim that does not name its source listing: the listing is at most `freshMs` old and was made by this process. */
function covered(asked: number, since: number): number {
  return Math.min(asked, Math.max(asked - freshMs, since))
}

async function get(address: string, path: string): Promise<{ status: number; text: string } | undefined> {
  try {
    const response = await fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(5000) })
    return { status: response.status, text: await response.text() }
  } catch {
    return undefined
  }
}
