// Target offsets of source groups: godwit's exact translation, and next to it MirrorMaker 2's checkpoints.

import { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { CommittedOffset, ListedGroup } from '../kafka/groups.ts'
import { type Checkpoint, decodeCheckpoint } from '../mirror/checkpoint.ts'
import { checkpointsTopic } from '../state/internal-topics.ts'
import type { How, LookedUp, OffsetLookup, OffsetLookupParts } from './offset-lookup.ts'
import type { ClusterSide } from './side.ts'

export interface TranslatedRow {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly targetTopic: string
  /** next offset the group reads on the source, as committed, which may be -1; and the end of the source partition */
  readonly committed: number
  readonly sourceEnd: number | undefined
  readonly lag: number | undefined
  /** next offset it would read on the target; -1 when unknown */
  readonly translated: number
  readonly how: How
  /** a remark, or why the offset is not translated */
  readonly note: string
  /** the last checkpoint */
  readonly checkpoint: { readonly upstream: number; readonly downstream: number } | undefined
}

/** CheckpointsByGroup by group, then by partition of the target. */
export type CheckpointsByGroup = ReadonlyMap<string, ReadonlyMap<string, Checkpoint>>

/** The committed offsets of these groups, by group. @throws Failure of the first group that cannot be read */
export async function committedBy(
  side: ClusterSide,
  groups: readonly ListedGroup[],
): Promise<Map<string, readonly CommittedOffset[]>> {
  const found = new Map<string, readonly CommittedOffset[]>()
  const [failure] = await side.groups.committed(groups, async (some) => {
    for (const [group, offsets] of some) found.set(group, offsets)
  })
  if (failure) throw failure
  return found
}

/** The last checkpoint of each of these groups and partitions; empty where the topic is missing. @throws Failure */
export async function readCheckpoints(parts: OffsetLookupParts, groups: Iterable<string>): Promise<CheckpointsByGroup> {
  const wanted = new Map([...groups].map((group) => [group, new Map<string, Checkpoint>()]))
  const topic = checkpointsTopic(parts.settings, { cluster: parts.target, settings: parts.targetCluster })
  try {
    await topic.readAll(({ key, value }) => {
      const checkpoint = decodeCheckpoint(key, value)
      if (!checkpoint) return
      wanted.get(checkpoint.group)?.set(topicPartitionKey(checkpoint.topic, checkpoint.partition), checkpoint)
    })
  } finally {
    await topic.close()
  }
  return wanted
}

/** Source aliases that the target has checkpoints topics of. */
export function checkpointAliases({ policy, target }: OffsetLookup, separator: string): string[] {
  const suffix = `${separator}checkpoints${separator}internal`
  const names = [...target.topics.keys()].filter((topic) => policy.isCheckpointsTopic(topic))
  return names.map((topic) => topic.slice(0, -suffix.length)).sort()
}

/** One row per committed offset, sorted by group and partition. @throws Failure */
export async function translate(
  lookup: OffsetLookup,
  source: ClusterSide,
  groups: ReadonlyMap<string, readonly CommittedOffset[]>,
  checkpoints: CheckpointsByGroup,
): Promise<TranslatedRow[]> {
  const ends = await endsOf(source, [...groups.values()].flat())
  const rows = [...(await lookup.translate(groups))].flatMap(([group, offsets]) =>
    offsets.map((one) => rowOf(group, one, ends, checkpoints)),
  )
  return rows.sort(byGroupAndPartition)
}

function rowOf(
  group: string,
  one: LookedUp,
  ends: ReadonlyMap<string, number>,
  checkpoints: CheckpointsByGroup,
): TranslatedRow {
  const { topic, partition, targetTopic, upstream, downstream, how, why, note } = one
  const end = ends.get(topicPartitionKey(topic, partition))
  const checkpoint = checkpoints.get(group)?.get(topicPartitionKey(targetTopic, partition))
  return {
    ...{ group, topic, partition, targetTopic, committed: upstream, sourceEnd: end },
    lag: end === undefined || upstream < 0 ? undefined : Math.max(0, end - upstream),
    ...{ translated: downstream, how, note: why ?? note ?? '' },
    checkpoint: checkpoint && { upstream: checkpoint.upstreamOffset, downstream: checkpoint.downstreamOffset },
  }
}

/** End offsets of the partitions that still exist. */
async function endsOf(side: ClusterSide, partitions: readonly CommittedOffset[]): Promise<Map<string, number>> {
  const unique = new Map(partitions.map((one) => [topicPartitionKey(one.topic, one.partition), one]))
  const asked = [...unique.values()].map(({ topic, partition }) => ({ topic, partition, at: 'latest' as const }))
  const found = new Map<string, number>()
  for (const [key, one] of await side.admin.listOffsets(asked, 'read_uncommitted'))
    if (!(one instanceof Failure)) found.set(key, one.offset)
  return found
}

type GroupPartition = Pick<TranslatedRow, 'group' | 'topic' | 'partition'>

/** By group, topic and partition, in Kafka's order of names. */
export function byGroupAndPartition(a: GroupPartition, b: GroupPartition): number {
  if (a.group !== b.group) return a.group < b.group ? -1 : 1
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1
  return a.partition - b.partition
}
