// One consumer group in full, as Kafka's own tool describes it: its coordinator, who is in it and what each member reads; and what it
// has committed with the leader epochs beside the offsets.
import { Failure } from '../base/failure.ts'
import type { Cluster } from './cluster.ts'
import { type CommittedOffset, type ListedGroup, validOffset } from './groups.ts'
import { errorCodes, failureOfAnswer } from './wire-errors.ts'

export interface AssignedPartition {
  readonly topic: string
  readonly partition: number
}

export interface GroupMember {
  readonly memberId: string
  /** empty for a member that is not static */
  readonly instanceId: string
  readonly clientId: string
  /** as the broker writes it, with a slash in front */
  readonly host: string
  readonly assignment: readonly AssignedPartition[]
  /** what the coordinator wants it to have; empty in classic groups */
  readonly target: readonly AssignedPartition[]
  /** undefined in classic groups */
  readonly epoch: number | undefined
}

export interface GroupDetails {
  readonly group: string
  /** Kafka's word: Stable, Empty, PreparingRebalance ... */
  readonly state: string
  /** assignor; empty where nobody has chosen one */
  readonly assignor: string
  readonly coordinator: { readonly id: number; readonly host: string; readonly port: number }
  /** of groups of the new protocol (KIP-848) */
  readonly groupEpoch: number | undefined
  readonly targetEpoch: number | undefined
  readonly members: readonly GroupMember[]
}

export interface CommittedAt extends CommittedOffset {
  /** -1 when the group committed none */
  readonly leaderEpoch: number
}

const OFFSET_FETCH = 9
const lane = { lane: 'offsets' } as const

/**
 * Describes a group that was listed. Gives undefined when it is gone by now.
 * @throws Failure of the coordinator, NOT_AUTHORIZED naming the group
 */
export async function describeGroup(cluster: Cluster, listed: ListedGroup): Promise<GroupDetails | undefined> {
  const isNew = listed.type === 'consumer'
  const name = isNew ? 'consumerGroupDescribe' : 'describeGroups'
  const answer = await cluster.callBroker<{ groups: (NewGroup & ClassicGroup)[] }>(
    listed.coordinator,
    name,
    [[listed.group], false],
    lane,
  )
  const found = answer.groups[0]
  if (!found || found.errorCode === errorCodes.GROUP_ID_NOT_FOUND) return undefined
  const where = { cluster: cluster.alias, group: listed.group }
  if (found.errorCode !== 0) throw failureOfAnswer(found.errorCode, found.errorMessage, where)
  const coordinator = await coordinatorOf(cluster, listed.coordinator)
  return isNew ? newGroup(found, coordinator) : classicGroup(found, coordinator)
}

/** All that the group has committed, partitions for which that is -1 too. @throws Failure */
export async function committedWithEpochs(
  cluster: Cluster,
  { group, coordinator }: ListedGroup,
): Promise<CommittedAt[]> {
  const isOld = ((await cluster.apiVersions(coordinator)).get(OFFSET_FETCH)?.max ?? 0) < 8
  const asked = [{ groupId: group, memberId: null, memberEpoch: -1, topics: null }]
  const answer = await cluster.callBroker<Fetched>(coordinator, 'offsetFetch', [asked, false], lane)
  const own = isOld ? answer : answer.groups[0]
  const code = own?.errorCode ?? 0
  if (code !== 0) throw failureOfAnswer(code, undefined, { cluster: cluster.alias, group })
  return (own?.topics ?? []).flatMap(({ name: topic, partitions }) =>
    partitions.flatMap((p) =>
      p.errorCode === 0
        ? [
            {
              topic,
              partition: p.partitionIndex,
              offset: validOffset(p.committedOffset),
              metadata: p.metadata ?? '',
              leaderEpoch: p.committedLeaderEpoch ?? -1,
            },
          ]
        : [],
    ),
  )
}

/**
 * Partitions in a classic member's assignment (ConsumerProtocolAssignment): version, topics with their partitions; what follows
 * them is the assignor's own. Empty for bytes that are none.
 */
export function assignmentOf(bytes: Buffer | null): AssignedPartition[] {
  const found: AssignedPartition[] = []
  if (!bytes || bytes.length < 6) return found
  let at = 6
  try {
    for (let topics = bytes.readInt32BE(2); topics > 0; topics--) {
      const size = bytes.readInt16BE(at)
      const topic = bytes.toString('utf8', at + 2, at + 2 + size)
      at += 2 + size
      const count = bytes.readInt32BE(at)
      for (let i = 1; i <= count; i++) found.push({ topic, partition: bytes.readInt32BE(at + 4 * i) })
      at += 4 + 4 * count
    }
  } catch (error) {
    if (error instanceof RangeError) return []
    throw error
  }
  return found
}

async function coordinatorOf(cluster: Cluster, id: number): Promise<GroupDetails['coordinator']> {
  const broker = (await cluster.metadata([])).brokers.get(id)
  if (broker) return { id, host: broker.host, port: broker.port }
  throw new Failure('BROKER_UNREACHABLE', `cluster ${cluster.alias} has no broker ${id} at the moment`, {
    cluster: cluster.alias,
  })
}

function classicGroup(found: ClassicGroup, coordinator: GroupDetails['coordinator']): GroupDetails {
  return {
    group: found.groupId,
    state: found.groupState,
    assignor: found.protocolData,
    coordinator,
    groupEpoch: undefined,
    targetEpoch: undefined,
    members: found.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.groupInstanceId ?? '',
      clientId: member.clientId,
      host: member.clientHost,
      assignment: assignmentOf(member.memberAssignment),
      target: [],
      epoch: undefined,
    })),
  }
}

function newGroup(found: NewGroup, coordinator: GroupDetails['coordinator']): GroupDetails {
  return {
    group: found.groupId,
    state: found.groupState,
    assignor: found.assignorName,
    coordinator,
    groupEpoch: found.groupEpoch,
    targetEpoch: found.assignmentEpoch,
    members: found.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId ?? '',
      clientId: member.clientId,
      host: member.clientHost,
      assignment: partitionsOf(member.assignment),
      target: partitionsOf(member.targetAssignment),
      epoch: member.memberEpoch,
    })),
  }
}

const partitionsOf = ({ topicPartitions }: Assignment): AssignedPartition[] =>
  topicPartitions.flatMap(({ topicName: topic, partitions }) => partitions.map((partition) => ({ topic, partition })))

interface Assignment {
  topicPartitions: { topicName: string; partitions: number[] }[]
}

interface ClassicGroup {
  errorCode: number
  errorMessage?: string | null
  groupId: string
  groupState: string
  protocolData: string
  members: {
    memberId: string
    groupInstanceId?: string | null
    clientId: string
    clientHost: string
    memberAssignment: Buffer | null
  }[]
}

interface NewGroup {
  errorCode: number
  errorMessage?: string | null
  groupId: string
  groupState: string
  groupEpoch: number
  assignmentEpoch: number
  assignorName: string
  members: {
    memberId: string
    instanceId: string | null
    memberEpoch: number
    clientId: string
    clientHost: string
    assignment: Assignment
    targetAssignment: Assignment
  }[]
}

interface Fetched extends FetchedGroup {
  groups: FetchedGroup[]
}

interface FetchedGroup {
  errorCode?: number
  topics?: {
    name: string
    partitions: {
      partitionIndex: number
      committedOffset: bigint
      committedLeaderEpoch?: number
      metadata: string | null
      errorCode: number
    }[]
  }[]
}
