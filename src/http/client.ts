// HTTP client of a running godwit.
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { Failure, type FailureCode, failures, sentenceOf } from '../base/failure.ts'
import type { PositionsReset } from '../model/positions-reset.ts'
import { type Address, addressText } from './address.ts'
import { freshParameter, positionsResetPath, routes, type StatusAnswer } from './contract.ts'
import { get, request } from './node-http.ts'

const patienceMs = 10_000
/** Long, because a reset waits for records in flight, and rewrites the stored state of many partitions (ms). */
const resetPatienceMs = 120_000

/**
 * The status of the godwit at `address`. With `isFresh` it is based on a listing of the sources that starts with this request.
 * @throws Failure CONNECTION_LOST without a response within 10 s; USAGE when another service responds
 */
export async function fetchStatus(address: Address, signal?: AbortSignal, isFresh = false): Promise<StatusAnswer> {
  const timeout = AbortSignal.timeout(patienceMs)
  const path = isFresh ? `${routes.status}?${freshParameter}` : routes.status
  const answer = await ask(address, path, signal ? AbortSignal.any([signal, timeout]) : timeout)
  const body = parsed(answer.body)
  if (answer.status === 200 && isStatus(body)) return body
  throw new Failure('USAGE', `the service on ${addressText(address)} is not godwit (HTTP status ${answer.status})`, {
    remedy: 'give the address that godwit run listens on: --http HOST:PORT',
  })
}

/**
 * Resets positions of a flow of the godwit at `address`; resolves when copying continues.
 * @throws Failure CONNECTION_LOST without a response within 120 s; USAGE when the flow does not exist there, or another service
 * responds; else the failure reported by that process
 */
export async function postPositionsReset(
  address: Address,
  flow: string,
  reset: PositionsReset,
  signal?: AbortSignal,
): Promise<void> {
  const timeout = AbortSignal.timeout(resetPatienceMs)
  const path = positionsResetPath(flow)
  const answer = await post(address, path, JSON.stringify(reset), signal ? AbortSignal.any([signal, timeout]) : timeout)
  if (answer.status === 200) return
  const problem = parsed(answer.body)
  const { detail, code, remedy } = (problem ?? {}) as { detail?: string; code?: string; remedy?: string }
  if (detail === undefined)
    throw new Failure(
      'USAGE',
      `the service on ${addressText(address)} cannot reset positions (HTTP status ${answer.status})`,
      {
        remedy: 'give the address that godwit run listens on: --http HOST:PORT',
      },
    )
  const known = code !== undefined && code in failures ? (code as FailureCode) : 'USAGE'
  throw new Failure(known, detail, remedy === undefined ? {} : { remedy })
}

async function post({ host, port }: Address, path: string, body: string, signal: AbortSignal) {
  try {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const options = { host: reachable(host), port, path, method: 'POST', headers, signal, agent: false }
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(options, resolve).on('error', reject).end(body)
    })
    return { status: response.statusCode ?? 0, body: await text(response) }
  } catch (error) {
    throw unanswered({ host, port }, error)
  }
}

/** The host to connect to: a wildcard address can only be listened on. */
const reachable = (host: string) => (host === '::' || host === '0.0.0.0' ? 'localhost' : host)

async function ask(
  { host, port }: Address,
  path: string,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ host: reachable(host), port, path, signal, agent: false }, resolve).on('error', reject)
    })
    return { status: response.statusCode ?? 0, body: await text(response) }
  } catch (error) {
    throw unanswered({ host, port }, error)
  }
}

function unanswered(address: Address, error: unknown): Failure {
  return new Failure('CONNECTION_LOST', `no godwit answers on ${addressText(address)}: ${sentenceOf(error)}`, {
    cause: error,
    remedy:
      "is 'godwit run' running on this machine, without --http off? It logs its address at the start; " +
      'give that address with --http HOST:PORT',
  })
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function isStatus(body: unknown): body is StatusAnswer {
  return typeof body === 'object' && body !== null && 'flows' in body && Array.isArray(body.flows) && 'version' in body
}
