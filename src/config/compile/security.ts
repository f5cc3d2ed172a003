// SASL and TLS of one client, compiled from Kafka's keys. What is not supported is a problem with its remedy.
import { Secret } from '../../base/logger.ts'
import type {
  ClusterSettings,
  SaslMechanism,
  SaslSettings,
  SecurityProtocol,
  TlsSettings,
} from '../../kafka/cluster-settings.ts'
import { unsetVariable } from '../dialects/environment.ts'
import { javaTrim } from '../parse.ts'
import type { ScopedProblems } from '../problems.ts'
import type { Entries } from '../resolve.ts'
import type { Setting } from '../setting.ts'
import { oauthBearerSettings } from '../settings/oauthbearer.ts'
import { saslSettings } from '../settings/sasl.ts'
import { sslSettings } from '../settings/ssl.ts'
import { JaasError, type LoginModule, parseJaas } from './jaas.ts'
import type { ClientInput } from './reader.ts'
import { readKeyStore, readTrustStore } from './stores.ts'

/** Protocol, credentials and certificates of one client. Problems are added to `client.problems`. */
export function compileSecurity(client: ClientInput): Pick<ClusterSettings, 'protocol' | 'sasl' | 'tls'> {
  const protocol = client.reader.text('security.protocol').toUpperCase() as SecurityProtocol
  const [hasSasl, hasTls] = [protocol.startsWith('SASL'), protocol.endsWith('SSL')]
  refuseSecurityCode(client, { hasSasl, hasTls })
  const sasl = hasSasl ? compileSasl(client) : undefined
  const tls = hasTls ? compileTls(client) : undefined
  return { protocol, ...(sasl && { sasl }), ...(tls && { tls }) }
}

/** Refuses Java code for logins or encryption, if the protocol uses either. */
function refuseSecurityCode(
  { reader, problems }: ClientInput,
  { hasSasl, hasTls }: { readonly hasSasl: boolean; readonly hasTls: boolean },
): void {
  const settings: readonly Setting[] = [
    ...(hasSasl ? [...saslSettings, ...oauthBearerSettings] : []),
    ...(hasTls ? sslSettings : []),
  ]
  refuseJavaCode(reader.entries, settings, problems)
}

/** Reports every setting among `settings` that needs Java code: one that is refused and does not have its default. */
export function refuseJavaCode(entries: Entries, settings: Iterable<Setting>, problems: ScopedProblems): void {
  for (const { name, effect, default: fallback } of settings) {
    const text = javaTrim(entries.get(name)?.text ?? '')
    if (effect !== 'refused' || text === '' || text === fallback) continue
    problems.error(name, `asks for ${text}, which is Java code and cannot run here`, 'remove the line')
  }
}

const supported: readonly SaslMechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']
const modules: Readonly<Record<string, string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
}

function compileSasl({ reader, problems }: ClientInput): SaslSettings | undefined {
  const mechanism = supportedMechanism(reader.text('sasl.mechanism'), problems)
  const line = reader.raw('sasl.jaas.config')
  if (mechanism === undefined) return undefined
  if (line === undefined) {
    problems.error('sasl.jaas.config', 'is missing, and no JAAS file of Java is read', exampleLine(mechanism, problems))
    return undefined
  }
  const variable = unsetVariable(line)
  if (variable !== undefined) {
    const remedy = `set ${variable} to something like ${example(mechanism)}`
    problems.error('sasl.jaas.config', `names the environment variable ${variable}, which is not set`, remedy)
    return undefined
  }
  try {
    return credentials(mechanism, line, problems)
  } catch (error) {
    if (!(error instanceof JaasError)) throw error
    problems.error('sasl.jaas.config', error.message, exampleLine(mechanism, problems))
    return undefined
  }
}

const example = (mechanism: SaslMechanism) => `${modules[mechanism]} required username="USER" password="PASSWORD";`
const exampleLine = (mechanism: SaslMechanism, { keyOf }: ScopedProblems) =>
  `write ${keyOf('sasl.jaas.config')} = ${example(mechanism)}`

function supportedMechanism(written: string, problems: ScopedProblems): SaslMechanism | undefined {
  const mechanism = supported.find((name) => name === written)
  if (mechanism !== undefined) return mechanism
  const meant = supported.find((name) => name.toLowerCase() === written.toLowerCase())
  const reason = meant ? `is ${written}, but brokers know it as ${meant}` : `is ${written}, which is not supported yet`
  const remedy = meant
    ? `write ${problems.keyOf('sasl.mechanism')} = ${meant}`
    : `use one of ${supported.join(', ')}; the brokers may need a listener and a user for it`
  problems.error('sasl.mechanism', reason, remedy)
  return undefined
}

function credentials(mechanism: SaslMechanism, line: string, problems: ScopedProblems): SaslSettings | undefined {
  const module = parseJaas(line)
  const [reason, remedy] = refusal(mechanism, module, problems) ?? []
  if (reason !== undefined && remedy !== undefined) {
    problems.error('sasl.jaas.config', reason, remedy)
    return undefined
  }
  if (module.unescaped.includes('password'))
    problems.warning(
      'sasl.jaas.config',
      'has a backslash in its password that is taken as an escape',
      'double the backslash if it belongs to the password; in a properties file that makes four',
    )
  const { username = '', password = '' } = Object.fromEntries(module.options)
  return { mechanism, username, password: new Secret(password) }
}

/** Why a login module is refused, and what to do. */
function refusal(
  mechanism: SaslMechanism,
  { name, options }: LoginModule,
  problems: ScopedProblems,
): readonly [reason: string, remedy: string] | undefined {
  if (name !== modules[mechanism])
    return [`names the login module ${name}, which does not fit ${mechanism}`, exampleLine(mechanism, problems)]
  if (options.get('tokenauth')?.toLowerCase() === 'true')
    return ['asks for a delegation token, which is not supported yet', 'use a user name and password']
  if (options.has('username') && options.has('password')) return undefined
  return ['lacks username or password', exampleLine(mechanism, problems)]
}

function compileTls(client: ClientInput): TlsSettings {
  const ciphers = cipherNames(client)
  const ca = readTrustStore(client)
  return {
    ...(ca !== undefined && { ca }),
    ...readKeyStore(client),
    verifyHostname: verifiesHostname(client),
    ...tlsVersions(client),
    ...(ciphers !== undefined && { ciphers }),
  }
}

function verifiesHostname({ reader, problems }: ClientInput): boolean {
  const algorithm = reader.text('ssl.endpoint.identification.algorithm')
  if (algorithm !== '' && algorithm.toLowerCase() !== 'https') {
    problems.error(
      'ssl.endpoint.identification.algorithm',
      `is ${algorithm}, which is not known`,
      'write https, or nothing to leave host names unchecked',
    )
  }
  return algorithm !== ''
}

function tlsVersions({ reader, problems }: ClientInput): Pick<TlsSettings, 'minVersion' | 'maxVersion'> {
  const enabled = reader.list('ssl.enabled.protocols')
  const [old, recent] = [enabled.includes('TLSv1.2'), enabled.includes('TLSv1.3')]
  if (enabled.length > 0 && !old && !recent) {
    problems.error(
      'ssl.enabled.protocols',
      `holds ${enabled.join(', ')}, none of which is offered`,
      'write TLSv1.2,TLSv1.3',
    )
  }
  if (old && !recent) return { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }
  return recent && !old
    ? { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' }
    : { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' }
}

/** Java's cipher suites with OpenSSL's names. Those of TLS 1.3 have the same name in both. */
function cipherNames({ reader, problems }: ClientInput): string | undefined {
  const suites = reader.list('ssl.cipher.suites')
  if (suites.length === 0) return undefined
  const names = suites.map((suite) => ({ suite, name: openSslName(suite) }))
  const unknown = names.filter(({ name }) => name === undefined).map(({ suite }) => suite)
  if (unknown.length > 0) {
    problems.error(
      'ssl.cipher.suites',
      `holds ${unknown.join(', ')}, which is not offered`,
      'use AES-GCM, AES-CBC or ChaCha20 suites with ECDHE, DHE or RSA',
    )
  }
  return names.flatMap(({ name }) => name ?? []).join(':')
}

function openSslName(suite: string): string | undefined {
  if (/^TLS_(?:AES_(?:128|256)_(?:GCM|CCM|CCM_8)_SHA(?:256|384)|CHACHA20_POLY1305_SHA256)$/.test(suite)) return suite
  const parts =
    /^TLS_(?:(ECDHE|DHE)_)?(RSA|ECDSA)_WITH_(?:AES_(128|256)_(GCM|CBC)_(SHA\d*)|CHACHA20_POLY1305_SHA256)$/.exec(suite)
  if (parts === null) return undefined
  const [, exchange, signature, bits, mode, hash] = parts
  const prefix = exchange === undefined ? '' : `${exchange}-${signature}-`
  if (exchange === undefined && signature === 'ECDSA') return undefined
  if (bits === undefined) return exchange === undefined ? undefined : `${prefix}CHACHA20-POLY1305`
  return `${prefix}AES${bits}${mode === 'GCM' ? '-GCM' : ''}-${hash}`
}
