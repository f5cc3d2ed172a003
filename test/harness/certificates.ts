// Certificates for tests, created in memory (ECDSA, P-256): a certificate authority and the certificates it issues. X.509 version
// 3, RFC 5280.
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

export interface Issue {
  readonly commonName: string
  /** the DNS names and IPv4 addresses of the certificate; default: 127.0.0.1 and localhost */
  readonly hosts?: readonly string[]
  /** days until it expires; negative: already expired; default: 30 */
  readonly days?: number
}

/** PEM texts; the key is PKCS#8. */
export interface Issued {
  readonly certificate: string
  readonly key: string
  /** the same key, encrypted with this passphrase */
  lockedKey(passphrase: string): string
}

/** A certificate authority. Its private key is kept in memory only. */
export class Authority {
  /** PEM */
  readonly certificate: string
  readonly #name: string
  readonly #key: KeyObject

  constructor(name: string) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#name = name
    this.#key = privateKey
    const constraints = extension('551d13', sequence(boolean(true)), true)
    this.certificate = this.#certificate(name, privateKey, 365, [constraints])
  }

  /** Issues a certificate with a new key. */
  issue({ commonName, hosts = ['localhost', '127.0.0.1'], days = 30 }: Issue): Issued {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const names = extension('551d11', sequence(...hosts.map(generalName)), false)
    return {
      certificate: this.#certificate(commonName, privateKey, days, [names]),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      lockedKey: (passphrase) =>
        privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString(),
    }
  }

  #certificate(commonName: string, key: KeyObject, days: number, extensions: readonly Buffer[]): string {
    const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
    const day = 86_400_000
    const validity = sequence(time(Date.now() - 30 * day), time(Date.now() + days * day))
    const content = sequence(
      tagged(0xa0, tagged(0x02, Buffer.from([2]))),
      tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
      ecdsaWithSha256,
      distinguishedName(this.#name),
      validity,
      distinguishedName(commonName),
      publicKey,
      tagged(0xa3, sequence(...extensions)),
    )
    const signature = tagged(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', content, this.#key)]))
    const lines = sequence(content, ecdsaWithSha256, signature).toString('base64').replaceAll(/.{64}/g, '$&\n')
    return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
  }
}

/** DER: tag, length, content. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts)
}

function identifier(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'))
}

function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]))
}

const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'))

/** The distinguished name O=godwit tests, CN=name. In Kafka's notation, which reverses the order, CN comes first. */
function distinguishedName(name: string): Buffer {
  const part = (oid: string, text: string) =>
    tagged(0x31, sequence(identifier(oid), tagged(0x0c, Buffer.from(text, 'utf8'))))
  return sequence(part('55040a', 'godwit tests'), part('550403', name))
}

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return tagged(0x17, Buffer.from(text.slice(2), 'ascii'))
}

function extension(oid: string, value: Buffer, critical: boolean): Buffer {
  return sequence(identifier(oid), ...(critical ? [boolean(true)] : []), tagged(0x04, value))
}

function generalName(host: string): Buffer {
  const address = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host)
  if (address) return tagged(0x87, Buffer.from(address.slice(1).map(Number)))
  return tagged(0x82, Buffer.from(host, 'ascii'))
}
