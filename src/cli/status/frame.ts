// Lines of the `status --watch` screen, from the last status, the state of the view and the size of the terminal. Pure.
import type { FlowStatus } from '../../model/flow-status.ts'
import type { Rates, StatusSample } from '../output/pace.ts'
import { countedText, countText, durationText } from '../output/quantities.ts'
import { headOf, layoutOf, longestOf, rowLines } from '../screen/columns.ts'
import { type Line, lineWidth, printable, type Span, spread, type TerminalFeatures, wrapped } from '../screen/spans.ts'
import { type Body, bodyOf, problemLines, totalOf } from './body.ts'
import { helpLines } from './help-lines.ts'
import { isPattern, type View, views } from './selection.ts'
import { flowColumns, flowRow } from './tables.ts'
import type { ViewExtent, ViewState } from './view-state.ts'

/** The data to show. */
export interface FrameData {
  /** the last response; undefined before the first */
  readonly sample: StatusSample | undefined
  readonly rates: Rates
  /** address of godwit, HOST:PORT */
  readonly address: string
  /** why the last request failed; undefined if it did not */
  readonly failure:
    | { readonly sentence: string; readonly remedy: string | undefined; readonly since: number }
    | undefined
  /** ms since the epoch */
  readonly now: number
}

export interface Size {
  readonly rows: number
  readonly columns: number
}

export interface ScreenFrame {
  /** at most one per terminal row */
  readonly lines: readonly Line[]
  readonly extent: ViewExtent
}

const nothing: ViewExtent = { lastTop: 0, page: 1, flows: [] }
/** Numbers older than this are shown with a warning (ms). */
const oldMs = 5000

/** The screen for a terminal of this size. */
export function frameOf(data: FrameData, state: ViewState, size: Size, features: TerminalFeatures): ScreenFrame {
  const { rows, columns } = size
  if (rows < 5 || columns < 40) return { lines: [[{ text: 'terminal too small' }]].slice(0, rows), extent: nothing }
  const title = titleLine(data, state, columns)
  if (state.isHelp) {
    const foot: Line = [{ text: 'any key: back, q: quit', style: 'faint' }]
    return { lines: [title, ...filled(helpLines(columns), rows - 2), foot], extent: nothing }
  }
  const { sample } = data
  const failure = failureLines(data, columns)
  if (!sample) {
    const foot: Line = [{ text: 'q quits', style: 'faint' }]
    return { lines: [title, ...filled(['', ...failure].map(asLine), rows - 2), foot], extent: nothing }
  }
  const all = sample.answer.flows
  const flows = state.flow === undefined ? all : all.filter(({ flow }) => flow === state.flow)
  const above = [
    title,
    ...failure,
    ...flowLines(flows, data, size, features),
    ...worstLines(flows, state.view, sample, size),
  ]
  const body = bodyOf({ ...state, flows, sample, rates: data.rates, width: columns, features })
  const air: Line[] = rows < 20 ? [] : [[]]
  const fixed = [...above.slice(0, rows - 4 - air.length), ...air, tabLine(state.view, flows, columns), ...body.head]
  const { lines, lastTop, top, shown } = windowOf(body, state.top, rows - fixed.length - 1)
  const inside = lines.length > 0 ? lines : [emptyLine(state, body)]
  const foot = footLine(state, { body, top, shown, flows: all.length }, columns, features)
  return {
    lines: [...fixed, ...filled(inside, rows - fixed.length - 1), foot],
    extent: { lastTop, page: Math.max(1, shown), flows: all.map(({ flow }) => flow) },
  }
}

const asLine = (line: string | Line): Line => (typeof line === 'string' ? [{ text: line }] : line)

/** Exactly `height` lines. */
function filled(lines: readonly Line[], height: number): Line[] {
  return Array.from({ length: Math.max(0, height) }, (_, at) => lines[at] ?? [])
}

/** Version, address and uptime as far as they fit, and the age of the numbers. */
function titleLine({ sample, address, failure, now }: FrameData, { isPaused }: ViewState, columns: number): Line {
  const right: Line = [freshness(sample, isPaused, failure?.since, now)]
  const about = { text: sample ? `godwit ${sample.answer.version}` : 'godwit', style: 'strong' } as const
  const up = sample ? `, up ${durationText(Math.max(0, sample.at - sample.answer.startedAt))}` : ''
  const lefts: Line[] = [[about, { text: ` at ${address}${up}` }], [about, { text: ` at ${address}` }], [about]]
  const left = lefts.find((one) => lineWidth(one) + 1 + lineWidth(right) <= columns)
  return left ? spread(left, right, columns) : right
}

/** The age of the numbers, and why they are not newer. */
function freshness(
  sample: StatusSample | undefined,
  isPaused: boolean,
  awaySince: number | undefined,
  now: number,
): Span {
  const old = sample ? `${clock(sample.at)}, ${ageText(now - sample.at)} old` : ''
  if (awaySince !== undefined) {
    return { text: `NO ANSWER for ${ageText(now - awaySince)}${sample ? ` - numbers of ${old}` : ''}`, style: 'bad' }
  }
  if (!sample) return { text: 'waiting for the first answer', style: 'warn' }
  if (isPaused) return { text: `PAUSED - ${old}`, style: 'warn' }
  return { text: old, style: now - sample.at > oldMs ? 'warn' : 'faint' }
}

const clock = (at: number) => new Date(at).toTimeString().slice(0, 8)
const ageText = (ms: number) => (ms < 60_000 ? `${Math.max(0, Math.floor(ms / 1000))}s` : durationText(ms))

function failureLines({ failure, sample }: FrameData, columns: number): Line[] {
  if (!failure) return []
  const text = `! ${failure.sentence}; retrying`
  const remedy = sample || failure.remedy === undefined ? [] : wrapped(`remedy: ${failure.remedy}`, columns - 2)
  return [
    ...wrapped(printable(text), columns).map((line): Line => [{ text: line, style: 'bad' }]),
    ...remedy.map((line): Line => [{ text: `  ${line}` }]),
  ]
}

/** A table of the flows, as far as there is space; a flow that does not copy has its reason below. */
function flowLines(
  flows: readonly FlowStatus[],
  { rates }: FrameData,
  { rows, columns }: Size,
  features: TerminalFeatures,
): Line[] {
  const most = Math.max(1, Math.floor((rows - 12) / 3))
  const longest = longestOf(flows.map(({ flow }) => flow))
  const layout = layoutOf(flowColumns(rates), { width: columns, longest: Math.min(longest, 60), features })
  const lines = flows
    .slice(0, most)
    .flatMap((flow) => [...rowLines(layout, flowRow(flow)), ...reasonLines(flow, columns)])
  const more = flows.length - most
  return [
    headOf(layout),
    ...lines,
    ...(more > 0 ? [[{ text: `... and ${countedText(more, 'flow')} more: press f` }]] : []),
  ]
}

function reasonLines({ reason, halted = {} }: FlowStatus, columns: number): Line[] {
  const why = [
    ...(reason === undefined ? [] : [reason]),
    ...Object.entries(halted).map(([connector, how]) => `${connector} is ${how}`),
  ]
  if (why.length === 0) return []
  return wrapped(printable(why.join('; ')), columns - 2)
    .slice(0, 2)
    .map((line): Line => [{ text: `  ${line}`, style: 'warn' }])
}

/** The first problem is shown above every view, so that it cannot be missed. */
function worstLines(flows: readonly FlowStatus[], view: View, sample: StatusSample, { rows, columns }: Size): Line[] {
  const [first] = flows.flatMap((flow) => flow.problems.map((problem) => ({ flow, problem })))
  if (!first || view === 'problems' || rows < 18) return []
  const most = rows < 22 ? 3 : rows < 30 ? 5 : 8
  const shown = abridged(problemLines(first, { sample, width: columns, flows }), most)
  const more = totalOf('problems', flows) - 1
  return more > 0 ? [...shown, [{ text: `  and ${countText(more)} more: press 5`, style: 'bad' }]] : shown
}

/** Shortens a problem to `most` lines; the remedy has priority over the rest of the message. */
function abridged(lines: readonly Line[], most: number): Line[] {
  if (lines.length <= most) return [...lines]
  const begin = lines.findIndex(([mark]) => mark?.text.startsWith('  remedy') === true)
  const at = begin < 0 ? lines.length : begin
  const remedy = lines.slice(at, at + most - 2)
  return [
    ...lines.slice(0, Math.min(at, most - 1 - remedy.length)),
    ...remedy,
    [{ text: '  ... press 5 for all of it' }],
  ]
}

/** The views with their numbers of rows; on a narrow terminal only the number of problems. */
function tabLine(view: View, flows: readonly FlowStatus[], columns: number): Line {
  const tabs = (withCounts: boolean) =>
    views.flatMap((name, at): Span[] => {
      const total = totalOf(name, flows)
      const counted = withCounts || name === 'problems' ? ` ${countText(total)}` : ''
      const text = `${at + 1} ${name}${counted}`
      const style = name === view ? 'inverse' : name === 'problems' && total > 0 ? 'bad' : 'plain'
      return [{ text: name === view ? `[${text}]` : ` ${text} `, style }, { text: ' ' }]
    })
  const wide = tabs(true)
  return lineWidth(wide) <= columns + 1 ? wide : tabs(false)
}

interface Window {
  readonly lines: readonly Line[]
  readonly top: number
  readonly lastTop: number
  /** number of rows that are at least partly visible */
  readonly shown: number
}

/** The rows from index `wanted` on that fit; scrolling stops at the last full page. */
function windowOf(body: Body, wanted: number, height: number): Window {
  let lastTop = body.count
  for (let used = 0; lastTop > 0; lastTop--) {
    used += body.lines(lastTop - 1).length
    if (used > height) break
  }
  lastTop = Math.min(lastTop, Math.max(0, body.count - 1))
  const top = Math.max(0, Math.min(wanted, lastTop))
  const lines: Line[] = []
  let at = top
  for (; at < body.count && lines.length < height; at++) lines.push(...body.lines(at))
  return { lines: lines.slice(0, height), top, lastTop, shown: at - top }
}

const empty: Readonly<Record<View, string>> = {
  topics: 'no topic yet',
  partitions: 'no partition yet',
  groups: 'no group yet: offsets are translated with the first checkpoints',
  tasks: 'no periodic task: this process does not run the flow',
  problems: 'no problem',
}

function emptyLine({ view, filter }: ViewState, { total }: Body): Line {
  if (total > 0) return [{ text: `none of ${countText(total)} ${view} matches ${filter}`, style: 'warn' }]
  return [{ text: empty[view], style: view === 'problems' ? 'good' : 'faint' }]
}

interface Below {
  readonly body: Body
  readonly top: number
  readonly shown: number
  readonly flows: number
}

const singular: Readonly<Record<ViewState['view'], string>> = {
  topics: 'topic',
  partitions: 'partition',
  groups: 'group',
  tasks: 'periodic task',
  problems: 'problem',
}

/** The visible range of rows, order and filter; keys to the right. */
function footLine(
  state: ViewState,
  { body, top, shown, flows }: Below,
  columns: number,
  features: TerminalFeatures,
): Line {
  if (state.typingOver !== undefined) return typingLine(state, body, columns)
  const range = shown === 0 ? '0' : `${countText(top + 1)}-${countText(top + shown)}`
  const ordered = state.view === 'tasks' || state.view === 'problems' ? '' : `, by ${state.sort}`
  const filtered = state.filter === '' ? '' : `, filter ${state.filter}`
  const of = state.flow === undefined ? '' : `, ${state.flow} only`
  const arrows = features.unicode ? '↑↓' : 'arrows'
  const keys = `${arrows} scroll  s sort  / filter${flows > 1 ? '  f flow' : ''}  ? help  q quit`
  const left: Line = [
    { text: `${range} of ${countedText(body.count, singular[state.view], state.view)}${ordered}${filtered}${of}` },
  ]
  const line = spread(left, [{ text: keys, style: 'faint' }], columns)
  return line === left ? spread(left, [{ text: '? help  q quit', style: 'faint' }], columns) : line
}

function typingLine({ filter, view }: ViewState, body: Body, columns: number): Line {
  const note = isPattern(filter) ? '' : ' (not a regular expression yet, used as plain text)'
  const left: Line = [
    { text: '/', style: 'strong' },
    { text: filter },
    { text: '_', style: 'inverse' },
    { text: note, style: 'warn' },
  ]
  const right = `${countText(body.count)} of ${countText(body.total)} ${view}  Enter: keep, Esc: cancel`
  return spread(left, [{ text: right, style: 'faint' }], columns)
}
