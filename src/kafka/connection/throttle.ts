// Client side of quotas: a response can contain the time for which the broker throttles the connection (throttle_time_ms, KIP-124).
// Since Kafka 2.0 a broker responds first and then stops reading from the connection for that time (KIP-219).

/** The client that a quota applies to, and the cluster where it is set. */
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

/** The throttle time of one response. */
export interface Throttled {
  readonly kind: ThrottleKind
  /** alias */
  readonly cluster: string
  /** host:port */
  readonly broker: string
  /** ms; 0 if the connection is not throttled */
  readonly throttleMs: number
}

/** A connection that is throttled for longer than this (ms) is replaced, because raising the quota does not end its throttling. */
export const LONGEST_MUTE_MS = 30_000

/** The quota that most likely throttles requests of each kind; request_percentage can throttle all of them. */
export const quotaOf: Readonly<Record<ThrottleKind, string>> = {
  producing: 'producer_byte_rate',
  fetching: 'consumer_byte_rate',
  changing: 'controller_mutation_rate',
  asking: 'request_percentage',
}

/** Suggested quota values that do not limit a migration: bytes/s per broker, partition changes/s, percent of a thread. */
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

/** The kind of a request. @param apiKey Kafka's API key */
export function throttleKindOf(apiKey: number): ThrottleKind {
  if (apiKey === PRODUCE) return 'producing'
  if (apiKey === FETCH) return 'fetching'
  return apiKey === CREATE_TOPICS || apiKey === CREATE_PARTITIONS ? 'changing' : 'asking'
}

/**
 * The kafka-configs.sh command that raises the quota. It sets a quota for this user and client id, which has precedence over all
 * other quotas that apply to them (KIP-55).
 */
export function raiseQuota(settings: QuotaClient, kind: ThrottleKind): string {
  const [server = ''] = settings.bootstrapServers
  const entity = `--entity-type users --entity-name '${userOf(settings)}' --entity-type clients --entity-name '${settings.clientId}'`
  return `kafka-configs.sh --bootstrap-server ${server} --alter --add-config ${quotaOf[kind]}=${generous[kind]} ${entity}`
}

/** The user name of the principal: ANONYMOUS without a login; for a client certificate only the broker knows it. */
function userOf({ protocol, sasl, tls }: QuotaClient): string {
  if (protocol.startsWith('SASL')) return sasl?.username ?? ''
  return protocol === 'SSL' && tls?.certificate !== undefined ? 'PRINCIPAL' : 'ANONYMOUS'
}
