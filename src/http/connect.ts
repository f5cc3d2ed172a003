// Kafka Connect's REST API, as far as it applies to godwit: routes, methods and error responses.
import { Failure, failures, sentenceOf } from '../base/failure.ts'
import type { FlowStatus } from '../model/flow-status.ts'
import type { PositionsReset } from '../model/positions-reset.ts'
import type { ConnectorControl } from '../worker/running-flow.ts'
import type { RequestBody } from './body.ts'
import { alteredOffsets, isRefused, type Refused, refusalOfOffsets, resetOfOffsets } from './connect-offsets.ts'
import {
  type ConfigOf,
  connectorNamed,
  infoJson,
  listedConnectors,
  type NamedConnector,
  offsetsJson,
  statusJson,
  tasksJson,
  topicsJson,
} from './connectors.ts'

export interface ConnectPort {
  /** version of godwit */
  readonly version: string
  readonly flows: () => readonly FlowStatus[]
  readonly configOf: ConfigOf
  /** control of the flow with that name */
  readonly control: (flow: string) => ConnectorControl | undefined
}

interface ConnectRequest {
  readonly method: string
  /** still percent-encoded */
  readonly path: string
  readonly query: URLSearchParams
  /** HTTP address of this process: Connect's worker id */
  readonly worker: string
  /** reads the body */
  readonly body: () => Promise<RequestBody>
}

/** A response; undefined `body`: an empty body. */
export interface ConnectAnswer {
  readonly status: number
  readonly body?: object
  /** allowed methods, for status 405 */
  readonly allow?: string
}

/** Whether a path belongs to Connect's REST API. */
export const isOfConnect = (path: string): boolean => path === '/' || /^\/connectors(?:\/|$)/.test(path)

/** Responds as Connect would, with the same paths, methods, codes and JSON. Unsupported requests are rejected with a reason. */
export function answerConnect(port: ConnectPort, request: ConnectRequest): ConnectAnswer | Promise<ConnectAnswer> {
  const segments = segmentsOf(request.path)
  const found = routes.filter(({ path }) => path.length === segments.length && path.every(fits(segments)))
  if (found.length === 0) return refusal(404, 'HTTP 404 Not Found')
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const route = found.find((one) => one.method === method)
  if (route) return route.answer({ port, request, name: segments[1] ?? '', task: segments[3] ?? '' })
  const allow = found.map((one) => one.method).join(', ')
  const isConfiguredOnly = segments[0] === 'connectors' && configuredOnly.has(`${method} ${segments[2] ?? ''}`)
  return { ...refusal(405, isConfiguredOnly ? definedByFile : 'HTTP 405 Method Not Allowed'), allow }
}

/** Requests that change connectors: godwit rejects them, because its connectors are defined by its configuration file. */
const configuredOnly = new Set(['POST ', 'DELETE ', 'PUT config', 'PATCH config'])
const definedByFile = "godwit's connectors are defined by its configuration file: change the file and restart godwit"

interface RouteCall {
  readonly port: ConnectPort
  readonly request: ConnectRequest
  readonly name: string
  readonly task: string
}

interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  /** `*`: any name */
  readonly path: readonly string[]
  readonly answer: (call: RouteCall) => ConnectAnswer | Promise<ConnectAnswer>
}

const ok = (body: object): ConnectAnswer => ({ status: 200, body })
const refusal = (status: number, message: string): ConnectAnswer => ({ status, body: { error_code: status, message } })

const routes: readonly Route[] = [
  { method: 'GET', path: [], answer: ({ port }) => ok(rootJson(port)) },
  { method: 'GET', path: ['connectors'], answer: (call) => ok(list(call)) },
  reading([], (found) => infoJson(found)),
  reading(['config'], ({ config, name }) => ({ ...config, name })),
  reading(['tasks'], (found) => tasksJson(found)),
  reading(['offsets'], (found) => offsetsJson(found)),
  reading(['topics'], (found) => topicsJson(found)),
  {
    method: 'GET',
    path: ['connectors', '*', 'status'],
    answer: (call) => {
      const found = find(call)
      return found ? ok(statusOf(call, found)) : refusal(404, `No status found for connector ${call.name}`)
    },
  },
  { method: 'GET', path: ['connectors', '*', 'tasks', '*', 'status'], answer: taskStatus },
  changing('PUT', 'pause', 202, (control, { connector }) => control.halt(connector.connector, 'paused')),
  changing('PUT', 'stop', 204, (control, { connector }) => control.halt(connector.connector, 'stopped')),
  changing('PUT', 'resume', 202, (control, { connector }) => control.resume(connector.connector)),
  { method: 'PATCH', path: ['connectors', '*', 'offsets'], answer: alterOffsets },
  { method: 'DELETE', path: ['connectors', '*', 'offsets'], answer: resetOffsets },
  { method: 'POST', path: ['connectors', '*', 'restart'], answer: restart },
  { method: 'POST', path: ['connectors', '*', 'tasks', '*', 'restart'], answer: restartTask },
]

function segmentsOf(path: string): string[] {
  const parts = path.replace(/^\/|\/$/g, '').split('/')
  try {
    return parts[0] === '' ? [] : parts.map(decodeURIComponent)
  } catch {
    return ['%']
  }
}

const fits = (segments: readonly string[]) => (part: string, at: number) =>
  part === segments[at] || (part === '*' && (at !== 3 || /^\d+$/.test(segments[at] ?? '')))

const find = ({ port, name }: RouteCall) => connectorNamed(name, port.flows(), port.configOf)
const statusOf = ({ port, request }: RouteCall, found: NamedConnector) =>
  statusJson(found, request.worker, port.version)

/** A route that reads one connector. */
function reading(rest: readonly string[], json: (found: NamedConnector) => object): Route {
  const answer = (call: RouteCall) => {
    const found = find(call)
    return found ? ok(json(found)) : refusal(404, `Connector ${call.name} not found`)
  }
  return { method: 'GET', path: ['connectors', '*', ...rest], answer }
}

/** Version and cluster id: that of the first flow's target. As in Connect, the commit is `unknown` when it is not recorded. */
function rootJson({ version, flows }: ConnectPort): object {
  return { version, commit: 'unknown', kafka_cluster_id: flows()[0]?.work?.targetClusterId ?? '' }
}

function list(call: RouteCall): object {
  const { port, request } = call
  const connectors = listedConnectors(port.flows(), port.configOf)
  const expand = request.query.getAll('expand')
  if (expand.length === 0) return connectors.map(({ name }) => name)
  const expanded = connectors.map((found) => [
    found.name,
    {
      ...(expand.includes('status') && { status: statusOf(call, found) }),
      ...(expand.includes('info') && { info: infoJson(found) }),
    },
  ])
  return Object.fromEntries(expanded) as object
}

function taskStatus(call: RouteCall): ConnectAnswer {
  const found = find(call)
  const { tasks = [] } = found ? (statusOf(call, found) as { tasks?: object[] }) : {}
  const task = tasks[Number(call.task)]
  return task ? ok(task) : refusal(404, `No status found for task ${call.name}-${call.task}`)
}

/** A route that changes the state of one connector, with an empty response. */
function changing(
  method: 'PUT',
  verb: string,
  status: number,
  change: (control: ConnectorControl, found: NamedConnector) => void,
): Route {
  const answer = (call: RouteCall) => {
    const found = find(call)
    if (!found) return refusal(404, `Unknown connector ${call.name}`)
    const control = call.port.control(found.connector.flow.flow)
    const why = rejectionOf(found.connector.flow)
    if (why || !control) return why ?? refusal(409, 'godwit is stopping')
    change(control, found)
    return { status }
  }
  return { method, path: ['connectors', '*', verb], answer }
}

/** The rejection if this process does not run the flow: only the active process can control it. */
function rejectionOf({ flow, state, reason }: FlowStatus): ConnectAnswer | undefined {
  const why = reason ? `: ${reason}` : ''
  if (state === 'standby')
    return refusal(409, `this process is standby for flow ${flow}; send the request to the active process${why}`)
  if (state === 'failed')
    return refusal(500, `flow ${flow} has failed permanently; fix the cause and restart godwit${why}`)
  if (state === 'draining' || state === 'stopped') return refusal(409, `flow ${flow} is ${state}: godwit is stopping`)
  return undefined
}

/** `POST restart`. With a query parameter the response contains what is restarted (KIP-745), else it is empty. */
function restart(call: RouteCall): ConnectAnswer {
  const found = find(call)
  if (!found) return refusal(404, `Unknown connector: ${call.name}`)
  const { query } = call.request
  const [withTasks, onlyFailed] = [query.get('includeTasks') === 'true', query.get('onlyFailed') === 'true']
  const why = rejectionOf(found.connector.flow)
  if (why) return why
  const { connector } = found
  const hasFailedTask = withTasks && connector.taskState === 'FAILED'
  // With onlyFailed, running connectors and tasks are not restarted.
  if (!onlyFailed || hasFailedTask) call.port.control(connector.flow.flow)?.restart(connector.connector)
  if (!withTasks && !onlyFailed) return { status: 204 }
  const status = statusOf(call, found) as { connector: object; tasks: object[] }
  if (onlyFailed && !hasFailedTask) return { status: 202, body: status }
  const restarting = (one: object) => ({ ...one, state: 'RESTARTING' })
  return {
    status: 202,
    body: {
      ...status,
      ...(!onlyFailed && { connector: restarting(status.connector) }),
      tasks: status.tasks.map(restarting),
    },
  }
}

function restartTask(call: RouteCall): ConnectAnswer {
  const found = find(call)
  if (!found) return refusal(404, `Unknown connector: ${call.name}`)
  if (Number(call.task) >= found.connector.tasks) return refusal(404, `Unknown task: ${call.name}-${call.task}`)
  return restart({ ...call, request: { ...call.request, query: new URLSearchParams() } })
}

/** `PATCH offsets` (KIP-875). */
async function alterOffsets(call: RouteCall): Promise<ConnectAnswer> {
  const body = await call.request.body()
  if (body.kind === 'too large') return refusal(413, `the body is larger than ${body.most} bytes`)
  if (body.kind === 'garbled') return refusal(500, body.why)
  const entries = alteredOffsets(body.kind === 'json' ? body.value : undefined)
  if (isRefused(entries)) return refused(entries)
  return changeOffsets(call, 'altered', ({ connector }) => {
    const wrong = refusalOfOffsets(connector.connector, entries)
    const { aliases, source } = connector.flow
    const isOfCopying = connector.connector === 'MirrorSourceConnector'
    return wrong ?? resetOfOffsets(isOfCopying ? entries : [], aliases?.source ?? source)
  })
}

/** `DELETE offsets` (KIP-875). */
function resetOffsets(call: RouteCall): Promise<ConnectAnswer> {
  return changeOffsets(call, 'reset', () => ({ targetClusterId: '', topics: [], all: true }))
}

/** Changes offsets of a stopped connector. Only those of the source connector have an effect. */
async function changeOffsets(
  call: RouteCall,
  verb: 'altered' | 'reset',
  resetOf: (found: NamedConnector) => PositionsReset | Refused,
): Promise<ConnectAnswer> {
  const { name, port } = call
  const found = find(call)
  if (!found) return refusal(404, `Connector ${name} not found`)
  const { flow, connector, state } = found.connector
  const why = rejectionOf(flow)
  if (why) return why
  if (state !== 'STOPPED') return refusal(400, notStopped(name))
  const reset = resetOf(found)
  if (isRefused(reset)) return refused(reset)
  const isOfCopying = connector === 'MirrorSourceConnector' && (reset.all === true || reset.topics.length > 0)
  try {
    if (isOfCopying) await port.control(flow.flow)?.resetPositions(reset)
  } catch (error) {
    return refusal(error instanceof Failure ? failures[error.code].http : 500, sentenceOf(error))
  }
  return ok({ message: `The offsets for this connector have been ${verb} successfully` })
}

const refused = ({ status, message }: Refused): ConnectAnswer => refusal(status, message)
const notStopped = (name: string) =>
  `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`
