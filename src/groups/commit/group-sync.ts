// Synced group offsets: commits translated offsets for groups without active members on the target. Their committed offsets are read right
// before and never moved back, except from an offset beyond the log end, and only with `repairs`. The coordinator itself refuses the commit
// if a member has joined the group meanwhile.
import { Failure } from '../../base/failure.ts'
import { topicPartitionKey } from '../../base/topic-partition.ts'
import { beyondEndText, type CommittedOffset, type Groups, type ListedGroup } from '../../kafka/groups.ts'
import { errorCodes } from '../../kafka/wire-errors.ts'
import type { TargetEnds } from '../target-ends.ts'
import type { GroupOffset, OffsetsByGroup } from '../translation/translation.ts'

/**
 * written; kept: the group is at this offset or ahead on the target; active: the group has active members there; untranslated: the target
 * offset is not known yet; refused: the target refused the commit; beyond: its offset there is beyond the log end and was not changed
 */
export type SyncResult = 'written' | 'kept' | 'active' | 'untranslated' | 'refused' | 'beyond'

export interface Synced {
  readonly result: SyncResult
  readonly why?: string
  /** what the group now has committed on the target; -1 for nothing, or when unknown */
  readonly committed: number
}

/** Outcomes by group and by partition of the target. */
export type SyncOutcomes = Map<string, Map<string, Synced>>

/** States in which a group has no active members. */
const VACANT = new Set(['empty', 'dead'])
/** Groups per round whose active members are described; the others are reported without names. */
const DESCRIBED_PER_ROUND = 50
/** Groups whose offsets are written at the same time. */
const AT_ONCE = 16

const keyOf = ({ targetTopic, partition }: GroupOffset) => topicPartitionKey(targetTopic, partition)

/** What a sync needs of the target's groups. */
export type SyncGroups = Pick<Groups, 'list' | 'committed' | 'members' | 'coordinatorsOf' | 'commit'>

interface SyncParts {
  /** groups of the target cluster */
  readonly groups: SyncGroups
  /** log ends of the target for one round: a cached end is a lower bound only within the round */
  readonly newEnds: () => TargetEnds
  /** whether an offset beyond the end of its log is replaced by the translated one, or only reported */
  readonly repairs: boolean
}

export class GroupSync {
  readonly #parts: SyncParts

  constructor(parts: SyncParts) {
    this.#parts = parts
  }

  /** Begins a round by listing the groups. @throws Failure when no broker of the target lists groups */
  async begin(): Promise<SyncRound> {
    const { found, failures } = await this.#parts.groups.list()
    return new SyncRound(this.#parts, found, failures)
  }
}

class SyncRound {
  /** the groups as the target lists them */
  readonly listed: ReadonlyMap<string, ListedGroup>
  readonly failures: Failure[]
  readonly #groups: SyncGroups
  readonly #ends: TargetEnds
  readonly #repairs: boolean
  #described = 0

  constructor(
    { groups, newEnds, repairs }: SyncParts,
    listed: ReadonlyMap<string, ListedGroup>,
    failures: readonly Failure[],
  ) {
    this.#groups = groups
    this.#ends = newEnds()
    this.#repairs = repairs
    this.listed = listed
    this.failures = [...failures]
  }

  /** Commits these offsets for these groups; failures are in the outcomes and in `failures`. */
  async sync(wanted: OffsetsByGroup): Promise<SyncOutcomes> {
    const outcomes: SyncOutcomes = new Map()
    const vacant = await this.#vacant(wanted, outcomes)
    const committed = new Map<string, readonly CommittedOffset[]>()
    const existing = vacant.flatMap((group) => this.listed.get(group) ?? [])
    const unread = await this.#groups.committed(existing, async (found) => {
      for (const [group, offsets] of found) committed.set(group, offsets)
    })
    const { found: coordinators, failures: unfound } = await this.#groups.coordinatorsOf(
      vacant.filter((group) => !this.listed.has(group)),
    )
    this.failures.push(...unread, ...unfound)
    await this.#lookForEnds(wanted, committed)
    await inTurns(vacant, async (group) => {
      const coordinator = committed.has(group) ? this.listed.get(group)?.coordinator : coordinators.get(group)
      if (coordinator === undefined) return
      const task = { group, coordinator, offsets: wanted.get(group) ?? [], there: committed.get(group) ?? [] }
      outcomes.set(group, await this.#syncOne(task))
    })
    return outcomes
  }

  /** Reads log ends where a group is ahead of its translated offset: its offset may not exist. */
  async #lookForEnds(
    wanted: OffsetsByGroup,
    committed: ReadonlyMap<string, readonly CommittedOffset[]>,
  ): Promise<void> {
    const suspects = [...committed].flatMap(([group, there]) => {
      const translated = new Map(wanted.get(group)?.map((one) => [keyOf(one), one.downstream]))
      return there.filter((one) => {
        const downstream = translated.get(topicPartitionKey(one.topic, one.partition))
        return downstream !== undefined && one.offset > downstream
      })
    })
    try {
      await this.#ends.look(suspects)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.failures.push(error)
    }
  }

  /** The committed offset with the log end, where it is beyond it. */
  #beyond({ targetTopic: topic, partition }: GroupOffset, offset: number): Beyond | undefined {
    const end = this.#ends.of(topic, partition)
    if (end === undefined || !this.#ends.isBeyond({ topic, partition, offset })) return undefined
    return { committed: offset, end }
  }

  /** The groups without active members on the target; sets the outcome of the others. */
  async #vacant(wanted: OffsetsByGroup, outcomes: SyncOutcomes): Promise<string[]> {
    const vacant: string[] = []
    for (const [group, offsets] of wanted) {
      const there = this.listed.get(group)
      const isVacant = !there || VACANT.has(there.state)
      const why = isVacant ? undefined : await this.#whyActive(there, this.#described++ < DESCRIBED_PER_ROUND)
      if (why === undefined) vacant.push(group)
      else outcomes.set(group, new Map(offsets.map((one) => [keyOf(one), { result: 'active', why, committed: -1 }])))
    }
    return vacant
  }

  /** Undefined when it has no active members after all (brokers before 2.6 do not list states). */
  async #whyActive(there: ListedGroup, withNames: boolean): Promise<string | undefined> {
    if (there.type === 'share' || there.type === 'streams') return `it is a ${there.type} group on the target`
    if (!withNames && there.state !== '') return `active on the target (${there.state})`
    try {
      const members = await this.#groups.members(there)
      if (members.length === 0) return there.state === '' ? undefined : `active on the target (${there.state})`
      const named = members.slice(0, 3).map(({ clientId, host }) => `client ${clientId} on host ${host}`)
      const more = members.length > 3 ? ` and ${members.length - 3} more` : ''
      return `active on the target: ${named.join(', ')}${more}`
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return `active on the target (${there.state}); its members could not be read: ${error.message}`
    }
  }

  async #syncOne(task: {
    group: string
    coordinator: number
    offsets: readonly GroupOffset[]
    there: readonly CommittedOffset[]
  }): Promise<Map<string, Synced>> {
    const { group, coordinator, offsets } = task
    const there = new Map(task.there.map((one) => [topicPartitionKey(one.topic, one.partition), one.offset]))
    const outcomes = new Map<string, Synced>()
    const due = offsets.filter((one) => {
      const committed = there.get(keyOf(one)) ?? -1
      const settled = outcomeWithoutCommit(one, committed, this.#beyond(one, committed), this.#repairs)
      if (settled) outcomes.set(keyOf(one), settled)
      return !settled
    })
    if (due.length === 0) return outcomes
    try {
      const refused = await this.#groups.commit(group, coordinator, due.map(commitOf))
      for (const one of due) {
        const before = there.get(keyOf(one)) ?? -1
        const outcome = outcomeOf(one, refused.get(keyOf(one)), before)
        const beyond = this.#beyond(one, before)
        outcomes.set(
          keyOf(one),
          beyond && outcome.result === 'written' ? { ...outcome, why: beyondText(beyond) } : outcome,
        )
      }
      const other = [...refused.values()].find(
        ({ circumstances }) => circumstances.wireCode !== errorCodes.UNKNOWN_MEMBER_ID,
      )
      if (other) this.failures.push(other)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.failures.push(error)
      for (const one of due) outcomes.set(keyOf(one), { result: 'refused', why: error.message, committed: -1 })
    }
    return outcomes
  }
}

/** Limits how many commits are in flight at once. */
async function inTurns(groups: readonly string[], act: (group: string) => Promise<void>): Promise<void> {
  const left = [...groups]
  const next = async (): Promise<void> => {
    for (let group = left.pop(); group !== undefined; group = left.pop()) await act(group)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
}

/** The reason for a group that is ahead on the target; undefined where its offset is the translated one. */
export function whyKept(committed: number, downstream: number): string | undefined {
  return committed > downstream ? `it is ahead on the target: ${committed} instead of ${downstream}` : undefined
}

interface Beyond {
  readonly committed: number
  readonly end: number
}

const beyondText = ({ committed, end }: Beyond) => beyondEndText(committed, end)

/** The outcome of an offset that needs no commit; undefined where a commit is due. */
function outcomeWithoutCommit(
  { downstream, why }: GroupOffset,
  committed: number,
  beyond: Beyond | undefined,
  repairs: boolean,
): Synced | undefined {
  if (downstream < 0) {
    const reasons = [beyond && beyondText(beyond), why].filter((one) => one !== undefined).join('; ')
    return { result: 'untranslated', committed, ...(reasons !== '' && { why: reasons }) }
  }
  if (committed < downstream) return undefined
  if (beyond) return repairs ? undefined : { result: 'beyond', committed, why: beyondText(beyond) }
  const ahead = whyKept(committed, downstream)
  return { result: 'kept', committed, ...(ahead !== undefined && { why: ahead }) }
}

function commitOf({ targetTopic, partition, downstream, metadata }: GroupOffset): CommittedOffset {
  return { topic: targetTopic, partition, offset: downstream, metadata }
}

function outcomeOf({ downstream }: GroupOffset, refused: Failure | undefined, committed: number): Synced {
  if (!refused) return { result: 'written', committed: downstream }
  if (refused.circumstances.wireCode !== errorCodes.UNKNOWN_MEMBER_ID)
    return { result: 'refused', why: refused.message, committed }
  return { result: 'active', why: 'a member joined the group on the target meanwhile', committed }
}
