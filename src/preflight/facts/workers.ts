// The active members of the group of a flow: another godwit, or the workers of a MirrorMaker 2. Their group protocol tells which.
import type { Cluster } from '../../kafka/cluster.ts'
import { errorCodes, failureOfCode } from '../../kafka/wire-errors.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'

export interface WorkerFacts {
  readonly group: string
  readonly isGodwit: boolean
  readonly members: readonly { readonly clientId: string; readonly host: string }[]
}

interface Described {
  groups: {
    errorCode: number
    protocolData: string
    members: { clientId: string; clientHost: string }[]
  }[]
}

const OUR_PROTOCOL = 'godwit-'

/**
 * Reads who is in the group of the flow. Every broker is asked, as looking up the coordinator would make a cluster that has never had a
 * group create its topic of offsets.
 * @throws Failure, NOT_AUTHORIZED among them
 */
export async function readWorkers(cluster: Cluster, { groupId: group }: FlowSettings): Promise<WorkerFacts> {
  const { brokers } = await cluster.metadata([])
  const answers = await Promise.all(
    [...brokers.keys()].map((id) => cluster.callBroker<Described>(id, 'describeGroups', [[group], false])),
  )
  const all = answers.flatMap(({ groups }) => groups)
  if (all.some(({ errorCode }) => errorCode === errorCodes.GROUP_AUTHORIZATION_FAILED))
    throw failureOfCode(errorCodes.GROUP_AUTHORIZATION_FAILED, { cluster: cluster.alias, group, right: 'Describe' })
  const found = all.find(({ errorCode, members }) => errorCode === 0 && members.length > 0)
  const members = (found?.members ?? []).map(({ clientId, clientHost }) => ({
    clientId,
    host: clientHost.replace(/^\//, ''),
  }))
  return { group, isGodwit: found?.protocolData.startsWith(OUR_PROTOCOL) === true, members }
}
