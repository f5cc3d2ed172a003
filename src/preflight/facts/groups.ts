// The groups of the source, and where the groups of the target stand beyond the end of a log.
import { Failure } from '../../base/failure.ts'
import { Admin } from '../../kafka/admin.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import { type CommittedOffset, Groups, type ListedGroup } from '../../kafka/groups.ts'
import { isSelected } from '../../mirror/topic-selection.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { TopicPair } from '../basics.ts'

/** All groups, as far as they may be seen. @throws Failure when the cluster no longer answers */
export async function listedGroups(from: Cluster): Promise<ListedGroup[]> {
  const { found } = await new Groups(from).list()
  return [...found.values()]
}

/** A committed offset that lies beyond the end of its log. */
export interface BeyondEnd {
  readonly group: string
  /** names of the topic on the source and on the target */
  readonly topic: string
  readonly targetName: string
  readonly partition: number
  readonly committed: number
  /** next offset of the log */
  readonly end: number
  /** the group has committed an offset for the partition on the source too */
  readonly isOnSource: boolean
}

/**
 * Of the groups that the flow selects, in the topics that it copies to. Ends are read after the offsets: a group that reads on while
 * this looks is not beyond any.
 * @throws Failure when a cluster no longer answers
 */
export async function groupsBeyondEnd(
  { source, target }: { readonly source: Cluster; readonly target: Cluster },
  { groups }: FlowSettings,
  pairs: readonly TopicPair[],
): Promise<BeyondEnd[]> {
  const byTarget = new Map(pairs.filter(({ there }) => there).map((pair) => [pair.targetName, pair.topic.name]))
  const selected = (listed: readonly ListedGroup[]) => listed.filter(({ group }) => isSelected(group, groups))
  const committed = await committedIn(target, selected(await listedGroups(target)), (topic) => byTarget.has(topic))
  const places = new Map(committed.map(({ topic, partition }) => [`${topic}-${partition}`, { topic, partition }]))
  const asked = [...places.values()].map((place) => ({ ...place, at: 'latest' as const }))
  const ends = await new Admin(target).listOffsets(asked, 'read_uncommitted')
  const beyond = committed.flatMap((one) => {
    const end = ends.get(`${one.topic}-${one.partition}`)
    return end && !(end instanceof Failure) && one.offset > end.offset ? [{ ...one, end: end.offset }] : []
  })
  if (beyond.length === 0) return []
  const named = new Set(beyond.map(({ group }) => group))
  const mine = selected(await listedGroups(source)).filter(({ group }) => named.has(group))
  const here = await committedIn(source, mine, () => true)
  const known = new Set(here.map(({ group, topic, partition }) => JSON.stringify([group, topic, partition])))
  return beyond.map(({ group, topic: targetName, partition, offset, end }) => {
    const topic = byTarget.get(targetName) ?? targetName
    const isOnSource = known.has(JSON.stringify([group, topic, partition]))
    return { group, topic, targetName, partition, committed: offset, end, isOnSource }
  })
}

type Committed = CommittedOffset & { readonly group: string }

async function committedIn(
  cluster: Cluster,
  groups: readonly ListedGroup[],
  isMeant: (topic: string) => boolean,
): Promise<Committed[]> {
  const all: Committed[] = []
  await new Groups(cluster).committed(groups, async (found) => {
    for (const [group, offsets] of found)
      all.push(
        ...offsets.filter(({ topic, offset }) => offset >= 0 && isMeant(topic)).map((one) => ({ ...one, group })),
      )
  })
  return all
}
