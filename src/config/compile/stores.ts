// Key and trust stores as PEM, inline or in separate files. JKS and PKCS12 are refused with the command to convert them.
import { sentenceOf } from '../../base/failure.ts'
import { Secret } from '../../base/logger.ts'
import type { TlsSettings } from '../../kafka/cluster-settings.ts'
import type { ClientInput } from './reader.ts'

/** The body may be on one line, or after headers such as `Proc-Type: ...`, as Kafka permits. */
const block = (label: string) =>
  new RegExp(
    `-+BEGIN\\s+(${label})\\s*-+\\s+(?:[^\\r\\n]*:[^\\r\\n]*[\\r\\n]+)*([A-Za-z0-9/+=\\s]*)-+END\\s+${label}\\s*-+`,
    'g',
  )

/** Every block of this kind in OpenSSL's format: its own label, and lines of 64 characters. */
function pemBlocks(text: string, label: string): { readonly label: string; readonly pem: string }[] {
  return [...text.matchAll(block(label))].map(([, written = '', body = '']) => {
    const name = written.replaceAll(/\s+/g, ' ')
    const lines = body.replaceAll(/\s/g, '').match(/.{1,64}/g) ?? []
    return { label: name, pem: [`-----BEGIN ${name}-----`, ...lines, `-----END ${name}-----`].join('\n') }
  })
}

const certificatesOf = (text: string) => pemBlocks(text, 'CERTIFICATE').map(({ pem }) => pem)

/** Trusted PEM certificates; undefined: those of the system, or an unreadable store, which is a problem. */
export function readTrustStore(client: ClientInput): string | undefined {
  const pem = readStore(client, 'truststore', 'ssl.truststore.certificates')
  if (pem === undefined) return undefined
  const found = certificatesOf(pem.text)
  if (found.length === 0) {
    client.problems.error(pem.key, 'holds no PEM certificate', 'put -----BEGIN CERTIFICATE----- blocks into it')
    return undefined
  }
  return found.join('\n')
}

/** Certificate chain and key of this client; empty without a key store. */
export function readKeyStore(client: ClientInput): Pick<TlsSettings, 'certificate' | 'key' | 'passphrase'> {
  const { reader, problems } = client
  const store = readStore(client, 'keystore', 'ssl.keystore.key')
  if (store === undefined) return {}
  const isInline = store.key === 'ssl.keystore.key'
  const chain = isInline ? reader.text('ssl.keystore.certificate.chain') : store.text
  const [key] = pemBlocks(store.text, '(?:ENCRYPTED\\s+)?PRIVATE\\s+KEY')
  if (key === undefined) {
    problems.error(
      store.key,
      'holds no PEM private key in PKCS#8 form',
      'convert it: openssl pkcs8 -topk8 -in KEY -out KEY.pem',
    )
    return {}
  }
  const found = certificatesOf(chain)
  if (found.length === 0) {
    const place = isInline ? 'ssl.keystore.certificate.chain' : store.key
    problems.error(place, 'holds no PEM certificate', 'put the certificate of this client and its issuers there')
    return {}
  }
  return { certificate: found.join('\n'), key: new Secret(key.pem), ...passphrase(client, key.label) }
}

function passphrase({ reader, problems }: ClientInput, label: string): Pick<TlsSettings, 'passphrase'> {
  if (!label.startsWith('ENCRYPTED')) return {}
  if (!reader.isSet('ssl.key.password')) {
    problems.error('ssl.key.password', 'is missing, but the private key is encrypted', 'give the password of the key')
    return {}
  }
  return { passphrase: new Secret(reader.text('ssl.key.password')) }
}

type StoreKind = 'truststore' | 'keystore'
type StoreKey = `ssl.${StoreKind}.location` | 'ssl.truststore.certificates' | 'ssl.keystore.key'

interface Store {
  readonly text: string
  /** the key that set it, for problems */
  readonly key: string
}

/** The text of a store, inline or from its file; undefined if there is none, or if it is unusable, which is a problem. */
function readStore(
  client: ClientInput,
  kind: StoreKind,
  inlineKey: 'ssl.truststore.certificates' | 'ssl.keystore.key',
): Store | undefined {
  const { reader, problems } = client
  const locationKey = `ssl.${kind}.location` as const
  const inline = reader.raw(inlineKey)
  const location = reader.raw(locationKey)?.trim()
  if (inline === undefined && !location) return undefined
  if (!isPem(client, kind, inline === undefined ? locationKey : inlineKey)) return undefined
  if (inline !== undefined && location !== undefined) {
    problems.error(inlineKey, `and ${locationKey} are both given`, 'give one of them')
    return undefined
  }
  refusePassword(client, kind)
  return inline === undefined ? readPem(location ?? '', locationKey, client) : { text: inline, key: inlineKey }
}

/** Whether a store is PEM. If not, that is a problem of `given`, the key with the store or its path. */
function isPem({ reader, problems }: ClientInput, kind: StoreKind, given: StoreKey): boolean {
  const type = reader.text(`ssl.${kind}.type`).toUpperCase()
  if (type === 'PEM') return true
  const location = given === `ssl.${kind}.location` ? reader.raw(given)?.trim() : undefined
  const [reason, remedy] = convert(kind, type, location, (key) => problems.keyOf(key, given))
  problems.error(given, reason, remedy)
  return false
}

function refusePassword({ reader, problems }: ClientInput, kind: StoreKind): void {
  if (!reader.isSet(`ssl.${kind}.password`)) return
  const remedy = 'remove it; an encrypted key has its password in ssl.key.password'
  problems.error(`ssl.${kind}.password`, 'is given, but a PEM store has no password', remedy)
}

function readPem(location: string, key: string, { readFile, problems }: ClientInput): Store | undefined {
  try {
    return { text: new TextDecoder().decode(readFile(location)), key }
  } catch (error) {
    problems.error(key, `names a file that cannot be read: ${sentenceOf(error)}`, 'check the path and its permissions')
    return undefined
  }
}

function convert(
  kind: StoreKind,
  type: string,
  location: string | undefined,
  keyOf: (key: string) => string,
): [string, string] {
  const key = (what: string) => keyOf(`ssl.${kind}.${what}`)
  if (location === undefined) return [`is PEM text, but ssl.${kind}.type is ${type}`, `write ${key('type')} = PEM`]
  const pem = `${location.replace(/\.[^./]*$/, '')}.pem`
  const steps =
    kind === 'truststore'
      ? `keytool -list -rfc -keystore ${location} > ${pem}`
      : type === 'PKCS12'
        ? `openssl pkcs12 -in ${location} -nodes -out ${pem}`
        : `keytool -importkeystore -srckeystore ${location} -destkeystore ${pem}.p12 -deststoretype PKCS12 && openssl pkcs12 -in ${pem}.p12 -nodes -out ${pem}`
  const keys = `${key('location')} = ${pem} and ${key('type')} = PEM; remove ${key('password')}`
  return [`is a ${type} store, which cannot be read yet`, `convert it: ${steps} ; then write ${keys}`]
}
