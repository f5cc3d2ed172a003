// How godwit joins the Connect group of a flow, and the failure if other applications use that group.
import { hostname } from 'node:os'
import { Failure } from '../base/failure.ts'
import type { Membership } from '../kafka/membership.ts'
import { errorCodes } from '../kafka/wire-errors.ts'

/** Protocol type of Connect workers, so that MirrorMaker 2 and godwit share a group; the protocol name keeps them apart. */
export const PROTOCOL_TYPE = 'connect'
export const PROTOCOL_NAME = 'godwit-v1'

/** This process as text for the operator. */
export const thisProcess = (): string => `process ${process.pid} on ${hostname()}`

/**
 * The Failure for a rejected join: STANDBY if the group has members with another protocol, else `error` itself.
 * @param remedy what to do if MirrorMaker 2 is running
 */
export async function refusalOf(
  error: Failure,
  membership: Pick<Membership, 'describe'>,
  { cluster, group, remedy }: { readonly cluster: string; readonly group: string; readonly remedy: string },
): Promise<Failure> {
  if (error.circumstances.wireCode !== errorCodes.INCONSISTENT_GROUP_PROTOCOL) return error
  const found = await membership.describe().catch(() => undefined)
  const hosts = hostsOf(found?.members ?? [])
  const location = `group ${group} on cluster ${cluster}${hosts === '' ? '' : `, from ${hosts}`}`
  const where = { ...error.circumstances, cluster, group, cause: error }
  if (found && found.protocolType !== '' && found.protocolType !== PROTOCOL_TYPE) {
    const otherwise = `set another group for the flow with ${cluster}.group.id, or stop the application that uses this one`
    const sentence = `an application other than MirrorMaker 2 uses the group of this flow (${location}; protocol type ${found.protocolType})`
    return new Failure('STANDBY', sentence, { ...where, remedy: otherwise })
  }
  return new Failure('STANDBY', `MirrorMaker 2 is running on this flow (${location})`, { ...where, remedy })
}

/** The distinct hosts of the members, sorted and separated by commas. */
export function hostsOf(members: readonly { readonly host: string }[]): string {
  return [...new Set(members.map(({ host }) => host))].sort().join(', ')
}
