// For each permission that a flow needs: whether it is there, tried on everything it is needed for.
import { Failure } from '../../base/failure.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import type { ListedGroup } from '../../kafka/groups.ts'
import { type Operation, Survey, type Verdict, type Verdicts } from '../../kafka/survey.ts'
import type { Basics } from '../basics.ts'
import { neededPermissions, type Permission } from '../permissions.ts'
import { inventedName } from './invented.ts'
import { answeringBrokers, type Inventory } from './inventory.ts'

export interface PermissionVerdict {
  readonly permission: Permission
  /** names of the resource it is missing for */
  readonly denied: readonly string[]
  /** it is missing for what may come, not for what is there */
  readonly isForLater: boolean
  /** why it could not be found out */
  readonly unknown?: Failure
}

/** A permission with the names it is tried on. */
interface Asked {
  readonly permission: Permission
  readonly names: readonly string[]
  /** stands for names that may come */
  readonly invented?: string
}

const DESCRIBE_PRODUCERS = 61

/** @param cluster the one on that side @throws Failure when it no longer answers */
export async function permissionVerdicts(
  cluster: Cluster,
  side: Permission['side'],
  parts: Basics & { readonly groups: readonly ListedGroup[] },
): Promise<PermissionVerdict[]> {
  if (!parts[side]) return []
  const needed = neededPermissions(parts.settings, { targetBefore28: isBefore28(parts.target) })
  const groups = parts.groups.map(({ group }) => group)
  return verdictsAt(
    cluster,
    needed.filter((one) => one.side === side).map((one) => askedOf(one, parts, groups)),
  )
}

function isBefore28(target: Inventory | undefined): boolean {
  return (
    target !== undefined &&
    answeringBrokers(target).length > 0 &&
    !target.brokers.some(({ apis }) => apis.has(DESCRIBE_PRODUCERS))
  )
}

function askedOf(permission: Permission, parts: Basics, groups: readonly string[]): Asked {
  const { name, patternType, resourceType, side } = permission
  if (resourceType === 'cluster') return { permission, names: ['kafka-cluster'] }
  const isThere = (topic: string) => parts[side]?.topics.has(topic) === true
  const isDone = (topic: string) => permission.operation === 'Create' && resourceType === 'topic' && isThere(topic)
  const isAll = name === '*' && patternType === 'literal'
  if (patternType === 'literal' && !isAll) return { permission, names: isDone(name) ? [] : [name] }
  const topics = parts.pairs.map(({ topic, targetName }) => (side === 'source' ? topic.name : targetName))
  const all = resourceType === 'topic' ? topics : groups
  const names = all.filter((one) => (isAll || one.startsWith(name)) && !isDone(one))
  return { permission, names, invented: `${isAll ? '' : name}${inventedName()}` }
}

async function verdictsAt(cluster: Cluster, asked: readonly Asked[]): Promise<PermissionVerdict[]> {
  const of = (type: Permission['resourceType']) => asked.filter(({ permission }) => permission.resourceType === type)
  const survey = new Survey(cluster)
  const found: PermissionVerdict[] = []
  // Names that are asked about the same operations go together.
  for (const one of Map.groupBy(of('topic'), ({ permission }) => permission.operation)) {
    const answers = await survey.topicPermissions(namesOf(one[1]), [one[0]])
    found.push(...one[1].map((each) => judge(each, answers)))
  }
  const groups = of('group')
  const answers = await survey.groupPermissions(namesOf(groups))
  found.push(...groups.map((each) => judge(each, answers)))
  const clusters = of('cluster')
  const operations = clusters.map(({ permission }) => permission.operation)
  const own = operations.length > 0 ? await survey.clusterPermissions(operations) : new Map<Operation, Verdict>()
  found.push(...clusters.map((each) => judge(each, new Map([['kafka-cluster', own]]))))
  return found
}

function namesOf(asked: readonly Asked[]): string[] {
  return [...new Set(asked.flatMap(({ names, invented }) => [...names, ...(invented === undefined ? [] : [invented])]))]
}

function judge({ permission, names, invented }: Asked, answers: Verdicts): PermissionVerdict {
  const verdict = (name: string) => answers.get(name)?.get(permission.operation)
  const denied = names.filter((name) => verdict(name) === 'denied')
  const unknown = [...names, ...(invented === undefined ? [] : [invented])]
    .map(verdict)
    .find((one) => one instanceof Failure)
  const isForLater = denied.length === 0 && invented !== undefined && verdict(invented) === 'denied'
  const rest = unknown ? { unknown } : {}
  // Where nothing is there (or may be seen), what may come is all there is.
  if (isForLater && names.length === 0) return { permission, denied: [permission.name], isForLater: false, ...rest }
  return { permission, denied, isForLater, ...rest }
}
