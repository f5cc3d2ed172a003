// Warnings about keys of a `config` without effect at their place, or with less effect than expected.

import { type ConnectorName, connectorNames } from '../../../model/flow-status.ts'
import { connectorDefinitions, isClientKey, isOfProcess } from '../../definitions.ts'
import type { Problems } from '../../problems.ts'
import { type Entries, type Entry, flowName } from '../../resolve.ts'
import { checkKey } from '../../review/keys.ts'
import { isForbidden, isOverruled, type MirrorInput, pairOf, patternFieldOf, type ReadCluster } from './connectors.ts'
import { aliasOf, connectKeys, fieldOf, type Resource } from './layout.ts'

/** Warns about keys in the config of a mirror's connectors. */
export function adviseOnConnectorKeys(input: MirrorInput, problems: Problems): void {
  for (const name of connectorNames) {
    for (const [key, entry] of input.configs[name] ?? []) {
      adviseOnConnectorKey(key, name, input, (reason, remedy) => problems.about('warning', entry, reason, remedy))
    }
  }
}

type Warn = (reason: string, remedy: string) => void

function adviseOnConnectorKey(key: string, name: ConnectorName, input: MirrorInput, warn: Warn): void {
  if (isOverruled(key))
    return warn('is dropped by the operator', /^tasks\.max$/i.test(key) ? 'write tasksMax' : 'remove it')
  const pattern = patternFieldOf(key, input)
  if (pattern) return warn(`has no effect: ${pattern.key} on line ${pattern.line} beats it`, 'remove one of them')
  const owner = ownerOf(key, name)
  if (owner)
    return warn(
      `has no effect here: it belongs to ${owner}, and connectors inherit nothing from each other`,
      `write it into the config of ${owner}`,
    )
  const pair = pairOf(input)
  const found = checkKey(`${flowName(pair)}.${key}`, [pair.source, pair.target])
  if (found) warn(found.reason, inPlace(found.remedy, input))
}

/** Changes remedies that name `A->B.key` and `B.key`, as in a properties file. */
function inPlace(remedy: string, input: MirrorInput): string {
  const pair = pairOf(input)
  return remedy
    .replaceAll(`${flowName(pair)}.`, '')
    .replace(`write ${pair.target}.`, 'write into the config of the target: ')
}

/** The field of the only connector that defines a key; undefined if this one defines it too, or none does. */
function ownerOf(key: string, name: ConnectorName): string | undefined {
  const knows = (other: ConnectorName) => (connectorDefinitions[other] as ReadonlyMap<string, unknown>).has(key)
  if (knows(name) || /^(?:topics|groups)(?:\.exclude)?$/.test(key)) return undefined
  const owner = connectorNames.find(knows)
  return owner && fieldOf[owner]
}

/** Warns about keys in the config of the target. */
export function adviseOnTargetKeys({ config }: ReadCluster, resource: Resource, problems: Problems): void {
  for (const [key, entry] of config) {
    if (resource.layout === 'old' && Object.hasOwn(connectKeys, key)) continue
    if (isForbidden(key, resource.layout)) warnOfForbidden(key, entry, problems)
    else if (!isClientKey(key) && !isOfProcess(key)) adviseOnTargetKey(key, entry, aliasOf(resource.target), problems)
  }
}

function adviseOnTargetKey(key: string, entry: Entry, alias: string, problems: Problems): void {
  const found = checkKey(`${alias}.${key}`, [alias])
  if (found === undefined) return
  const remedy = found.reason.includes('belongs to a flow')
    ? 'write it into the config of a connector'
    : found.remedy.replaceAll(`${alias}.`, '')
  problems.about('warning', entry, found.reason, remedy)
}

/** Keys that the operator removes from the worker. The connectors still get them, after the keys that it derives. */
function warnOfForbidden(key: string, entry: Entry, problems: Problems): void {
  const field = Object.hasOwn(connectKeys, key) ? connectKeys[key]?.field : undefined
  if (field !== undefined)
    return problems.about('warning', entry, `has no effect: target.${field} is what counts`, 'remove it')
  if (isClientKey(key)) return warnOfOverride(entry, problems)
  problems.about('warning', entry, 'is ignored by the operator, which sets this itself', 'remove it')
}

function warnOfOverride(entry: Entry, problems: Problems): void {
  const reason =
    'beats, in the connectors, what bootstrapServers, tls and authentication give; the operator keeps it from the worker only'
  problems.about('warning', entry, reason, 'remove it, and say it by those fields')
}

/** Warns about keys in the config of a source: only connection keys reach a client. */
export function adviseOnSourceKeys(config: Entries, problems: Problems): void {
  for (const [key, entry] of config) {
    if (isClientKey(key)) {
      if (isForbidden(key, 'old')) warnOfOverride(entry, problems)
      continue
    }
    const role = /^(?:consumer|producer|admin)\./.test(key)
    problems.about(
      'warning',
      entry,
      'has no effect on a source: only connection keys get from there to a client',
      role
        ? `write ${key} into the config of sourceConnector`
        : `write consumer.${key} into the config of sourceConnector, or remove it`,
    )
  }
}
