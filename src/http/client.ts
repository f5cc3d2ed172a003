// Asks a running godwit; the only place that knows how its answers travel.
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { Failure, type FailureCode, failures, sentenceOf } from '../base/failure.ts'
import type { PositionsReset } from '../model/positions-reset.ts'
import { type Address, addressText } from './address.ts'
import { freshParameter, positionsResetPath, routes, type StatusAnswer } from './contract.ts'
import { get, request } from './node-http.ts'

const patienceMs = 10_000
/** What is in flight is waited for, and the stores of many partitions are read and written (ms). */
const resetPatienceMs = 120_000

/**
 * The status of the godwit at `address`, resting on a listing of the sources that begins with this question if `isFresh`. Throws a Failure CONNECTION_LOST when there is no answer within 10 s, USAGE when
 * something else than godwit does.
 */
export async function fetchStatus(address: Address, signal?: AbortSignal, isFresh = false): Promise<StatusAnswer> {
  const timeout = AbortSignal.timeout(patienceMs)
  const path = isFresh ? `${routes.status}?${freshParameter}` : routes.status
  const answer = await ask(address, path, signal ? AbortSignal.any([signal, timeout]) : timeout)
  const body = parsed(answer.body)
  if (answer.status === 200 && isStatus(body)) return body
  throw new Failure('USAGE', `whoever listens on ${addressText(address)} is not godwit (it answers ${answer.status})`, {
    remedy: 'give the address that godwit run listens on: --http HOST:PORT',
  })
}

/**
 * Has the godwit at `address` reset positions of a flow; resolves when copying goes on. Throws CONNECTION_LOST when nobody answers,
 * USAGE when it has no such flow or is none, else the failure that it had.
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
      `whoever listens on ${addressText(address)} does not reset positions (it answers ${answer.status})`,
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

/** An address to listen on everywhere is none to connect to. */
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
      "is 'godwit run' running on this machine, and without --http off? It says where it listens when it starts; " +
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
