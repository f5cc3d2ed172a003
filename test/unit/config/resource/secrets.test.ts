// Authentication, certificates, and where Secrets are read from. Their values stay secret.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { describeProblem } from '../../../../src/config/problems.ts'
import { describeSettings, shownPairs } from '../../../../src/config/show.ts'
import { certificate, load, maps, old, onlyFlow, privateKey, said, saidOf, secret } from './resources.ts'

const login = (type: string) =>
  `authentication:\n  type: ${type}\n  username: mover\n  passwordSecret:\n    secretName: login\n    password: pw\n`
const trust = 'tls:\n  trustedCertificates:\n    - secretName: ca\n      certificate: ca.crt\n'
const caSecret = secret('ca', { 'ca.crt': certificate('Q0E') })

for (const type of ['plain', 'scram-sha-256', 'scram-sha-512']) {
  test(`${type} logs in with the password of the Secret, with TLS if there is tls`, () => {
    const flow = onlyFlow(
      old({ west: login(type) + trust, east: login(type) }) + secret('login', { pw: 'hunter2' }) + caSecret,
    )
    assert.equal(flow.sourceCluster.protocol, 'SASL_SSL')
    assert.equal(flow.sourceCluster.tls?.ca, certificate('Q0E').trim())
    assert.deepEqual([flow.targetCluster.protocol, flow.targetAdmin.protocol], ['SASL_PLAINTEXT', 'SASL_PLAINTEXT'])
    for (const { sasl } of [flow.sourceCluster, flow.targetCluster, flow.sourceAdmin, flow.targetAdmin])
      assert.deepEqual(
        [sasl?.mechanism, sasl?.username, sasl?.password.reveal()],
        [type.toUpperCase(), 'mover', 'hunter2'],
      )
  })
}

test('quotes, backslashes and references in user name and password are used unchanged', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a password may look like that
  const password = 'a"b\\c\'d;${env:X}\\n'
  const text = old({ west: login('plain').replace('mover', "'o\"ne\\'") }) + secret('login', { pw: password })
  const { sasl } = onlyFlow(text).sourceCluster
  assert.deepEqual([sasl?.username, sasl?.password.reveal()], ['o"ne\\', password])
  assert.deepEqual(
    load(text).problems.filter(({ reason }) => /backslash/.test(reason)),
    [],
  )
})

test('a client certificate needs no password, and is not used without tls', () => {
  const authentication =
    'authentication:\n  type: tls\n  certificateAndKey:\n    secretName: me\n    certificate: user.crt\n    key: user.key\n'
  const me = secret('me', { 'user.crt': certificate('TUU'), 'user.key': privateKey })
  const { sourceCluster } = onlyFlow(old({ west: authentication + trust }) + me + caSecret)
  assert.deepEqual([sourceCluster.protocol, sourceCluster.tls?.certificate], ['SSL', certificate('TUU').trim()])
  assert.equal(sourceCluster.tls?.key?.reveal(), privateKey.trim())
  const plain = load(old({ west: authentication }) + me)
  assert.equal(plain.model?.flows[0]?.sourceCluster.protocol, 'PLAINTEXT')
  assert.match(saidOf(plain.problems, 'clusters[0].authentication.type'), /unencrypted.*tls: \{\}/)
})

test('tls without certificates uses the certificate authorities of Node.js', () => {
  for (const tls of ['tls: {}\n', 'tls:\n  trustedCertificates: []\n']) {
    const { sourceCluster } = onlyFlow(old({ west: tls }))
    assert.deepEqual([sourceCluster.protocol, sourceCluster.tls?.ca], ['SSL', undefined])
  }
})

test('all certificates of all entries are trusted, those of a pattern by name', () => {
  const tls =
    'tls:\n  trustedCertificates:\n    - secretName: ca\n      certificate: ca.crt\n    - secretName: more\n      pattern: "*-[0-9].{crt,pem}"\n'
  const more = {
    'b-2.pem': certificate('QjI'),
    'a-1.crt': certificate('QTE'),
    'a-1.crt.bak': 'x',
    'key-x.pem': privateKey,
  }
  const { sourceCluster } = onlyFlow(old({ west: tls }) + caSecret + secret('more', more))
  assert.deepEqual(sourceCluster.tls?.ca, [certificate('Q0E'), certificate('QTE'), certificate('QjI')].join('').trim())
  const none = load(old({ west: tls.replace('crt,pem', 'der') }) + caSecret + secret('more', more))
  assert.match(
    saidOf(none.problems, 'clusters[0].tls.trustedCertificates[1].pattern'),
    /matches no key of the Secret more, which has a-1\.crt|matches no key/,
  )
})

test('custom authentication passes only sasl. and ssl.keystore. keys', () => {
  const config =
    'authentication:\n  type: custom\n  sasl: true\n  config:\n    sasl.mechanism: PLAIN\n    sasl.jaas.config: org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="hunter2";\n    ssl.truststore.location: /x\n'
  const text = old({ west: config })
  const { sourceCluster } = onlyFlow(text)
  assert.deepEqual([sourceCluster.protocol, sourceCluster.sasl?.password.reveal()], ['SASL_PLAINTEXT', 'hunter2'])
  assert.match(
    saidOf(load(text).problems, 'clusters[0].authentication.config.ssl.truststore.location'),
    /only sasl\. and ssl\.keystore\./,
  )
  assert.equal(maps(text).MirrorSourceConnector?.['source.cluster.ssl.truststore.location'], undefined)
})

test('oauth is reported as not supported yet', () => {
  const text = old({ west: 'authentication:\n  type: oauth\n  tokenEndpointUri: https://idp\n  clientId: mm2\n' })
  const { model, problems } = load(text)
  assert.equal(model, undefined)
  assert.match(
    saidOf(problems, 'clusters[0].authentication.type'),
    /^error: is OAUTHBEARER, which is not supported yet/,
  )
  assert.equal(maps(text).MirrorSourceConnector?.['source.cluster.security.protocol'], 'SASL_PLAINTEXT')
})

const west = login('plain')
const places: readonly (readonly [name: string, text: string, inputs: Parameters<typeof load>[1]])[] = [
  ['a document of the file', old({ west }) + secret('login', { pw: 'hunter2' }), {}],
  [
    'a document without a namespace',
    old({ west }) + secret('login', { pw: 'hunter2' }).replace('  namespace: move\n', ''),
    {},
  ],
  [
    'a List in another file',
    old({ west }),
    {
      files: {
        '/k8s/all.yaml': `apiVersion: v1\nkind: List\nitems:\n${secret('login', { pw: 'hunter2' }).replace('---\n', '').replaceAll(/^/gm, '    ').replace('    apiVersion', '  - apiVersion')}`,
      },
    },
  ],
  [
    'a .yml file in the same directory',
    old({ west }),
    { files: { '/k8s/broken.yaml': 'a: [', '/k8s/s.yml': secret('login', { pw: 'hunter2' }) } },
  ],
  [
    'stringData, which overrides data',
    `${old({ west })}${secret('login', { pw: 'wrong' })}stringData:\n  pw: hunter2\n`,
    {},
  ],
  ['a mounted directory', old({ west }), { secretsDir: '/run/secrets', files: { '/run/secrets/login/pw': 'hunter2' } }],
  [
    'a mounted directory with namespaces, before documents',
    old({ west }) + secret('login', { pw: 'wrong' }),
    {
      secretsDir: '/run/secrets',
      files: { '/run/secrets/move/login/pw': 'hunter2', '/run/secrets/login/pw': 'wrong' },
    },
  ],
  [
    'the namespace of the resource',
    old({ west }) + secret('login', { pw: 'wrong' }, 'other') + secret('login', { pw: 'hunter2' }),
    {},
  ],
]
for (const [name, text, inputs] of places) {
  test(`a Secret is found in ${name}`, () => {
    assert.equal(onlyFlow(text, inputs).sourceCluster.sasl?.password.reveal(), 'hunter2')
  })
}

const reported: readonly (readonly [name: string, secrets: string, says: RegExp])[] = [
  [
    'a missing Secret',
    '',
    /needs the Secret login, which is not at hand.*kubectl get secret login -n move -o yaml.*--secrets-dir DIR/,
  ],
  [
    'two Secrets of other namespaces',
    secret('login', { pw: 'x' }, 'a') + secret('login', { pw: 'y' }, 'b'),
    /not at hand/,
  ],
  [
    'a missing key',
    secret('login', { password: 'x', user: 'y' }),
    /needs the key pw of the Secret login, but it has password, user/,
  ],
  ['an empty value', secret('login', { pw: '' }), /key pw of the Secret login, which is empty/],
  [
    'a value that is not base64',
    `${secret('login', {}).trimEnd()}\n  pw: LS0t...0tCg==\n`,
    /pw of the Secret login, which is not base64/,
  ],
  ['what is not text', `${secret('login', {}).trimEnd()}\n  pw: /////w==\n`, /which is not text/],
]
for (const [name, secrets, says] of reported) {
  test(`${name} is an error of the flow, so that the resource can still be shown`, () => {
    const { model, problems, effective } = load(old({ west }) + secrets)
    assert.equal(model, undefined)
    assert.ok(effective)
    const errors = problems.filter(({ severity }) => severity === 'error')
    assert.deepEqual(
      errors.map(({ key, stops }) => [key, stops]),
      [['clusters[0].authentication.passwordSecret.password', 'flow']],
    )
    assert.match(`${errors[0]?.reason} ${errors[0]?.remedy}`, says)
  })
}

test('every missing Secret is reported once, and unreadable files in the directory are named', () => {
  const { problems } = load(old({ west: login('plain') + trust, east: login('plain') }), {
    files: { '/k8s/odd.yaml': 'kind: Secret\n a: b' },
  })
  assert.equal(said(problems).filter((line) => /not at hand \(odd\.yaml could not be read\)/.test(line)).length, 3)
})

test('PEM without a certificate is refused, and its field is named', () => {
  const { problems } = load(old({ west: trust }) + secret('ca', { 'ca.crt': 'nothing' }))
  assert.match(saidOf(problems, 'clusters[0].tls.trustedCertificates'), /^error: holds no PEM certificate/)
})

test('a line break at the end of a password is a warning, because it is part of the password', () => {
  const text = old({ west }) + secret('login', { pw: 'hunter2\n' })
  assert.equal(onlyFlow(text).sourceCluster.sasl?.password.reveal(), 'hunter2\n')
  assert.match(
    saidOf(load(text).problems, 'clusters[0].authentication.passwordSecret.password'),
    /^warning: .*line break/,
  )
})

test('secrets are neither printed, even with secrets requested, nor part of a model or a problem', () => {
  const authentication =
    'authentication:\n  type: tls\n  certificateAndKey:\n    secretName: login\n    certificate: crt\n    key: key\n'
  const key = privateKey.replace('S0VZ', 'hunter3K')
  const inline =
    'sourceConnector:\n  config:\n    producer.override.ssl.key.password: hunter4\n    replication.factor: x\n'
  const text =
    old({ west, east: authentication + trust, connectors: inline }) +
    secret('login', { pw: 'hunter2', crt: certificate('Q0E'), key }) +
    caSecret
  const { effective, problems } = load(text)
  assert.ok(effective)
  const masked = [
    JSON.stringify(shownPairs(effective, false)),
    describeSettings(effective, false),
    problems.map(describeProblem).join(),
  ].join('\n')
  assert.doesNotMatch(masked, /hunter/)
  assert.match(masked, /\[secret\] \$\{strimzisecrets:move\/login:pw\}/)
  const open = JSON.stringify(shownPairs(effective, true))
  assert.match(open, /hunter4/)
  assert.doesNotMatch(open, /hunter[23]/, 'a value from a Secret stays a reference')
  const { model } = load(text.replace('factor: x', 'factor: 1'))
  assert.ok(model)
  assert.doesNotMatch(inspect(model, { depth: 9 }) + JSON.stringify(model), /hunter/)
})
