// For each permission that a flow needs: whether the user has it, tried on every resource it is needed for.
import { Failure } from '../../base/failure.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import type { ListedGroup } from '../../kafka/groups.ts'
import { type Operation, type PermissionState, Survey, type Verdicts } from '../../kafka/survey.ts'
import { hasBrokerBefore } from '../rules/broker-versions.ts'
import { minimumPermissions, type Permission } from '../rules/minimum-permissions.ts'
import { unusedName } from './creation-trials.ts'
import type { FlowBasis } from './flow-basis.ts'

export interface PermissionVerdict {
  readonly permission: Permission
  /** names of the resources it is missing for */
  readonly denied: readonly string[]
  /** it is missing for what may be created later, not for what exists */
  readonly isForLater: boolean
  /** why it could not be found out */
  readonly unknown?: Failure
}

/** A permission with the names it is tried on. */
interface Asked {
  readonly permission: Permission
  readonly names: readonly string[]
  /** stands for names that may come later */
  readonly later?: string
}

const CLUSTER_NAME = 'kafka-cluster'

/**
 * Asks the brokers about each permission that the flow needs on one side; nothing where that cluster could not be read.
 * @param cluster the one on that side
 * @param groups those of the source that the flow selects
 * @throws Failure when the cluster no longer answers
 */
export async function permissionVerdicts(
  cluster: Cluster,
  side: Permission['side'],
  basis: FlowBasis & { readonly groups: readonly ListedGroup[] },
): Promise<PermissionVerdict[]> {
  if (!basis[side]) return []
  const needed = minimumPermissions(basis.settings, { targetBefore28: hasBrokerBefore('2.8', basis.target) })
  const groups = basis.groups.map(({ group }) => group)
  const asked = needed.filter((one) => one.side === side).map((one) => askedOf(one, basis, groups))
  return verdictsFrom(new Survey(cluster), asked)
}

function askedOf(permission: Permission, basis: FlowBasis, groups: readonly string[]): Asked {
  const { name, patternType, resourceType, side, operation } = permission
  if (resourceType === 'cluster') return { permission, names: [CLUSTER_NAME] }
  // What exists need not be created.
  const isNeeded = (one: string) =>
    !(operation === 'Create' && resourceType === 'topic' && basis[side]?.topics.has(one) === true)
  const isAll = name === '*' && patternType === 'literal'
  if (patternType === 'literal' && !isAll) return { permission, names: [name].filter(isNeeded) }
  const topics = basis.pairs.map(({ topic, targetName }) => (side === 'source' ? topic.name : targetName))
  const existing = resourceType === 'topic' ? topics : groups
  const names = existing.filter((one) => (isAll || one.startsWith(name)) && isNeeded(one))
  return { permission, names, later: `${isAll ? '' : name}${unusedName()}` }
}

async function verdictsFrom(survey: Survey, asked: readonly Asked[]): Promise<PermissionVerdict[]> {
  const of = (type: Permission['resourceType']) => asked.filter(({ permission }) => permission.resourceType === type)
  const found: PermissionVerdict[] = []
  // Names that are asked about the same operation go together.
  for (const [operation, some] of Map.groupBy(of('topic'), ({ permission }) => permission.operation)) {
    const answers = await survey.topicPermissions(namesOf(some), [operation])
    found.push(...some.map((one) => verdictOf(one, answers)))
  }
  const groups = of('group')
  const answers = await survey.groupPermissions(namesOf(groups))
  found.push(...groups.map((one) => verdictOf(one, answers)))
  return [...found, ...(await clusterVerdicts(survey, of('cluster')))]
}

async function clusterVerdicts(survey: Survey, asked: readonly Asked[]): Promise<PermissionVerdict[]> {
  const operations = asked.map(({ permission }) => permission.operation)
  const own =
    operations.length > 0 ? await survey.clusterPermissions(operations) : new Map<Operation, PermissionState>()
  return asked.map((one) => verdictOf(one, new Map([[CLUSTER_NAME, own]])))
}

const allNames = ({ names, later }: Asked) => [...names, ...(later === undefined ? [] : [later])]

function namesOf(asked: readonly Asked[]): string[] {
  return [...new Set(asked.flatMap(allNames))]
}

function verdictOf(asked: Asked, answers: Verdicts): PermissionVerdict {
  const { permission, names, later } = asked
  const verdict = (name: string) => answers.get(name)?.get(permission.operation)
  const denied = names.filter((name) => verdict(name) === 'denied')
  const unknown = allNames(asked)
    .map(verdict)
    .find((one) => one instanceof Failure)
  const isForLater = denied.length === 0 && later !== undefined && verdict(later) === 'denied'
  const rest = unknown ? { unknown } : {}
  // Where nothing exists (or may be seen), what may come later is all there is.
  if (isForLater && names.length === 0) return { permission, denied: [permission.name], isForLater: false, ...rest }
  return { permission, denied, isForLater, ...rest }
}
