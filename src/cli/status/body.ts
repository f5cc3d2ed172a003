// The rows below the tabs of `status --watch`. Only visible rows are formatted.
import type { FlowStatus, Problem } from '../../model/flow-status.ts'
import type { Rates, StatusSample } from '../output/pace.ts'
import { durationText } from '../output/quantities.ts'
import { headOf, type Layout, layoutOf, longestOf, rowLines, type ScreenColumn } from '../screen/columns.ts'
import { type Line, type Span, type TerminalFeatures, wrapped } from '../screen/spans.ts'
import {
  filterTyped,
  groupRows,
  type ProblemRow,
  partitionRows,
  problemRows,
  type Sort,
  topicRows,
  type View,
} from './selection.ts'
import { groupColumns, partitionColumns, taskColumns, topicColumns, topicName } from './tables.ts'

export interface Body {
  readonly head: readonly Line[]
  /** number of rows that pass the filter */
  readonly count: number
  /** number of all rows */
  readonly total: number
  /** the lines of the row with this index */
  lines(at: number): readonly Line[]
}

interface BodyRequest {
  readonly view: View
  readonly sort: Sort
  readonly filter: string
  readonly flows: readonly FlowStatus[]
  readonly sample: StatusSample
  readonly rates: Rates
  readonly width: number
  readonly features: TerminalFeatures
}

/** Number of rows of a view without a filter. */
export function totalOf(view: View, flows: readonly FlowStatus[]): number {
  return flows.reduce((sum, flow) => sum + rowsIn[view](flow), 0)
}

const rowsIn: Readonly<Record<View, (flow: FlowStatus) => number>> = {
  topics: ({ topics }) => topics.length,
  partitions: ({ topics }) => topics.reduce((sum, { partitions }) => sum + partitions.length, 0),
  groups: ({ groups = [] }) => groups.length,
  tasks: ({ periodicTasks }) => periodicTasks.length,
  problems: ({ problems }) => problems.length,
}

/** The rows of the requested view. */
export function bodyOf(request: BodyRequest): Body {
  // A flow without rows must not add the FLOW column.
  return bodies[request.view]({ ...request, flows: request.flows.filter((flow) => rowsIn[request.view](flow) > 0) })
}

const bodies: Readonly<Record<View, (request: BodyRequest) => Body>> = {
  topics: (request) => {
    const rows = sorted(request, () =>
      topicRows(request.flows, filterTyped(request.filter), request.sort, request.rates),
    )
    return tableBody(request, topicColumns(request.flows, request.rates), rows, ({ topic }) => topicName(topic))
  },
  partitions: (request) => {
    const rows = sorted(request, () =>
      partitionRows(request.flows, filterTyped(request.filter), request.sort, request.rates),
    )
    return tableBody(request, partitionColumns(request.flows, request.rates), rows, ({ topic }) => topicName(topic))
  },
  groups: (request) => {
    const rows = sorted(request, () => groupRows(request.flows, filterTyped(request.filter), request.sort))
    return tableBody(request, groupColumns(request.flows), rows, ({ group }) => group.group.slice(0, 60))
  },
  tasks: (request) => {
    const filter = filterTyped(request.filter)
    const rows = request.flows.flatMap((flow) =>
      flow.periodicTasks.map((task) => ({ flow, task, at: request.sample.at })),
    )
    const shown = rows.filter(({ task }) => filter(task.task))
    return tableBody(request, taskColumns(request.flows), shown, () => '')
  },
  problems: (request) => {
    const rows = problemRows(request.flows, filterTyped(request.filter))
    return {
      ...{ head: [], count: rows.length, total: totalOf('problems', request.flows) },
      lines: (at) => (rows[at] ? problemLines(rows[at], request) : []),
    }
  },
}

function tableBody<Row>(
  request: BodyRequest,
  columns: readonly ScreenColumn<Row>[],
  rows: readonly Row[],
  nameOf: (row: Row) => string,
): Body {
  const longest = longestOf(rows.map(nameOf))
  const layout: Layout<Row> = layoutOf(columns, { width: request.width, longest, features: request.features })
  return {
    ...{ head: [headOf(layout, request.sort)], count: rows.length, total: totalOf(request.view, request.flows) },
    lines: (at) => (rows[at] === undefined ? [] : rowLines(layout, rows[at])),
  }
}

interface SortedRows {
  readonly key: string
  readonly rows: readonly unknown[]
}
const sortedRows = new WeakMap<StatusSample, SortedRows>()

/** Caches the sorted rows of a sample: keys are pressed more often than samples arrive. */
function sorted<Row>({ view, sort, filter, flows, sample }: BodyRequest, make: () => Row[]): readonly Row[] {
  const key = [view, sort, filter, ...flows.map(({ flow }) => flow)].join('\n')
  const known = sortedRows.get(sample)
  // The key contains the view, and so determines the type of the rows.
  if (known?.key === key) return known.rows as readonly Row[]
  const rows = make()
  sortedRows.set(sample, { key, rows })
  return rows
}

/** The lines of a problem: message, location, age and remedy, not shortened. */
export function problemLines(
  { flow, problem }: ProblemRow,
  { sample, width, flows }: Pick<BodyRequest, 'sample' | 'width' | 'flows'>,
): Line[] {
  const where = locationOf(problem, flows.length > 1 ? flow.flow : undefined)
  const text = `${problem.message} (${where}, for ${durationText(Math.max(0, sample.at - problem.since))})`
  const message = indented('! ', text, width, 'bad')
  return problem.remedy === undefined
    ? message
    : [...message, ...indented('  remedy: ', problem.remedy, width, 'plain')]
}

function locationOf({ code, cluster, topic, partition }: Problem, flow: string | undefined): string {
  const where = topic === undefined ? undefined : `${topic}${partition === undefined ? '' : `-${partition}`}`
  return [code, flow, cluster && `cluster ${cluster}`, where].filter((part) => part !== undefined).join(', ')
}

function indented(mark: string, text: string, width: number, style: NonNullable<Span['style']>): Line[] {
  return wrapped(text, Math.max(10, width - mark.length)).map((line, at) => [
    { text: at === 0 ? mark : ' '.repeat(mark.length), style },
    { text: line, style },
  ])
}
