// Groups that a user may not describe: brokers leave them out of their lists without an error.
import { Failure } from '../../base/failure.ts'
import { type NamePattern, namePatterns } from '../../base/name-patterns.ts'
import { visible } from '../../base/readable.ts'
import { grantLine } from '../../kafka/acls.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { Groups } from '../../kafka/groups.ts'

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

/** These groups in words: `every group`, or names and beginnings of names, the first few of them. */
export function hiddenWords(hidden: readonly NamePattern[]): string {
  const words = hidden.slice(0, NAMED).map(({ name, patternType }) => {
    if (name === '*') return 'every group'
    return patternType === 'prefix' ? `groups that begin with ${visible(name)}` : `group ${visible(name)}`
  })
  const more = hidden.length > NAMED ? ` and ${hidden.length - NAMED} more` : ''
  return `${words.join(', ')}${more}`
}

/** The commands that grant the permission to see them. */
export function hiddenGrants(settings: ClusterSettings, hidden: readonly NamePattern[]): string {
  return hidden
    .slice(0, NAMED)
    .map((pattern) => grantLine(settings, 'Describe', { resourceType: 'group', ...pattern }))
    .join('; ')
}

/**
 * The failure for groups that are left out because of that.
 * @param narrower what may be done instead of granting, e.g. `name others in a->b.groups`
 */
export function hiddenFailure(
  { alias, settings }: Cluster,
  hidden: readonly NamePattern[],
  narrower?: string,
): Failure {
  const sentence = `the user may not describe ${hiddenWords(hidden)} on cluster ${alias}: groups that it cannot see are left out`
  const remedy = `${hiddenGrants(settings, hidden)}${narrower === undefined ? '' : `; or ${narrower}`}`
  return new Failure('NOT_AUTHORIZED', sentence, { cluster: alias, remedy })
}
