// Permissions as lines of kafka-acls.sh, and as a KafkaUser for Strimzi's User Operator (v1: rules with lists of operations).
import type { Remedy } from '../finding.ts'
import type { Permission } from '../rules/minimum-permissions.ts'
import { type AclResource, addAcl, type ToolPlace } from './commands.ts'

export interface Grant extends AclResource {
  readonly operations: readonly string[]
}

/** Permissions of one user, those of the same resource together. */
function grantsOf(permissions: readonly Permission[]): Grant[] {
  const byResource = Map.groupBy(permissions, (one) => `${one.resourceType} ${one.patternType} ${one.name}`)
  return [...byResource.values()].flatMap((list) => {
    const [first] = list
    if (!first) return []
    const { resourceType, name, patternType } = first
    return [{ resourceType, name, patternType, operations: list.map(({ operation }) => operation) }]
  })
}

/** A line of kafka-acls.sh for each resource. */
export function aclCommands(place: ToolPlace, permissions: readonly Permission[]): Remedy[] {
  return grantsOf(permissions).map((grant) => addAcl(place, grant, grant.operations))
}

/** Names that Kubernetes takes (DNS-1123 subdomain). */
const objectName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

/**
 * The resource as a value to be written as YAML; undefined where the principal cannot be a KafkaUser: names that Kubernetes
 * does not take, subjects with more than a common name.
 */
export function kafkaUser(
  { principal, settings, alias }: ToolPlace,
  permissions: readonly Permission[],
): object | undefined {
  const name = /^User:(?:CN=)?([^,]+)$/.exec(principal)?.[1] ?? ''
  if (!objectName.test(name)) return undefined
  const isCertificate = principal.startsWith('User:CN=')
  const mechanism = settings.sasl?.mechanism
  const type = isCertificate ? 'tls-external' : mechanism === 'SCRAM-SHA-512' ? 'scram-sha-512' : undefined
  return {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaUser',
    metadata: { name, labels: { 'strimzi.io/cluster': alias } },
    spec: {
      ...(type !== undefined && { authentication: { type } }),
      authorization: {
        type: 'simple',
        acls: grantsOf(permissions).map(aclRule),
      },
    },
  }
}

/** One rule of spec.authorization.acls. */
export function aclRule({ resourceType, name, patternType, operations }: Grant): object {
  return { resource: { type: resourceType, ...(resourceType !== 'cluster' && { name, patternType }) }, operations }
}
