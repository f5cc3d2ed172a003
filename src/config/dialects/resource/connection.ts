// The connection of a cluster in the resource: addresses, trusted certificates, credentials, as the keys that the operator
// derives.
import type { Problems } from '../../problems.ts'
import type { Entry } from '../../resolve.ts'
import { inserted } from './layout.ts'
import type { Place } from './place.ts'
import { SecretError, type Secrets } from './secrets.ts'
import { refuse } from './shape.ts'

/** What is needed to resolve references of one resource. */
interface Scope {
  readonly name: string
  readonly namespace: string
  readonly secrets: Secrets
  readonly problems: Problems
}

type Keys = Map<string, Entry>

/** The connection keys of a cluster, without those of its `config`. */
export function connectionKeys(cluster: Place, scope: Scope): Keys {
  const keys: Keys = new Map()
  const bootstrap = cluster.entry('bootstrapServers')
  if (bootstrap) keys.set('bootstrap.servers', bootstrap)
  const tls = cluster.place('tls')
  const authentication = cluster.place('authentication')
  if (tls) for (const [key, entry] of trustKeys(cluster, tls, scope)) keys.set(key, entry)
  if (authentication) for (const [key, entry] of credentialKeys(authentication, scope)) keys.set(key, entry)
  keys.set('security.protocol', protocol(cluster, tls, authentication, scope))
  return keys
}

/**
 * Never written by the user: SASL follows from the kind of authentication, TLS from the presence of `tls`, even if it is empty.
 */
function protocol(cluster: Place, tls: Place | undefined, authentication: Place | undefined, scope: Scope): Entry {
  const type = authentication?.text('type')
  const isSasl = type !== undefined && (type === 'custom' ? authentication?.text('sasl') === 'true' : type !== 'tls')
  const text = isSasl ? (tls ? 'SASL_SSL' : 'SASL_PLAINTEXT') : tls ? 'SSL' : 'PLAINTEXT'
  if (type === 'tls' && !tls) {
    const reason = 'is tls, but the cluster has no tls: the certificate is not used, and everything is sent unencrypted'
    const details = { line: authentication?.lineOf('type') ?? 0, key: authentication?.pathOf('type') ?? '' }
    scope.problems.add(
      'warning',
      reason,
      `write tls: {} or tls: with trustedCertificates for ${cluster.text('alias')}`,
      details,
    )
  }
  const cause = tls ?? authentication
  if (cause === undefined) return inserted('security.protocol', text)
  return { key: cause.path, written: text, text, line: cause.line }
}

/** All certificates of all entries. An empty list means those that Node.js trusts. */
function trustKeys(cluster: Place, tls: Place, scope: Scope): Keys {
  const listed = tls.places('trustedCertificates')
  if (listed.length === 0) return new Map()
  const texts = listed.flatMap((one) => certificates(one, scope))
  const text = texts.map((pem) => (pem.endsWith('\n') ? pem : `${pem}\n`)).join('')
  const secret = `${scope.namespace}/${scope.name}-connect-tls-trusted-certs:${cluster.text('alias')}-ca.crt`
  const place = { key: tls.pathOf('trustedCertificates'), line: tls.lineOf('trustedCertificates') }
  return new Map([
    ['ssl.truststore.type', { ...place, written: 'PEM', text: 'PEM' }],
    ['ssl.truststore.certificates', { ...place, written: reference(secret), text }],
  ])
}

const reference = (what: string) => `\${strimzisecrets:${what}}`

/** The certificates that one entry names, by key or by pattern. */
function certificates(entry: Place, scope: Scope): string[] {
  const secret = entry.text('secretName')
  const [certificate, pattern] = [entry.text('certificate'), entry.text('pattern')]
  if (secret === undefined) return []
  if ((certificate === undefined) === (pattern === undefined)) {
    refuse(scope.problems, entry.line, entry.path, ['has to have either certificate or pattern', 'keep one of them'])
    return []
  }
  const at = (name: string) => ({ line: entry.lineOf(name), key: entry.pathOf(name) })
  if (certificate !== undefined) {
    const value = secretValue(scope, secret, certificate, at('certificate'))
    return value === undefined ? [] : [value]
  }
  const keys = trying(scope, at('pattern'), () => scope.secrets.keys('Secret', scope.namespace, secret)) ?? []
  const matching = keys.filter((key) => glob(pattern ?? '').test(key)).toSorted()
  if (keys.length > 0 && matching.length === 0) {
    const reason = `matches no key of the Secret ${secret}, which has ${keys.join(', ')}`
    scope.problems.add('error', reason, 'correct the pattern, e.g. "*.crt"', { ...at('pattern'), stops: 'flow' })
  }
  return matching.flatMap((key) => secretValue(scope, secret, key, at('pattern')) ?? [])
}

const literal = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** A shell pattern for names without slashes: `*`, `?`, `[...]`, `{a,b}`. */
function glob(pattern: string): RegExp {
  const tokens = pattern.match(/\[[^\]]+\]|\{[^}]*\}|[\s\S]/g) ?? []
  const source = tokens.map((token) => {
    if (token === '*') return '.*'
    if (token === '?') return '.'
    if (token.length > 1 && token.startsWith('[')) return token.replace('[!', '[^').replaceAll('\\', '\\\\')
    if (token.length > 1) return `(?:${token.slice(1, -1).split(',').map(literal).join('|')})`
    return literal(token)
  })
  return new RegExp(`^${source.join('')}$`, 's')
}

function credentialKeys(authentication: Place, scope: Scope): Keys {
  const type = authentication.text('type') ?? ''
  switch (type) {
    case 'tls':
      return certificateKeys(authentication, scope)
    case 'scram-sha-256':
    case 'scram-sha-512':
    case 'plain':
      return passwordKeys(authentication, type, scope)
    case 'oauth':
      return new Map([
        ['sasl.mechanism', { ...typeEntry(authentication), written: 'OAUTHBEARER', text: 'OAUTHBEARER' }],
      ])
    case 'custom':
      return customKeys(authentication, scope)
    default:
      return new Map()
  }
}

const typeEntry = (authentication: Place) => ({
  key: authentication.pathOf('type'),
  line: authentication.lineOf('type'),
})

/** The client's own certificate. An unreadable value was reported as a problem; it is empty here, and removed later. */
function certificateKeys(authentication: Place, scope: Scope): Keys {
  const pair = authentication.place('certificateAndKey')
  if (pair === undefined) {
    const reason = [
      'lacks certificateAndKey, which tls needs',
      'name the Secret with the certificate and its key',
    ] as const
    refuse(scope.problems, authentication.line, authentication.path, reason)
    return new Map()
  }
  const secret = pair.text('secretName') ?? ''
  const one = (field: string): Entry => {
    const key = pair.text(field) ?? ''
    const at = { line: pair.lineOf(field), key: pair.pathOf(field) }
    const written = reference(`${scope.namespace}/${secret}:${key}`)
    return { ...at, written, text: key === '' ? '' : (secretValue(scope, secret, key, at) ?? '') }
  }
  const place = { key: pair.path, line: pair.line }
  return new Map([
    ['ssl.keystore.type', { ...place, written: 'PEM', text: 'PEM' }],
    ['ssl.keystore.certificate.chain', one('certificate')],
    ['ssl.keystore.key', one('key')],
  ])
}

const modules = { plain: 'plain.PlainLoginModule', scram: 'scram.ScramLoginModule' } as const

/** User name and password. The operator inserts them unescaped; godwit escapes them, so that quotes are possible. */
function passwordKeys(authentication: Place, type: string, scope: Scope): Keys {
  const username = authentication.entry('username')
  const from = authentication.place('passwordSecret')
  if (username === undefined || from === undefined) {
    const missing = username === undefined ? 'username' : 'passwordSecret'
    refuse(scope.problems, authentication.line, authentication.path, [
      `lacks ${missing}, which ${type} needs`,
      `add ${missing}`,
    ])
    return new Map()
  }
  const [secret = '', key = ''] = [from.text('secretName'), from.text('password')]
  const at = { line: from.lineOf('password'), key: from.pathOf('password') }
  const password = secret === '' || key === '' ? '' : (secretValue(scope, secret, key, at) ?? '')
  if (/[\r\n]$/.test(password)) {
    const reason = `is taken from the Secret ${secret} with a line break at its end, which belongs to it`
    scope.problems.add('warning', reason, 'save it without one (printf, or echo -n) unless that is meant', at)
  }
  const module = `org.apache.kafka.common.security.${type === 'plain' ? modules.plain : modules.scram}`
  const line = (name: string, secretPart: string) => `${module} required username="${name}" password="${secretPart}";`
  const mechanism = type.toUpperCase()
  const written = line(username.text, reference(`${scope.namespace}/${secret}:${key}`))
  const text = line(escaped(username.text), escaped(password))
  return new Map([
    ['sasl.mechanism', { ...typeEntry(authentication), written: mechanism, text: mechanism }],
    ['sasl.jaas.config', { key: authentication.path, line: authentication.line, written, text }],
  ])
}

/** For a quoted string in a JAAS line. */
const escaped = (value: string) => value.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')

/** The operator accepts only keys of these two kinds. */
function customKeys(authentication: Place, { problems }: Scope): Keys {
  const given = authentication.entries('config')
  for (const [key, entry] of given) {
    if (!isCustomKey(key))
      problems.about('warning', entry, 'is ignored: only sasl. and ssl.keystore. keys may stand here', 'remove it')
  }
  return new Map([...given].filter(([key]) => isCustomKey(key)))
}

const isCustomKey = (key: string) => key.startsWith('sasl.') || key.startsWith('ssl.keystore.')

interface At {
  readonly line: number
  readonly key: string
}

function secretValue({ namespace, secrets, problems }: Scope, secret: string, key: string, at: At): string | undefined {
  return trying({ problems }, at, () => secrets.value('Secret', namespace, secret, key))
}

/** An unreadable value is an error of the flows that need it. The resource can still be shown. */
function trying<Result>({ problems }: Pick<Scope, 'problems'>, at: At, read: () => Result): Result | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof SecretError)) throw error
    problems.add('error', error.message, error.remedy, { ...at, stops: 'flow' })
    return undefined
  }
}
