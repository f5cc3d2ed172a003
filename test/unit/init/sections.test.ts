import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import { Secret } from '../../../src/base/logger.ts'
import { initOptions } from '../../../src/cli/init/options.ts'
import { propertiesOf, propertyLine } from '../../../src/config/text.ts'
import { connectorsOfText } from '../../../src/init/connector-file.ts'
import { sectionsOfConnectors } from '../../../src/init/connectors.ts'
import { sectionsOfFile } from '../../../src/init/existing.ts'
import { newConfiguration } from '../../../src/init/new-configuration.ts'
import { filesOf } from '../../../src/init/sections.ts'
import { load } from '../config/reading.ts'

test('every written key and value is read back unchanged, whatever its characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), (key, value) => {
      fc.pre(!/[\r\n\t\f]/.test(key))
      assert.deepEqual(propertiesOf(propertyLine(key, value), 'f'), { [key]: value })
    }),
  )
})

const place = (name: string) => `/etc/${name}`

test('secrets are written to a separate file that only its owner can read; references stay', () => {
  const settings = [
    { key: 'a.sasl.jaas.config', value: 'X required password="geheim";' },
    { key: 'b.sasl.jaas.config', value: '$OLD_SASL_JAAS_CONFIG' },
    { key: 'b.ssl.key.password', value: ['$', '{env:KEY}'].join('') },
  ]
  const [open, closed] = filesOf('mm2.properties', ['head'], [{ title: 'T', settings }], place)
  assert.deepEqual([open?.mode, closed?.mode, closed?.name], [0o644, 0o600, 'mm2-credentials.properties'])
  assert.doesNotMatch(open?.text ?? '', /geheim/)
  const read = propertiesOf(open?.text ?? '', 'f')
  assert.equal(read['a.sasl.jaas.config'], `$\{file:/etc/mm2-credentials.properties:a.sasl.jaas.config}`)
  assert.equal(read['b.sasl.jaas.config'], '$OLD_SASL_JAAS_CONFIG')
  assert.equal(propertiesOf(closed?.text ?? '', 'f')['a.sasl.jaas.config'], 'X required password="geheim";')
})

const wishes = (draft: object) => ({
  source: { which: 'source' as const, alias: 'old', draft },
  target: { which: 'target' as const, alias: 'new', draft: { servers: ['b:2'] } },
  topics: '.*',
  groups: '.*',
  policy: 'identity' as const,
  replicationFactor: -1,
  syncGroups: true,
  syncAcls: false,
})

test('a missing setting is named with its cluster alias, and with an option or variable of init', () => {
  const cases: [object, string, RegExp][] = [
    [{}, 'no addresses of brokers are given for the source', /give --source-servers HOST:PORT/],
    [{ servers: ['a'] }, 'no port of a is given for the source', /give --port N/],
    [
      { servers: ['a:1'], protocol: 'SASL_SSL' },
      'no user is given for the source',
      /give --source-username NAME, or a file .* with --source$/,
    ],
    [
      { servers: ['a:1'], username: 'u' },
      'no password of u is given for the source',
      /give GODWIT_SOURCE_PASSWORD in the environment, or a file .* with --source$/,
    ],
  ]
  for (const [draft, sentence, remedy] of cases) {
    assert.throws(
      () => newConfiguration('f', [], wishes(draft), place),
      (error) => {
        assert.ok(error instanceof Failure)
        assert.deepEqual([error.code, error.message], ['USAGE', sentence])
        assert.match(error.remedy ?? '', remedy)
        for (const [option = ''] of (error.remedy ?? '').matchAll(/--[a-z-]+/g))
          assert.ok(option.slice(2) in initOptions, `init has no ${option}`)
        return true
      },
    )
  }
})

test('a password with quotes and backslashes is written so that Java reads it back', () => {
  const draft = { servers: ['a:1'], username: 'u', password: new Secret('a"b\\c') }
  const [, secrets] = newConfiguration('f.properties', [], wishes(draft), place)
  const line = propertiesOf(secrets?.text ?? '', 'f')['old.sasl.jaas.config']
  assert.match(line ?? '', /password="a\\"b\\\\c";$/)
})

test('an existing file keeps every key and value', () => {
  const text = 'clusters=a,b\na->b.enabled=true\na.bootstrap.servers=x:1\ntopics=.*\\\n  ,foo\na->b.topics = \\\\d+\n'
  const [file] = filesOf('n', [], sectionsOfFile(text, 'old.properties'), place)
  assert.deepEqual(propertiesOf(file?.text ?? '', 'n'), propertiesOf(text, 'old'))
})

const connectors = [
  {
    name: 'src',
    config: {
      'connector.class': 'org.apache.kafka.connect.mirror.MirrorSourceConnector',
      'source.cluster.alias': 'us',
      'target.cluster.alias': 'eu',
      'source.cluster.bootstrap.servers': 'us:9092',
      'target.cluster.bootstrap.servers': 'eu:9092',
      'replication.policy.class': 'IdentityReplicationPolicy',
      topics: 'orders',
    },
  },
  {
    name: 'cp',
    config: {
      'connector.class': 'MirrorCheckpointConnector',
      'source.cluster.alias': 'us',
      'target.cluster.alias': 'eu',
      'source.cluster.bootstrap.servers': 'us:9092',
      'target.cluster.bootstrap.servers': 'eu:9092',
      'replication.policy.class': 'DefaultReplicationPolicy',
      groups: 'app.*',
    },
  },
  { name: 'sink', config: { 'connector.class': 'FileStreamSinkConnector', file: '/x' } },
]

test('connectors of MirrorMaker 2 become one file, and differences between them are noted', () => {
  const [file] = filesOf('n', [], sectionsOfConnectors(connectors, 'http://connect:8083'), place)
  assert.deepEqual(propertiesOf(file?.text ?? '', 'n'), {
    clusters: 'us, eu',
    'us.bootstrap.servers': 'us:9092',
    'eu.bootstrap.servers': 'eu:9092',
    'us->eu.enabled': 'true',
    'us->eu.emit.heartbeats.enabled': 'false',
    'us->eu.replication.policy.class': 'IdentityReplicationPolicy',
    'us->eu.topics': 'orders',
    'us->eu.groups': 'app.*',
  })
  assert.match(file?.text ?? '', /# cp has DefaultReplicationPolicy here\./)
  assert.throws(() => sectionsOfConnectors(connectors.slice(2), 'http://connect:8083'), /no connector of MirrorMaker 2/)
})

test('a connector is read from its .properties and from every form of JSON that Connect accepts or returns', () => {
  const config = { 'connector.class': 'org.apache.kafka.connect.mirror.MirrorSourceConnector', topics: 'orders' }
  const lines = Object.entries({ name: 'm', ...config }).map(([key, value]) => `${key} = ${value}`)
  assert.deepEqual(connectorsOfText(lines.join('\n'), 'f'), [{ name: 'm', config: { name: 'm', ...config } }])
  const posted = { name: 'm', config }
  for (const json of [posted, [posted], { m: { info: posted } }])
    assert.deepEqual(connectorsOfText(JSON.stringify(json), 'f'), [posted])
  assert.deepEqual(connectorsOfText(JSON.stringify(config), 'f'), [{ name: 'the connector', config }])
  for (const other of ['clusters = a, b', '{', '{"a": 1}', 'kind: KafkaMirrorMaker2'])
    assert.deepEqual(connectorsOfText(other, 'f'), [])
})

test('what init writes from a connector file loads without errors, with the same source and target', () => {
  const text = [
    'name = m',
    'connector.class = MirrorSource',
    'source.cluster.alias = us',
    'target.cluster.alias = eu',
    'source.cluster.bootstrap.servers = us:9092',
    'target.cluster.bootstrap.servers = eu:9092',
    'topics = orders',
  ].join('\n')
  const [file] = filesOf('n', [], sectionsOfConnectors(connectorsOfText(text, 'f'), 'f', 'nowhere'), place)
  assert.match(file?.text ?? '', /positions of these connectors are not taken over/)
  const { model, problems } = load(file?.text ?? '')
  assert.deepEqual(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  )
  const [flow] = model?.flows.filter(({ settings }) => settings.enabled) ?? []
  assert.deepEqual([flow?.settings.name, flow?.sourceAdmin.bootstrapServers], ['us->eu', ['us:9092']])
})
