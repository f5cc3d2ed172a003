// The terms on which godwit is in a flow's Connect group, and who else is in the way there.
import { hostname } from 'node:os'
import { Failure } from '../base/failure.ts'
import type { Membership } from '../kafka/membership.ts'
import { errorCodes } from '../kafka/wire-errors.ts'

export const PROTOCOL_TYPE = 'connect'
export const PROTOCOL_NAME = 'godwit-v1'

/** This process, in words for operators. */
export const thisProcess = (): string => `process ${process.pid} on ${hostname()}`

/** @param remedy what to do about a MirrorMaker 2 that runs */
export async function refusalOf(
  error: Failure,
  membership: Pick<Membership, 'describe'>,
  { cluster, group, remedy }: { readonly cluster: string; readonly group: string; readonly remedy: string },
): Promise<Failure> {
  if (error.circumstances.wireCode !== errorCodes.INCONSISTENT_GROUP_PROTOCOL) return error
  const found = await membership.describe().catch(() => undefined)
  const hosts = hostsOf(found?.members ?? [])
  const place = `group ${group} on cluster ${cluster}${hosts === '' ? '' : `, from ${hosts}`}`
  const where = { ...error.circumstances, cluster, group, cause: error }
  if (found && found.protocolType !== '' && found.protocolType !== PROTOCOL_TYPE) {
    const otherwise = `set another group for the flow with ${cluster}.group.id, or stop the application that uses this one`
    const sentence = `an application other than MirrorMaker 2 uses the group of this flow (${place}; protocol type ${found.protocolType})`
    return new Failure('STANDBY', sentence, { ...where, remedy: otherwise })
  }
  return new Failure('STANDBY', `MirrorMaker 2 is running on this flow (${place})`, { ...where, remedy })
}

/** Where members of a group are, each host once. */
export function hostsOf(members: readonly { readonly host: string }[]): string {
  return [...new Set(members.map(({ host }) => host))].sort().join(', ')
}
