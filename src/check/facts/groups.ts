// The source's groups that the flow looks after.
import type { Cluster } from '../../kafka/cluster.ts'
import { Groups, type ListedGroup } from '../../kafka/groups.ts'
import type { FlowSettings } from '../../mirror/flow-settings.ts'
import { isSelected } from '../../mirror/topic-selection.ts'

/** As far as they may be seen. @throws Failure when the cluster no longer answers */
export async function selectedGroups(from: Cluster, { groups }: FlowSettings): Promise<ListedGroup[]> {
  const { found } = await new Groups(from).list()
  return [...found.values()].filter(({ group }) => isSelected(group, groups))
}
