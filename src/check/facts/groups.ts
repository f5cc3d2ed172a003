// Who is in the group of the flow: another godwit, or the workers of a MirrorMaker 2.
import type { Cluster } from '../../kafka/cluster.ts'
import { Membership } from '../../kafka/membership.ts'
import type { FlowSettings } from '../../mirror/flow-settings.ts'

export interface GroupFacts {
  readonly group: string
  readonly members: readonly { readonly clientId: string; readonly host: string }[]
}

/** @throws Failure, NOT_AUTHORIZED among them */
export async function groupsOf(cluster: Cluster, { groupId, sessionTimeoutMs }: FlowSettings): Promise<GroupFacts> {
  const membership = new Membership(cluster, {
    ...{ groupId, protocolType: 'connect', protocolName: 'godwit-v1', sessionTimeoutMs },
    rebalanceTimeoutMs: sessionTimeoutMs,
  })
  // Where there has never been a group, asking for this one's coordinator would have a topic made.
  if (await membership.isEmpty()) return { group: groupId, members: [] }
  return { group: groupId, members: (await membership.describe()).members }
}
