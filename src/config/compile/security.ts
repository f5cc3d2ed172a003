// SASL and TLS of one client, compiled from Kafka's keys; what cannot be done is a problem with its remedy.
import { Secret } from '../../base/logger.ts'
import type {
  ClusterSettings,
  SaslMechanism,
  SaslSettings,
  SecurityProtocol,
  TlsSettings,
} from '../../kafka/cluster-settings.ts'
import { unsetVariable } from '../dialects/environment.ts'
import type { Complaints } from './complaints.ts'
import { JaasError, parseJaas } from './jaas.ts'
import type { Reader } from './reader.ts'
import { refuseForeignSecurity } from './refusals.ts'
import { readKeyStore, readTrustStore } from './stores.ts'

/** Reads a file named by a configuration value; throws when it cannot. */
export type ReadFile = (path: string) => Uint8Array

/** Protocol, credentials and certificates of one client; complains about all that is wrong. */
export function compileSecurity(
  reader: Reader,
  readFile: ReadFile,
  complaints: Complaints,
): Pick<ClusterSettings, 'protocol' | 'sasl' | 'tls'> {
  const protocol = reader.text('security.protocol').toUpperCase() as SecurityProtocol
  const [hasSasl, hasTls] = [protocol.startsWith('SASL'), protocol.endsWith('SSL')]
  refuseForeignSecurity(reader.entries, { hasSasl, hasTls }, complaints)
  const sasl = hasSasl ? compileSasl(reader, complaints) : undefined
  const tls = hasTls ? compileTls(reader, readFile, complaints) : undefined
  return { protocol, ...(sasl && { sasl }), ...(tls && { tls }) }
}

const supported: readonly SaslMechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']
const modules: Readonly<Record<string, string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
}

function compileSasl(reader: Reader, complaints: Complaints): SaslSettings | undefined {
  const mechanism = supportedMechanism(reader.text('sasl.mechanism'), complaints)
  const line = reader.raw('sasl.jaas.config')
  if (mechanism === undefined) return undefined
  if (line === undefined) {
    complaints.error(
      'sasl.jaas.config',
      'is missing, and no JAAS file of Java is read',
      exampleLine(mechanism, complaints),
    )
    return undefined
  }
  const variable = unsetVariable(line)
  if (variable !== undefined) {
    const remedy = `set ${variable} to something like ${example(mechanism)}`
    complaints.error('sasl.jaas.config', `names the environment variable ${variable}, which is not set`, remedy)
    return undefined
  }
  try {
    return credentials(mechanism, line, complaints)
  } catch (error) {
    if (!(error instanceof JaasError)) throw error
    complaints.error('sasl.jaas.config', error.message, exampleLine(mechanism, complaints))
    return undefined
  }
}

const example = (mechanism: SaslMechanism) => `${modules[mechanism]} required username="USER" password="PASSWORD";`
const exampleLine = (mechanism: SaslMechanism, { keyOf }: Complaints) =>
  `write ${keyOf('sasl.jaas.config')} = ${example(mechanism)}`

function supportedMechanism(written: string, complaints: Complaints): SaslMechanism | undefined {
  const mechanism = supported.find((name) => name === written)
  if (mechanism !== undefined) return mechanism
  const meant = supported.find((name) => name.toLowerCase() === written.toLowerCase())
  const reason = meant ? `is ${written}, but brokers know it as ${meant}` : `is ${written}, which is not supported yet`
  const remedy = meant
    ? `write ${complaints.keyOf('sasl.mechanism')} = ${meant}`
    : `use one of ${supported.join(', ')}; the brokers may need a listener and a user for it`
  complaints.error('sasl.mechanism', reason, remedy)
  return undefined
}

function credentials(mechanism: SaslMechanism, line: string, complaints: Complaints): SaslSettings | undefined {
  const { name, options, unescaped } = parseJaas(line)
  if (name !== modules[mechanism]) {
    complaints.error(
      'sasl.jaas.config',
      `names the login module ${name}, which does not fit ${mechanism}`,
      exampleLine(mechanism, complaints),
    )
    return undefined
  }
  if (options.get('tokenauth')?.toLowerCase() === 'true') {
    complaints.error(
      'sasl.jaas.config',
      'asks for a delegation token, which is not supported yet',
      'use a user name and password',
    )
    return undefined
  }
  const username = options.get('username')
  const password = options.get('password')
  if (username === undefined || password === undefined) {
    complaints.error('sasl.jaas.config', 'lacks username or password', exampleLine(mechanism, complaints))
    return undefined
  }
  if (unescaped.includes('password')) {
    complaints.warning(
      'sasl.jaas.config',
      'has a backslash in its password that is taken as an escape',
      'double the backslash if it belongs to the password; in a properties file that makes four',
    )
  }
  return { mechanism, username, password: new Secret(password) }
}

function compileTls(reader: Reader, readFile: ReadFile, complaints: Complaints): TlsSettings {
  const versions = tlsVersions(reader, complaints)
  const ciphers = cipherNames(reader, complaints)
  const ca = readTrustStore(reader, readFile, complaints)
  return {
    ...(ca !== undefined && { ca }),
    ...readKeyStore(reader, readFile, complaints),
    verifyHostname: verifiesHostname(reader, complaints),
    ...versions,
    ...(ciphers !== undefined && { ciphers }),
  }
}

function verifiesHostname(reader: Reader, complaints: Complaints): boolean {
  const algorithm = reader.isSet('ssl.endpoint.identification.algorithm')
    ? reader.text('ssl.endpoint.identification.algorithm')
    : 'https'
  if (algorithm !== '' && algorithm.toLowerCase() !== 'https') {
    complaints.error(
      'ssl.endpoint.identification.algorithm',
      `is ${algorithm}, which is not known`,
      'write https, or nothing to leave host names unchecked',
    )
  }
  return algorithm !== ''
}

function tlsVersions(reader: Reader, complaints: Complaints): Pick<TlsSettings, 'minVersion' | 'maxVersion'> {
  const enabled = reader.list('ssl.enabled.protocols')
  const [old, recent] = [enabled.includes('TLSv1.2'), enabled.includes('TLSv1.3')]
  if (enabled.length > 0 && !old && !recent) {
    complaints.error(
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

/** Java's cipher suites by OpenSSL's names; those of TLS 1.3 have one name only. */
function cipherNames(reader: Reader, complaints: Complaints): string | undefined {
  const suites = reader.list('ssl.cipher.suites')
  if (suites.length === 0) return undefined
  const names = suites.map((suite) => ({ suite, name: openSslName(suite) }))
  const unknown = names.filter(({ name }) => name === undefined).map(({ suite }) => suite)
  if (unknown.length > 0) {
    complaints.error(
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
