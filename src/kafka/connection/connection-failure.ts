// Maps connection errors (DNS, ports, TLS, SASL, timeouts) to Failures with a remedy.
import { type Circumstances, Failure, sentenceOf } from '../../base/failure.ts'
import type { SecurityProtocol } from '../cluster-settings.ts'

/** connecting: TCP and TLS; greeting: ApiVersions and SASL; serving: any later request. */
export type ConnectionPhase = 'connecting' | 'greeting' | 'serving'

export interface ConnectionContext {
  /** alias */
  readonly cluster: string
  /** host:port */
  readonly broker: string
  readonly protocol: SecurityProtocol
  readonly phase: ConnectionPhase
  /** the broker sent a TLS record although the protocol is plaintext */
  readonly spokeTls?: boolean
}

/**
 * The Failure for any error of a connection to a broker. Only errors that the operator must fix halt a flow.
 * An aborted handshake is retried, because a restarting broker causes it too.
 */
export function failureOfConnection(error: unknown, context: ConnectionContext): Failure {
  const chain = chainOf(error)
  const known = chain.find((one) => one instanceof Failure)
  if (known) return known
  return fromTls(chain, context) ?? fromSocket(chain, context) ?? fromRest(chain, context)
}

/** The remedy for a broker that accepts requests but does not respond. */
export function slowBrokerRemedy(broker: string): string {
  return `check whether broker ${broker} hangs or is overloaded (its log, its disk), restart it if it does, and check the network to it; godwit retries`
}

/** Error code for a connection that was not established in time. */
export const NO_ANSWER = 'GODWIT_NO_ANSWER'
/** Error code for an HTTP response: the port is wrong, or there is a proxy in between. */
export const SPOKE_HTTP = 'GODWIT_SPOKE_HTTP'

type Chain = readonly Error[]

/** Error codes of Node and OpenSSL, with the remedy for each. */
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

function fromTls(chain: Chain, context: ConnectionContext): Failure | undefined {
  const { cluster, broker } = context
  if (context.spokeTls) {
    const remedy = `set ${cluster}.security.protocol to ${context.protocol.startsWith('SASL') ? 'SASL_SSL' : 'SSL'}, or use the port of a plaintext listener`
    const sentence = `broker ${broker} of cluster ${cluster} uses TLS, but security.protocol is ${context.protocol}`
    return new Failure('TLS_FAILED', sentence, { ...where(context, chain), remedy })
  }
  if (!context.protocol.endsWith('SSL')) return undefined
  for (const error of chain) {
    const code = codeOf(error)
    const found = tlsRemedies.find(([pattern]) => pattern.test(code))
    if (!found) continue
    const sentence = `no TLS connection to broker ${broker} of cluster ${cluster}: ${error.message}`
    return new Failure('TLS_FAILED', sentence, { ...where(context, chain), remedy: found[1](cluster) })
  }
  return undefined
}

const socketErrors: Readonly<
  Record<string, { readonly reason: string; readonly remedy?: (cluster: string) => string }>
> = {
  ENOTFOUND: {
    reason: 'its host name cannot be resolved',
    remedy: (c) => `check ${c}.bootstrap.servers, the listeners the brokers advertise, and DNS on this machine`,
  },
  EAI_AGAIN: { reason: 'its host name cannot be resolved at the moment', remedy: () => 'check DNS on this machine' },
  ECONNREFUSED: {
    reason: 'nothing listens on this port',
    remedy: (c) => `check ${c}.bootstrap.servers, and that the broker runs`,
  },
  EHOSTUNREACH: { reason: 'there is no route to its host', remedy: () => 'check network, routing and firewalls' },
  ENETUNREACH: { reason: 'there is no route to its network', remedy: () => 'check network, routing and firewalls' },
  [SPOKE_HTTP]: {
    reason: 'it responds with HTTP, so it is not a Kafka listener',
    remedy: (c) =>
      `use the port of a Kafka listener in ${c}.bootstrap.servers; a proxy in between can also be the cause`,
  },
  ETIMEDOUT: { reason: 'it does not respond', remedy: () => 'check network and firewalls' },
}

function fromSocket(chain: Chain, context: ConnectionContext): Failure | undefined {
  const code = chain.map(codeOf).find((one) => one in socketErrors)
  const known = socketErrors[code ?? '']
  if (!known) return undefined
  const remedy = known.remedy && { remedy: known.remedy(context.cluster) }
  const lost = context.phase === 'serving'
  const sentence = `broker ${context.broker} of cluster ${context.cluster} cannot be reached: ${known.reason}`
  return new Failure(lost ? 'CONNECTION_LOST' : 'BROKER_UNREACHABLE', sentence, { ...where(context, chain), ...remedy })
}

function fromRest(chain: Chain, context: ConnectionContext): Failure {
  const { cluster, broker, phase } = context
  const name = `broker ${broker} of cluster ${cluster}`
  const circumstances = where(context, chain)
  if (chain.some((one) => codeOf(one) === NO_ANSWER)) {
    const remedy = 'check network and firewalls; a TLS listener does not respond to a plaintext connection either'
    return new Failure('BROKER_UNREACHABLE', `${name} did not complete the connection in time`, {
      ...circumstances,
      remedy,
    })
  }
  const isNetwork = chain.some((one) => codeOf(one) === 'ECONNRESET' || codeOf(one) === 'EPIPE')
  if (isNetwork && phase === 'serving')
    return new Failure('CONNECTION_LOST', `${name} closed the connection`, circumstances)
  if (isNetwork) {
    const remedy = `if it persists, the listener uses another protocol: check ${cluster}.security.protocol (now ${context.protocol}) and the port`
    return new Failure('BROKER_UNREACHABLE', `${name} closed the connection at once`, { ...circumstances, remedy })
  }
  const deepest = chain.at(-1)
  return new Failure(
    'INTERNAL',
    `the request to ${name} failed: ${deepest ? sentenceOf(deepest) : 'unknown'}`,
    circumstances,
  )
}

function where(context: ConnectionContext, chain: Chain): Circumstances {
  return { cluster: context.cluster, broker: context.broker, cause: chain[0] }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The error, its causes and the parts of aggregate errors, outermost first. */
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
