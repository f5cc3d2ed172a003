// Writes translated offsets for groups of the target now, by the rules the running flow goes by: nobody is in the group, and it never
// moves back.

import type { Failure } from '../base/failure.ts'
import { dryGroups, GroupSync, type SyncGroups, type SyncResult } from '../engine/group-commits.ts'
import type { OffsetLookup } from '../engine/offset-lookup.ts'
import type { CommittedOffset } from '../kafka/groups.ts'
import { topicPartitionKey } from '../mirror/topic-partition.ts'
import type { Side } from './side.ts'
import { byPlace, committedBy } from './translate.ts'

export interface SyncedRow {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly targetTopic: string
  /** committed on the source */
  readonly committed: number
  /** -1 when it cannot be told */
  readonly translated: number
  /** committed on the target before; undefined for nothing, or while somebody is in the group */
  readonly before: number | undefined
  /** written in a dry run: it would be; outside: the flow does not copy its topic; unknown: the coordinator could not be asked */
  readonly result: SyncResult | 'outside' | 'unknown'
  readonly why: string
}

export interface SyncReport {
  readonly rows: readonly SyncedRow[]
  readonly failures: readonly Failure[]
}

/** Looks, and writes if `execute`. @param committed what the groups have committed on the source @throws Failure */
export async function syncGroups(
  lookup: OffsetLookup,
  target: Side,
  committed: ReadonlyMap<string, readonly CommittedOffset[]>,
  execute: boolean,
): Promise<SyncReport> {
  const translated = await lookup.translate(committed)
  const groups: SyncGroups = execute ? target.groups : dryGroups(target.groups)
  const round = await new GroupSync(groups).begin()
  const there = await committedBy(
    target,
    [...translated.keys()].flatMap((group) => round.listed.get(group) ?? []),
  )
  const outcomes = await round.sync(translated)
  const rows = [...translated].flatMap(([group, offsets]) => {
    const before = new Map(there.get(group)?.map((one) => [topicPartitionKey(one.topic, one.partition), one.offset]))
    return offsets.map((one): SyncedRow => {
      const { topic, partition, targetTopic, upstream, downstream, why, note } = one
      const key = topicPartitionKey(targetTopic, partition)
      const outcome = outcomes.get(group)?.get(key)
      return {
        ...{ group, topic, partition, targetTopic, committed: upstream, translated: downstream },
        before: before.get(key),
        result: one.how === 'outside' ? 'outside' : (outcome?.result ?? 'unknown'),
        why: outcome?.why ?? why ?? note ?? '',
      }
    })
  })
  return { rows: rows.sort(byPlace), failures: round.failures }
}
