// A reset of positions while no process works on the flow: the stores are changed from here, and nobody can begin meanwhile.

import { Membership } from '../kafka/membership.ts'
import { asSoleWorker, type SoleResult } from '../lease/sole-worker.ts'
import type { PositionsReset } from '../model/positions-reset.ts'
import { StoredPositions } from '../state/open-state.ts'
import type { FlowClusters } from './memory.ts'

/** Whether any process is in the group of the flow, which it may share with other flows. @throws Failure */
export async function isAnyoneThere({ parts: { settings }, target }: FlowClusters): Promise<boolean> {
  const { groupId, sessionTimeoutMs } = settings
  const protocol = { protocolType: '', protocolName: '', sessionTimeoutMs, rebalanceTimeoutMs: sessionTimeoutMs }
  return !(await new Membership(target, { groupId, ...protocol }).isEmpty())
}

/** Changes the stores, unless another process works on the flow. @throws Failure STANDBY when MirrorMaker 2 does; of the target */
export function resetDirectly(clusters: FlowClusters, reset: PositionsReset): Promise<SoleResult<void>> {
  const { name: flow, groupId, sessionTimeoutMs } = clusters.parts.settings
  return asSoleWorker(clusters.target, { flow, groupId, sessionTimeoutMs }, async () => {
    await using stored = await StoredPositions.open(clusters.state, 'work')
    await stored.reset(reset)
  })
}
