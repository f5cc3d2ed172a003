// The groups of both clusters: those of the source that a flow selects, and where groups of the target stand beyond the end of a log.
import { Failure } from '../../base/failure.ts'
import { topicPartitionKey } from '../../base/topic-partition.ts'
import { Admin } from '../../kafka/admin.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import { type CommittedOffset, Groups, type ListedGroup } from '../../kafka/groups.ts'
import { isSelected } from '../../mirror/topic-selection.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { Clusters, PlannedPair } from './flow-basis.ts'

export interface GroupFacts {
  /** names of all groups that the user may see; absent where a broker does not list its groups, so that some are not known */
  readonly names?: readonly string[]
  /** those that the flow selects, as far as they are known */
  readonly selected: readonly ListedGroup[]
}

/** Lists the groups of a cluster. @throws Failure when the cluster does not answer */
export async function readGroups(cluster: Cluster, { groups }: Pick<FlowSettings, 'groups'>): Promise<GroupFacts> {
  const { found, failures } = await new Groups(cluster).list()
  const selected = [...found.values()].filter(({ group }) => isSelected(group, groups))
  return { selected, ...(failures.length === 0 && { names: [...found.keys()] }) }
}

/** A committed offset beyond the end of its log. */
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

type Committed = CommittedOffset & { readonly group: string }

/**
 * Finds committed offsets beyond the end of their log, of the groups that the flow selects, in the topics that it copies to.
 * @param groups those of the source
 * @throws Failure when a cluster does not answer
 */
export async function readBeyondEnd(
  { source, target }: Clusters,
  flow: {
    readonly settings: Pick<FlowSettings, 'groups'>
    readonly pairs: readonly PlannedPair[]
    readonly groups: GroupFacts
  },
): Promise<BeyondEnd[]> {
  const existing = flow.pairs.filter(({ there }) => there)
  const sourceNames = new Map(existing.map(({ topic, targetName }) => [targetName, topic.name]))
  const { selected } = await readGroups(target, flow.settings)
  const committed = await committedBy(target, selected, (topic) => sourceNames.has(topic))
  // The ends behind the offsets: a group that reads on meanwhile is not beyond any.
  const beyond = await beyondEnds(target, committed)
  const names = new Set(beyond.map(({ group }) => group))
  const onSource = flow.groups.selected.filter(({ group }) => names.has(group))
  const places = new Set((await committedBy(source, onSource, () => true)).map(placeOf))
  return beyond.map(({ group, topic: targetName, partition, offset, end }) => {
    const topic = sourceNames.get(targetName) ?? targetName
    const isOnSource = places.has(placeOf({ group, topic, partition }))
    return { group, topic, targetName, partition, committed: offset, end, isOnSource }
  })
}

const placeOf = ({ group, topic, partition }: Pick<Committed, 'group' | 'topic' | 'partition'>) =>
  JSON.stringify([group, topic, partition])

async function beyondEnds(
  cluster: Cluster,
  committed: readonly Committed[],
): Promise<(Committed & { readonly end: number })[]> {
  const keyOf = ({ topic, partition }: Committed) => topicPartitionKey(topic, partition)
  const places = [...new Map(committed.map((one) => [keyOf(one), one])).values()]
  const asked = places.map(({ topic, partition }) => ({ topic, partition, at: 'latest' as const }))
  const ends = await new Admin(cluster).listOffsets(asked, 'read_uncommitted')
  return committed.flatMap((one) => {
    const end = ends.get(keyOf(one))
    return end && !(end instanceof Failure) && one.offset > end.offset ? [{ ...one, end: end.offset }] : []
  })
}

async function committedBy(
  cluster: Cluster,
  groups: readonly ListedGroup[],
  isWanted: (topic: string) => boolean,
): Promise<Committed[]> {
  const all: Committed[] = []
  if (groups.length === 0) return all
  await new Groups(cluster).committed(groups, async (found) => {
    for (const [group, offsets] of found) {
      const own = offsets.filter(({ topic, offset }) => offset >= 0 && isWanted(topic))
      all.push(...own.map((one) => ({ ...one, group })))
    }
  })
  return all
}
