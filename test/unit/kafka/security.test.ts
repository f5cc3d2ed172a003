// TLS options and the choice of the login. The SCRAM messages are tested in scram.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { Secret } from '../../../src/base/logger.ts'
import type { ClusterSettings, SaslMechanism, TlsSettings } from '../../../src/kafka/cluster-settings.ts'
import { authenticate, tlsOptions } from '../../../src/kafka/security.ts'

function settings(parts: { tls?: TlsSettings; mechanism?: SaslMechanism } = {}): ClusterSettings {
  const sasl = parts.mechanism && {
    sasl: { mechanism: parts.mechanism, username: 'J\u00fcrgen', password: new Secret('a,b=\u00e9') },
  }
  return {
    alias: 'old',
    bootstrapServers: ['a:1'],
    clientId: 'c',
    protocol: 'SASL_SSL',
    connectTimeoutMs: 1,
    requestTimeoutMs: 1,
    ...sasl,
    ...(parts.tls && { tls: parts.tls }),
  }
}

test('a host name is sent as SNI and verified; an address is never sent as SNI', () => {
  assert.deepEqual(tlsOptions(settings(), 'broker.example'), { servername: 'broker.example' })
  assert.deepEqual(tlsOptions(settings(), '10.0.0.1'), {})
  assert.deepEqual(tlsOptions(settings(), '::1'), {})
})

test('a wrong host name is accepted only if the file disables the check; the chain is always verified', () => {
  const off = tlsOptions(settings({ tls: { verifyHostname: false } }), 'x')
  assert.equal(off.checkServerIdentity?.('x', {} as never), undefined)
  assert.equal(off.rejectUnauthorized, undefined)
  assert.equal(tlsOptions(settings({ tls: { verifyHostname: true } }), 'x').checkServerIdentity, undefined)
})

test('every TLS setting is passed to node:tls, and secrets are revealed only there', () => {
  const tls: TlsSettings = {
    ca: 'CA',
    certificate: 'CERT',
    key: new Secret('KEY'),
    passphrase: new Secret('PASS'),
    verifyHostname: true,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: 'X',
  }
  assert.deepEqual(tlsOptions(settings({ tls }), '10.0.0.1'), {
    ...{ ca: 'CA', cert: 'CERT', key: 'KEY', passphrase: 'PASS' },
    ...{ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ciphers: 'X' },
  })
})

test('PLAIN sends user and password as UTF-8 after zero bytes', async () => {
  const sent: Buffer[] = []
  await authenticate(settings({ mechanism: 'PLAIN' }), (mechanism, bytes) => {
    assert.equal(mechanism, 'PLAIN')
    sent.push(bytes)
    return Promise.resolve(Buffer.alloc(0))
  })
  assert.deepEqual(sent, [Buffer.from('\0J\u00fcrgen\0a,b=\u00e9')])
})

test("the broker's answer to a login is returned unchanged; our own refusals name the cluster", async () => {
  const refusal = new Failure('AUTHENTICATION_FAILED', 'no', { cluster: 'old' })
  const plain = settings({ mechanism: 'PLAIN' })
  await assert.rejects(
    authenticate(plain, () => Promise.reject(refusal)),
    (error) => error === refusal,
  )
  const login = authenticate(settings({ mechanism: 'SCRAM-SHA-256' }), () => Promise.resolve(Buffer.from('r=x')))
  await assert.rejects(login, /cluster old: SCRAM login failed/)
})

test('missing credentials and an unsupported mechanism are refused before anything is sent', async () => {
  const never = () => assert.fail('nothing may be sent')
  await assert.rejects(authenticate(settings(), never), /cluster old uses SASL but has no credentials/)
  await assert.rejects(authenticate(settings({ mechanism: 'OAUTHBEARER' }), never), /OAUTHBEARER is not supported yet/)
})
