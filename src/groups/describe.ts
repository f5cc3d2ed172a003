// A group as Kafka's ConsumerGroupCommand describes it: offsets with the members that read them, members, state.
import { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import {
  type AssignedPartition,
  committedWithEpochs,
  describeGroup,
  type GroupDetails,
  type GroupMember,
} from '../kafka/group-details.ts'
import type { ListedGroup } from '../kafka/groups.ts'
import type { ClusterSide } from './side.ts'

/** One line of `--offsets`; undefined is what the table shows as a dash. */
export interface OffsetRow {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly leaderEpoch: number | undefined
  readonly committed: number | undefined
  readonly end: number | undefined
  readonly lag: number | undefined
  readonly consumerId: string | undefined
  readonly host: string | undefined
  readonly clientId: string | undefined
}

export type DescribedGroup = GroupDetails & { readonly offsets: readonly OffsetRow[] }

/**
 * Describes a listed group and its committed offsets; undefined when the group no longer exists.
 * @throws Failure of the cluster, NOT_AUTHORIZED
 */
export async function describe(side: ClusterSide, listed: ListedGroup): Promise<DescribedGroup | undefined> {
  const details = await describeGroup(side.cluster, listed)
  if (!details) return undefined
  return { ...details, offsets: await offsetRows(side, listed, details) }
}

async function offsetRows(side: ClusterSide, listed: ListedGroup, details: GroupDetails): Promise<OffsetRow[]> {
  const committed = await committedWithEpochs(side.cluster, listed)
  const busy = details.members.filter(({ assignment }) => assignment.length > 0)
  // Members with most partitions first, as in Kafka's tool; equal ones in the order of the broker.
  const members = busy.toSorted((a, b) => b.assignment.length - a.assignment.length)
  const assigned = new Set(members.flatMap(({ assignment }) => assignment.map(keyOf)))
  const rest = committed.filter((one) => !assigned.has(keyOf(one)))
  const ends = await endsOf(side, [...members.flatMap(({ assignment }) => assignment), ...rest])
  const known = new Map(committed.map((one) => [keyOf(one), one]))
  const row = (at: AssignedPartition, member: GroupMember | undefined): OffsetRow => {
    const [found, end] = [known.get(keyOf(at)), ends.get(keyOf(at))]
    const own = found && found.offset >= 0 ? found : undefined
    return {
      ...{ group: details.group, topic: at.topic, partition: at.partition },
      leaderEpoch: own && own.leaderEpoch >= 0 ? own.leaderEpoch : undefined,
      ...{ committed: own?.offset, end, lag: own && end !== undefined ? end - own.offset : undefined },
      ...{ consumerId: member?.memberId, host: member?.host, clientId: member?.clientId },
    }
  }
  return [
    ...members.flatMap((member) => inOrder(member.assignment).map((at) => row(at, member))),
    ...inOrder(rest).map((at) => row(at, undefined)),
  ]
}

/** End offsets of the partitions that exist and have a leader. @throws Failure when the cluster does not answer */
async function endsOf(side: ClusterSide, partitions: readonly AssignedPartition[]): Promise<Map<string, number>> {
  const asked = partitions.map(({ topic, partition }) => ({ topic, partition, at: 'latest' as const }))
  const found = new Map<string, number>()
  for (const [key, one] of await side.admin.listOffsets(asked, 'read_uncommitted'))
    if (!(one instanceof Failure)) found.set(key, one.offset)
  return found
}

/** Sorts by topic, then by partition, as Java compares them. */
export function inOrder<T extends AssignedPartition>(partitions: readonly T[]): T[] {
  return partitions.toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
}

const keyOf = ({ topic, partition }: AssignedPartition) => topicPartitionKey(topic, partition)
