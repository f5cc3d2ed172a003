// `godwit status`: what a running godwit says about its flows, once or again and again.
import { sleep } from '../../base/retry.ts'
import { type Address, parseAddress } from '../../http/address.ts'
import { fetchStatus } from '../../http/client.ts'
import { defaultAddress } from '../../http/contract.ts'
import { type Command, type Context, flagOf, textOf } from '../command.ts'
import { type Look, pacesBetween } from '../output/pace.ts'
import { statusLines } from '../output/status-text.ts'

const paceMs = 1000
const refreshMs = { terminal: 1000, plain: 10_000 }
/** Lines per flow that are not topics: heading, table head, rest, blank, and some room for problems. */
const otherLines = 10
const home = '\u001b[H'
const clearLine = '\u001b[K'
const clearBelow = '\u001b[J'
const clearAll = '\u001b[2J'

export const statusCommand: Command = {
  name: 'status',
  summary: 'Shows what a running godwit does: flows, topics, lag, problems.',
  usage: 'status [--watch] [--output text|json] [--http HOST:PORT]',
  arguments: [],
  options: {
    watch: { doc: 'Refresh until stopped: in place on a terminal, else as plain lines every 10 s.' },
    output: { value: 'FORMAT', choices: ['text', 'json'], doc: 'text for people (default), json as the API answers.' },
    http: { value: 'HOST:PORT', doc: `Where the running godwit listens (default ${defaultAddress}).` },
  },
  notes: [
    'RATE and ETA are measured over one second, with --watch between two refreshes. LAG counts source offsets still to copy, BEHIND is the age of the oldest of them as far as known.',
    'Exit codes: 0 an answer was shown, 64 the command line is wrong or something else listens there, 69 nobody answers.',
  ],
  run: async (context) => {
    const address = parseAddress(textOf(context.values, 'http') ?? defaultAddress)
    if (flagOf(context.values, 'watch')) await watch(context, address)
    else await once(context, address)
    return 0
  },
}

const isJson = (context: Context) => textOf(context.values, 'output') === 'json'

async function look(address: Address, signal: AbortSignal): Promise<Look> {
  return { answer: await fetchStatus(address, signal), at: Date.now() }
}

async function once(context: Context, address: Address): Promise<void> {
  const first = await look(address, context.signal)
  if (isJson(context)) return context.print(JSON.stringify(first.answer, null, 2))
  await sleep(paceMs, context.signal)
  const second = context.signal.aborted ? first : await look(address, context.signal)
  context.print(viewLines(first, second, Infinity).join('\n'))
}

async function watch(context: Context, address: Address): Promise<void> {
  const onScreen = context.isTerminal && !isJson(context)
  let before: Look | undefined
  if (onScreen) context.print(clearAll)
  while (!context.signal.aborted) {
    const now = await lookUnlessStopped(context, address)
    if (!now) return
    show(context, before, now, onScreen)
    before = now
    await sleep(onScreen ? refreshMs.terminal : refreshMs.plain, context.signal)
  }
}

async function lookUnlessStopped(context: Context, address: Address): Promise<Look | undefined> {
  try {
    return await look(address, context.signal)
  } catch (error) {
    if (context.signal.aborted) return undefined
    throw error
  }
}

function show(context: Context, before: Look | undefined, now: Look, onScreen: boolean): void {
  const size = onScreen ? context.terminalSize?.() : undefined
  if (isJson(context)) context.print(JSON.stringify(now.answer))
  else if (size) context.print(screen(before, now, size))
  else context.print(`${new Date(now.at).toISOString()}\n${viewLines(before, now, Infinity).join('\n')}\n`)
}

function viewLines(before: Look | undefined, now: Look, topicsShown: number): string[] {
  return statusLines(now, { paces: pacesBetween(before, now), topicsShown })
}

/** Overwrites what stands on the screen line by line: clearing all of it first would flicker. */
function screen(before: Look | undefined, now: Look, { rows, columns }: { rows: number; columns: number }): string {
  const flows = Math.max(1, now.answer.flows.length)
  const lines = viewLines(before, now, Math.max(3, Math.floor(rows / flows) - otherLines))
  const fitting = lines.slice(0, rows - 1).map((line) => `${line.slice(0, columns)}${clearLine}`)
  return `${home}${fitting.join('\n')}\n${clearBelow}`
}
