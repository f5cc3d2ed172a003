// Connection settings of one cluster: addresses, security, timeouts. Values are already resolved: PEM text instead of file names,
// credentials instead of a JAAS line, milliseconds instead of text.
import type { Secret } from '../base/logger.ts'
import type { Throttled } from './connection/throttle.ts'

export { LONGEST_MUTE_MS, quotaOf, raiseQuota, type Throttled, type ThrottleKind } from './connection/throttle.ts'

export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER'

export interface SaslSettings {
  readonly mechanism: SaslMechanism
  readonly username: string
  readonly password: Secret
}

export interface TlsSettings {
  /** trusted PEM certificates; those of the system when absent */
  readonly ca?: string
  /** PEM certificate chain and key of this client (mutual TLS) */
  readonly certificate?: string
  readonly key?: Secret
  readonly passphrase?: Secret
  /** false when ssl.endpoint.identification.algorithm is empty */
  readonly verifyHostname: boolean
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
  readonly ciphers?: string
}

export interface ClusterSettings {
  /** the alias of the configuration file, e.g. `old`; used in every message */
  readonly alias: string
  /** `host:port`, at least one */
  readonly bootstrapServers: readonly string[]
  readonly clientId: string
  readonly protocol: SecurityProtocol
  readonly sasl?: SaslSettings
  readonly tls?: TlsSettings
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
  /** called with the throttle time of every response that has one, including 0 */
  readonly onThrottle?: (throttled: Throttled) => void
}
