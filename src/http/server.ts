// The HTTP server of a running godwit: node:http with a table of routes, and Connect's REST API. ADR 0017 says
// why, and which requests get a library.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { asFailure, Failure, failures, sentenceOf } from '../base/failure.ts'
import { parsePositionsReset } from '../model/positions-reset.ts'
import { type Address, addressText } from './address.ts'
import { readBody } from './body.ts'
import { answerConnect, type ConnectPort, isOfConnect } from './connect.ts'
import {
  flowOfResetPath,
  freshParameter,
  type HealthAnswer,
  type ProblemAnswer,
  routes,
  type StatusAnswer,
} from './contract.ts'
import { createServer } from './node-http.ts'
import { isForeign } from './origin.ts'

/** The data source of the server, called at each request. */
export interface HttpBackend {
  /** Lists the sources again if their listings are older than `ageMs`; 0: always. Never rejects. */
  check(ageMs: number): Promise<void>
  /** @param since ms since the epoch: values based on an earlier listing of the source are unknown */
  status(since?: number): StatusAnswer
  live(): HealthAnswer
  ready(): HealthAnswer
  /** data source of Connect's REST API */
  readonly connect: ConnectPort
  /** The metrics in a format that the client accepts; a piece is valid until the next one is read. */
  metrics(accept: string): { readonly contentType: string; readonly pieces: Iterable<Uint8Array> }
}

const GROUPS_PER_PIECE = 100
const TOPICS_PER_PIECE = 20
/** Maximum age of source listings in responses (ms). */
const RECENT_MS = 1000

type Route = (backend: HttpBackend, request: IncomingMessage, response: ServerResponse) => void | Promise<void>

const table: Readonly<Record<string, Route>> = {
  [routes.status]: async (backend, request, response) => {
    const asked = Date.now()
    const isFresh = new URL(request.url ?? '/', 'http://godwit').searchParams.has(freshParameter)
    await backend.check(isFresh ? 0 : RECENT_MS)
    const status = backend.status(isFresh ? asked : 0)
    response.writeHead(200, jsonHeaders())
    await writePieces(response, statusPieces(status))
  },
  [routes.live]: (backend, _request, response) => answerHealth(response, backend.live()),
  [routes.ready]: async (backend, _request, response) => {
    await backend.check(RECENT_MS)
    answerHealth(response, backend.ready())
  },
  [routes.metrics]: async (backend, request, response) => {
    await backend.check(RECENT_MS)
    const { contentType, pieces } = backend.metrics(request.headers.accept ?? '')
    response.writeHead(200, { 'content-type': contentType })
    await writePieces(response, pieces)
  },
}

/** A listening HTTP server; see `HttpServer.listen`. */
export class HttpServer {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /**
   * Listens on `address`. @throws Failure USAGE when it cannot; `isPortInUse` tells whether a later attempt may succeed
   */
  static async listen(address: Address, backend: HttpBackend): Promise<HttpServer> {
    const server = createServer((request, response) => void serve(backend, request, response))
    // Slow clients and idle connections must not hold sockets forever.
    server.requestTimeout = 10_000
    server.keepAliveTimeout = 65_000
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenFailure(address, error)))
      server.listen(address.port, address.host, resolve)
    })
    // The process ends with its flows; the server must not keep it alive.
    server.unref()
    return new HttpServer(server)
  }

  /** `host:port` on which it listens, with the port chosen by the system for port 0. */
  get address(): string {
    const bound = this.#server.address()
    return bound && typeof bound === 'object' ? addressText({ host: bound.address, port: bound.port }) : ''
  }

  /** Ends open requests and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }
}

/** True for a failure of `HttpServer.listen` because another process uses the port. */
export function isPortInUse(error: unknown): boolean {
  return error instanceof Failure && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE'
}

function listenFailure(address: Address, cause: NodeJS.ErrnoException): Failure {
  const where = addressText(address)
  if (cause.code === 'EADDRINUSE') {
    return new Failure('USAGE', `port ${address.port} is in use: another process listens on ${where}`, {
      cause,
      remedy: 'give another address with --http HOST:PORT, or --http off',
    })
  }
  return new Failure('USAGE', `cannot listen on ${where}`, {
    cause,
    remedy: 'give an address of this machine and a port above 1023 with --http HOST:PORT, or --http off',
  })
}

async function serve(backend: HttpBackend, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    if (isOfConnect(path)) return await connect(backend, request, response)
    const flow = flowOfResetPath(path)
    if (flow !== undefined) return await resetPositions(backend, flow, request, response)
    const route = Object.hasOwn(table, path) ? table[path] : undefined
    if (!route) {
      answerProblem(response, {
        title: 'Not Found',
        status: 404,
        detail: `there is no ${path}; available paths: ${paths}`,
      })
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      answerProblem(response, { title: 'Method Not Allowed', status: 405, detail: `${path} is read-only` })
    } else {
      await route(backend, request, response)
    }
  } catch (error) {
    if (response.headersSent) response.destroy()
    else answerProblem(response, { title: 'Internal Server Error', status: 500, detail: sentenceOf(error) })
  }
}

const paths = [...Object.values(routes), '/connectors'].join(', ')

/** Resets positions of a flow of this process, and responds when copying can continue. */
async function resetPositions(
  { connect: { control } }: HttpBackend,
  flow: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST')
    return answerProblem(response, {
      title: 'Method Not Allowed',
      status: 405,
      detail: 'use POST to reset positions',
    })
  }
  if (isForeign(request.headers))
    return answerProblem(response, {
      title: 'Forbidden',
      status: 403,
      detail: 'requests from other web sites are rejected',
    })
  const body = await readBody(request)
  if (body.kind === 'too large') {
    const detail = `the body is larger than ${body.most} bytes`
    response.setHeader('connection', 'close')
    return answerProblem(response, { title: 'Content Too Large', status: 413, detail })
  }
  const reset = body.kind === 'json' ? parsePositionsReset(body.value) : 'the body is not JSON'
  if (typeof reset === 'string') return answerProblem(response, { title: 'Bad Request', status: 400, detail: reset })
  const found = control(flow)
  if (!found) {
    const detail = `this process has no flow ${flow}`
    return answerProblem(response, { title: 'Not Found', status: 404, detail, code: 'USAGE' })
  }
  try {
    await found.resetPositions(reset)
    answerJson(response, 200, { flow, reset: true })
  } catch (error) {
    answerFailure(response, error)
  }
}

function answerFailure(response: ServerResponse, error: unknown): void {
  const { code, remedy } = asFailure(error)
  const { http: status, meaning: title } = failures[code]
  answerProblem(response, { title, status, detail: sentenceOf(error), code, ...(remedy !== undefined && { remedy }) })
}
const reads = new Set(['GET', 'HEAD'])

/** Connect's REST API. A browser that requests `/` gets a list of paths instead of JSON. */
async function connect(backend: HttpBackend, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', headers, socket } = request
  const url = new URL(request.url ?? '/', 'http://godwit')
  const isRefused = !reads.has(method) && isForeign(headers)
  // Discards request bodies that are not needed, so that the connection can be reused.
  if (isRefused || method !== 'PATCH') request.resume()
  if (isRefused)
    return answerJson(response, 403, { error_code: 403, message: 'requests from other web sites are rejected' })
  if (url.pathname === '/' && headers.accept?.includes('text/html')) return answerText(response, `godwit: ${paths}\n`)
  const worker = addressText({ host: socket.localAddress ?? '', port: socket.localPort ?? 0 })
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  const read = () => readBody(request)
  const asked = { method, path, query: url.searchParams, worker, body: read }
  const { status, body, allow } = await answerConnect(backend.connect, asked)
  // Does not wait for the rest of an unread or too large body.
  if (method === 'PATCH' && !request.readableEnded) response.setHeader('connection', 'close')
  if (allow !== undefined) response.setHeader('allow', allow)
  if (body) return answerJson(response, status, body)
  response.writeHead(status).end()
}

function answerHealth(response: ServerResponse, health: HealthAnswer): void {
  answerJson(response, health.ok ? 200 : 503, health)
}

function answerProblem(response: ServerResponse, problem: Omit<ProblemAnswer, 'type'>): void {
  answerJson(response, problem.status, { type: 'about:blank', ...problem }, 'application/problem+json')
}

function answerJson(response: ServerResponse, status: number, body: object, contentType = 'application/json'): void {
  response.writeHead(status, jsonHeaders(contentType))
  response.end(`${JSON.stringify(body)}\n`)
}

function jsonHeaders(contentType = 'application/json') {
  return { 'content-type': contentType, 'cache-control': 'no-store' }
}

/** The status as JSON in pieces of some topics or groups. With ten thousand groups it is 15 MB; as a single string it would take 45 MB. */
function* statusPieces({ flows, ...rest }: StatusAnswer): Generator<string> {
  yield JSON.stringify({ ...rest, flows: [] }).slice(0, -2)
  for (const [index, { topics, groups, ...flow }] of flows.entries()) {
    yield (index > 0 ? ',' : '') + JSON.stringify(flow).slice(0, -1)
    yield* listPieces('topics', topics, TOPICS_PER_PIECE)
    if (groups) yield* listPieces('groups', groups, GROUPS_PER_PIECE)
    yield '}'
  }
  yield ']}\n'
}

/** A property with a list, to be added to an unfinished JSON object. */
function* listPieces(name: string, list: readonly object[], perPiece: number): Generator<string> {
  yield `,"${name}":[`
  for (let at = 0; at < list.length; at += perPiece)
    yield (at > 0 ? ',' : '') + JSON.stringify(list.slice(at, at + perPiece)).slice(1, -1)
  yield ']'
}

function answerText(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(text)
}

/** Writes each piece after the previous one was sent: memory is bounded, and a slow client slows down writing. */
async function writePieces(response: ServerResponse, pieces: Iterable<Uint8Array | string>): Promise<void> {
  for (const piece of pieces) {
    if (!(await isSent(response, piece))) return
  }
  response.end()
}

/** Resolves to false when the client disconnects before the piece was passed to the system. */
function isSent(response: ServerResponse, piece: Uint8Array | string): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = () => resolve(false)
    response.once('close', gone)
    response.write(piece, (error) => {
      response.off('close', gone)
      resolve(!error)
    })
  })
}
