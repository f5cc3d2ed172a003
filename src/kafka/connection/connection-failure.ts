// What goes wrong between us and one broker, as Failures with a remedy: names, ports, TLS, logins, time-outs.
import { type Circumstances, Failure, sentenceOf } from '../../base/failure.ts'
import type { SecurityProtocol } from '../cluster-settings.ts'

/** connecting: TCP, TLS, login. greeting: the first request of a connection. serving: any later one. */
export type Phase = 'connecting' | 'greeting' | 'serving'

export interface Place {
  /** alias */
  readonly cluster: string
  /** host:port */
  readonly broker: string
  readonly protocol: SecurityProtocol
  readonly phase: Phase
  /** the other side's first bytes were a TLS record although we spoke plain */
  readonly spokeTls?: boolean
}

/**
 * The Failure for anything that was thrown while talking to a broker. Only what a person must mend halts a flow:
 * a handshake that ends half-way is also what a restarting broker looks like, so that is tried again.
 */
export function failureOfConnection(error: unknown, place: Place): Failure {
  const chain = chainOf(error)
  const known = chain.find((one) => one instanceof Failure)
  if (known) return known
  return fromTls(chain, place) ?? fromSocket(chain, place) ?? fromRest(chain, place)
}

/** What can be done about a broker that takes requests and does not answer them. */
export function slowBrokerRemedy(broker: string): string {
  return `check whether broker ${broker} hangs or is overloaded (its log, its disk), restart it if it does, and check the network to it; godwit retries`
}

/** Code of the error that stands for a connection that was not made in time. */
export const NO_ANSWER = 'GODWIT_NO_ANSWER'
/** Code of the error that stands for an answer in HTTP: a wrong port, or a proxy that stands in the way. */
export const SPOKE_HTTP = 'GODWIT_SPOKE_HTTP'

type Chain = readonly Error[]

/** Node's and OpenSSL's codes, and what the operator can do about each. */
const tlsRemedies: readonly (readonly [RegExp, (cluster: string) => string])[] = [
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    (c) =>
      `use a host name that the certificate contains, or set ${c}.ssl.endpoint.identification.algorithm to an empty value`,
  ],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE/,
    (c) => `add the certificate of the CA that signed the broker's certificate to ${c}.ssl.truststore.location`,
  ],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, () => "renew the broker's certificate, or correct the clock of this machine"],
  [
    /ALERT_CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA|ALERT_CERTIFICATE_UNKNOWN/i,
    (c) => `the broker requires a client certificate that it trusts: check ${c}.ssl.keystore.location`,
  ],
  [
    /UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|NO_SHARED_CIPHER|NO_CIPHERS|NO_PROTOCOLS/,
    (c) =>
      `client and broker have no TLS version or cipher in common: check ${c}.ssl.enabled.protocols and ${c}.ssl.cipher.suites`,
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/,
    (c) => `the port does not speak TLS: check ${c}.bootstrap.servers and ${c}.security.protocol`,
  ],
  [
    /ERR_SSL_|ERR_OSSL_|ERR_TLS_|CERT_|BAD_DECRYPT/,
    (c) => `check the TLS settings ${c}.ssl.* and the broker's certificate`,
  ],
]

function fromTls(chain: Chain, place: Place): Failure | undefined {
  const { cluster, broker } = place
  if (place.spokeTls) {
    const remedy = `set ${cluster}.security.protocol to ${place.protocol.startsWith('SASL') ? 'SASL_SSL' : 'SSL'}, or use the port of a plaintext listener`
    const sentence = `broker ${broker} of cluster ${cluster} uses TLS, but security.protocol is ${place.protocol}`
    return new Failure('TLS_FAILED', sentence, { ...where(place, chain), remedy })
  }
  if (!place.protocol.endsWith('SSL')) return undefined
  for (const error of chain) {
    const code = codeOf(error)
    const found = tlsRemedies.find(([pattern]) => pattern.test(code))
    if (!found) continue
    const sentence = `no TLS connection to broker ${broker} of cluster ${cluster}: ${error.message}`
    return new Failure('TLS_FAILED', sentence, { ...where(place, chain), remedy: found[1](cluster) })
  }
  return undefined
}

const socketTroubles: Readonly<
  Record<string, { readonly says: string; readonly remedy?: (cluster: string) => string }>
> = {
  ENOTFOUND: {
    says: 'its host name cannot be resolved',
    remedy: (c) => `check ${c}.bootstrap.servers, the listeners the brokers advertise, and DNS on this machine`,
  },
  EAI_AGAIN: { says: 'its host name cannot be resolved at the moment', remedy: () => 'check DNS on this machine' },
  ECONNREFUSED: {
    says: 'nothing listens on this port',
    remedy: (c) => `check ${c}.bootstrap.servers, and that the broker runs`,
  },
  EHOSTUNREACH: { says: 'there is no route to its host', remedy: () => 'check network, routing and firewalls' },
  ENETUNREACH: { says: 'there is no route to its network', remedy: () => 'check network, routing and firewalls' },
  [SPOKE_HTTP]: {
    says: 'it responds with HTTP, so it is not a Kafka listener',
    remedy: (c) =>
      `use the port of a Kafka listener in ${c}.bootstrap.servers; a proxy in between can also be the cause`,
  },
  ETIMEDOUT: { says: 'it does not respond', remedy: () => 'check network and firewalls' },
}

function fromSocket(chain: Chain, place: Place): Failure | undefined {
  const code = chain.map(codeOf).find((one) => one in socketTroubles)
  const trouble = socketTroubles[code ?? '']
  if (!trouble) return undefined
  const remedy = trouble.remedy && { remedy: trouble.remedy(place.cluster) }
  const lost = place.phase === 'serving'
  const sentence = `broker ${place.broker} of cluster ${place.cluster} cannot be reached: ${trouble.says}`
  return new Failure(lost ? 'CONNECTION_LOST' : 'BROKER_UNREACHABLE', sentence, { ...where(place, chain), ...remedy })
}

function fromRest(chain: Chain, place: Place): Failure {
  const { cluster, broker, phase } = place
  const name = `broker ${broker} of cluster ${cluster}`
  const context = where(place, chain)
  if (chain.some((one) => codeOf(one) === NO_ANSWER)) {
    const remedy = 'check network and firewalls; a TLS listener does not respond to a plaintext connection either'
    return new Failure('BROKER_UNREACHABLE', `${name} did not complete the connection in time`, { ...context, remedy })
  }
  const isNetwork = chain.some((one) => codeOf(one) === 'ECONNRESET' || codeOf(one) === 'EPIPE')
  if (isNetwork && phase === 'serving') return new Failure('CONNECTION_LOST', `${name} closed the connection`, context)
  if (isNetwork) {
    const remedy = `if it persists, the listener uses another protocol: check ${cluster}.security.protocol (now ${place.protocol}) and the port`
    return new Failure('BROKER_UNREACHABLE', `${name} closed the connection at once`, { ...context, remedy })
  }
  const deepest = chain.at(-1)
  return new Failure('INTERNAL', `the request to ${name} failed: ${deepest ? sentenceOf(deepest) : 'unknown'}`, context)
}

function where(place: Place, chain: Chain): Circumstances {
  return { cluster: place.cluster, broker: place.broker, cause: chain[0] }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The error, its causes and its parts, outermost first. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = []
  const walk = (one: unknown): void => {
    if (!(one instanceof Error) || chain.includes(one)) return
    chain.push(one)
    if (one instanceof AggregateError) one.errors.forEach(walk)
    walk(one.cause)
  }
  walk(error)
  return chain
}
