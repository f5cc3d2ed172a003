// Resets positions while no process works on the flow: this process changes the topics, and no other can begin meanwhile.
import { Membership } from '../kafka/membership.ts'
import { asSoleWorker, type SoleResult } from '../lease/sole-worker.ts'
import type { PositionsReset } from '../model/positions-reset.ts'
import { StoredPositions } from '../state/open-state.ts'
import type { FlowClusters } from './memory.ts'

/** Whether the group of the flow has members; it may be shared with other flows. @throws Failure when the target does not answer */
export async function hasGroupMembers({ parts: { settings }, target }: FlowClusters): Promise<boolean> {
  const { groupId, sessionTimeoutMs } = settings
  const protocol = { protocolType: '', protocolName: '', sessionTimeoutMs, rebalanceTimeoutMs: sessionTimeoutMs }
  return !(await new Membership(target, { groupId, ...protocol }).isEmpty())
}

/** Changes the topics, unless another process works on the flow. @throws Failure STANDBY when MirrorMaker 2 does; others of the target */
export function resetDirectly(clusters: FlowClusters, reset: PositionsReset): Promise<SoleResult<void>> {
  const { name: flow, groupId, sessionTimeoutMs } = clusters.parts.settings
  return asSoleWorker(clusters.target, { flow, groupId, sessionTimeoutMs }, async () => {
    await using stored = await StoredPositions.open(clusters.state, 'work')
    await stored.reset(reset)
  })
}
