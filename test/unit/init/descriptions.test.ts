import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { type ClusterDraft, mergedDrafts, protocolOf } from '../../../src/init/cluster-draft.ts'
import { draftsOf } from '../../../src/init/descriptions.ts'

/** A merged draft as plain values, with secrets revealed and without empty parts. */
function read(...texts: string[]): Record<string, unknown> {
  const draft = mergedDrafts(texts.flatMap((text) => draftsOf(text, 'file')))
  const entries = Object.entries({ ...draft, password: draft.password?.reveal(), key: draft.key?.reveal() })
  const isEmpty = (value: unknown) =>
    value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
  return Object.fromEntries(entries.filter(([, value]) => !isEmpty(value)))
}

const relation = (data: string) => `
data-integrator/0:
  workload-version: "1"
  opened-ports: []
  charm: ch:amd64/jammy/data-integrator-27
  leader: true
  relation-info:
  - relation-id: 2
    endpoint: data-integrator-peers
    related-endpoint: data-integrator-peers
    application-data: {username: nobody}
  - relation-id: 7
    endpoint: postgresql
    related-endpoint: database
    application-data:
      endpoints: 10.1.1.9:5432
      username: relation-9
      password: wrong
  - relation-id: 4
    endpoint: kafka
    related-endpoint: kafka-client
    application-data:
${data.replaceAll(/^/gm, '      ')}
  provider-id: data-integrator-0
`
const open = `endpoints: 10.1.1.1:9092,10.1.1.2:9092
data: '{"extra-user-roles": "admin", "topic": "default"}'
username: relation-8
password: "12345678901234567890"
tls: disabled
topic: default`

test('the Kafka relation of a Juju unit is used, whatever other relations it has; numbers stay text', () => {
  assert.deepEqual(read(relation(open)), {
    servers: ['10.1.1.1:9092', '10.1.1.2:9092'],
    protocol: 'SASL_PLAINTEXT',
    mechanism: 'SCRAM-SHA-512',
    username: 'relation-8',
    password: '12345678901234567890',
    from: ['Juju, data-integrator/0'],
  })
})

test('with TLS the authority is taken over, and a user without admin is reported as insufficient', () => {
  const found = read(
    relation(`endpoints: k:9093
data: '{"extra-user-roles": "producer,consumer"}'
username: u
password: p
tls: enabled
tls-ca: |
  -----BEGIN CERTIFICATE-----
  MII
  -----END CERTIFICATE-----`),
  )
  assert.equal(found['protocol'], 'SASL_SSL')
  assert.match(String(found['ca']), /^-----BEGIN CERTIFICATE-----\nMII/)
  assert.match(String(found['notes']), /roles producer,consumer: without admin/)
})

test('a Juju secret with user and password is requested by its id, and read from show-secret', () => {
  const unit = relation('endpoints: k:9092\ntls: disabled\nsecret-user: secret://9f0c/cq1a2b3c4d')
  assert.match(String(read(unit)['notes']), /juju show-secret --reveal cq1a2b3c4d/)
  const secret = 'cq1a2b3c4d:\n  revision: 1\n  owner: kafka\n  content:\n    password: pw\n    username: relation-8\n'
  const { username, password, servers } = read(unit, secret)
  assert.deepEqual([username, password, servers], ['relation-8', 'pw', ['k:9092']])
})

test('the output of get-credentials is read in all its forms, and lines of Juju before it are skipped', () => {
  const kafka = 'endpoints: "10.123.8.133:19092"\nusername: relation-27\npassword: pw\ntls: disabled'
  const bare = `kafka:\n${kafka.replaceAll(/^/gm, '  ')}\nok: "True"`
  const talk = 'Running operation 7 with 1 task\n  - task 8 on unit-data-integrator-0\n\nWaiting for task 8...\n'
  const wrapped = `unit-data-integrator-0:\n  UnitId: data-integrator/0\n  results:\n    kafka:\n${kafka.replaceAll(/^/gm, '      ')}\n  status: completed`
  const json = JSON.stringify({
    'data-integrator/0': {
      id: '8',
      results: { kafka: { endpoints: '10.123.8.133:19092', username: 'relation-27', password: 'pw', tls: 'disabled' } },
      'return-code': 0,
    },
  })
  for (const text of [bare, talk + bare, wrapped, json, talk + json]) {
    const { servers, username, password } = read(text)
    assert.deepEqual([servers, username, password], [['10.123.8.133:19092'], 'relation-27', 'pw'], text)
  }
})

const base64 = (text: string) => Buffer.from(text).toString('base64')

test('KafkaUser, its Secret and the Secret of the cluster authority are combined', () => {
  const user = `apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaUser
metadata: {name: mm2-credentials, labels: {eventstreams.ibm.com/cluster: origin}}
spec: {authentication: {type: scram-sha-512}}`
  const secret = `kind: Secret\nmetadata: {name: mm2-credentials}\ndata: {password: ${base64('pw')}}`
  const authority = `kind: Secret\nmetadata: {name: origin-cluster-ca-cert}\ndata: {ca.crt: ${base64('PEM')}}`
  const { username, password, mechanism, ca, tls } = read([user, secret, authority].join('\n---\n'))
  assert.deepEqual([username, password, mechanism, ca, tls], ['mm2-credentials', 'pw', 'SCRAM-SHA-512', 'PEM', true])
  const listed = JSON.stringify({
    kind: 'List',
    items: [{ kind: 'Secret', metadata: { name: 's' }, stringData: { password: 'x' } }],
  })
  assert.equal(read(listed)['password'], 'x')
})

test('a user with a certificate needs no password', () => {
  const secret = `kind: Secret\nmetadata: {name: app}\ndata: {ca.crt: ${base64('users CA')}, user.crt: ${base64('C')}, user.key: ${base64('K')}}`
  const draft = mergedDrafts(draftsOf(secret, 'f'))
  // Its authority signs users. The authority of the brokers is in another Secret.
  assert.deepEqual([draft.certificate, draft.key?.reveal(), draft.ca, protocolOf(draft)], ['C', 'K', undefined, 'SSL'])
})

test('servers may be one per line, with commas, blanks and comments', () => {
  assert.deepEqual(
    read('# brokers\nvelo-01.kafka.cloudkafka.com\nvelo-02.kafka.cloudkafka.com:9094, 10.0.0.1:9092\n')['servers'],
    ['velo-01.kafka.cloudkafka.com', 'velo-02.kafka.cloudkafka.com:9094', '10.0.0.1:9092'],
  )
})

test('the servers of a client.properties are used and all other keys kept', () => {
  const { servers, protocol, keys } = read(
    'bootstrap.servers=a:1,b:2\nsecurity.protocol=SSL\nssl.truststore.location=/t.p12\n',
  )
  assert.deepEqual([servers, protocol, keys], [['a:1', 'b:2'], 'SSL', { 'ssl.truststore.location': '/t.p12' }])
})

test('unrecognized input is refused with a list of the accepted kinds', () => {
  for (const text of ['', 'hello world, this is a letter', '{"a": 1}', ': : :', 'kind: Deployment']) {
    assert.throws(
      () => draftsOf(text, 'notes.txt'),
      (error: unknown) => error instanceof Failure && /show-unit/.test(error.remedy ?? ''),
    )
  }
})

test('the security protocol follows from the given values, unless it is given', () => {
  const cases: [ClusterDraft, string][] = [
    [{}, 'PLAINTEXT'],
    [{ tls: true }, 'SSL'],
    [{ username: 'u' }, 'SASL_PLAINTEXT'],
    [{ username: 'u', ca: 'PEM' }, 'SASL_SSL'],
    [{ username: 'u', certificate: 'C' }, 'SSL'],
    [{ username: 'u', protocol: 'sasl_ssl' }, 'SASL_SSL'],
  ]
  for (const [draft, protocol] of cases) assert.equal(protocolOf(draft), protocol)
})
