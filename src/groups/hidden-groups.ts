// Groups that a user may not describe: brokers leave them out of their lists without an error.
import { Failure } from '../base/failure.ts'
import { type NamePattern, namePatterns } from '../base/name-patterns.ts'
import { visible } from '../base/readable.ts'
import { grantLine } from '../kafka/acls.ts'
import type { Cluster } from '../kafka/cluster.ts'
import type { Groups } from '../kafka/groups.ts'

/** Stands for the groups behind a beginning: who may not describe this one does not see all of them. */
const PROBE = 'godwit-probe'
const NAMED = 5

/** All groups, as an include list. */
export const everyGroup: readonly RegExp[] = [/.*/]

/**
 * What of an include list the user does not see in full: names of groups and beginnings of names, as ACLs say them.
 * @param isListed whether a broker has listed the group @throws Failure when no broker answers
 */
export async function hiddenPatterns(
  groups: Groups,
  include: readonly RegExp[],
  isListed: (group: string) => boolean,
): Promise<NamePattern[]> {
  const asked = new Map(
    namePatterns(include).flatMap((pattern): [string, NamePattern][] => {
      if (pattern.name === '*') return [[PROBE, pattern]]
      if (pattern.patternType === 'prefix') return [[`${pattern.name}${PROBE}`, pattern]]
      return isListed(pattern.name) ? [] : [[pattern.name, pattern]]
    }),
  )
  const denied = await groups.denied([...asked.keys()])
  return denied.flatMap((name) => asked.get(name) ?? [])
}

/**
 * The failure for groups that are left out because of that.
 * @param narrower what may be done instead of granting, e.g. `name others in a->b.groups`
 */
export function hiddenFailure(cluster: Cluster, hidden: readonly NamePattern[], narrower?: string): Failure {
  const words = hidden.slice(0, NAMED).map(({ name, patternType }) => {
    if (name === '*') return 'every group'
    return patternType === 'prefix' ? `groups that begin with ${visible(name)}` : `group ${visible(name)}`
  })
  const more = hidden.length > NAMED ? ` and ${hidden.length - NAMED} more` : ''
  const sentence = `the user may not describe ${words.join(', ')}${more} on cluster ${cluster.alias}: what it does not see there is left out`
  const grants = hidden
    .slice(0, NAMED)
    .map((pattern) => grantLine(cluster.settings, 'Describe', { resourceType: 'group', ...pattern }))
  const remedy = `${grants.join('; ')}${narrower === undefined ? '' : `; or ${narrower}`}`
  return new Failure('NOT_AUTHORIZED', sentence, { cluster: cluster.alias, remedy })
}
