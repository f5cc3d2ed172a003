// What the last rounds found out about each group, for the status.
import type { ListedGroup } from '../../kafka/groups.ts'
import type { GroupPartitionStatus, GroupStatus } from '../../mirror/flow-status.ts'
import { topicPartitionKey } from '../../mirror/topic-partition.ts'
import type { Synced, SyncResult, SyncRound } from './group-sync.ts'
import type { GroupOffset, Round } from './translation.ts'

const words: Readonly<Record<SyncResult, string>> = {
  written: 'synced',
  kept: 'synced',
  active: 'active',
  untranslated: 'untranslated',
  refused: 'refused',
}

export interface GroupReportParts {
  readonly round: Round
  readonly sync: SyncRound | undefined
  readonly source: ReadonlyMap<string, ListedGroup>
  /** end of a source partition by its key; undefined while unknown */
  readonly endOf: (key: string) => number | undefined
}

/** One status per group that has committed anything the flow copies. */
export function reportGroups({ round, sync, source, endOf }: GroupReportParts): GroupStatus[] {
  return [...round.groups].map(([group, offsets]) => {
    const outcomes = sync?.outcomes.get(group)
    const there = sync?.listed.get(group)
    const here = source.get(group)
    return {
      group,
      sourceState: capitalised(here?.state ?? ''),
      targetState: sync ? capitalised(there?.state ?? 'dead') : '',
      protocol: here?.type ?? '',
      partitions: offsets.map((one) => partitionStatus(one, outcomes?.get(keyOnTarget(one)), endOf)),
    }
  })
}

function partitionStatus(
  one: GroupOffset,
  synced: Synced | undefined,
  endOf: GroupReportParts['endOf'],
): GroupPartitionStatus {
  const { topic, partition, targetTopic, upstream, downstream } = one
  const end = endOf(topicPartitionKey(topic, partition))
  const reason = synced?.why ?? one.why
  return {
    ...{ topic, partition, targetTopic, upstream, downstream },
    targetCommitted: synced?.committed ?? -1,
    lag: end === undefined ? -1 : Math.max(0, end - upstream),
    result: resultOf(one, synced),
    ...(reason !== undefined && { reason }),
  }
}

function resultOf({ downstream }: GroupOffset, synced: Synced | undefined): string {
  if (downstream < 0) return 'untranslated'
  if (!synced) return 'translated'
  return synced.result === 'kept' && synced.committed > downstream ? 'ahead' : words[synced.result]
}

const keyOnTarget = ({ targetTopic, partition }: GroupOffset) => topicPartitionKey(targetTopic, partition)

/** `preparingrebalance` and its like are rare enough to stay one word. */
const capitalised = (state: string) => state.slice(0, 1).toUpperCase() + state.slice(1)
