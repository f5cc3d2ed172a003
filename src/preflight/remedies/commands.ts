// The commands that fix something, as lines for a shell: Kafka's own tools, with the addresses of the cluster; and lines of the file.
import { configCommand, lengthenedLine, toolLine } from '../../base/config-command.ts'
import { shellWord } from '../../base/shell-word.ts'
import { abortCommand } from '../../completeness/open-transactions.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { Remedy } from '../finding.ts'
import type { Permission } from '../rules/minimum-permissions.ts'

/** How an administrator's tools reach a cluster, and who is to be given permissions. */
export interface ToolPlace {
  readonly alias: string
  readonly settings: ClusterSettings
  /** e.g. User:godwit */
  readonly principal: string
}

/** A line for a shell. */
export const command = (text: string): Remedy => ({ kind: 'command', text })
/** A line for the configuration file. */
export const setting = (text: string): Remedy => ({ kind: 'setting', text })
/** A sentence for what no line can do. */
export const advice = (text: string): Remedy => ({ kind: 'advice', text })

/** kafka-configs.sh for a topic; values of undefined are removed. */
export function alterTopicConfig(
  place: ToolPlace,
  topic: string,
  changes: Readonly<Record<string, string | undefined>>,
) {
  return command(configCommand(place.settings, topic, changes))
}

/** kafka-topics.sh that raises the partition count of a topic. */
export function alterPartitions(place: ToolPlace, topic: string, partitions: number): Remedy {
  return command(
    toolLine('kafka-topics.sh', place.settings, ['--alter', '--topic', topic, '--partitions', String(partitions)]),
  )
}

/** kafka-topics.sh that creates a topic. @param replicas -1 for the default of the cluster */
export function createTopic(
  place: ToolPlace,
  topic: string,
  spec: { partitions: number; replicas: number; configs: Readonly<Record<string, string>> },
): Remedy {
  const words = ['--create', '--if-not-exists', '--topic', topic, '--partitions', String(spec.partitions)]
  if (spec.replicas > 0) words.push('--replication-factor', String(spec.replicas))
  for (const [name, value] of Object.entries(spec.configs)) words.push('--config', `${name}=${value}`)
  return command(toolLine('kafka-topics.sh', place.settings, words))
}

/** kafka-topics.sh that deletes a topic. */
export function deleteTopic(place: ToolPlace, topic: string): Remedy {
  return command(toolLine('kafka-topics.sh', place.settings, ['--delete', '--topic', topic]))
}

/** kafka-features.sh that switches a feature on, or raises its level. */
export function upgradeFeature(place: ToolPlace, name: string, level: number): Remedy {
  return command(toolLine('kafka-features.sh', place.settings, ['upgrade', '--feature', `${name}=${level}`]))
}

/** kafka-transactions.sh that aborts the open transaction which begins at `startOffset` of a partition. */
export function abortTransaction(
  { settings }: ToolPlace,
  at: { topic: string; partition: number; startOffset: number },
): Remedy {
  return command(abortCommand(settings, at, at.startOffset))
}

/** kafka-acls.sh that grants these operations on one resource. */
export function addAcl(
  place: ToolPlace,
  { resourceType, name, patternType }: AclResource,
  operations: readonly string[],
): Remedy {
  const words = ['--add', '--allow-principal', place.principal, ...operations.flatMap((one) => ['--operation', one])]
  words.push(...(resourceType === 'cluster' ? ['--cluster'] : [`--${resourceType}`, name]))
  if (patternType === 'prefix') words.push('--resource-pattern-type', 'prefixed')
  return command(toolLine('kafka-acls.sh', place.settings, words))
}

/** A command of godwit itself. @param words behind `godwit` */
export function godwitCommand(words: readonly string[]): Remedy {
  return command(['godwit', ...words.map(shellWord)].join(' '))
}

export type AclResource = Pick<Permission, 'resourceType' | 'name' | 'patternType'>

/** The line of the file that adds names to a list of patterns of a flow. @param lists gives the patterns it has now */
export function lengthened(
  lists: (flow: string, key: string) => readonly string[],
  flow: string,
  key: string,
  names: readonly string[],
): Remedy {
  return setting(lengthenedLine(`${flow}.${key}`, lists(flow, key), names, ', '))
}
