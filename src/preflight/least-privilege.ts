// The minimum permissions of the users of a flow, in every form in which they are granted.
import type { Flow } from '../config/model.ts'
import { aclCommands, kafkaUser } from './kafka-user.ts'
import { neededPermissions, type Permission } from './permissions.ts'

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
  const needed = neededPermissions(flow.settings)
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
