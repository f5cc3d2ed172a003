// Permissions that are missing, each with the commands that grant it.
import { yamlText } from '../../config/text.ts'
import type { FlowFacts, Side } from '../facts/flow-facts.ts'
import type { PermissionVerdict } from '../facts/permission-verdicts.ts'
import type { Finding, Remedy } from '../finding.ts'
import { addAcl } from '../remedies/commands.ts'
import { aclRule, type Grant } from '../remedies/kafka-user.ts'
import type { Permission } from '../rules/minimum-permissions.ts'
import { shownNames } from './formatting.ts'

/** Findings about permissions of both users, those on one resource together. */
export function missingPermissions(facts: FlowFacts): Finding[] {
  const wrong = facts.permissions.filter(({ denied, isForLater }) => denied.length > 0 || isForLater)
  const byResource = Map.groupBy(wrong, ({ permission: { side, resourceType, name, patternType }, isForLater }) =>
    JSON.stringify([side, resourceType, name, patternType, isForLater]),
  )
  const unknown = facts.permissions.filter(({ unknown: why, denied }) => why && denied.length === 0)
  return [...[...byResource.values()].flatMap((list) => missing(list, facts)), ...unknownPermissions(unknown)]
}

/** What is missing of one resource. */
function missing(list: readonly PermissionVerdict[], facts: FlowFacts): Finding[] {
  const [first] = list
  if (!first) return []
  const { permission, isForLater } = first
  const side = facts[permission.side]
  const operations = list.map((one) => one.permission.operation)
  const names = [...new Set(list.flatMap(({ denied }) => denied))].filter((name) => name !== permission.name)
  const missed = names.length > 0 && permission.resourceType !== 'cluster' ? `: missing for ${shownNames(names)}` : ''
  const later = isForLater ? ', though not on what is there now' : ''
  const uses = list.map((one) => `${one.permission.operation} ${one.permission.why}`)
  return [
    {
      code: isForLater ? 'permission-missing-later' : 'permission-missing',
      check: 'permission',
      severity: isForLater ? 'warning' : 'error',
      cluster: side.alias,
      what: `${side.principal} lacks ${operations.join(', ')} on ${resourceText(permission)}${later || missed}`,
      why: `${uses.join('; ')}${isForLater ? '; what is created later, or may not be seen now, would be missed' : ''}`,
      remedies: grants({ ...permission, operations }, side),
    },
  ]
}

function grants(grant: Grant, side: Side): Remedy[] {
  const rule = yamlText([aclRule(grant)])
  return [addAcl(side, grant, grant.operations), { kind: 'resource', text: rule.trimEnd() }]
}

function unknownPermissions(verdicts: readonly PermissionVerdict[]): Finding[] {
  return [...Map.groupBy(verdicts, ({ permission }) => permission.side).values()].flatMap((list) => {
    const unknown = list.map(({ permission }) => `${permission.operation} on ${resourceText(permission)}`)
    const finding: Finding = {
      code: 'permission-unknown',
      check: 'permission',
      severity: 'note',
      what: `on the ${list[0]?.permission.side} it cannot be found out whether there is ${shownNames(unknown)}`,
      why: list[0]?.unknown?.message ?? '',
      remedies: [],
    }
    return [finding]
  })
}

function resourceText({ resourceType, name, patternType }: Permission): string {
  if (resourceType === 'cluster') return 'the cluster'
  if (patternType === 'prefix') return `${resourceType}s that begin with ${name}`
  return name === '*' ? `all ${resourceType}s` : `${resourceType} ${name}`
}
