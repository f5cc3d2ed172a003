// A broker lists only the groups that its user may Describe, and says nothing about the others: a list without them looks complete. So
// the user's permission is asked for by names that the flow's patterns stand for.
import { Failure } from '../../base/failure.ts'
import { type NamePattern, namePatterns } from '../../base/name-patterns.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import { Survey } from '../../kafka/survey.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'

/** Completes a beginning of names to a name that nothing has. */
const UNUSED = 'godwit-check'

/**
 * What of the groups that the flow selects its user may not Describe on the source, e.g. `all groups`; undefined where it may, or
 * where that cannot be found out.
 */
export async function hiddenGroups(cluster: Cluster, { groups }: FlowSettings): Promise<string | undefined> {
  const patterns = new Map(namePatterns(groups.include).map((pattern) => [nameFor(pattern), pattern]))
  try {
    const verdicts = await new Survey(cluster).groupPermissions([...patterns.keys()])
    const denied = [...patterns].filter(([name]) => verdicts.get(name)?.get('Describe') === 'denied')
    return denied.length === 0 ? undefined : denied.map(([, pattern]) => wordsOf(pattern)).join(', ')
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return undefined
  }
}

/** Why nothing is found of these groups. @param hidden as hiddenGroups says it */
export function groupsHidden({ source, groups }: FlowSettings, hidden: string): Failure {
  const grants = namePatterns(groups.include).map(({ name, patternType }) =>
    patternType === 'literal' ? `--group '${name}'` : `--group '${name}' --resource-pattern-type prefixed`,
  )
  const sentence = `no group of cluster ${source} may be seen: the user of this connection lacks Describe on ${hidden}, so no offsets are translated`
  return new Failure('NOT_AUTHORIZED', sentence, {
    cluster: source,
    right: 'Describe',
    remedy: `on cluster ${source}: kafka-acls.sh --add --allow-principal User:NAME --operation Describe ${grants[0] ?? "--group '*'"} (godwit check FILE prints the whole command)`,
  })
}

function nameFor({ name, patternType }: NamePattern): string {
  return patternType === 'literal' && name !== '*' ? name : `${name === '*' ? '' : name}${UNUSED}`
}

function wordsOf({ name, patternType }: NamePattern): string {
  if (name === '*') return 'all groups'
  return patternType === 'prefix' ? `groups that begin with ${name}` : `group ${name}`
}
