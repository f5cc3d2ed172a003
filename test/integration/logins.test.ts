// Connecting to a cluster with TLS and every kind of login.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Failure } from '../../src/base/failure.ts'
import { Secret, silentLogger } from '../../src/base/logger.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import type { ClusterSettings, SaslMechanism } from '../../src/kafka/cluster-settings.ts'
import { RawConnection } from '../../src/kafka/raw-connection.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { NEWEST } from '../harness/kafka-jars.ts'
import { operate } from '../harness/operate.ts'
import { type SecureCluster, startSecureCluster } from '../harness/secure-cluster.ts'
import { failureIn, settingsFor } from './asked.ts'

/** Kafka's SCRAM server permits only ASCII user names, also from Java's client. Passwords may contain anything. */
const awkward = { user: 'x,y=,z=2C', password: 'm\u00fcde,"=\\' }

describe('with TLS and logins', () => {
  let secure: SecureCluster
  before(async () => {
    secure = await startSecureCluster({ version: NEWEST })
    await operate(secure.admin, [
      { do: 'addUser', user: awkward.user, mechanism: 'SCRAM-SHA-512', password: awkward.password },
    ])
  })
  after(() => secure[Symbol.asyncDispose]())

  const portOf = (listener: string) => `127.0.0.1:${secure.cluster.broker.listeners[listener] ?? 0}`
  const login = (mechanism: SaslMechanism, username = 'alice', password = 'alice-secret') => ({
    sasl: { mechanism, username, password: new Secret(password) },
  })
  const trust = () => ({ tls: { ca: readFileSync(secure.files.ca, 'utf8'), verifyHostname: true } })
  const identity = () => {
    const pem = readFileSync(secure.files.client, 'utf8')
    return { tls: { ...trust().tls, certificate: pem, key: new Secret(pem) } }
  }

  /** The reason why a connection fails; undefined if it succeeds. */
  async function reach(settings: ClusterSettings): Promise<Failure | undefined> {
    await using cluster = new Cluster(settings, silentLogger)
    return await cluster.metadata([]).then(
      () => undefined,
      (error: unknown) => failureIn(error),
    )
  }

  test('every mechanism and protocol connects, also with a name and a password that need escaping', async () => {
    const ways = [
      ...(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const).flatMap((mechanism) => [
        settingsFor(portOf('SASL_PLAINTEXT'), { protocol: 'SASL_PLAINTEXT', ...login(mechanism) }),
        settingsFor(portOf('SASL_SSL'), { protocol: 'SASL_SSL', ...login(mechanism), ...trust() }),
      ]),
      settingsFor(portOf('SSL'), { protocol: 'SSL', ...identity() }),
      settingsFor(portOf('TLS'), { protocol: 'SSL', ...trust() }),
      settingsFor(portOf('SASL_PLAINTEXT'), {
        protocol: 'SASL_PLAINTEXT',
        ...login('SCRAM-SHA-512', awkward.user, awkward.password),
      }),
    ]
    for (const way of ways) {
      const failure = await reach(way)
      assert.equal(failure, undefined, `${way.protocol} ${way.sasl?.mechanism ?? ''}: ${failure?.message ?? ''}`)
      const [host = '', port = ''] = (way.bootstrapServers[0] ?? '').split(':')
      const raw = await RawConnection.open(way, { id: 1, host, port: Number(port) })
      raw.close()
    }
  })

  const wrong: readonly (readonly [title: string, way: () => ClusterSettings, code: string, remedy: RegExp])[] = [
    [
      'a wrong password',
      () =>
        settingsFor(portOf('SASL_SSL'), { protocol: 'SASL_SSL', ...login('SCRAM-SHA-512', 'alice', 'no'), ...trust() }),
      'AUTHENTICATION_FAILED',
      /user name and password in old\.sasl\.jaas\.config/,
    ],
    [
      'an unknown user',
      () => settingsFor(portOf('SASL_PLAINTEXT'), { protocol: 'SASL_PLAINTEXT', ...login('PLAIN', 'nobody') }),
      'AUTHENTICATION_FAILED',
      /old\.sasl\.jaas\.config/,
    ],
    [
      'an untrusted certificate authority',
      () => settingsFor(portOf('TLS'), { protocol: 'SSL' }),
      'TLS_FAILED',
      /old\.ssl\.truststore\.location/,
    ],
    [
      'a missing client certificate',
      () => settingsFor(portOf('SSL'), { protocol: 'SSL', ...trust() }),
      'TLS_FAILED',
      /old\.ssl\.keystore\.location/,
    ],
    [
      'TLS to a plain-text port',
      () => settingsFor(portOf('SASL_PLAINTEXT'), { protocol: 'SSL', ...trust() }),
      'BROKER_UNREACHABLE',
      /old\.security\.protocol \(now SSL\)/,
    ],
    [
      'no login at a SASL listener',
      () => settingsFor(portOf('SASL_PLAINTEXT')),
      'BROKER_UNREACHABLE',
      /security\.protocol to SASL_PLAINTEXT \(now PLAINTEXT\)/,
    ],
    [
      'TLS without login at a SASL_SSL listener',
      () => settingsFor(portOf('SASL_SSL'), { protocol: 'SSL', ...trust() }),
      'BROKER_UNREACHABLE',
      /security\.protocol to SASL_SSL \(now SSL\)/,
    ],
    [
      'a host that does not exist',
      () => settingsFor('no.such.host.invalid:9092'),
      'BROKER_UNREACHABLE',
      /old\.bootstrap\.servers/,
    ],
  ]
  for (const [title, way, code, remedy] of wrong) {
    test(`${title} is reported with its remedy, and without the secret`, async () => {
      const failure = failureIn(await reach(way()))
      assert.equal(failure.code, code, failure.message)
      assert.match(failure.remedy ?? '', remedy)
      assert.doesNotMatch(JSON.stringify(failure) + failure.message, /alice-secret/)
    })
  }

  test('a missing permission is reported with topic and operation, and nothing else fails', async () => {
    const way = settingsFor(portOf('SASL_PLAINTEXT'), { protocol: 'SASL_PLAINTEXT', ...login('PLAIN') })
    await using cluster = new Cluster(way, silentLogger)
    const made = await new Admin(cluster).createTopics([
      { name: 'x', partitions: 1, replicationFactor: 1, configs: {} },
    ])
    assert.equal(failureIn(made.get('x')).code, 'NOT_AUTHORIZED')
    assert.match(failureIn(made.get('x')).remedy ?? '', /topic x/)
    assert.equal((await cluster.metadata(['x'])).topics.get('x')?.error, 29)
  })
})

describe('with logins that expire', () => {
  let kafka: TestCluster
  before(async () => {
    const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_ann="secret";'
    kafka = await startCluster({
      version: NEWEST,
      listeners: { LOGIN: 'SASL_PLAINTEXT' },
      configs: {
        'listener.name.login.sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.login.plain.sasl.jaas.config': plain,
        'listener.name.login.connections.max.reauth.ms': '1000',
      },
    })
  })
  after(() => kafka.destroy())

  test('nothing fails when the broker ends each login after a second (KIP-368)', async () => {
    const sasl = { mechanism: 'PLAIN', username: 'ann', password: new Secret('secret') } as const
    const way = settingsFor(`127.0.0.1:${kafka.broker.listeners['LOGIN'] ?? 0}`, { protocol: 'SASL_PLAINTEXT', sasl })
    await using cluster = new Cluster(way, silentLogger)
    const end = performance.now() + 4000
    let answers = 0
    while (performance.now() < end) {
      await cluster.metadata([])
      answers++
    }
    assert.ok(answers > 20)
  })
})
