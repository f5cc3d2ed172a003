// Groups that the user may not describe: brokers leave them out of their lists without an error.
import { Failure } from '../../base/failure.ts'
import { type NamePattern, namePatterns } from '../../base/name-patterns.ts'
import { visible } from '../../base/readable.ts'
import { grantLine } from '../../kafka/acls.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { Groups } from '../../kafka/groups.ts'

/** Probe name for all groups with a prefix: a user that may not describe it does not see all of them. */
const PROBE = 'godwit-probe'
const NAMED = 5

/** An include list of all groups. */
export const everyGroup: readonly RegExp[] = [/.*/]

/**
 * The parts of an include list that the user may not describe: group names and prefixes, as in ACLs.
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

/** Text for these groups: `every group`, or the first few names and prefixes. */
export function hiddenWords(hidden: readonly NamePattern[]): string {
  const words = hidden.slice(0, NAMED).map(({ name, patternType }) => {
    if (name === '*') return 'every group'
    return patternType === 'prefix' ? `groups that begin with ${visible(name)}` : `group ${visible(name)}`
  })
  const more = hidden.length > NAMED ? ` and ${hidden.length - NAMED} more` : ''
  return `${words.join(', ')}${more}`
}

/** The commands that grant Describe on these groups. */
export function hiddenGrants(settings: ClusterSettings, hidden: readonly NamePattern[]): string {
  return hidden
    .slice(0, NAMED)
    .map((pattern) => grantLine(settings, 'Describe', { resourceType: 'group', ...pattern }))
    .join('; ')
}

/**
 * The failure for groups that are left out because the user may not describe them.
 * @param narrower an alternative to granting, e.g. `name others in a->b.groups`
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
