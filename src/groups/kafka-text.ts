// Output byte for byte as that of Kafka 4.3's tools, so that scripts keep working: kafka-consumer-groups.sh --describe and
// --reset-offsets, kafka-get-offsets.sh (ConsumerGroupCommand, GetOffsetShell).
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { AssignedPartition, GroupDetails, GroupMember } from '../kafka/group-details.ts'
import type { DescribedGroup, OffsetRow } from './describe.ts'

/** Text for standard output and for standard error. */
export interface ToolOutput {
  readonly out: string
  readonly err: string
}

/** Minimum width of a column in characters; 0 for the last one. */
type Width = number

const missing = '-'
const REBALANCING = new Set(['PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling'])

/** `--describe [--offsets]`: one line per partition; only the state where the group has neither members nor offsets. */
export function offsetsText(group: DescribedGroup, verbose: boolean): ToolOutput {
  const { offsets } = group
  const output = stateOutput(group)
  if (offsets.length === 0 || group.state === 'Dead') return output
  const widest = (cell: (row: OffsetRow) => string) => Math.max(15, ...offsets.map((row) => cell(row).length))
  const epoch = <T>(value: T) => (verbose ? [value] : [])
  const widths: Width[] = [
    ...[widest((row) => row.group), widest((row) => row.topic), 10, ...epoch(15), 15, 15, 15],
    ...[widest(({ consumerId }) => shown(consumerId)), widest(({ host }) => shown(host)), 0],
  ]
  const head = ['GROUP', 'TOPIC', 'PARTITION', ...epoch('LEADER-EPOCH'), 'CURRENT-OFFSET', 'LOG-END-OFFSET', 'LAG']
  const rows = offsets.map((row) => [
    ...[row.group, row.topic, shown(row.partition), ...epoch(shown(row.leaderEpoch)), shown(row.committed)],
    ...[shown(row.end), shown(row.lag), shown(row.consumerId), shown(row.host), shown(row.clientId)],
  ])
  const lines = [[...head, 'CONSUMER-ID', 'HOST', 'CLIENT-ID'], ...rows].map((cells) => `\n${padded(cells, widths)}`)
  return { ...output, out: `${output.out}${lines.join('')}\n` }
}

/** `--describe --members`. */
export function membersText(group: GroupDetails, verbose: boolean): ToolOutput {
  const { members } = group
  const output = stateOutput(group)
  const widest = (least: number, cell: (member: GroupMember) => string) =>
    Math.max(least, ...members.map((member) => cell(member).length))
  const isStatic = members.some(({ instanceId }) => instanceId !== '')
  const instance = <T>(value: T) => (isStatic ? [value] : [])
  const more = <T>(...values: T[]) => (verbose ? values : [])
  const widths: Width[] = [
    ...[members.length > 0 ? Math.max(15, group.group.length) : 15, widest(15, ({ memberId }) => memberId)],
    ...instance(widest(17, ({ instanceId }) => instanceId)),
    ...[widest(15, ({ host }) => host), widest(15, ({ clientId }) => clientId), 15],
    ...more(
      15,
      widest(20, ({ assignment }) => assignmentText(assignment)),
      15,
    ),
    ...more(widest(20, ({ target }) => assignmentText(target))),
  ]
  const head = ['GROUP', 'CONSUMER-ID', ...instance('GROUP-INSTANCE-ID'), 'HOST', 'CLIENT-ID', '#PARTITIONS']
  const rows = members.map((member) => [
    ...[group.group, member.memberId, ...instance(member.instanceId), member.host, member.clientId],
    ...[String(member.assignment.length), ...more(shown(member.epoch), assignmentText(member.assignment))],
    ...more(shown(group.targetEpoch), assignmentText(member.target)),
  ])
  const titles = [...head, ...more('CURRENT-EPOCH', 'CURRENT-ASSIGNMENT', 'TARGET-EPOCH', 'TARGET-ASSIGNMENT')]
  // Kafka prints a blank after the last of these columns, even without the assignments.
  const line = (cells: readonly string[]) => `${padded(cells, widths)}${verbose ? '' : ' '}\n`
  return { ...output, out: `${output.out}\n${[titles, ...rows].map(line).join('')}` }
}

/** `--describe --state`. */
export function stateText(group: GroupDetails, verbose: boolean): ToolOutput {
  const output = stateOutput(group)
  if (group.state === 'Dead') return output
  const { coordinator } = group
  const address = `${coordinator.host}:${coordinator.port}  (${coordinator.id})`
  const more = <T>(...values: T[]) => (verbose ? values : [])
  const widths: Width[] = [Math.max(15, group.group.length), Math.max(25, address.length), 20, 20, ...more(15, 25), 0]
  const head = ['GROUP', 'COORDINATOR (ID)', 'ASSIGNMENT-STRATEGY', 'STATE']
  const rows = [
    [...head, ...more('GROUP-EPOCH', 'TARGET-ASSIGNMENT-EPOCH'), '#MEMBERS'],
    [
      ...[group.group, address, group.assignor === '' ? missing : group.assignor, group.state],
      ...more(shown(group.groupEpoch), shown(group.targetEpoch)),
      String(group.members.length),
    ],
  ]
  return { ...output, out: `${output.out}${rows.map((cells) => `\n${padded(cells, widths)}`).join('')}\n` }
}

/** An offset that a reset sets, or would set. */
export interface NewOffset extends AssignedPartition {
  readonly group: string
  readonly offset: number
}

/** The table of `--reset-offsets`. @param anyGroup false when no group was selected: then the header is left out too */
export function resetText(rows: readonly NewOffset[], anyGroup: boolean): string {
  const widest = (cell: (row: NewOffset) => string) => Math.max(15, ...rows.map((row) => cell(row).length))
  const widths: Width[] = [widest(({ group }) => group), widest(({ topic }) => topic), 10, 0]
  const head = anyGroup ? [['GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET']] : []
  const cells = rows.map((row) => [row.group, row.topic, String(row.partition), String(row.offset)])
  return `${[...head, ...cells].map((line) => `\n${padded(line, widths)}`).join('')}\n`
}

/** The lines of kafka-get-offsets.sh, sorted as it does: by `topic-partition` as text. */
export function getOffsetsText(offsets: readonly (AssignedPartition & { readonly offset: number })[]): string {
  const key = ({ topic, partition }: AssignedPartition) => topicPartitionKey(topic, partition)
  return offsets
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
    .map(({ topic, partition, offset }) => `${topic}:${partition}:${offset}\n`)
    .join('')
}

/** `orders:0,1;payments:2`. */
export function assignmentText(assignment: readonly AssignedPartition[]): string {
  if (assignment.length === 0) return missing
  const topics = [...Map.groupBy(assignment, ({ topic }) => topic)].map(([topic, own]) => {
    const partitions = own.map(({ partition }) => partition).toSorted((a, b) => a - b)
    return `${topic}:${partitions.join(',')}`
  })
  return topics.toSorted().join(';')
}

function stateOutput({ group, state }: GroupDetails): ToolOutput {
  if (state === 'Dead') return { out: `\nError: Consumer group '${group}' does not exist.\n`, err: '' }
  if (state === 'Empty') return { out: '', err: `\nConsumer group '${group}' has no active members.\n` }
  if (REBALANCING.has(state)) return { out: '', err: `\nWarning: Consumer group '${group}' is rebalancing.\n` }
  return { out: '', err: '' }
}

const padded = (cells: readonly string[], widths: readonly Width[]) =>
  cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' ')

const shown = (value: string | number | undefined) => (value === undefined ? missing : String(value))
