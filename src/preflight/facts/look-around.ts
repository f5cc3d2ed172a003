// Knocks at every address of a cluster: those of the file, and those its brokers advertise.

import type { ClusterSettings, SaslMechanism } from '../../kafka/cluster-settings.ts'
import { otherScramMechanism, type Reached, reachAddress } from '../../kafka/survey.ts'
import type { Inventory } from './inventory.ts'

export interface Surroundings {
  readonly reached: readonly Reached[]
  readonly otherMechanism?: SaslMechanism
}

/**
 * @param admin how the cluster is administered
 * @param client how records are read or written; looked at too where it differs
 */
export async function lookAround(
  admin: ClusterSettings,
  client: ClusterSettings,
  inventory: Inventory | undefined,
): Promise<Surroundings> {
  const advertised = (inventory?.brokers ?? []).map(({ host, port }) =>
    host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
  )
  const ways = sameWay(admin, client) ? [admin] : [admin, client]
  const reached = await Promise.all(
    ways.flatMap((way) =>
      [...new Set([...way.bootstrapServers, ...advertised])].map((address) => reachAddress(way, address)),
    ),
  )
  const refused = reached.find(({ failure }) => failure?.code === 'AUTHENTICATION_FAILED')
  const other = refused && (await otherScramMechanism(admin, refused.address))
  return { reached, ...(other && { otherMechanism: other }) }
}

function sameWay(a: ClusterSettings, b: ClusterSettings): boolean {
  const wayOf = ({ bootstrapServers, protocol, sasl, tls }: ClusterSettings) =>
    JSON.stringify([
      bootstrapServers,
      protocol,
      sasl?.mechanism,
      sasl?.username,
      sasl?.password.reveal(),
      tls?.certificate,
      tls?.ca,
    ])
  return wayOf(a) === wayOf(b)
}
