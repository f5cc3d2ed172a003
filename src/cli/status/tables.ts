// The columns of every view of `status --watch`: content, width, and which are hidden first on narrow terminals.
import type { FlowStatus, PeriodicTaskStatus, TopicStatus } from '../../model/flow-status.ts'
import { flowSums, type Rate, type Rates, type Sums } from '../output/pace.ts'
import { isKnown, type Phase, phaseOf } from '../output/phase.ts'
import { bytesText, countWithin, durationText } from '../output/quantities.ts'
import type { ScreenColumn } from '../screen/columns.ts'
import type { Span, Style } from '../screen/spans.ts'
import type { GroupRow, PartitionRow, TopicRow } from './selection.ts'
import { worstOf } from './selection.ts'

const right = { alignment: 'right' } as const
const left = { alignment: 'left' } as const
const count = (amount: number, width: number) => countWithin(amount, width)

const phaseStyles: Readonly<Record<Phase, Style>> = {
  starting: 'warn',
  recovering: 'warn',
  'catching up': 'warn',
  'keeping up': 'good',
  'in sync': 'good',
  unknown: 'bad',
  'nothing to copy': 'bad',
  blocked: 'bad',
  halted: 'warn',
  heartbeats: 'good',
  standby: 'plain',
  stopping: 'warn',
  stopped: 'bad',
  failed: 'bad',
}

/** A flow with values computed from it. */
interface FlowRow {
  readonly flow: FlowStatus
  readonly sums: Sums
  readonly phase: Phase
}

/** Computes the row of a flow. */
export function flowRow(flow: FlowStatus): FlowRow {
  return { flow, sums: flowSums(flow), phase: phaseOf(flow) }
}

/** Columns of the table of flows above every view. */
export function flowColumns(rates: Rates): ScreenColumn<FlowRow>[] {
  const rate = ({ flow }: FlowRow) => rates.flow(flow)
  return [
    { title: 'FLOW', ...left, width: 12, rank: 0, grows: true, cell: ({ flow }) => flow.flow },
    { title: 'PHASE', ...left, width: 11, rank: 0, cell: ({ phase }) => ({ text: phase, style: phaseStyles[phase] }) },
    {
      title: 'LAG',
      ...right,
      width: 11,
      rank: 1,
      cell: ({ sums, flow }) => (flow.heartbeatsOnly ? none : lagText(sums)),
    },
    { title: 'BEHIND', ...right, width: 7, rank: 2, cell: ({ sums }) => behindText(sums) },
    { title: 'ETA', ...right, width: 7, rank: 4, cell: (row) => etaText(rate(row)) },
    { title: 'REC/S', ...right, width: 9, rank: 3, cell: (row) => rateText(rate(row)) },
    { title: 'BYTES/S', ...right, width: 8, rank: 6, cell: (row) => byteRateText(rate(row)) },
    { title: 'RECORDS', ...right, width: 13, rank: 8, cell: ({ sums }) => count(sums.records, 13) },
    { title: 'BYTES', ...right, width: 8, rank: 9, cell: ({ sums }) => bytesText(sums.bytes) },
    { title: 'TOPICS', ...right, width: 6, rank: 7, cell: ({ flow }) => count(flow.topics.length, 6) },
    { title: 'PARTS', ...right, width: 6, rank: 10, cell: ({ flow }) => count(partitionsOf(flow), 6) },
    { title: 'PROBLEMS', ...right, width: 8, rank: 5, cell: ({ flow }) => alarm(flow.problems.length) },
  ]
}

const partitionsOf = ({ topics }: FlowStatus) => topics.reduce((sum, { partitions }) => sum + partitions.length, 0)

/** A count that is highlighted unless it is zero. */
function alarm(amount: number): Span {
  return { text: count(amount, 8), style: amount > 0 ? 'bad' : 'plain' }
}

/** The FLOW column, only if there are several flows. */
function flowColumn<Row extends { readonly flow: FlowStatus }>(flows: readonly FlowStatus[]): ScreenColumn<Row>[] {
  if (flows.length < 2) return []
  const width = Math.min(20, Math.max(4, ...flows.map(({ flow }) => flow.length)))
  return [{ title: 'FLOW', ...left, width, rank: 2, cell: ({ flow }) => flow.flow }]
}

/** Columns of the topics view; DOUBTFUL and MISSED only if any topic has such records. */
export function topicColumns(flows: readonly FlowStatus[], rates: Rates): ScreenColumn<TopicRow>[] {
  const rate = ({ flow, topic }: TopicRow) => rates.topic(flow, topic)
  const doubtful = flows.some(({ topics }) => topics.some((topic) => sum(topic, 'doubtful') > 0))
  const missed = flows.some(({ topics }) => topics.some((topic) => sum(topic, 'missed') > 0))
  return [
    ...flowColumn<TopicRow>(flows),
    { title: 'TOPIC', ...left, width: 18, rank: 0, grows: true, sort: 'name', cell: ({ topic }) => topicName(topic) },
    { title: 'PARTS', ...right, width: 6, rank: 6, cell: ({ topic }) => count(topic.partitions.length, 6) },
    { title: 'LAG', ...right, width: 11, rank: 0, sort: 'lag', cell: ({ sums }) => lagText(sums) },
    { title: 'BEHIND', ...right, width: 7, rank: 1, sort: 'behind', cell: ({ sums }) => behindText(sums) },
    { title: 'ETA', ...right, width: 7, rank: 3, cell: (row) => etaText(rate(row)) },
    { title: 'REC/S', ...right, width: 9, rank: 4, sort: 'rate', cell: (row) => rateText(rate(row)) },
    { title: 'BYTES/S', ...right, width: 8, rank: 7, cell: (row) => byteRateText(rate(row)) },
    { title: 'RECORDS', ...right, width: 13, rank: 8, cell: ({ sums }) => count(sums.records, 13) },
    { title: 'BYTES', ...right, width: 8, rank: 9, cell: ({ sums }) => bytesText(sums.bytes) },
    ...(doubtful ? [attention<TopicRow>('DOUBTFUL', ({ topic }) => sum(topic, 'doubtful'))] : []),
    ...(missed ? [attention<TopicRow>('MISSED', ({ topic }) => sum(topic, 'missed'))] : []),
    { title: 'STATE', ...left, width: 13, rank: 1, sort: 'state', cell: ({ topic }) => topicState(topic) },
  ]
}

/** A column that is shown only if it has a non-zero count. */
function attention<Row>(title: string, of: (row: Row) => number): ScreenColumn<Row> {
  return {
    title,
    ...right,
    width: 9,
    rank: 5,
    cell: (row) => ({ text: count(of(row), 9), style: of(row) > 0 ? 'bad' : 'plain' }),
  }
}

const sum = ({ partitions }: TopicStatus, what: 'doubtful' | 'missed') =>
  partitions.reduce((total, one) => total + one[what], 0)

/** `orders`, or `orders -> A.orders` if the target topic has another name. */
export function topicName({ topic, targetTopic }: TopicStatus): string {
  return topic === targetTopic ? topic : `${topic} -> ${targetTopic}`
}

/** The worst state of the partitions, with their number if only some have it. */
function topicState({ partitions }: TopicStatus): Span {
  const worst = worstOf(partitions)
  const many = partitions.filter(({ state }) => state === worst).length
  const text = many === partitions.length ? worst : `${count(many, 5)} ${worst}`
  return { text: text.length > 13 ? worst : text, style: stateStyles[worst] }
}

const stateStyles = { copying: 'plain', recovering: 'warn', waiting: 'warn', quarantined: 'bad' } as const

/** Columns of the partitions view. */
export function partitionColumns(flows: readonly FlowStatus[], rates: Rates): ScreenColumn<PartitionRow>[] {
  const rate = ({ flow, topic, partition }: PartitionRow) => rates.partition(flow, topic, partition)
  const offset = (value: number) => (value < 0 ? '?' : count(value, 14))
  return [
    ...flowColumn<PartitionRow>(flows),
    { title: 'TOPIC', ...left, width: 18, rank: 0, grows: true, sort: 'name', cell: ({ topic }) => topicName(topic) },
    { title: 'PART', ...right, width: 5, rank: 0, cell: ({ partition }) => String(partition.partition) },
    { title: 'LAG', ...right, width: 11, rank: 0, sort: 'lag', cell: ({ partition }) => lagText(one(partition)) },
    {
      title: 'BEHIND',
      ...right,
      width: 7,
      rank: 1,
      sort: 'behind',
      cell: ({ partition }) => behindText(one(partition)),
    },
    { title: 'ETA', ...right, width: 7, rank: 3, cell: (row) => etaText(rate(row)) },
    { title: 'REC/S', ...right, width: 9, rank: 4, sort: 'rate', cell: (row) => rateText(rate(row)) },
    { title: 'POSITION', ...right, width: 14, rank: 6, cell: ({ partition }) => offset(partition.position) },
    { title: 'SOURCE END', ...right, width: 14, rank: 6, cell: ({ partition }) => offset(partition.sourceEnd) },
    { title: 'TARGET END', ...right, width: 14, rank: 7, cell: ({ partition }) => offset(partition.targetEnd) },
    { title: 'IN FLIGHT', ...right, width: 9, rank: 8, cell: ({ partition }) => count(partition.active ?? 0, 9) },
    {
      title: 'STATE',
      ...left,
      width: 11,
      rank: 1,
      sort: 'state',
      cell: ({ partition }) => ({ text: partition.state, style: stateStyles[partition.state] }),
    },
  ]
}

const one = (partition: PartitionRow['partition']): Sums => ({
  ...partition,
  lag: partition.lag ?? 0,
  known: isKnown(partition) ? 1 : 0,
  unknown: isKnown(partition) ? 0 : 1,
})

/** Columns of the groups view. */
export function groupColumns(flows: readonly FlowStatus[]): ScreenColumn<GroupRow>[] {
  return [
    ...flowColumn<GroupRow>(flows),
    { title: 'GROUP', ...left, width: 20, rank: 0, grows: true, sort: 'name', cell: ({ group }) => group.group },
    { title: 'PARTS', ...right, width: 6, rank: 3, cell: ({ group }) => count(group.partitions.length, 6) },
    { title: 'LAG', ...right, width: 11, rank: 0, sort: 'lag', cell: ({ lag }) => count(lag, 11) },
    { title: 'ON SOURCE', ...left, width: 19, rank: 4, cell: ({ group }) => group.sourceState || '?' },
    { title: 'ON TARGET', ...left, width: 19, rank: 5, cell: ({ group }) => group.targetState || '?' },
    { title: 'OFFSETS', ...left, width: 34, rank: 0, wraps: true, sort: 'state', cell: groupWords },
  ]
}

/** Result of translating and syncing the offsets of a group: `synced`, or counts of each result with a reason. */
export function groupWords({ group }: Pick<GroupRow, 'group'>): Span {
  const counts = [...Map.groupBy(group.partitions, ({ result }) => result)]
  const results = counts.map(([result, own]) => (counts.length === 1 ? result : `${own.length} ${result}`)).join(', ')
  const reason = group.partitions.find((one) => one.reason !== undefined)?.reason
  const text = reason === undefined ? results : reason.startsWith(results) ? reason : `${results}: ${reason}`
  const isFine = counts.every(([result]) => result === 'synced' || result === 'translated')
  const isRefused = counts.some(([result]) => result === 'refused')
  return { text, style: isFine ? 'plain' : isRefused ? 'bad' : 'warn' }
}

interface PeriodicTaskRow {
  readonly flow: FlowStatus
  readonly task: PeriodicTaskStatus
  /** now, ms since the epoch */
  readonly at: number
}

/** Columns of the periodic tasks view. */
export function taskColumns(flows: readonly FlowStatus[]): ScreenColumn<PeriodicTaskRow>[] {
  return [
    ...flowColumn<PeriodicTaskRow>(flows),
    { title: 'PERIODIC TASK', ...left, width: 13, rank: 0, cell: ({ task }) => task.task },
    { title: 'LAST RUN', ...right, width: 11, rank: 0, cell: ({ task, at }) => lastRunText(task, at) },
    { title: 'NEXT', ...right, width: 10, rank: 0, cell: ({ task, at }) => nextRunText(task, at) },
    {
      title: 'TOOK',
      ...right,
      width: 7,
      rank: 3,
      cell: ({ task }) => (task.runs === 0 ? '-' : durationText(task.tookMs)),
    },
    { title: 'RUNS', ...right, width: 7, rank: 4, cell: ({ task }) => count(task.runs, 7) },
    { title: 'FAILED', ...right, width: 7, rank: 2, cell: ({ task }) => count(task.failures, 7) },
    { title: 'RESULT', ...left, width: 36, rank: 0, wraps: true, cell: ({ task }) => taskWords(task) },
  ]
}

/** Time since the last run. @param at now, ms since the epoch */
export function lastRunText({ lastRun }: PeriodicTaskStatus, at: number): string {
  return lastRun === 0 ? '-' : `${durationText(Math.max(0, at - lastRun))} ago`
}

/** `running`, or the time until the next run. @param at now, ms since the epoch */
export function nextRunText({ state, nextRun }: PeriodicTaskStatus, at: number): string {
  if (state === 'running') return 'running'
  return nextRun === 0 ? '-' : `in ${durationText(Math.max(0, nextRun - at))}`
}

function taskWords({ result, message, remedy }: PeriodicTaskStatus): Span {
  if (result !== 'failed') return { text: message }
  return { text: `FAILED: ${message}${remedy === undefined ? '' : ` - ${remedy}`}`, style: 'bad' }
}

function lagText({ lag, known, unknown }: Sums): Span {
  if (known === 0 || unknown > 0) return { text: '?', style: 'faint' }
  return { text: count(lag, 11), style: lag > 0 ? 'plain' : 'faint' }
}

const none: Span = { text: '-', style: 'faint' }

function behindText({ lag, lagMs }: Sums): Span {
  return lag === 0 ? { text: '-', style: 'faint' } : { text: durationText(lagMs) }
}

function rateText(rate: Rate | undefined): Span {
  if (!rate) return { text: '-', style: 'faint' }
  return { text: count(rate.recordsPerSecond, 9), style: rate.recordsPerSecond > 0 ? 'plain' : 'faint' }
}

function byteRateText(rate: Rate | undefined): Span {
  if (!rate) return { text: '-', style: 'faint' }
  return { text: bytesText(rate.bytesPerSecond), style: rate.bytesPerSecond > 0 ? 'plain' : 'faint' }
}

/** `done`, a duration, or `growing` or `steady` if the lag does not shrink. */
export function etaText(rate: Rate | undefined): Span {
  if (rate?.etaMs === undefined) return { text: '-', style: 'faint' }
  if (rate.etaMs === 0) return { text: 'done', style: 'good' }
  if (Number.isFinite(rate.etaMs)) return { text: durationText(rate.etaMs) }
  return (rate.lagPerSecond ?? 0) > 0 ? { text: 'growing', style: 'warn' } : { text: 'steady' }
}
