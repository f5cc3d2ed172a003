// TLS options and SASL authentication.
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { Failure } from '../base/failure.ts'
import type { ClusterSettings, SaslSettings } from './cluster-settings.ts'
import { scram } from './connection/scram.ts'

/** Sends one SASL message and returns the broker's reply; the mechanism is only for logs. */
type SaslExchange = (mechanism: string, bytes: Buffer) => Promise<Buffer>

/**
 * The options of node:tls for a connection to `host`. The certificate chain is always verified, the host name unless
 * ssl.endpoint.identification.algorithm is empty. SNI is sent for names, never for IP addresses (RFC 6066).
 */
export function tlsOptions(settings: ClusterSettings, host: string): ConnectionOptions {
  const tls = settings.tls ?? { verifyHostname: true }
  return {
    ...(isIP(host) === 0 && { servername: host }),
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.certificate !== undefined && { cert: tls.certificate }),
    ...(tls.key !== undefined && { key: tls.key.reveal() }),
    ...(tls.passphrase !== undefined && { passphrase: tls.passphrase.reveal() }),
    ...(tls.minVersion !== undefined && { minVersion: tls.minVersion }),
    ...(tls.maxVersion !== undefined && { maxVersion: tls.maxVersion }),
    ...(tls.ciphers !== undefined && { ciphers: tls.ciphers }),
    ...(!tls.verifyHostname && { checkServerIdentity: () => undefined }),
  }
}

/**
 * Authenticates over `exchange`, after SaslHandshake has selected the mechanism.
 * @throws Failure AUTHENTICATION_FAILED, CONFIG_INVALID (unsupported mechanism), and what `exchange` throws
 */
export async function authenticate(settings: ClusterSettings, exchange: SaslExchange): Promise<void> {
  const { alias, sasl } = settings
  if (!sasl)
    throw new Failure('CONFIG_INVALID', `cluster ${alias} uses SASL but has no credentials`, { cluster: alias })
  const send = (bytes: Buffer) => exchange(sasl.mechanism, bytes)
  try {
    await logIn(sasl, send)
  } catch (error) {
    if (!(error instanceof Failure) || error.circumstances.cluster !== undefined) throw error
    throw new Failure(error.code, `cluster ${alias}: ${error.message}`, { cluster: alias, cause: error })
  }
}

async function logIn(sasl: SaslSettings, send: (bytes: Buffer) => Promise<Buffer>): Promise<void> {
  const { mechanism, username: name } = sasl
  const password = sasl.password.reveal()
  switch (mechanism) {
    case 'PLAIN':
      await send(Buffer.from(`\0${name}\0${password}`))
      return
    case 'SCRAM-SHA-256':
      return scram('sha256', { name, password }, send)
    case 'SCRAM-SHA-512':
      return scram('sha512', { name, password }, send)
    case 'OAUTHBEARER':
      throw new Failure('CONFIG_INVALID', 'logging in with OAUTHBEARER is not supported yet', {
        remedy: 'use a listener with SCRAM-SHA-512, PLAIN or TLS client certificates',
      })
  }
}
