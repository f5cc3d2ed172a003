// Whether every address of both clusters answers: host names, TCP, TLS and logins.
import { counted } from '../../base/counted.ts'
import type { Failure } from '../../base/failure.ts'
import type { Reached } from '../../kafka/survey.ts'
import type { FlowFacts, Side } from '../facts/flow-facts.ts'
import type { Finding, Remedy } from '../finding.ts'
import { advice, setting } from '../remedies/commands.ts'

const DAY_MS = 86_400_000
/** A certificate that ends sooner is warned of. */
const SOON_DAYS = 14

/** Findings about the addresses, certificates and logins of both clusters. */
export function reachability({ source, target, now }: FlowFacts): Finding[] {
  return [
    ...[source, target].flatMap((side) => [...unreached(side), ...certificates(side, now), ...unverified(side)]),
    ...sharedLogin(source, target),
  ]
}

function unreached(side: Side): Finding[] {
  const refused = side.reached.filter(({ failure }) => failure)
  // Addresses that fail with the same message are one finding.
  const kinds = Map.groupBy(refused, ({ failure, address }) => failure?.message.replaceAll(address, '') ?? '')
  return [...kinds.values()].flatMap((list) => {
    const failure = list[0]?.failure
    return failure ? [unreachedAt(list, failure, side)] : []
  })
}

function unreachedAt(list: readonly Reached[], failure: Failure, side: Side): Finding {
  const isAny = side.reached.some((one) => !one.failure)
  const isAdvertised = list.some(({ address }) => !side.settings.bootstrapServers.includes(address))
  const others = list.slice(1).map(({ address }) => address)
  return {
    code: isAdvertised ? 'advertised-address-unreachable' : 'address-unreachable',
    check: 'reach',
    severity: isAny && !isAdvertised ? 'warning' : 'error',
    cluster: side.alias,
    what: `${failure.message}${others.length > 0 ? `, and so at ${others.join(', ')}` : ''}`,
    why: isAdvertised
      ? 'brokers tell their clients these addresses: partitions that are led there cannot be read or written'
      : isAny
        ? 'another address of the cluster answers; without that one a start would fail'
        : 'nothing can be copied while the cluster cannot be reached',
    remedies: remediesOf(side, list),
  }
}

function remediesOf({ alias, settings, otherMechanism }: Side, [first]: readonly Reached[]): Remedy[] {
  if (first?.speaksPlain) {
    const protocol = settings.protocol === 'SASL_SSL' ? 'SASL_PLAINTEXT' : 'PLAINTEXT'
    return [
      advice(`use the port of a listener with TLS: this one speaks plain text`),
      setting(`${alias}.security.protocol = ${protocol}`),
    ]
  }
  if (otherMechanism) return [setting(`${alias}.sasl.mechanism = ${otherMechanism}`)]
  return [advice(first?.failure?.remedy ?? 'look at the log of the broker')]
}

function certificates({ alias: cluster, reached }: Side, now: number): Finding[] {
  return reached.flatMap(({ address, certificate, failure }) => {
    if (!certificate || failure?.code === 'TLS_FAILED') return []
    const days = Math.floor((certificate.validTo - now) / DAY_MS)
    if (days >= SOON_DAYS) return []
    return [
      {
        code: 'certificate-expires',
        check: 'certificate',
        severity: 'warning',
        cluster,
        what: `the certificate of ${address} (${certificate.name}) ends in ${counted(days, 'day')}, at ${new Date(certificate.validTo).toISOString()}`,
        why: 'from then on no connection succeeds; a migration may last longer than that',
        remedies: [advice("renew the broker's certificate before")],
      } satisfies Finding,
    ]
  })
}

function unverified({ alias: cluster, settings }: Side): Finding[] {
  if (!settings.protocol.endsWith('SSL') || settings.tls?.verifyHostname !== false) return []
  const finding: Finding = {
    code: 'hostname-not-verified',
    check: 'certificate',
    severity: 'note',
    cluster,
    what: 'host names are not compared with certificates',
    why: 'anyone with a certificate of the same authority can pose as a broker',
    remedies: [setting(`${cluster}.ssl.endpoint.identification.algorithm = https`)],
  }
  return [finding]
}

/** The same login for two different clusters, where one of them refuses it: probably copied and not changed. */
function sharedLogin(source: Side, target: Side): Finding[] {
  const [a, b] = [source.settings.sasl, target.settings.sasl]
  const isSame = a && b && a.username === b.username && a.password.reveal() === b.password.reveal()
  const refused = [source, target].find(({ reached }) =>
    reached.some(({ failure }) => failure?.code === 'AUTHENTICATION_FAILED'),
  )
  if (!isSame || !refused) return []
  const other = refused === source ? target : source
  const finding: Finding = {
    code: 'login-shared',
    check: 'reach',
    severity: 'warning',
    cluster: refused.alias,
    what: `clusters ${source.alias} and ${target.alias} have other hosts but the same user ${a.username} and password`,
    why: `the login of ${other.alias} may have been copied to ${refused.alias}, which refuses it`,
    remedies: [advice(`check the user and password in ${refused.alias}.sasl.jaas.config`)],
  }
  return [finding]
}
