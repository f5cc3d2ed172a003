// Warnings about keys of a `config` that mean nothing where they stand, or less than they seem to.

import { type ConnectorName, connectorNames } from '../../../model/flow-status.ts'
import { connectorDefinitions, isClientKey, isOfProcess } from '../../definitions.ts'
import type { Problems } from '../../problems.ts'
import { type Entries, type Entry, flowName } from '../../resolve.ts'
import { judgeKey } from '../../review/keys.ts'
import { isForbidden, isOverruled, type Material, pairOf, patternFieldOf, type ReadCluster } from './connectors.ts'
import { aliasOf, connectKeys, fieldOf, type Resource } from './layout.ts'

/** Warns about keys in the config of the connectors of a mirror. */
export function judgeConnectorKeys(material: Material, problems: Problems): void {
  for (const name of connectorNames) {
    for (const [key, entry] of material.configs[name] ?? []) {
      judgeConnectorKey(key, name, material, (reason, remedy) => problems.about('warning', entry, reason, remedy))
    }
  }
}

type Warn = (reason: string, remedy: string) => void

function judgeConnectorKey(key: string, name: ConnectorName, material: Material, warn: Warn): void {
  if (isOverruled(key))
    return warn('is dropped by the operator', /^tasks\.max$/i.test(key) ? 'write tasksMax' : 'remove it')
  const pattern = patternFieldOf(key, material)
  if (pattern) return warn(`has no effect: ${pattern.key} on line ${pattern.line} beats it`, 'remove one of them')
  const owner = ownerOf(key, name)
  if (owner)
    return warn(
      `has no effect here: it belongs to ${owner}, and connectors inherit nothing from each other`,
      `write it into the config of ${owner}`,
    )
  const pair = pairOf(material)
  const verdict = judgeKey(`${flowName(pair)}.${key}`, [pair.source, pair.target])
  if (verdict) warn(verdict.reason, inPlace(verdict.remedy, material))
}

/** Remedies speak of `A->B.key` and `B.key`, as in a properties file. */
function inPlace(remedy: string, material: Material): string {
  const pair = pairOf(material)
  return remedy
    .replaceAll(`${flowName(pair)}.`, '')
    .replace(`write ${pair.target}.`, 'write into the config of the target: ')
}

/** The field of the connector that alone knows a key; undefined where this one knows it too, or nobody does. */
function ownerOf(key: string, name: ConnectorName): string | undefined {
  const knows = (other: ConnectorName) => (connectorDefinitions[other] as ReadonlyMap<string, unknown>).has(key)
  if (knows(name) || /^(?:topics|groups)(?:\.exclude)?$/.test(key)) return undefined
  const owner = connectorNames.find(knows)
  return owner && fieldOf[owner]
}

/** Warns about keys in the config of the target. */
export function judgeTargetKeys({ config }: ReadCluster, resource: Resource, problems: Problems): void {
  for (const [key, entry] of config) {
    if (resource.layout === 'old' && Object.hasOwn(connectKeys, key)) continue
    if (isForbidden(key, resource.layout)) warnOfForbidden(key, entry, problems)
    else if (!isClientKey(key) && !isOfProcess(key)) judgeTargetKey(key, entry, aliasOf(resource.target), problems)
  }
}

function judgeTargetKey(key: string, entry: Entry, alias: string, problems: Problems): void {
  const verdict = judgeKey(`${alias}.${key}`, [alias])
  if (verdict === undefined) return
  const remedy = verdict.reason.includes('belongs to a flow')
    ? 'write it into the config of a connector'
    : verdict.remedy.replaceAll(`${alias}.`, '')
  problems.about('warning', entry, verdict.reason, remedy)
}

/** Keys the operator keeps from the worker; to the connectors they go all the same, behind what it derives itself. */
function warnOfForbidden(key: string, entry: Entry, problems: Problems): void {
  const field = Object.hasOwn(connectKeys, key) ? connectKeys[key]?.[0] : undefined
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

/** Warns about keys in the config of a source: only connection keys get from there to a client. */
export function judgeSourceKeys(config: Entries, problems: Problems): void {
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
