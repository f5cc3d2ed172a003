// SCRAM-SHA-256 and SCRAM-SHA-512 as Kafka implements them (RFC 5802, RFC 7677): no channel binding, no SASLprep, plain UTF-8.
// The client library's own implementation is not used: it escapes only the first comma of a user name, and throws from a socket event
// on a malformed response.
import { promisify } from 'node:util'
import { Failure } from '../../base/failure.ts'

export type ScramHash = 'sha256' | 'sha512'

/** An import statement would evaluate all exports, and so load WebCrypto. */
const { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } = process.getBuiltinModule('node:crypto')
const derive = promisify(pbkdf2)
/** The minimum of RFC 7677 and Kafka; with fewer iterations a fake server could brute-force the password cheaply. */
const MIN_ITERATIONS = 4096
/** Limits the CPU time that a server can cause. */
const MAX_ITERATIONS = 10_000_000
const GS2_HEADER = 'n,,'

interface ServerFirst {
  readonly nonce: string
  readonly salt: Buffer
  readonly iterations: number
}

/**
 * Authenticates with SCRAM over any transport: `exchange` sends one message and returns the server's reply.
 * @param nonce printable ASCII without comma; only tests pass it
 * @throws Failure AUTHENTICATION_FAILED if the reply is malformed, or the server cannot prove that it knows the password
 */
export async function scram(
  hash: ScramHash,
  user: { readonly name: string; readonly password: string },
  exchange: (bytes: Buffer) => Promise<Buffer>,
  nonce = randomBytes(24).toString('base64url'),
): Promise<void> {
  const firstBare = `n=${escapeName(user.name)},r=${nonce}`
  const serverFirst = (await exchange(Buffer.from(GS2_HEADER + firstBare))).toString()
  const first = readServerFirst(serverFirst, nonce)
  const finalBare = `c=${Buffer.from(GS2_HEADER).toString('base64')},r=${first.nonce}`
  const signed = `${firstBare},${serverFirst},${finalBare}`
  const keyLength = hash === 'sha256' ? 32 : 64
  const salted = await derive(user.password, first.salt, first.iterations, keyLength, hash)
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest()
  const clientKey = hmac(salted, 'Client Key')
  const signature = hmac(createHash(hash).update(clientKey).digest(), signed)
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)))
  const serverFinal = await exchange(Buffer.from(`${finalBare},p=${proof.toString('base64')}`))
  checkServerFinal(serverFinal.toString(), hmac(hmac(salted, 'Server Key'), signed))
}

/** `,` and `=` are delimiters in SCRAM messages. */
function escapeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

function readServerFirst(text: string, ourNonce: string): ServerFirst {
  const fields = fieldsOf(text)
  const refusal = fields.get('e')
  if (refusal !== undefined) throw refused(`the server returned ${refusal}`)
  const nonce = fields.get('r') ?? ''
  const salt = Buffer.from(fields.get('s') ?? '', 'base64')
  const iterations = Number(fields.get('i'))
  if (!nonce.startsWith(ourNonce) || nonce.length === ourNonce.length)
    throw refused('the server returned a wrong nonce')
  if (salt.length === 0) throw refused('the server sent no salt')
  if (!Number.isInteger(iterations) || iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
    throw refused(
      `the server requests ${fields.get('i') ?? 'no'} iterations; allowed are ${MIN_ITERATIONS} to ${MAX_ITERATIONS}`,
    )
  }
  return { nonce, salt, iterations }
}

function checkServerFinal(text: string, expected: Buffer): void {
  const fields = fieldsOf(text)
  const refusal = fields.get('e')
  if (refusal !== undefined) throw refused(`the server returned ${refusal}`)
  const signature = Buffer.from(fields.get('v') ?? '', 'base64')
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
    throw refused('the server could not prove that it knows the password')
  }
}

function fieldsOf(text: string): Map<string, string> {
  return new Map(text.split(',').map((field) => [field.slice(0, 1), field.slice(2)]))
}

function refused(why: string): Failure {
  return new Failure('AUTHENTICATION_FAILED', `SCRAM login failed: ${why}`)
}
