// The rows below the tabs of `status --watch`. Only visible rows are formatted.
import type { FlowStatus, Problem } from '../../model/flow-status.ts'
import type { Look, Paces } from '../output/pace.ts'
import { durationText } from '../output/quantities.ts'
import { headOf, type Layout, layoutOf, longestOf, rowLines, type ScreenColumn } from '../screen/columns.ts'
import { type Line, type Looks, type Span, wrapped } from '../screen/spans.ts'
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

interface BodyWish {
  readonly view: View
  readonly sort: Sort
  readonly filter: string
  readonly flows: readonly FlowStatus[]
  readonly look: Look
  readonly paces: Paces
  readonly width: number
  readonly looks: Looks
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

export function bodyOf(wish: BodyWish): Body {
  // A flow without rows must not add the FLOW column.
  return bodies[wish.view]({ ...wish, flows: wish.flows.filter((flow) => rowsIn[wish.view](flow) > 0) })
}

const bodies: Readonly<Record<View, (wish: BodyWish) => Body>> = {
  topics: (wish) => {
    const rows = sorted(wish, () => topicRows(wish.flows, filterTyped(wish.filter), wish.sort, wish.paces))
    return tableBody(wish, topicColumns(wish.flows, wish.paces), rows, ({ topic }) => topicName(topic))
  },
  partitions: (wish) => {
    const rows = sorted(wish, () => partitionRows(wish.flows, filterTyped(wish.filter), wish.sort, wish.paces))
    return tableBody(wish, partitionColumns(wish.flows, wish.paces), rows, ({ topic }) => topicName(topic))
  },
  groups: (wish) => {
    const rows = sorted(wish, () => groupRows(wish.flows, filterTyped(wish.filter), wish.sort))
    return tableBody(wish, groupColumns(wish.flows), rows, ({ group }) => group.group.slice(0, 60))
  },
  tasks: (wish) => {
    const filter = filterTyped(wish.filter)
    const rows = wish.flows.flatMap((flow) => flow.periodicTasks.map((task) => ({ flow, task, at: wish.look.at })))
    const shown = rows.filter(({ task }) => filter(task.task))
    return tableBody(wish, taskColumns(wish.flows), shown, () => '')
  },
  problems: (wish) => {
    const rows = problemRows(wish.flows, filterTyped(wish.filter))
    return {
      ...{ head: [], count: rows.length, total: totalOf('problems', wish.flows) },
      lines: (at) => (rows[at] ? problemLines(rows[at], wish) : []),
    }
  },
}

function tableBody<Row>(
  wish: BodyWish,
  columns: readonly ScreenColumn<Row>[],
  rows: readonly Row[],
  nameOf: (row: Row) => string,
): Body {
  const longest = longestOf(rows.map(nameOf))
  const layout: Layout<Row> = layoutOf(columns, { width: wish.width, longest, looks: wish.looks })
  return {
    ...{ head: [headOf(layout, wish.sort)], count: rows.length, total: totalOf(wish.view, wish.flows) },
    lines: (at) => (rows[at] === undefined ? [] : rowLines(layout, rows[at])),
  }
}

interface Kept {
  readonly key: string
  readonly rows: readonly unknown[]
}
const kept = new WeakMap<Look, Kept>()

/** Caches the sorted rows of a sample: keys are pressed more often than samples arrive. */
function sorted<Row>({ view, sort, filter, flows, look }: BodyWish, make: () => Row[]): readonly Row[] {
  const key = [view, sort, filter, ...flows.map(({ flow }) => flow)].join('\n')
  const known = kept.get(look)
  // The key contains the view, and so determines the type of the rows.
  if (known?.key === key) return known.rows as readonly Row[]
  const rows = make()
  kept.set(look, { key, rows })
  return rows
}

/** A problem with its place, its age and its remedy, as long as it takes. */
export function problemLines(
  { flow, problem }: ProblemRow,
  { look, width, flows }: Pick<BodyWish, 'look' | 'width' | 'flows'>,
): Line[] {
  const where = placeOf(problem, flows.length > 1 ? flow.flow : undefined)
  const text = `${problem.message} (${where}, for ${durationText(Math.max(0, look.at - problem.since))})`
  const said = indented('! ', text, width, 'bad')
  return problem.remedy === undefined ? said : [...said, ...indented('  remedy: ', problem.remedy, width, 'plain')]
}

function placeOf({ code, cluster, topic, partition }: Problem, flow: string | undefined): string {
  const where = topic === undefined ? undefined : `${topic}${partition === undefined ? '' : `-${partition}`}`
  return [code, flow, cluster && `cluster ${cluster}`, where].filter((part) => part !== undefined).join(', ')
}

function indented(mark: string, text: string, width: number, style: NonNullable<Span['style']>): Line[] {
  return wrapped(text, Math.max(10, width - mark.length)).map((line, at) => [
    { text: at === 0 ? mark : ' '.repeat(mark.length), style },
    { text: line, style },
  ])
}
