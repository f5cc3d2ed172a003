// The minimum permissions of the users of a flow, in every form in which they are granted; and who these users are.
import { X509Certificate } from 'node:crypto'
import type { Flow } from '../config/model.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { aclCommands, kafkaUser } from './remedies/kafka-user.ts'
import { minimumPermissions, type Permission } from './rules/minimum-permissions.ts'

export interface UserGrants {
  readonly side: 'source' | 'target'
  readonly cluster: string
  readonly principal: string
  readonly permissions: readonly Omit<Permission, 'side' | 'toBegin'>[]
  /** lines of kafka-acls.sh */
  readonly commands: readonly string[]
  /** absent where the principal cannot be a KafkaUser */
  readonly kafkaUser?: object
}

export interface LeastPrivilege {
  readonly flow: string
  readonly users: readonly UserGrants[]
}

/** Derived from the settings alone. @param principals the users on both sides, e.g. User:godwit */
export function leastPrivilege(flow: Flow, principals: Readonly<Record<'source' | 'target', string>>): LeastPrivilege {
  const needed = minimumPermissions(flow.settings)
  const users = (['source', 'target'] as const).flatMap((side) => {
    const own = needed.filter((one) => one.side === side)
    if (own.length === 0) return []
    const settings = side === 'source' ? flow.sourceAdmin : flow.targetAdmin
    const place = { alias: settings.alias, settings, principal: principals[side] }
    const user = kafkaUser(place, own)
    const permissions = own.map(({ side: _, toBegin: __, ...permission }) => permission)
    return [
      {
        ...{ side, cluster: settings.alias, principal: principals[side], permissions },
        commands: aclCommands(place, own).map(({ text }) => text),
        ...(user && { kafkaUser: user }),
      },
    ]
  })
  return { flow: flow.settings.name, users }
}

/**
 * The principal that a broker takes the user of a connection for: the name of the login; of a client certificate its subject, most
 * specific part first (RFC 2253), unless the broker maps it to another name (ssl.principal.mapping.rules); else User:ANONYMOUS.
 */
export function principalOf({ sasl, tls }: ClusterSettings): string {
  if (sasl) return `User:${sasl.username}`
  if (tls?.certificate === undefined) return 'User:ANONYMOUS'
  return `User:${new X509Certificate(tls.certificate).subject.split('\n').toReversed().join(',')}`
}
