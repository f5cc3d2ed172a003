// Resets groups of one cluster: only those without active members, each with the offset it had and the one it gets; writes nothing unless told to.
import { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import { type AssignedPartition, committedWithEpochs, describeGroup } from '../kafka/group-details.ts'
import type { ListedGroup } from '../kafka/groups.ts'
import type { NewOffset } from './kafka-text.ts'
import { type KnownOffsets, needsOf, type Plan, planReset, type Scenario } from './reset-plan.ts'
import type { Side } from './side.ts'
import type { Suggestion } from './suggest-time.ts'

export interface ResetRequest {
  readonly group: string
  /** undefined for a group that the cluster does not know: it comes to be */
  readonly listed: ListedGroup | undefined
  readonly scenario: Scenario
  /** which partitions, from what the group has committed */
  readonly scope: (committed: readonly AssignedPartition[]) => readonly AssignedPartition[]
  readonly execute: boolean
  /** where the time of the scenario comes from, if it was chosen for the group */
  readonly suggestion?: Suggestion | undefined
}

export interface ResetRow extends NewOffset {
  /** what the group had committed before; undefined for nothing */
  readonly before: number | undefined
  /** why it was not written though it should have been */
  readonly refused?: string
  readonly remedy?: string
}

export interface ResetOutcome {
  readonly group: string
  /** planned: nothing was written, as it was not asked for; refused: the group has active members, or the cluster did not take all of it */
  readonly result: 'planned' | 'written' | 'refused'
  /** Kafka's word */
  readonly state: string
  /** clients that are in the group */
  readonly members: readonly string[]
  readonly rows: readonly ResetRow[]
  readonly plan: Plan
  readonly suggestion?: Suggestion | undefined
}

const nothing: Plan = { rows: [], clamped: [], empty: [] }
/** States in which a group has no active members. */
const VACANT = new Set(['Empty', 'Dead'])

/** Plans, and carries it out if that is asked for. @throws Failure of the cluster; USAGE as planReset does */
export async function reset(side: Side, request: ResetRequest): Promise<ResetOutcome> {
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
  side: Side,
  { group, scenario, scope }: ResetRequest,
  { committed, before }: { committed: readonly AssignedPartition[]; before: ReadonlyMap<string, number> },
): Promise<Plan> {
  const given = scenario.kind === 'given' ? scenario.rows.filter((row) => row.group === group) : undefined
  const partitions = given ?? scope(committed)
  await mustExist(side, partitions)
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
  return planReset(scenario, group, partitions, known)
}

/** Commits for partitions that do not exist would be accepted. @throws Failure UNKNOWN_TOPIC naming the first */
async function mustExist({ cluster }: Side, partitions: readonly AssignedPartition[]): Promise<void> {
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
  side: Side,
  { group, listed }: ResetRequest,
  rows: readonly NewOffset[],
): Promise<ReadonlyMap<string, Failure>> {
  if (rows.length === 0) return new Map()
  const coordinator = listed?.coordinator ?? (await coordinatorOf(side, group))
  const offsets = rows.map(({ topic, partition, offset }) => ({ topic, partition, offset, metadata: '' }))
  return side.groups.commitWithRetry(group, coordinator, offsets)
}

/** @throws Failure when it cannot be told */
async function coordinatorOf(side: Side, group: string): Promise<number> {
  const { found, failures } = await side.groups.coordinatorsOf([group])
  const coordinator = found.get(group)
  if (coordinator !== undefined) return coordinator
  throw (
    failures[0] ??
    new Failure('BROKER_BUSY', `cluster ${side.alias} names no coordinator for group ${group}`, { group })
  )
}
