// Quotas as a client meets them: every answer may say for how long its broker mutes the connection (throttle_time_ms, KIP-124).
// Since Kafka 2.0 a broker answers first and then reads nothing more from the connection for so long (KIP-219).

/** Whom a quota applies to, and where it is set. */
interface QuotaClient {
  readonly bootstrapServers: readonly string[]
  readonly clientId: string
  readonly protocol: string
  readonly sasl?: { readonly username: string }
  readonly tls?: { readonly certificate?: string }
}

/** producing: Produce; fetching: Fetch; changing: topics are created or extended; asking: everything else. */
const throttleKinds = ['producing', 'fetching', 'changing', 'asking'] as const
export type ThrottleKind = (typeof throttleKinds)[number]

/** What one answer said. */
export interface Throttled {
  readonly kind: ThrottleKind
  /** alias */
  readonly cluster: string
  /** host:port */
  readonly broker: string
  /** ms; 0 where the answer says that nothing is throttled */
  readonly throttleMs: number
}

/** A connection that is muted for longer than this (ms) is replaced after so long: a quota that is raised meanwhile does not unmute it. */
export const LONGEST_MUTE_MS = 30_000

/** The client quota that throttles requests of this kind most likely; any of them may be throttled by request_percentage as well. */
export const quotaOf: Readonly<Record<ThrottleKind, string>> = {
  producing: 'producer_byte_rate',
  fetching: 'consumer_byte_rate',
  changing: 'controller_mutation_rate',
  asking: 'request_percentage',
}

/** A value that stops no migration: bytes a second of each broker, changes of partitions a second, percent of a thread. */
const generous: Readonly<Record<ThrottleKind, number>> = {
  producing: 104857600,
  fetching: 104857600,
  changing: 1000,
  asking: 1000,
}

const PRODUCE = 0
const FETCH = 1
const CREATE_TOPICS = 19
const CREATE_PARTITIONS = 37

/** @param apiKey Kafka's key of the request */
export function throttleKindOf(apiKey: number): ThrottleKind {
  if (apiKey === PRODUCE) return 'producing'
  if (apiKey === FETCH) return 'fetching'
  return apiKey === CREATE_TOPICS || apiKey === CREATE_PARTITIONS ? 'changing' : 'asking'
}

/**
 * The command that raises the quota. It sets one for this user and client id, which takes precedence over every other
 * quota that may apply to them (KIP-55), wherever that was set.
 */
export function raiseQuota(settings: QuotaClient, kind: ThrottleKind): string {
  const [server = ''] = settings.bootstrapServers
  const entity = `--entity-type users --entity-name '${userOf(settings)}' --entity-type clients --entity-name '${settings.clientId}'`
  return `kafka-configs.sh --bootstrap-server ${server} --alter --add-config ${quotaOf[kind]}=${generous[kind]} ${entity}`
}

/** Kafka's name for who speaks: without a login ANONYMOUS; of a client certificate only the broker knows it. */
function userOf({ protocol, sasl, tls }: QuotaClient): string {
  if (protocol.startsWith('SASL')) return sasl?.username ?? ''
  return protocol === 'SSL' && tls?.certificate !== undefined ? 'PRINCIPAL' : 'ANONYMOUS'
}
