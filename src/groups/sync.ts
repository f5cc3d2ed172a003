// Commits translated offsets for groups on the target now, by the rules of the running flow: only for groups without active members, and
// never moving back, except from an offset that does not exist.

import type { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { CommittedOffset } from '../kafka/groups.ts'
import { dryGroups, patientGroups } from './commit/commit-access.ts'
import { GroupSync, type Synced, type SyncGroups, type SyncResult } from './commit/group-sync.ts'
import type { LookedUp, OffsetLookup } from './offset-lookup.ts'
import { beyondText, type OnTarget, onTarget } from './on-target.ts'
import type { ClusterSide } from './side.ts'
import { TargetEnds } from './target-ends.ts'
import { byGroupAndPartition } from './translate.ts'

export interface SyncedRow {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly targetTopic: string
  /** committed on the source */
  readonly committed: number
  /** -1 when unknown */
  readonly translated: number
  /** committed on the target before; undefined for nothing, or while the group has active members */
  readonly before: number | undefined
  /** the log end on the target, where the offset committed there was beyond it */
  readonly beyondEnd?: number
  /**
   * written: in a dry run, it would be; outside: the flow does not copy the topic; none: the group has committed -1 on the source, which
   * is not an offset; unknown: the coordinator did not answer
   */
  readonly result: SyncResult | 'outside' | 'none' | 'unknown'
  readonly why: string
}

export interface SyncReport {
  readonly rows: readonly SyncedRow[]
  readonly failures: readonly Failure[]
}

/** Translates, and commits with `execute`. @param committed source offsets by group @throws Failure */
export async function syncGroups(
  lookup: OffsetLookup,
  target: ClusterSide,
  committed: ReadonlyMap<string, readonly CommittedOffset[]>,
  execute: boolean,
): Promise<SyncReport> {
  const translated = await lookup.translate(committed)
  const groups: SyncGroups = execute ? patientGroups(target.groups) : dryGroups(target.groups)
  const newEnds = () => new TargetEnds(target.admin)
  const round = await new GroupSync({ groups, newEnds, repairs: true }).begin()
  const there = await onTarget(target, round.listed, translated.keys())
  const outcomes = await round.sync(translated)
  const rows = [...translated].flatMap(([group, offsets]) =>
    offsets.map((one) => {
      const key = topicPartitionKey(one.targetTopic, one.partition)
      return rowOf(group, one, there.offsets.get(group)?.get(key), outcomes.get(group)?.get(key))
    }),
  )
  return { rows: rows.sort(byGroupAndPartition), failures: round.failures }
}

function rowOf(group: string, one: LookedUp, before: OnTarget | undefined, outcome: Synced | undefined): SyncedRow {
  const { topic, partition, targetTopic, upstream, downstream, how, why, note } = one
  const isLeft = how === 'outside' || how === 'none'
  const reason = isLeft ? why : (outcome?.why ?? why ?? note)
  // In all other cases the outcome already mentions the offset beyond the log end.
  const beyond = how === 'none' || outcome?.result === 'active' ? beyondText(before) : undefined
  return {
    ...{ group, topic, partition, targetTopic, committed: upstream, translated: downstream, before: before?.committed },
    ...(before?.beyondEnd !== undefined && { beyondEnd: before.beyondEnd }),
    result: isLeft ? how : (outcome?.result ?? 'unknown'),
    why: [reason, beyond].filter((words) => words !== undefined).join('; '),
  }
}
