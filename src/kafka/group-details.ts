// The full description of one consumer group, as kafka-consumer-groups.sh prints it: coordinator, members and their assignments;
// and its committed offsets with leader epochs.
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
  /** empty for a dynamic member */
  readonly instanceId: string
  readonly clientId: string
  /** as the broker returns it, with a leading slash */
  readonly host: string
  readonly assignment: readonly AssignedPartition[]
  /** target assignment of the coordinator (KIP-848); empty in classic groups */
  readonly target: readonly AssignedPartition[]
  /** undefined in classic groups */
  readonly epoch: number | undefined
}

export interface GroupDetails {
  readonly group: string
  /** Kafka's name: Stable, Empty, PreparingRebalance ... */
  readonly state: string
  /** name of the assignor; empty if none was chosen */
  readonly assignor: string
  readonly coordinator: { readonly id: number; readonly host: string; readonly port: number }
  /** only groups of the new protocol (KIP-848) */
  readonly groupEpoch: number | undefined
  readonly targetEpoch: number | undefined
  readonly members: readonly GroupMember[]
}

export interface CommittedAt extends CommittedOffset {
  /** -1 if the group committed none */
  readonly leaderEpoch: number
}

const OFFSET_FETCH = 9
const lane = { lane: 'offsets' } as const

/**
 * Describes a listed group. Returns undefined if it no longer exists.
 * @throws Failure of the coordinator, including NOT_AUTHORIZED for the group
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

/** All committed offsets of the group, including those of -1. @throws Failure */
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
 * The partitions in the assignment of a classic member (ConsumerProtocolAssignment): version, topics with partitions, then user data
 * of the assignor. Empty if the bytes are not such an assignment.
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
