// A secured cluster: TLS, mutual TLS, SASL with PLAIN and SCRAM, ACLs. Only `admin` has permissions at the start.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Authority, type Issued } from './certificates.ts'
import { startCluster, type TestCluster } from './cluster.ts'
import { guardFolder, release } from './guardian.ts'
import type { Reach } from './java-json.ts'
import { listeners, passwordOf, scramArgs, secureSettings } from './kafka/secure-settings.ts'

export type Mechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

export interface Login {
  /** `admin` is a super user; `alice` exists; others are added with operate's addUser (SCRAM); default: admin */
  readonly user?: string
  /** default: the password of that user */
  readonly password?: string
  /** default: SCRAM-SHA-512 */
  readonly mechanism?: Mechanism
}

/** PEM files. */
export interface TlsFiles {
  readonly ca: string
  /** certificate of an authority that issued nothing here */
  readonly strangeCa: string
  /** key and certificate of the user `client` */
  readonly client: string
  /** the same, with the key encrypted with `lockedPassword` (PBES2; Java's clients can read it from JDK 19 on) */
  readonly lockedClient: string
  readonly lockedPassword: string
  /** issued by `strangeCa` */
  readonly strangeClient: string
}

/** A secured cluster with settings for each way to connect. */
export class SecureCluster implements AsyncDisposable {
  readonly cluster: TestCluster
  readonly files: TlsFiles
  readonly #folder: string
  readonly #writeBroker: (days: number) => void

  constructor(cluster: TestCluster, files: TlsFiles, folder: string, writeBroker: (days: number) => void) {
    this.cluster = cluster
    this.files = files
    this.#folder = folder
    this.#writeBroker = writeBroker
  }

  /** The settings of the tests' own tools: SASL_SSL as admin. */
  get admin(): Reach {
    return this.saslSsl()
  }

  /** SASL over TLS. */
  saslSsl(login: Login = {}): Reach {
    return this.#reach('SASL_SSL', { ...sasl(login), ...this.#trust })
  }

  /** SASL without TLS. */
  saslPlaintext(login: Login = {}): Reach {
    return this.#reach('SASL_PLAINTEXT', sasl(login))
  }

  /** Mutual TLS: the broker requires a client certificate. Default: that of the user `client`. */
  mutualTls(file: keyof TlsFiles = 'client'): Reach {
    const locked = file === 'lockedClient' ? { 'ssl.key.password': this.files.lockedPassword } : {}
    const keys = { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': this.files[file], ...locked }
    return this.#reach('SSL', { ...keys, ...this.#trust })
  }

  /** TLS without a client certificate; the user is User:ANONYMOUS. */
  tls(): Reach {
    return this.#reach('TLS', this.#trust)
  }

  /** Without TLS and login, as User:ANONYMOUS, who has no permissions. */
  plaintext(): Reach {
    return { bootstrap: this.cluster.bootstrap, client: { 'security.protocol': 'PLAINTEXT' } }
  }

  /** Restarts the brokers with a certificate valid for another 30 days. */
  async renewCertificate(): Promise<void> {
    this.#writeBroker(30)
    await this.cluster.stop()
    await this.cluster.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.destroy()
    rmSync(this.#folder, { recursive: true, force: true })
    release(this.#folder)
  }

  get #trust(): Record<string, string> {
    return { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': this.files.ca }
  }

  #reach(listener: keyof typeof listeners, client: Readonly<Record<string, string>>): Reach {
    const bootstrap = this.cluster.brokers.map((broker) => `127.0.0.1:${broker.listeners[listener]}`).join(',')
    return { bootstrap, client: { 'security.protocol': listeners[listener], ...client } }
  }
}

/** Starts a cluster with TLS, logins and an authorizer, and writes the PEM files. @throws as startCluster */
export async function startSecureCluster(
  options: {
    version?: string
    heapMb?: number
    brokers?: 1 | 3
    diskLimitMb?: number
    /** days until the broker certificate expires; default: 30 */
    certificateDays?: number
  } = {},
): Promise<SecureCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-tls-'))
  guardFolder(folder)
  const { certificateDays, ...rest } = options
  const { broker, writeBroker, ...files } = writeFiles(folder, certificateDays)
  const cluster = await startCluster({
    ...rest,
    name: 'secure',
    listeners,
    configs: secureSettings(broker, files.ca),
    formatArgs: scramArgs(),
  })
  return new SecureCluster(cluster, files, folder, writeBroker)
}

/** The lines of mm2.properties with the connection settings of a cluster. */
export function mm2Lines(alias: string, { bootstrap, client }: Reach): string {
  const settings = { 'bootstrap.servers': bootstrap, ...client }
  return Object.entries(settings)
    .map(([key, value]) => `${alias}.${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('')
}

function sasl({ user = 'admin', password = passwordOf(user), mechanism = 'SCRAM-SHA-512' }: Login) {
  const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule'
  const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  const credentials = `username=${quoted(user)} password=${quoted(password)}`
  return {
    'sasl.mechanism': mechanism,
    'sasl.jaas.config': `org.apache.kafka.common.security.${module} required ${credentials};`,
  }
}

function writeFiles(
  folder: string,
  days = 30,
): TlsFiles & { readonly broker: string; readonly writeBroker: (days: number) => void } {
  const [authority, stranger] = [new Authority('test authority'), new Authority('strange authority')]
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const keyAndCertificate = ({ key, certificate }: Issued) => key + certificate
  const client = authority.issue({ commonName: 'client' })
  const lockedPassword = 'open-sesame'
  const writeBroker = (left: number) =>
    write('broker.pem', keyAndCertificate(authority.issue({ commonName: 'broker', days: left })))
  return {
    ca: write('ca.pem', authority.certificate),
    strangeCa: write('strange-ca.pem', stranger.certificate),
    broker: writeBroker(days),
    writeBroker,
    client: write('client.pem', keyAndCertificate(client)),
    lockedClient: write('locked-client.pem', client.lockedKey(lockedPassword) + client.certificate),
    lockedPassword,
    strangeClient: write('strange-client.pem', keyAndCertificate(stranger.issue({ commonName: 'client' }))),
  }
}
