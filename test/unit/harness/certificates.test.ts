// Certificates of the harness, checked by Node's TLS.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { Authority, type Issued } from '../../harness/certificates.ts'

const authority = new Authority('authority')

/** Makes a TLS handshake. @returns the error code, or the client name that the server saw */
async function handshake(broker: Issued, ca: string, client?: Issued): Promise<string> {
  const server = createServer({
    cert: broker.certificate,
    key: broker.key,
    ca: authority.certificate,
    requestCert: true,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const seen = new Promise<string>((resolve) => {
    server.once('secureConnection', (socket: TLSSocket) => resolve(`${socket.getPeerCertificate().subject?.CN}`))
    server.on('tlsClientError', () => {})
  })
  const own = client ? { cert: client.certificate, key: client.key } : {}
  const socket = connect({ port, host: '127.0.0.1', ca, ...own })
  const refused = once(socket, 'secureConnect').then(
    () => seen,
    (error: NodeJS.ErrnoException) => `${error.code}`,
  )
  const outcome = await refused
  socket.destroy()
  server.close()
  return outcome
}

test("a client trusts certificates of the authority, and the broker gets the client's name", async () => {
  const client = authority.issue({ commonName: 'client' })
  assert.equal(await handshake(authority.issue({ commonName: 'broker' }), authority.certificate, client), 'client')
})

test('another authority, another host and an expired certificate are refused', async () => {
  const good = authority.issue({ commonName: 'broker' })
  assert.match(await handshake(good, new Authority('authority').certificate), /SIGNATURE|VERIFY|ISSUER/)
  const elsewhere = authority.issue({ commonName: 'broker', hosts: ['kafka.example'] })
  assert.equal(await handshake(elsewhere, authority.certificate), 'ERR_TLS_CERT_ALTNAME_INVALID')
  const expired = authority.issue({ commonName: 'broker', days: -1 })
  assert.equal(await handshake(expired, authority.certificate), 'CERT_HAS_EXPIRED')
})

test('an issued certificate has its hosts and matches its key, also when the key is encrypted', () => {
  const issued = authority.issue({ commonName: 'x', hosts: ['a.example', '10.0.0.1'] })
  const certificate = new X509Certificate(issued.certificate)
  assert.equal(certificate.subjectAltName, 'DNS:a.example, IP Address:10.0.0.1')
  assert.ok(certificate.verify(new X509Certificate(authority.certificate).publicKey))
  assert.match(issued.lockedKey('secret'), /BEGIN ENCRYPTED PRIVATE KEY/)
})
