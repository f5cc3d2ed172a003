// What the plan of a flow is made of, read from both clusters by the same readers as a check.
import { Failure } from '../../base/failure.ts'
import type { Flow } from '../../config/model.ts'
import type { StoredTopics } from '../../engine/stored-lag.ts'
import { topicAclsIfAny } from '../../kafka/acls.ts'
import type { TopicAcl } from '../../mirror/topic-acls.ts'
import { type FlowSettings, translatesGroups } from '../../model/flow-settings.ts'
import { type Clusters, type FlowBasis, readBasis, readStored } from '../facts/flow-basis.ts'
import { readGroups } from '../facts/groups.ts'
import type { Inventory } from '../facts/inventory.ts'

export interface PlanFacts extends Pick<FlowBasis, 'settings' | 'policy' | 'pairs'> {
  readonly source: Inventory
  readonly target: Inventory
  readonly stored: StoredTopics
  /** absent where they are not to be copied, or the source has no authorizer */
  readonly acls?: { readonly source: readonly TopicAcl[]; readonly target: readonly TopicAcl[] }
  /** names of all groups of the source; absent where they do not matter, or not all of them are known */
  readonly groupNames?: readonly string[]
}

/** Reads the facts of a plan. @throws Failure when a cluster cannot be asked, or what is stored cannot be read */
export async function readPlanFacts(flow: Flow, clusters: Clusters): Promise<PlanFacts> {
  const { settings } = flow
  const basis = await readBasis(settings, clusters, ['topic-configs', 'offsets'])
  const [source, target] = [mustBeRead(basis, 'source'), mustBeRead(basis, 'target')]
  const [acls, stored] = await Promise.all([readAcls(settings, clusters), readStored(flow, clusters)])
  const groupNames = await readGroupNames(settings, clusters)
  const { policy, pairs } = basis
  return { settings, policy, pairs, source, target, stored, ...(acls && { acls }), ...(groupNames && { groupNames }) }
}

function mustBeRead(basis: FlowBasis, side: 'source' | 'target'): Inventory {
  const inventory = basis[side]
  const failure = basis.failures[side] ?? inventory?.unknown[0]?.failure
  if (failure) throw failure
  if (!inventory) throw new Failure('INTERNAL', `the ${side} of a flow that is not enabled is not read`)
  return inventory
}

async function readAcls({ syncTopicAcls }: FlowSettings, { source, target }: Clusters): Promise<PlanFacts['acls']> {
  if (!syncTopicAcls.enabled) return undefined
  const [here, there] = await Promise.all([topicAclsIfAny(source), topicAclsIfAny(target)])
  return here && { source: here, target: there ?? [] }
}

/** Names of the source's groups, where the file lists any. A broker lists no groups to a user without Describe: then they are not known. */
async function readGroupNames(settings: FlowSettings, { source }: Clusters): Promise<readonly string[] | undefined> {
  if (!settings.groups.written || !translatesGroups(settings)) return undefined
  const { names = [] } = await readGroups(source, settings)
  return names.length === 0 ? undefined : names
}
