// The status for people: a heading and a table per flow, and what is wrong with its remedy.
import type { FlowStatus, Problem, TopicStatus } from '../../mirror/flow-status.ts'
import { dutyLines, groupLines } from './duties-text.ts'
import { type Look, type Pace, type Paces, sumsOf } from './pace.ts'
import { bytesText, countText, durationText } from './quantities.ts'
import { type Column, tableLines } from './table.ts'

export interface StatusView {
  readonly paces: Paces
  /** topics shown per flow at most; the rest is summed up in one line */
  readonly topicsShown: number
}

const columns: readonly Column[] = [
  { title: 'TOPIC', alignment: 'left' },
  { title: 'PARTITIONS', alignment: 'right' },
  { title: 'RECORDS', alignment: 'right' },
  { title: 'BYTES', alignment: 'right' },
  { title: 'RATE', alignment: 'right' },
  { title: 'LAG', alignment: 'right' },
  { title: 'BEHIND', alignment: 'right' },
  { title: 'ETA', alignment: 'right' },
  { title: 'STATE', alignment: 'left' },
]
const problemsShown = 20

/** Lines for the whole answer. */
export function statusLines({ at, answer }: Look, view: StatusView): string[] {
  const head = `godwit ${answer.version}, up ${durationText(at - answer.startedAt)}`
  return [head, ...answer.flows.flatMap((flow) => ['', ...flowLines(flow, view, at)])]
}

function flowLines(flow: FlowStatus, view: StatusView, at: number): string[] {
  const why = flow.reason ? `: ${flow.reason}` : ''
  const sync = flow.inSync ? ', in sync' : ''
  const sums = `${countText(flow.records)} records, ${bytesText(flow.bytes)}, lag ${countText(flow.lag)}`
  // Whoever looks wants to see what is behind; the order among the rest is the flow's own.
  const topics = [...flow.topics].sort((a, b) => sumsOf(b).lag - sumsOf(a).lag)
  const shown = topics.slice(0, view.topicsShown)
  const rows = shown.map((topic) => topicRow(topic, view.paces(flow, topic)))
  const rest = topics.slice(view.topicsShown)
  return [
    `${flow.flow}  ${flow.state}${why}${sync}${haltText(flow)}  (${sums})`,
    ...(rows.length > 0 ? tableLines(columns, rows).map((line) => `  ${line}`) : []),
    ...(rest.length > 0 ? [`  ... and ${countText(rest.length)} topics more, ${restText(rest)}`] : []),
    ...groupLines(flow),
    ...dutyLines(flow, at),
    ...problemLines(flow.problems, at),
  ]
}

/** `, MirrorSourceConnector paused`: a flow that runs and does nothing must not look healthy. */
function haltText({ halted = {} }: FlowStatus): string {
  return Object.entries(halted)
    .map(([connector, how]) => `, ${connector} ${how}`)
    .join('')
}

function restText(topics: readonly TopicStatus[]): string {
  const lag = topics.reduce((sum, topic) => sum + sumsOf(topic).lag, 0)
  return lag === 0 ? 'nothing left to copy there' : `lag ${countText(lag)}`
}

function topicRow(topic: TopicStatus, pace: Pace | undefined): string[] {
  const { records, bytes, lag } = sumsOf(topic)
  const behind = topic.partitions.reduce((most, { lagMs }) => Math.max(most, lagMs), 0)
  return [
    topic.topic === topic.targetTopic ? topic.topic : `${topic.topic} -> ${topic.targetTopic}`,
    String(topic.partitions.length),
    countText(records),
    bytesText(bytes),
    pace ? `${countText(pace.recordsPerSecond)}/s ${bytesText(pace.bytesPerSecond)}/s` : '-',
    countText(lag),
    durationText(behind),
    etaText(lag, pace),
    stateText(topic),
  ]
}

function etaText(lag: number, pace: Pace | undefined): string {
  if (lag === 0) return 'done'
  if (!pace) return '-'
  return Number.isFinite(pace.etaMs) ? durationText(pace.etaMs) : 'not shrinking'
}

/** `copying`, or how many partitions are in which state. */
function stateText({ partitions }: TopicStatus): string {
  const counts = [...Map.groupBy(partitions, ({ state }) => state)]
  const [only] = counts
  return counts.length === 1 && only ? only[0] : counts.map(([state, list]) => `${list.length} ${state}`).join(', ')
}

function problemLines(problems: readonly Problem[], at: number): string[] {
  if (problems.length === 0) return []
  const shown = problems.slice(0, problemsShown)
  const more = problems.length - shown.length
  return [
    '  Problems:',
    ...shown.flatMap((problem) => [
      `  ! ${problem.message} (${placeText(problem)}for ${durationText(at - problem.since)})`,
      ...(problem.remedy ? [`    remedy: ${problem.remedy}`] : []),
    ]),
    ...(more > 0 ? [`  ... and ${countText(more)} problems more: see them all with --output json`] : []),
  ]
}

function placeText({ code, cluster, topic, partition }: Problem): string {
  const where = topic === undefined ? undefined : `${topic}${partition === undefined ? '' : `-${partition}`}`
  return [code, cluster && `cluster ${cluster}`, where, ''].filter((part) => part !== undefined).join(', ')
}
