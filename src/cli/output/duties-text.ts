// What a flow does beside the records, and where its groups stand, for people.
import type { DutyStatus, FlowStatus, GroupStatus } from '../../mirror/flow-status.ts'
import { countText, durationText } from './quantities.ts'
import { type Column, tableLines } from './table.ts'

const dutyColumns: readonly Column[] = [
  { title: 'DUTY', alignment: 'left' },
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
/** What comes first is what somebody should look at. */
const urgency = ['refused', 'untranslated', 'active', 'ahead', 'translated', 'synced']

/** Lines for the duties of a flow; none while it does not run. @param at now, ms since the epoch */
export function dutyLines({ duties }: FlowStatus, at: number): string[] {
  if (duties.length === 0) return []
  return tableLines(
    dutyColumns,
    duties.map((duty) => dutyRow(duty, at)),
  ).map((line) => `  ${line}`)
}

/** Lines for its groups, those that need a look first. */
export function groupLines({ groups = [] }: FlowStatus): string[] {
  if (groups.length === 0) return []
  const sorted = [...groups].sort((a, b) => rank(a) - rank(b) || (a.group < b.group ? -1 : 1))
  const rows = sorted.slice(0, groupsShown).map(groupRow)
  const more = groups.length - rows.length
  return [
    ...tableLines(groupColumns, rows).map((line) => `  ${line}`),
    ...(more > 0 ? [`  ... and ${countText(more)} groups more: see them all with --output json`] : []),
  ]
}

function dutyRow({ duty, state, lastRun, nextRun, result, message }: DutyStatus, at: number): string[] {
  const last = lastRun === 0 ? '-' : `${durationText(Math.max(0, at - lastRun))} ago`
  const next = state === 'running' ? 'running' : nextRun === 0 ? '-' : `in ${durationText(Math.max(0, nextRun - at))}`
  return [duty, last, next, result === 'failed' ? `FAILED: ${message}` : message]
}

function groupRow({ group, partitions }: GroupStatus): string[] {
  const lag = partitions.reduce((sum, one) => sum + Math.max(0, one.lag), 0)
  const counts = [...Map.groupBy(partitions, ({ result }) => result)]
  const said = counts.map(([result, own]) => (counts.length === 1 ? result : `${own.length} ${result}`)).join(', ')
  const reason = partitions.find((one) => one.reason !== undefined)?.reason
  const words = reason === undefined ? said : reason.startsWith(said) ? reason : `${said}: ${reason}`
  return [group, String(partitions.length), countText(lag), words]
}

const rank = ({ partitions }: GroupStatus) =>
  Math.min(...partitions.map(({ result }) => (urgency.includes(result) ? urgency.indexOf(result) : 0)), urgency.length)
