// Whom a broker takes the user of a connection for.
import { X509Certificate } from 'node:crypto'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'

/**
 * The name of the login; of a client certificate its subject, most specific part first (RFC 2253), unless the broker maps it to
 * another name (ssl.principal.mapping.rules); else nobody in particular.
 */
export function principalOf({ sasl, tls }: ClusterSettings): string {
  if (sasl) return `User:${sasl.username}`
  if (tls?.certificate === undefined) return 'User:ANONYMOUS'
  return `User:${new X509Certificate(tls.certificate).subject.split('\n').toReversed().join(',')}`
}
