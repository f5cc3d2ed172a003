// Filters and sorts the rows of a status, for `--filter`, `--sort` and the same keys of `--watch`.
import { Failure, sentenceOf } from '../../base/failure.ts'
import type {
  FlowStatus,
  GroupStatus,
  PartitionState,
  PartitionStatus,
  Problem,
  TopicStatus,
} from '../../model/flow-status.ts'
import { type Rates, type Sums, sumsOf } from '../output/pace.ts'

export const sorts = ['lag', 'name', 'rate', 'behind', 'state'] as const
export type Sort = (typeof sorts)[number]

export const views = ['topics', 'partitions', 'groups', 'tasks', 'problems'] as const
export type View = (typeof views)[number]

/** True for a name to show. */
export type Filter = (name: string) => boolean

export const everything: Filter = () => true

export interface TopicRow {
  readonly flow: FlowStatus
  readonly topic: TopicStatus
  readonly sums: Sums
}

export interface PartitionRow {
  readonly flow: FlowStatus
  readonly topic: TopicStatus
  readonly partition: PartitionStatus
}

export interface GroupRow {
  readonly flow: FlowStatus
  readonly group: GroupStatus
  /** lag of the group on the source, in offsets */
  readonly lag: number
  /** lower values need attention first */
  readonly urgency: number
}

export interface ProblemRow {
  readonly flow: FlowStatus
  readonly problem: Problem
}

/** A filter by a regular expression, ignoring case. @throws Failure USAGE for an invalid one */
export function filterOf(text: string): Filter {
  try {
    const pattern = new RegExp(text, 'iu')
    return (name) => pattern.test(name)
  } catch (cause) {
    throw new Failure('USAGE', `'${text}' is not a regular expression: ${sentenceOf(cause)}`, {
      remedy: 'a part of a name is enough; put a backslash before . * + ? ( ) [ ] { } | ^ $ to match it literally',
    })
  }
}

/** As `filterOf`, but text that is not (yet) a valid regular expression is matched literally. */
export function filterTyped(text: string): Filter {
  if (text === '') return everything
  try {
    return filterOf(text)
  } catch {
    const plain = text.toLowerCase()
    return (name) => name.toLowerCase().includes(plain)
  }
}

/** Whether `filterTyped` uses a text as a regular expression. */
export function isPattern(text: string): boolean {
  try {
    filterOf(text)
    return true
  } catch {
    return false
  }
}

const stateRank: Readonly<Record<PartitionState, number>> = { quarantined: 0, waiting: 1, recovering: 2, copying: 3 }

/** The state of a topic is that of its worst partition. */
export function worstOf(partitions: readonly PartitionStatus[]): PartitionState {
  return partitions.reduce<PartitionState>(
    (worst, { state }) => (stateRank[state] < stateRank[worst] ? state : worst),
    'copying',
  )
}

const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Topics of these flows, sorted; ties are sorted by name. */
export function topicRows(flows: readonly FlowStatus[], filter: Filter, sort: Sort, rates: Rates): TopicRow[] {
  const rows = flows.flatMap((flow) =>
    flow.topics
      .filter(({ topic, targetTopic }) => filter(topic) || filter(targetTopic))
      .map((topic): TopicRow => ({ flow, topic, sums: sumsOf(topic.partitions) })),
  )
  const key: Record<Sort, (row: TopicRow) => number> = {
    name: () => 0,
    lag: ({ sums }) => -sums.lag,
    behind: ({ sums }) => -sums.lagMs,
    rate: ({ flow, topic }) => -(rates.topic(flow, topic)?.recordsPerSecond ?? 0),
    state: ({ topic }) => stateRank[worstOf(topic.partitions)],
  }
  return ordered(rows, key[sort], (a, b) => byName(a.topic.topic, b.topic.topic))
}

/** Partitions of these flows; the filter is applied to `topic-partition`. */
export function partitionRows(flows: readonly FlowStatus[], filter: Filter, sort: Sort, rates: Rates): PartitionRow[] {
  const rows = flows.flatMap((flow) =>
    flow.topics.flatMap((topic) =>
      topic.partitions
        .filter(({ partition }) => filter(`${topic.topic}-${partition}`) || filter(`${topic.targetTopic}-${partition}`))
        .map((partition): PartitionRow => ({ flow, topic, partition })),
    ),
  )
  const key: Record<Sort, (row: PartitionRow) => number> = {
    name: () => 0,
    lag: ({ partition }) => -(partition.lag ?? 0),
    behind: ({ partition }) => -partition.lagMs,
    rate: ({ flow, topic, partition }) => -(rates.partition(flow, topic, partition)?.recordsPerSecond ?? 0),
    state: ({ partition }) => stateRank[partition.state],
  }
  return ordered(
    rows,
    key[sort],
    (a, b) => byName(a.topic.topic, b.topic.topic) || a.partition.partition - b.partition.partition,
  )
}

/** In the order of urgency. */
const groupResults = ['refused', 'untranslated', 'active', 'ahead', 'translated', 'synced']

/** Groups of these flows, sorted; the order `state` starts with those that need attention. */
export function groupRows(flows: readonly FlowStatus[], filter: Filter, sort: Sort): GroupRow[] {
  const rows = flows.flatMap((flow) =>
    (flow.groups ?? [])
      .filter(({ group }) => filter(group))
      .map((group): GroupRow => {
        const lag = group.partitions.reduce((sum, one) => sum + Math.max(0, one.lag), 0)
        return { flow, group, lag, urgency: urgencyOf(group) }
      }),
  )
  const key =
    sort === 'name' ? () => 0 : sort === 'state' ? (row: GroupRow) => row.urgency : (row: GroupRow) => -row.lag
  return ordered(rows, key, (a, b) => byName(a.group.group, b.group.group))
}

const urgencyOf = ({ partitions }: GroupStatus) =>
  partitions.reduce(
    (least, { result }) => Math.min(least, Math.max(0, groupResults.indexOf(result))),
    groupResults.length,
  )

/** Problems of these flows, in the reported order. */
export function problemRows(flows: readonly FlowStatus[], filter: Filter): ProblemRow[] {
  return flows.flatMap((flow) =>
    flow.problems
      .filter(({ message, code, topic = '', cluster = '' }) => [message, code, topic, cluster].some(filter))
      .map((problem): ProblemRow => ({ flow, problem })),
  )
}

/** Keys are computed once for each row, not once for each comparison. */
function ordered<Row>(rows: readonly Row[], key: (row: Row) => number, otherwise: (a: Row, b: Row) => number): Row[] {
  return rows
    .map((row) => ({ row, key: key(row) }))
    .sort((a, b) => a.key - b.key || otherwise(a.row, b.row))
    .map(({ row }) => row)
}
