// Text output of `godwit check --permissions`: a table, the commands, the KafkaUser.
import { yamlText } from '../../config/text.ts'
import type { LeastPrivilege, UserGrants } from '../../preflight/least-privilege.ts'
import { type Column, tableLines } from './table.ts'

const columns: readonly Column[] = ['RESOURCE', 'NAME', 'PATTERN', 'OPERATION', 'WHY'].map((title) => ({
  title,
  alignment: 'left',
}))

/** The text for the users of these flows. */
export function permissionsText(flows: readonly LeastPrivilege[]): string {
  return flows.flatMap(({ flow, users }) => users.map((user) => userText(flow, user))).join('\n\n')
}

function userText(flow: string, { side, cluster, principal, permissions, commands, kafkaUser }: UserGrants): string {
  const rows = permissions.map(({ resourceType, name, patternType, operation, why }) => [
    ...[resourceType, name, patternType, operation, why],
  ])
  const user = kafkaUser
    ? ['As a KafkaUser (metadata.labels names the Kafka resource):', '', yamlText(kafkaUser).trimEnd()]
    : [`${principal} cannot be the name of a KafkaUser.`]
  return [
    `${flow}: ${principal} on the ${side}, cluster ${cluster}`,
    '',
    ...[...tableLines(columns, rows), '', ...commands, '', ...user],
  ].join('\n')
}
