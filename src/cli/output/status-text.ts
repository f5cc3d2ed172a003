// Text output of `godwit status`: a heading and tables per flow, and problems with remedies.
import { plural } from '../../base/counted.ts'
import { readable, sentenceText } from '../../base/readable.ts'
import type { FlowStatus, PartitionStatus, Problem } from '../../model/flow-status.ts'
import {
  type Filter,
  partitionRows,
  problemRows,
  type Sort,
  type TopicRow,
  topicRows,
  type View,
} from '../status/selection.ts'
import { etaText, topicName } from '../status/tables.ts'
import type { Rate, Rates, StatusSample } from './pace.ts'
import { phaseOf } from './phase.ts'
import { bytesText, countedText, countText, durationText } from './quantities.ts'
import { type Column, tableLines } from './table.ts'
import { groupLines, taskLines } from './tasks-text.ts'

export interface StatusView {
  readonly rates: Rates
  readonly flows: readonly FlowStatus[]
  readonly filter: Filter
  readonly sort: Sort
  /** one table, or all except that of the partitions */
  readonly view: View | 'all'
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
const partitionColumns: readonly Column[] = [
  { title: 'TOPIC', alignment: 'left' },
  { title: 'PARTITION', alignment: 'right' },
  { title: 'POSITION', alignment: 'right' },
  { title: 'SOURCE END', alignment: 'right' },
  { title: 'TARGET END', alignment: 'right' },
  { title: 'RATE', alignment: 'right' },
  { title: 'LAG', alignment: 'right' },
  { title: 'BEHIND', alignment: 'right' },
  { title: 'ETA', alignment: 'right' },
  { title: 'STATE', alignment: 'left' },
]
const problemsShown = 20

/** Lines for the selected flows and tables. */
export function statusLines({ at, answer }: StatusSample, view: StatusView): string[] {
  const head = `godwit ${answer.version}, up ${durationText(at - answer.startedAt)}`
  return [
    head,
    ...view.flows.flatMap((flow) => [
      '',
      sentenceText(headingOf(flow)),
      ...missingLines(flow, at).map(sentenceText),
      ...sections(flow, view, at),
    ]),
  ]
}

/** The age of the source listing, and why the flow is not in sync. */
function missingLines({ asOf, completeness, inSync, state }: FlowStatus, at: number): string[] {
  if (!completeness || state !== 'running') return []
  const age = `the source was listed ${durationText(Math.max(0, at - asOf))} ago`
  if (inSync) return [`  all records of the source have been copied: ${age}`]
  if (completeness.verdict === 'unknown')
    return [`  it is unknown what is missing: ${age}`, ...completeness.reasons.map((reason) => `  - ${reason}`)]
  return [
    `  ${countText(completeness.missing)} of ${countedText(completeness.partitions, 'partition')} ${plural(completeness.missing, 'is', 'are')} not complete: ${age}`,
    ...completeness.reasons.map((reason) => `  - ${reason}`),
  ]
}

function headingOf(flow: FlowStatus): string {
  const why = flow.reason ? `: ${flow.reason}` : ''
  const sums = `${countedText(flow.records, 'record')}, ${bytesText(flow.bytes)}, lag ${flow.lag === null ? '?' : countText(flow.lag)}`
  return `${flow.flow}  ${phaseOf(flow)}${why}${haltText(flow)}${throttleText(flow)}  (${sums})`
}

function sections(flow: FlowStatus, view: StatusView, at: number): string[] {
  const make: Record<View, () => string[]> = {
    topics: () => table(columns, topicsOf(flow, view)),
    partitions: () => table(partitionColumns, partitionsOf(flow, view)),
    groups: () => groupLines(flow, view.filter, view.view === 'groups' ? view.sort : 'state'),
    tasks: () => taskLines(flow, at, view.filter),
    problems: () =>
      problemLines(
        problemRows([flow], view.filter).map(({ problem }) => readable(problem)),
        at,
      ),
  }
  if (view.view !== 'all') return make[view.view]()
  // Not filtered: a filter for topics would hide every periodic task.
  const periodicTasks = taskLines(flow, at)
  return [...make.topics(), ...make.groups(), ...periodicTasks, ...make.problems()]
}

const table = (head: readonly Column[], rows: readonly (readonly string[])[]) =>
  rows.length === 0 ? [] : tableLines(head, rows).map((line) => `  ${line}`)

/** `, MirrorSourceConnector paused`: a paused flow must not look healthy. */
function haltText({ halted = {} }: FlowStatus): string {
  return Object.entries(halted)
    .map(([connector, how]) => `, ${connector} ${how}`)
    .join('')
}

/** `, throttled by quotas: writing 2 s`: throttling slows a flow down without a problem. */
function throttleText({ work }: FlowStatus): string {
  const words = { producing: 'writing', fetching: 'reading', changing: 'creating topics', asking: 'requests' } as const
  const found = Object.entries(work?.throttle ?? {}).filter(([, ms]) => ms > 0)
  const parts = found.map(([kind, ms]) => `${words[kind as keyof typeof words]} ${durationText(ms)}`)
  return parts.length === 0 ? '' : `, throttled by quotas: ${parts.join(', ')}`
}

function topicsOf(flow: FlowStatus, { filter, sort, rates }: StatusView): string[][] {
  return topicRows([flow], filter, sort, rates).map((row) => topicCells(row, rates.topic(flow, row.topic)))
}

function topicCells({ topic, sums }: TopicRow, rate: Rate | undefined): string[] {
  return [
    topicName(topic),
    String(topic.partitions.length),
    countText(sums.records),
    bytesText(sums.bytes),
    rateText(rate),
    sums.unknown > 0 ? '?' : countText(sums.lag),
    durationText(sums.lagMs),
    etaText(rate).text,
    stateText(topic.partitions),
  ]
}

function partitionsOf(flow: FlowStatus, { filter, sort, rates }: StatusView): string[][] {
  const offset = (value: number) => (value < 0 ? '?' : countText(value))
  return partitionRows([flow], filter, sort, rates).map(({ topic, partition }) => {
    const rate = rates.partition(flow, topic, partition)
    return [
      topicName(topic),
      String(partition.partition),
      ...[partition.position, partition.sourceEnd, partition.targetEnd].map(offset),
      rateText(rate),
      partition.lag === null ? '?' : countText(partition.lag),
      durationText(partition.lagMs),
      etaText(rate).text,
      partition.state,
    ]
  })
}

const rateText = (rate: Rate | undefined) =>
  rate ? `${countText(rate.recordsPerSecond)}/s ${bytesText(rate.bytesPerSecond)}/s` : '-'

/** `copying` if all partitions have that state, else the number of partitions in each state. */
function stateText(partitions: readonly PartitionStatus[]): string {
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
      `  ! ${problem.message} (${locationText(problem)}for ${durationText(at - problem.since)})`,
      ...(problem.remedy ? [`    remedy: ${problem.remedy}`] : []),
    ]),
    ...(more > 0 ? [`  ... and ${countedText(more, 'problem')} more: see them all with --output json`] : []),
  ]
}

function locationText({ code, cluster, topic, partition }: Problem): string {
  const where = topic === undefined ? undefined : `${topic}${partition === undefined ? '' : `-${partition}`}`
  return [code, cluster && `cluster ${cluster}`, where, ''].filter((part) => part !== undefined).join(', ')
}
