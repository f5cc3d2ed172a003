// Security protocols, credentials and certificates of clusters.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { JaasError, parseJaas } from '../../../src/config/compile/jaas.ts'
import { base, load, next, onlyFlow, said } from './reading.ts'

const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule'
const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule'
const certificate = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`
const key = '-----BEGIN PRIVATE KEY-----\nS0VZ\n-----END PRIVATE KEY-----'
const encryptedKey = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nS0VZ\n-----END ENCRYPTED PRIVATE KEY-----'
const inline = (pem: string) => pem.replaceAll('\n', '\\n')

test('each protocol requires its own settings', () => {
  assert.equal(onlyFlow(base).sourceCluster.protocol, 'PLAINTEXT')
  const { sourceCluster } = onlyFlow(
    `${base}security.protocol = sasl_ssl\nsasl.mechanism = PLAIN\nsasl.jaas.config = ${plain} required username="u" password="p";\n`,
  )
  assert.equal(sourceCluster.protocol, 'SASL_SSL')
  assert.deepEqual(
    [sourceCluster.sasl?.mechanism, sourceCluster.sasl?.username, sourceCluster.sasl?.password.reveal()],
    ['PLAIN', 'u', 'p'],
  )
  assert.deepEqual(sourceCluster.tls, { verifyHostname: true, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' })
})

test('a password is not visible when a model is printed', () => {
  const { model } = load(
    `${base}security.protocol = SASL_PLAINTEXT\nsasl.mechanism = SCRAM-SHA-256\nsasl.jaas.config = ${scram} required username="u" password="hunter2";\n`,
  )
  assert.ok(model)
  assert.ok(!JSON.stringify(model).includes('hunter2'))
  assert.ok(!inspect(model, { depth: 9 }).includes('hunter2'))
})

const refusals: readonly (readonly [name: string, lines: string, key: string, reason: RegExp, remedy: RegExp])[] = [
  [
    'Kerberos',
    'security.protocol=SASL_PLAINTEXT',
    'a.sasl.mechanism',
    /GSSAPI, which is not supported yet/,
    /PLAIN, SCRAM/,
  ],
  ['OAuth', 'security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER', 'sasl.mechanism', /OAUTHBEARER/, /SCRAM-SHA-512/],
  [
    'a mechanism in small letters',
    'security.protocol=SASL_SSL\nsasl.mechanism=scram-sha-512',
    'sasl.mechanism',
    /brokers know it as SCRAM-SHA-512/,
    /SCRAM-SHA-512/,
  ],
  [
    'a missing JAAS line',
    'security.protocol=SASL_SSL\nsasl.mechanism=PLAIN',
    'a.sasl.jaas.config',
    /missing/,
    /PlainLoginModule required/,
  ],
  [
    'a JAAS line without semicolon',
    `security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=${plain} required username="u" password="p"`,
    'sasl.jaas.config',
    /semicolon/,
    /PlainLoginModule/,
  ],
  [
    'a password that is a number',
    `security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=${plain} required username="u" password=123;`,
    'sasl.jaas.config',
    /no value for "password"/,
    /PlainLoginModule/,
  ],
  [
    'a module of another mechanism',
    `security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=${scram} required username="u" password="p";`,
    'sasl.jaas.config',
    /does not fit PLAIN/,
    /PlainLoginModule/,
  ],
  [
    'a delegation token',
    `security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config=${scram} required username="u" password="p" tokenauth=true;`,
    'sasl.jaas.config',
    /delegation token/,
    /password/,
  ],
  [
    'a JKS store',
    'security.protocol=SSL\nssl.truststore.location=/t.jks',
    'ssl.truststore.location',
    /JKS store/,
    /keytool -list -rfc -keystore \/t\.jks > \/t\.pem/,
  ],
  [
    'a PKCS12 key store',
    'security.protocol=SSL\nssl.keystore.location=/k.p12\nssl.keystore.type=PKCS12',
    'ssl.keystore.location',
    /PKCS12 store/,
    /openssl pkcs12 -in \/k\.p12/,
  ],
  [
    'PEM text under the default type',
    `security.protocol=SSL\nssl.truststore.certificates=${inline(certificate('Q0E'))}`,
    'ssl.truststore.certificates',
    /type is JKS/,
    /ssl\.truststore\.type = PEM/,
  ],
  [
    'a PEM file that does not exist',
    'security.protocol=SSL\nssl.truststore.location=/none.pem\nssl.truststore.type=PEM',
    'ssl.truststore.location',
    /cannot be read/,
    /path/,
  ],
  [
    'a PEM file without certificates',
    'security.protocol=SSL\nssl.truststore.location=/empty.pem\nssl.truststore.type=PEM',
    'ssl.truststore.location',
    /no PEM certificate/,
    /BEGIN CERTIFICATE/,
  ],
  [
    'a store password for PEM',
    'security.protocol=SSL\nssl.truststore.location=/ca.pem\nssl.truststore.type=PEM\nssl.truststore.password=x',
    'ssl.truststore.password',
    /has no password/,
    /remove it/,
  ],
  [
    'an encrypted key without password',
    'security.protocol=SSL\nssl.keystore.location=/enc.pem\nssl.keystore.type=PEM',
    'a.ssl.key.password',
    /encrypted/,
    /password/,
  ],
  [
    'an old TLS version',
    'security.protocol=SSL\nssl.enabled.protocols=TLSv1.1',
    'ssl.enabled.protocols',
    /none of which/,
    /TLSv1\.2/,
  ],
  [
    'an unknown cipher suite',
    'security.protocol=SSL\nssl.cipher.suites=TLS_NULL',
    'ssl.cipher.suites',
    /TLS_NULL/,
    /GCM/,
  ],
  [
    'an unknown host name check',
    'security.protocol=SSL\nssl.endpoint.identification.algorithm=ldaps',
    'ssl.endpoint.identification.algorithm',
    /ldaps/,
    /https/,
  ],
]

const files = {
  '/ca.pem': certificate('Q0E'),
  '/empty.pem': 'nothing',
  '/client.pem': `Bag Attributes\n${key}\n${certificate('Q0xJRU5U')}\n${certificate('Q0E')}\n`,
  '/enc.pem': `${encryptedKey}\n${certificate('Q0xJRU5U')}\n`,
}

for (const [name, lines, named, reason, remedy] of refusals) {
  test(`${name} is refused with a reason and a remedy`, () => {
    const { model, problems } = load(`${base}${lines}\n`, { files })
    assert.equal(model, undefined)
    const problem = problems.find((candidate) => candidate.key === named && candidate.severity === 'error')
    assert.ok(problem, JSON.stringify(problems))
    assert.match(problem.reason, reason)
    assert.match(problem.remedy, remedy)
    assert.deepEqual([problem.stops, problem.flow], ['flow', 'a->b'])
  })
}

test('PEM stores work from a file and inline, encrypted keys with their password', () => {
  const fromFile = onlyFlow(
    `${base}security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location=/ca.pem\nssl.keystore.type=PEM\nssl.keystore.location=/client.pem\n`,
    { files },
  )
  const { tls } = fromFile.sourceCluster
  assert.equal(tls?.ca, certificate('Q0E'))
  assert.equal(tls?.certificate, `${certificate('Q0xJRU5U')}\n${certificate('Q0E')}`)
  assert.equal(tls?.key?.reveal(), key)
  const fromText = onlyFlow(
    `${base}security.protocol=SSL\nssl.keystore.type=PEM\nssl.keystore.key=${inline(encryptedKey)}\nssl.keystore.certificate.chain=${inline(certificate('Q0xJRU5U'))}\nssl.key.password=pw\n`,
  )
  assert.equal(fromText.sourceCluster.tls?.key?.reveal(), encryptedKey)
  assert.equal(fromText.sourceCluster.tls?.passphrase?.reveal(), 'pw')
})

test('PEM text on one line, or after headers, is reformatted', () => {
  const oneLine = `-----BEGIN CERTIFICATE----- ${'Q0E='.repeat(30)} -----END CERTIFICATE-----`
  const headed = `-----BEGIN CERTIFICATE-----\nX: y\n\nQ0E=\n-----END CERTIFICATE-----`
  const { tls } = onlyFlow(
    `${base}security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.certificates=${oneLine}${inline(`\n${headed}`)}\n`,
  ).sourceCluster
  const lines = tls?.ca?.split('\n') ?? []
  assert.deepEqual(lines.slice(0, 4), [
    '-----BEGIN CERTIFICATE-----',
    'Q0E='.repeat(16),
    'Q0E='.repeat(14),
    '-----END CERTIFICATE-----',
  ])
  assert.deepEqual(lines.slice(4), ['-----BEGIN CERTIFICATE-----', 'Q0E=', '-----END CERTIFICATE-----'])
})

test('versions, cipher suites and the host name check reach the client', () => {
  const { tls } = onlyFlow(
    `${base}security.protocol=SSL\nssl.endpoint.identification.algorithm=\nssl.enabled.protocols=TLSv1.2\nssl.cipher.suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_256_CBC_SHA,TLS_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256\n`,
  ).sourceCluster
  assert.deepEqual(tls, {
    verifyHostname: false,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA:TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-CHACHA20-POLY1305',
  })
})

test('a backslash that is lost from a password is reported', () => {
  const { problems } = load(
    `${base}security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=${plain} required username="u" password="a\\\\b";\n`,
  )
  assert.match(said(problems, next + 2).join(), /warning sasl\.jaas\.config has a backslash in its password/)
})

test('a JAAS line is read by its grammar, and no message quotes a value', () => {
  const { name, options } = parseJaas(`${plain} Required // comment\n username='a b' /* x */ password="\\101\\"";`)
  assert.deepEqual(
    [name, [...options]],
    [
      plain,
      [
        ['username', 'a b'],
        ['password', 'A"'],
      ],
    ],
  )
  for (const line of [
    '',
    plain,
    `${plain} maybe a=b;`,
    `${plain} required password=hunter2`,
    `${plain} required password hunter2;`,
    `${plain} required;${plain} required;`,
  ]) {
    assert.throws(
      () => parseJaas(line),
      (error) => error instanceof JaasError && !error.message.includes('hunter2'),
    )
  }
})
