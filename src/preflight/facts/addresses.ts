// Whether every address of a cluster answers: those of the file, and those its brokers advertise.
import type { ClusterSettings, SaslMechanism } from '../../kafka/cluster-settings.ts'
import { otherScramMechanism, type Reached, reachAddress } from '../../kafka/survey.ts'
import type { Inventory } from './inventory.ts'

export interface Addresses {
  /** every address of the file, then those that brokers advertise */
  readonly reached: readonly Reached[]
  /** a SCRAM mechanism with which the same login succeeds where it was refused */
  readonly otherMechanism?: SaslMechanism
}

/**
 * Opens a session at each address and ends it again. Never throws a Failure: why an address fails is in its entry.
 * @param admin how the cluster is administered
 * @param client how records are read or written; tried too where it differs
 */
export async function tryAddresses(
  admin: ClusterSettings,
  client: ClusterSettings,
  inventory: Inventory | undefined,
): Promise<Addresses> {
  const advertised = (inventory?.brokers ?? []).map(({ host, port }) =>
    host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
  )
  const settings = isSameAccess(admin, client) ? [admin] : [admin, client]
  const reached = await Promise.all(
    settings.flatMap((one) =>
      [...new Set([...one.bootstrapServers, ...advertised])].map((address) => reachAddress(one, address)),
    ),
  )
  const refused = reached.find(({ failure }) => failure?.code === 'AUTHENTICATION_FAILED')
  const other = refused && (await otherScramMechanism(admin, refused.address))
  return { reached, ...(other && { otherMechanism: other }) }
}

/** Whether both reach the cluster at the same addresses with the same login. */
function isSameAccess(a: ClusterSettings, b: ClusterSettings): boolean {
  const accessOf = ({ bootstrapServers, protocol, sasl, tls }: ClusterSettings) =>
    JSON.stringify([
      ...[bootstrapServers, protocol, sasl?.mechanism, sasl?.username, sasl?.password.reveal()],
      ...[tls?.certificate, tls?.ca],
    ])
  return accessOf(a) === accessOf(b)
}
