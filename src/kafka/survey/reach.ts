// Tests one address of a cluster: whether a connection with these settings succeeds, and which certificate the listener has.
import { connect } from 'node:tls'
import { Failure } from '../../base/failure.ts'
import type { ClusterSettings, SaslMechanism } from '../cluster-settings.ts'
import { splitAddress } from '../connection/address.ts'
import { RawConnection } from '../raw-connection.ts'
import { tlsOptions } from '../security.ts'

interface Certificate {
  /** common name, else the first subject alternative name */
  readonly name: string
  /** ms since the epoch */
  readonly validFrom: number
  readonly validTo: number
}

export interface Reached {
  /** host:port */
  readonly address: string
  /** why the connection failed: DNS, TCP, TLS or SASL */
  readonly failure?: Failure
  /** the listener accepts plaintext requests, but the settings use TLS */
  readonly speaksPlain?: true
  /** the certificate of the listener, trusted or not */
  readonly certificate?: Certificate
}

/** Connects to an address (host:port), authenticates, and closes the connection. Never throws a Failure. */
export async function reach(settings: ClusterSettings, address: string): Promise<Reached> {
  const [failure, certificate] = await Promise.all([
    failureAt(settings, address),
    settings.protocol.endsWith('SSL') ? certificateAt(settings, address) : undefined,
  ])
  const isPlain = failure && !certificate && settings.protocol.endsWith('SSL') && (await speaksPlain(settings, address))
  return {
    address,
    ...(failure && { failure }),
    ...(certificate && { certificate }),
    ...(isPlain && { speaksPlain: true }),
  }
}

/** The other SCRAM mechanism, if the same login succeeds with it. The wrong mechanism causes the same error as a wrong password. */
export async function otherMechanism(settings: ClusterSettings, address: string): Promise<SaslMechanism | undefined> {
  const others: Partial<Record<SaslMechanism, SaslMechanism>> = {
    'SCRAM-SHA-256': 'SCRAM-SHA-512',
    'SCRAM-SHA-512': 'SCRAM-SHA-256',
  }
  const mechanism = settings.sasl && others[settings.sasl.mechanism]
  if (!mechanism || !settings.sasl) return undefined
  const failure = await failureAt({ ...settings, sasl: { ...settings.sasl, mechanism } }, address)
  return failure ? undefined : mechanism
}

/** Whether the listener answers ApiVersions in plaintext, which needs no login; nothing else is sent. */
async function speaksPlain(settings: ClusterSettings, address: string): Promise<boolean> {
  const failure = await failureAt({ ...settings, protocol: 'PLAINTEXT' }, address)
  return failure === undefined
}

async function failureAt(settings: ClusterSettings, address: string): Promise<Failure | undefined> {
  try {
    const connection = await RawConnection.open(settings, { id: -1, ...splitAddress(address) })
    connection.close()
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

/** Reads the certificate without verifying it; nothing is sent over this connection. */
function certificateAt(settings: ClusterSettings, address: string): Promise<Certificate | undefined> {
  const { host, port } = splitAddress(address)
  const options = { ...tlsOptions(settings, host), rejectUnauthorized: false, checkServerIdentity: () => undefined }
  return new Promise((resolve) => {
    const socket = connect({ ...options, host, port })
    const end = (certificate?: Certificate) => {
      socket.destroy()
      resolve(certificate)
    }
    socket.setTimeout(settings.connectTimeoutMs, () => end())
    socket.once('error', () => end())
    socket.once('close', () => end())
    socket.once('secureConnect', () => {
      const { subject, subjectaltname, valid_from, valid_to } = socket.getPeerCertificate()
      const name = [subject?.CN ?? subjectaltname ?? ''].flat()[0] ?? ''
      end({ name, validFrom: Date.parse(valid_from), validTo: Date.parse(valid_to) })
    })
  })
}
