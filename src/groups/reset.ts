// Resets groups of one cluster. Only groups without active members are reset; nothing is written without `execute`.
import { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import { type AssignedPartition, committedWithEpochs, describeGroup } from '../kafka/group-details.ts'
import type { ListedGroup } from '../kafka/groups.ts'
import type { NewOffset } from './kafka-text.ts'
import { type KnownOffsets, needsOf, planGroupReset, type ResetPlan, type Scenario } from './reset-plan.ts'
import type { ClusterSide } from './side.ts'
import type { Suggestion } from './suggest-time.ts'

export interface ResetRequest {
  readonly group: string
  /** undefined for a group that does not exist: the reset creates it */
  readonly listed: ListedGroup | undefined
  readonly scenario: Scenario
  /** chooses the partitions, given those with a committed offset */
  readonly scope: (committed: readonly AssignedPartition[]) => readonly AssignedPartition[]
  readonly execute: boolean
  /** where the time of the scenario comes from, for --to-datetime suggest */
  readonly suggestion?: Suggestion | undefined
}

export interface ResetRow extends NewOffset {
  /** what the group had committed before; undefined for nothing */
  readonly before: number | undefined
  /** why writing it failed */
  readonly refused?: string
  readonly remedy?: string
}

export interface ResetOutcome {
  readonly group: string
  /** planned: a dry run; refused: the group has active members, or the cluster refused some offsets */
  readonly result: 'planned' | 'written' | 'refused'
  /** group state as Kafka names it */
  readonly state: string
  /** active members as `client on host` */
  readonly members: readonly string[]
  readonly rows: readonly ResetRow[]
  readonly plan: ResetPlan
  readonly suggestion?: Suggestion | undefined
}

const nothing: ResetPlan = { rows: [], clamped: [], empty: [] }
/** States in which a group has no active members. */
const VACANT = new Set(['Empty', 'Dead'])

/** Plans a reset and executes it with `execute`. @throws Failure of the cluster; USAGE as planGroupReset does */
export async function reset(side: ClusterSide, request: ResetRequest): Promise<ResetOutcome> {
  const { group, listed, execute, suggestion } = request
  const details = listed && (await describeGroup(side.cluster, listed))
  const state = details?.state ?? 'Dead'
  const members = details?.members.map(({ clientId, host }) => `${clientId} on ${host.replace(/^\//, '')}`) ?? []
  if (!VACANT.has(state)) return { group, result: 'refused', state, members, rows: [], plan: nothing, suggestion }
  const committed = listed ? await committedWithEpochs(side.cluster, listed) : []
  const before = new Map(committed.map((one) => [topicPartitionKey(one.topic, one.partition), one.offset]))
  const plan = await planOf(side, request, { committed, before })
  const refused = execute ? await write(side, request, plan.rows) : new Map<string, Failure>()
  const rows = plan.rows.map((row) => {
    const key = topicPartitionKey(row.topic, row.partition)
    const failure = refused.get(key)
    const remedy = failure?.remedy
    return {
      ...{ ...row, before: validOf(before.get(key)) },
      ...(failure && { refused: failure.message }),
      ...(remedy !== undefined && { remedy }),
    }
  })
  const result = !execute ? 'planned' : refused.size > 0 ? 'refused' : 'written'
  return { group, result, state, members, rows, plan, suggestion }
}

const validOf = (offset = -1) => (offset < 0 ? undefined : offset)

async function planOf(
  side: ClusterSide,
  { group, scenario, scope }: ResetRequest,
  { committed, before }: { committed: readonly AssignedPartition[]; before: ReadonlyMap<string, number> },
): Promise<ResetPlan> {
  const given = scenario.kind === 'given' ? scenario.rows.filter((row) => row.group === group) : undefined
  const partitions = given ?? scope(committed)
  await requirePartitions(side, partitions)
  const needs = needsOf(scenario)
  const at = scenario.kind === 'to-time' ? scenario.at : 'latest'
  const ask = (what: (typeof needs)[number], when: 'earliest' | 'latest' | number) =>
    needs.includes(what) ? side.offsets(partitions, when) : new Map<string, number>()
  const [starts, ends, atTime] = await Promise.all([
    ask('starts', 'earliest'),
    ask('ends', 'latest'),
    ask('atTime', at),
  ])
  const known: KnownOffsets = { starts, ends, committed: before, atTime }
  return planGroupReset(scenario, group, partitions, known)
}

/** Brokers accept commits for partitions that do not exist. @throws Failure UNKNOWN_TOPIC for the first such partition */
async function requirePartitions({ cluster }: ClusterSide, partitions: readonly AssignedPartition[]): Promise<void> {
  if (partitions.length === 0) return
  const { topics } = await cluster.metadata([...new Set(partitions.map(({ topic }) => topic))])
  for (const { topic, partition } of partitions) {
    const found = topics.get(topic)
    const count = found?.error === 0 ? found.partitions.length : 0
    if (partition >= 0 && partition < count) continue
    const sentence =
      count === 0
        ? `there is no topic ${topic} on cluster ${cluster.alias}`
        : `topic ${topic} on cluster ${cluster.alias} has no partition ${partition}, only ${count}`
    throw new Failure('UNKNOWN_TOPIC', sentence, {
      ...{ cluster: cluster.alias, topic, partition },
      remedy: `see godwit topics FILE --cluster ${cluster.alias}`,
    })
  }
}

async function write(
  side: ClusterSide,
  { group, listed }: ResetRequest,
  rows: readonly NewOffset[],
): Promise<ReadonlyMap<string, Failure>> {
  if (rows.length === 0) return new Map()
  const coordinator = listed?.coordinator ?? (await coordinatorOf(side, group))
  const offsets = rows.map(({ topic, partition, offset }) => ({ topic, partition, offset, metadata: '' }))
  return side.groups.commitWithRetry(group, coordinator, offsets)
}

/** @throws Failure when the coordinator is not found */
async function coordinatorOf(side: ClusterSide, group: string): Promise<number> {
  const { found, failures } = await side.groups.coordinatorsOf([group])
  const coordinator = found.get(group)
  if (coordinator !== undefined) return coordinator
  throw (
    failures[0] ??
    new Failure('BROKER_BUSY', `cluster ${side.alias} returned no coordinator for group ${group}`, { group })
  )
}
