// `godwit status`: the status of a running godwit, once or repeatedly.
import { Failure } from '../../base/failure.ts'
import { sleep } from '../../base/retry.ts'
import { type Address, addressText, parseAddress } from '../../http/address.ts'
import { fetchStatus } from '../../http/client.ts'
import { defaultAddress, type StatusAnswer } from '../../http/contract.ts'
import type { FlowStatus } from '../../model/flow-status.ts'
import { type Command, type Context, flagOf, textOf } from '../command.ts'
import { unknownName } from '../configured.ts'
import { type Rates, RateWindow, type StatusSample } from '../output/pace.ts'
import { formatOf, outputOption, rendered } from '../output/render.ts'
import { statusLines } from '../output/status-text.ts'
import { printable } from '../screen/spans.ts'
import { reportOf } from '../status/report.ts'
import { everything, filterOf, sorts, views } from '../status/selection.ts'
import { terminalFeatures } from '../status/terminal-looks.ts'

const sampleMs = 1000
const plainRefreshMs = 10_000

export const flowOption = { value: 'SOURCE->TARGET', doc: 'Only this flow (default: all).' } as const
export const httpOption = {
  value: 'HOST:PORT',
  doc: `Address of the running godwit (default ${defaultAddress}).`,
} as const

export const statusCommand: Command = {
  name: 'status',
  summary:
    'Shows the status of a running godwit: phase, topics, lag, rates, groups, periodic tasks, problems with remedies.',
  usage:
    'status [--watch] [--flow SOURCE->TARGET] [--view VIEW] [--sort ORDER] [--filter REGEX] [--output text|json|yaml] [--http HOST:PORT]',
  arguments: [],
  options: {
    watch: {
      doc: 'Refresh until stopped: a full-screen view on a terminal (? shows its keys), else plain lines every 10 s.',
    },
    flow: flowOption,
    view: {
      value: 'VIEW',
      choices: views,
      doc: 'Only this table (default: all except partitions); with --watch on a terminal the first table (default topics).',
    },
    sort: { value: 'ORDER', choices: sorts, doc: 'Order of the rows (default lag: highest first).' },
    filter: {
      value: 'REGEX',
      doc: 'Only rows with a match of this regular expression in their name, ignoring case (default: all).',
    },
    output: outputOption,
    http: httpOption,
  },
  notes: [
    'The phase of a flow is starting, recovering (it reads the state of the target), catching up, keeping up (it was in sync before, and records wait at most 10 s), in sync (all records that the last listing of the source, at most a few seconds old, contains are on the target), unknown (a cluster does not answer), nothing to copy (it selects no topic), blocked (all partitions still to copy need an operator), halted (paused by an operator), heartbeats (it is configured to copy nothing), standby (another process is active), stopping, stopped or failed.',
    'RATE and ETA are measured over one second, with --watch over the last five. LAG counts source offsets still to copy. BEHIND is the age of the oldest of them, as far as known. ETA is growing or steady while the lag does not shrink.',
    'JSON and YAML contain the response of /api/v1/status, and for each flow and topic lagMs, recordsPerSecond, bytesPerSecond and etaMs, null while unknown; for each flow its phase. With --watch each refresh is one line of JSON or one YAML document.',
    'Colours are used on terminals only, unless NO_COLOR is set. While godwit does not answer, --watch shows that and keeps asking; without a terminal only after a first answer.',
    'Exit codes: 0 an answer was shown, 64 the command line is invalid, the flow does not exist, or the address belongs to another service, 69 no godwit answers.',
  ],
  examples: [
    ['status --watch', 'watch a migration'],
    ["status --view partitions --filter '^orders-' --sort behind", 'positions of the partitions of orders'],
    ["status --output json | jq -r '.flows[] | [.flow, .phase, .lag] | @tsv'", 'one line per flow'],
  ],
  run: async (context) => {
    const address = parseAddress(textOf(context.values, 'http') ?? defaultAddress)
    const request = requestOf(context)
    if (!flagOf(context.values, 'watch')) await once(context, address, request)
    else if (isOnScreen(context)) await onScreen(context, address, request)
    else await plainly(context, address, request)
    return 0
  },
}

type StatusRequest = ReturnType<typeof requestOf>

/** The options of the command. @throws Failure USAGE for a filter that is not a regular expression */
function requestOf({ values }: Context) {
  const filter = textOf(values, 'filter') ?? ''
  return {
    flow: textOf(values, 'flow'),
    text: filter,
    filter: filter === '' ? everything : filterOf(filter),
    sort: sorts.find((sort) => sort === textOf(values, 'sort')) ?? 'lag',
    view: views.find((view) => view === textOf(values, 'view')),
  } as const
}

/** The flows of an answer that --flow selects. @throws Failure USAGE, with the existing flows, when it does not exist */
export function flowsAsked({ flows }: StatusAnswer, asked: string | undefined): readonly FlowStatus[] {
  if (asked === undefined) return flows
  const found = flows.filter(({ flow }) => flow === asked)
  if (found.length > 0) return found
  throw unknownName(
    'flow',
    asked,
    flows.map(({ flow }) => flow),
  )
}

async function requestStatus(address: Address, signal: AbortSignal, isFresh = false): Promise<StatusSample> {
  return { answer: await fetchStatus(address, signal, isFresh), at: Date.now() }
}

async function once(context: Context, address: Address, request: StatusRequest): Promise<void> {
  const window = new RateWindow()
  const first = await requestStatus(address, context.signal)
  flowsAsked(first.answer, request.flow)
  const early = window.note(first)
  await sleep(sampleMs, context.signal)
  if (context.signal.aborted) return show(context, first, early, request)
  const second = await requestStatus(address, context.signal, true)
  show(context, second, window.note(second), request)
}

function show(context: Context, now: StatusSample, rates: Rates, request: StatusRequest): void {
  const flows = flowsAsked(now.answer, request.flow)
  const format = formatOf(context)
  if (format === 'text') context.print(textOfSample(now, flows, rates, request))
  else context.print(rendered(reportOf(now, { ...request, flows, rates }), format))
}

function textOfSample(now: StatusSample, flows: readonly FlowStatus[], rates: Rates, request: StatusRequest): string {
  const lines = statusLines(now, { ...request, flows, rates, view: request.view ?? 'all' })
  return lines.map((line) => printable(line)).join('\n')
}

/** Whether to show the full-screen view: text output on a terminal that can move its cursor. */
function isOnScreen(context: Context): boolean {
  const { isTerminal, environment, openScreen } = context
  return isTerminal && formatOf(context) === 'text' && environment['TERM'] !== 'dumb' && openScreen !== undefined
}

async function onScreen(context: Context, address: Address, request: StatusRequest): Promise<void> {
  const [{ watchScreen }, { firstState }, screen] = await Promise.all([
    import('../status/watch-screen.ts'),
    import('../status/view-state.ts'),
    context.openScreen?.(),
  ])
  if (!screen) return
  const { flow, text, sort, view = 'topics' } = request
  await watchScreen({
    ...{
      screen,
      features: terminalFeatures(context.environment),
      address: addressText(address),
      signal: context.signal,
    },
    first: { ...firstState, view, flow, sort, filter: text },
    ask: (signal) => fetchStatus(address, signal),
    check: (answer) => void flowsAsked(answer, flow),
  })
}

/** Prints each refresh as lines or as one value. After a first answer a godwit that does not answer is asked again. */
async function plainly(context: Context, address: Address, request: StatusRequest): Promise<void> {
  const window = new RateWindow()
  for (let answers = 0; !context.signal.aborted; await sleep(plainRefreshMs, context.signal)) {
    try {
      const now = await requestStatus(address, context.signal)
      showOneOfMany(context, now, window.note(now), request)
      answers++
    } catch (error) {
      if (context.signal.aborted) return
      if (answers === 0 || !(error instanceof Failure)) throw error
      context.printError(`${new Date().toISOString()} ${error.message}; retrying every ${plainRefreshMs / 1000} s`)
    }
  }
}

function showOneOfMany(context: Context, now: StatusSample, rates: Rates, request: StatusRequest): void {
  const flows = flowsAsked(now.answer, request.flow)
  const format = formatOf(context)
  if (format === 'text') {
    context.print(`${new Date(now.at).toISOString()}\n${textOfSample(now, flows, rates, request)}\n`)
    return
  }
  const report = reportOf(now, { ...request, flows, rates })
  context.print(format === 'json' ? JSON.stringify(report) : `---\n${rendered(report, format)}`)
}
