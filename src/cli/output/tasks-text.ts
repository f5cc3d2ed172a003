// Text output of the periodic tasks and groups of a flow.
import type { FlowStatus, PeriodicTaskStatus } from '../../model/flow-status.ts'
import { everything, type Filter, type GroupRow, groupRows, type Sort } from '../status/selection.ts'
import { groupWords, lastRunText, nextRunText } from '../status/tables.ts'
import { countedText, countText } from './quantities.ts'
import { type Column, tableLines } from './table.ts'

const taskColumns: readonly Column[] = [
  { title: 'PERIODIC TASK', alignment: 'left' },
  { title: 'LAST RUN', alignment: 'left' },
  { title: 'NEXT', alignment: 'left' },
  { title: 'RESULT', alignment: 'left' },
]
const groupColumns: readonly Column[] = [
  { title: 'GROUP', alignment: 'left' },
  { title: 'PARTITIONS', alignment: 'right' },
  { title: 'LAG', alignment: 'right' },
  { title: 'ON TARGET', alignment: 'left' },
]
const groupsShown = 20

/** Lines for the periodic tasks of a flow; none while it does not run. @param at now, ms since the epoch */
export function taskLines({ periodicTasks }: FlowStatus, at: number, filter: Filter = everything): string[] {
  const shown = periodicTasks.filter(({ task }) => filter(task))
  if (shown.length === 0) return []
  return tableLines(
    taskColumns,
    shown.map((task) => taskRow(task, at)),
  ).map((line) => `  ${line}`)
}

/** Lines for the groups of a flow; by default those that need attention come first. */
export function groupLines(flow: FlowStatus, filter: Filter = everything, sort: Sort = 'state'): string[] {
  const groups = groupRows([flow], filter, sort)
  if (groups.length === 0) return []
  const rows = groups.slice(0, groupsShown).map(groupRow)
  const more = groups.length - rows.length
  return [
    ...tableLines(groupColumns, rows).map((line) => `  ${line}`),
    ...(more > 0 ? [`  ... and ${countedText(more, 'group')} more: see them all with --output json`] : []),
  ]
}

function taskRow(task: PeriodicTaskStatus, at: number): string[] {
  const { message, result } = task
  return [task.task, lastRunText(task, at), nextRunText(task, at), result === 'failed' ? `FAILED: ${message}` : message]
}

function groupRow(row: GroupRow): string[] {
  const { group, partitions } = row.group
  return [group, String(partitions.length), countText(row.lag), groupWords(row).text]
}
