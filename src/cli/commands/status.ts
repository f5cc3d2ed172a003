// `godwit status`: what a running godwit says about its flows, once or again and again.
import { Failure } from '../../base/failure.ts'
import { sleep } from '../../base/retry.ts'
import { type Address, addressText, parseAddress } from '../../http/address.ts'
import { fetchStatus } from '../../http/client.ts'
import { defaultAddress, type StatusAnswer } from '../../http/contract.ts'
import type { FlowStatus } from '../../model/flow-status.ts'
import { type Command, type Context, flagOf, textOf } from '../command.ts'
import { unknownName } from '../configured.ts'
import { type Look, type Paces, PaceWindow } from '../output/pace.ts'
import { formatOf, outputOption, rendered } from '../output/render.ts'
import { statusLines } from '../output/status-text.ts'
import { printable } from '../screen/spans.ts'
import { reportOf } from '../status/report.ts'
import { everything, filterOf, sorts, views } from '../status/selection.ts'
import { looksOf } from '../status/terminal-looks.ts'

const paceMs = 1000
const plainRefreshMs = 10_000

export const flowOption = { value: 'SOURCE->TARGET', doc: 'Only this flow (default: all).' } as const
export const httpOption = {
  value: 'HOST:PORT',
  doc: `Where the running godwit listens (default ${defaultAddress}).`,
} as const

export const statusCommand: Command = {
  name: 'status',
  summary:
    'Shows what a running godwit does: phase, topics, lag, rates, groups, periodic tasks, problems with remedies.',
  usage:
    'status [--watch] [--flow SOURCE->TARGET] [--view VIEW] [--sort ORDER] [--filter REGEX] [--output text|json|yaml] [--http HOST:PORT]',
  arguments: [],
  options: {
    watch: { doc: 'Until stopped: a full-screen view on a terminal (? shows its keys), else plain lines every 10 s.' },
    flow: flowOption,
    view: {
      value: 'VIEW',
      choices: views,
      doc: 'Only this table; with --watch on a terminal the one it begins with (default: all but partitions; topics).',
    },
    sort: { value: 'ORDER', choices: sorts, doc: 'What the rows are ordered by (default lag: most first).' },
    filter: {
      value: 'REGEX',
      doc: 'Only rows whose name matches this regular expression somewhere, in whatever case (default: all).',
    },
    output: outputOption,
    http: httpOption,
  },
  notes: [
    'The phase of a flow is starting, recovering (it learns what the target holds), catching up, keeping up (it was in sync before, and records wait 10 s at most), in sync (everything that was on the source when it was listed last, at most a few seconds ago, has arrived), unknown (a cluster does not answer), nothing to copy (it selects no topic), blocked (only partitions that need a person are left), halted (paused by a person), heartbeats (it copies nothing on purpose), standby (another process works), stopping, stopped or failed.',
    'RATE and ETA are measured over one second, with --watch over the last five. LAG counts source offsets still to copy, BEHIND is the age of the oldest of them as far as known. ETA is growing or steady where the lag does not shrink.',
    'JSON and YAML hold the answer of /api/v1/status, and for each flow and topic lagMs, recordsPerSecond, bytesPerSecond and etaMs, null while not known; for each flow its phase. With --watch it is one JSON a line, or one YAML document after the other.',
    'Colours are for terminals only, and not where NO_COLOR is set. While godwit is away --watch says so and asks on; without a terminal it does that only after a first answer.',
    'Exit codes: 0 an answer was shown, 64 the command line is wrong, there is no such flow, or something else listens there, 69 no godwit answers.',
  ],
  examples: [
    ['status --watch', 'watch a migration'],
    ["status --view partitions --filter '^orders-' --sort behind", 'where the partitions of orders stand'],
    ["status --output json | jq -r '.flows[] | [.flow, .phase, .lag] | @tsv'", 'one line a flow'],
  ],
  run: async (context) => {
    const address = parseAddress(textOf(context.values, 'http') ?? defaultAddress)
    const wish = wishOf(context)
    if (!flagOf(context.values, 'watch')) await once(context, address, wish)
    else if (isOnScreen(context)) await onScreen(context, address, wish)
    else await plainly(context, address, wish)
    return 0
  },
}

type Wish = ReturnType<typeof wishOf>

/** @throws Failure USAGE for a filter that is no regular expression */
function wishOf({ values }: Context) {
  const filter = textOf(values, 'filter') ?? ''
  return {
    flow: textOf(values, 'flow'),
    text: filter,
    filter: filter === '' ? everything : filterOf(filter),
    sort: sorts.find((sort) => sort === textOf(values, 'sort')) ?? 'lag',
    view: views.find((view) => view === textOf(values, 'view')),
  } as const
}

/** The flows of an answer that are asked for. @throws Failure USAGE naming those that exist */
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

async function look(address: Address, signal: AbortSignal, isFresh = false): Promise<Look> {
  return { answer: await fetchStatus(address, signal, isFresh), at: Date.now() }
}

async function once(context: Context, address: Address, wish: Wish): Promise<void> {
  const window = new PaceWindow()
  const first = await look(address, context.signal)
  flowsAsked(first.answer, wish.flow)
  const early = window.note(first)
  await sleep(paceMs, context.signal)
  if (context.signal.aborted) return show(context, first, early, wish)
  const second = await look(address, context.signal, true)
  show(context, second, window.note(second), wish)
}

function show(context: Context, now: Look, paces: Paces, wish: Wish): void {
  const flows = flowsAsked(now.answer, wish.flow)
  const format = formatOf(context)
  if (format === 'text') context.print(textOfLook(now, flows, paces, wish))
  else context.print(rendered(reportOf(now, { ...wish, flows, paces }), format))
}

function textOfLook(now: Look, flows: readonly FlowStatus[], paces: Paces, wish: Wish): string {
  const lines = statusLines(now, { ...wish, flows, paces, view: wish.view ?? 'all' })
  return lines.map((line) => printable(line)).join('\n')
}

/** A terminal that knows how to move its cursor; programs read lines. */
function isOnScreen(context: Context): boolean {
  const { isTerminal, environment, openScreen } = context
  return isTerminal && formatOf(context) === 'text' && environment['TERM'] !== 'dumb' && openScreen !== undefined
}

async function onScreen(context: Context, address: Address, wish: Wish): Promise<void> {
  const [{ watchScreen }, { firstState }, screen] = await Promise.all([
    import('../status/watch-screen.ts'),
    import('../status/view-state.ts'),
    context.openScreen?.(),
  ])
  if (!screen) return
  const { flow, text, sort, view = 'topics' } = wish
  await watchScreen({
    ...{ screen, looks: looksOf(context.environment), address: addressText(address), signal: context.signal },
    first: { ...firstState, view, flow, sort, filter: text },
    ask: (signal) => fetchStatus(address, signal),
    check: (answer) => void flowsAsked(answer, flow),
  })
}

/** Without a terminal: plain lines, or a value after the other. Who is away for a while is asked again. */
async function plainly(context: Context, address: Address, wish: Wish): Promise<void> {
  const window = new PaceWindow()
  for (let answers = 0; !context.signal.aborted; await sleep(plainRefreshMs, context.signal)) {
    try {
      const now = await look(address, context.signal)
      showOneOfMany(context, now, window.note(now), wish)
      answers++
    } catch (error) {
      if (context.signal.aborted) return
      if (answers === 0 || !(error instanceof Failure)) throw error
      context.complain(
        `${new Date().toISOString()} ${error.message}; it is asked again every ${plainRefreshMs / 1000} s`,
      )
    }
  }
}

function showOneOfMany(context: Context, now: Look, paces: Paces, wish: Wish): void {
  const flows = flowsAsked(now.answer, wish.flow)
  const format = formatOf(context)
  if (format === 'text') {
    context.print(`${new Date(now.at).toISOString()}\n${textOfLook(now, flows, paces, wish)}\n`)
    return
  }
  const report = reportOf(now, { ...wish, flows, paces })
  context.print(format === 'json' ? JSON.stringify(report) : `---\n${rendered(report, format)}`)
}
