// The connector maps that the operator derives from a resource, their precedence, and warnings about keys without the expected
// effect.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of configuration files look like that
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fresh, lineOf, load, maps, old, onlyFlow, said, saidOf } from './resources.ts'

const connector = (config: string, more = '') =>
  `sourceConnector:\n  config:\n${config.replaceAll(/^(?=.)/gm, '    ')}\ncheckpointConnector: {}\n${more}`

test('a connector is created only if its object exists; {} gives its defaults', () => {
  const only = maps(old({ connectors: 'sourceConnector: {}\n' }))
  assert.deepEqual(Object.keys(only), ['source', 'target', 'MirrorSourceConnector'])
  const all = maps(old({ mirror: 'heartbeatConnector: {}\n' }))
  assert.equal(all.MirrorHeartbeatConnector?.['name'], 'west->east.MirrorHeartbeatConnector')
  assert.equal(
    all.MirrorHeartbeatConnector?.['connector.class'],
    'org.apache.kafka.connect.mirror.MirrorHeartbeatConnector',
  )
})

test('only the listed mirrors run, without heartbeats in the opposite direction', () => {
  const { effective } = load(old())
  assert.deepEqual(
    effective?.pairs.map(({ source, target }) => [source, target]),
    [['west', 'east']],
  )
  assert.equal(effective?.pairs[0]?.connector.get('emit.heartbeats.enabled')?.text, 'false')
  const beating = load(old({ mirror: 'heartbeatConnector: {}\n' })).effective?.pairs[0]
  assert.equal(beating?.connector.get('emit.heartbeats.enabled'), undefined)
})

test('a mirror without a source connector copies nothing, which is reported', () => {
  const { model, problems } = load(old({ connectors: 'checkpointConnector: {}\n' }))
  assert.deepEqual(model?.flows, [])
  assert.match(saidOf(problems, 'mirrors[0]'), /^warning: has no sourceConnector, so nothing is copied/)
  const empty = load(old({ connectors: 'sourceConnector:\n' }))
  assert.deepEqual(empty.model?.flows, [])
  assert.match(saidOf(empty.problems, 'mirrors[0].sourceConnector'), /nothing behind it.*sourceConnector: \{\}/)
})

for (const [state, copies] of [
  ['state: running\n', true],
  ['state: paused\n', false],
  ['state: stopped\n', false],
  ['pause: true\n', false],
  ['pause: false\n', true],
  ['pause: true\nstate: running\n', true],
] as const) {
  test(`${state.trim().replaceAll('\n', ', ')} ${copies ? 'copies' : 'does not copy'}`, () => {
    const { model, problems } = load(old({ connectors: `sourceConnector:\n${state.replaceAll(/^(?=.)/gm, '  ')}` }))
    assert.equal(model?.flows.length, copies ? 1 : 0)
    assert.equal(/keeps the connector from working/.test(said(problems).join()), !copies)
  })
}

test('later layers win: clusters, then config of the connector, then patterns, then rack', () => {
  const spec = 'rack:\n  topologyKey: zone\n'
  const text = old({
    spec,
    west: 'config:\n  security.protocol: SSL\n  ssl.protocol: TLSv1.3\n',
    connectors: connector(
      'source.cluster.ssl.protocol: TLSv1.2\ntopics: mine\nconsumer.client.rack: own\nreplication.factor: 7',
    ),
    mirror: 'topicsPattern: "shop.*"\ngroupsExcludePattern: x\n',
  })
  const source = maps(text, { environment: { GODWIT_CLIENT_RACK: 'zone-1' } }).MirrorSourceConnector ?? {}
  assert.equal(source['source.cluster.security.protocol'], 'SSL')
  assert.equal(source['source.cluster.ssl.protocol'], 'TLSv1.2')
  assert.equal(source['topics'], 'shop.*')
  assert.equal(source['groups.exclude'], 'x')
  assert.equal(source['consumer.client.rack'], '${strimzienv:GODWIT_CLIENT_RACK}')
  const flow = onlyFlow(text, { environment: { GODWIT_CLIENT_RACK: 'zone-1' } })
  assert.equal(flow.settings.fetch.rack, 'zone-1')
  assert.equal(flow.settings.replicationFactor, 7)
})

test('with an unknown rack the connector keeps its own, with a warning', () => {
  const text = old({ spec: 'rack:\n  topologyKey: zone\n', connectors: connector('consumer.client.rack: own') })
  assert.equal(onlyFlow(text).settings.fetch.rack, 'own')
  assert.match(saidOf(load(text).problems, 'rack'), /GODWIT_CLIENT_RACK/)
  const named = text.replace('topologyKey: zone', 'type: environment-variable\n    envVarName: ZONE')
  assert.equal(onlyFlow(named, { environment: { ZONE: 'z2' } }).settings.fetch.rack, 'z2')
})

test('patterns reach every connector; deprecated ones only in the old layout without newer ones', () => {
  const pair = maps(
    old({ mirror: 'topicsPattern: t\ntopicsBlacklistPattern: b\ngroupsBlacklistPattern: g\nheartbeatConnector: {}\n' }),
  )
  for (const map of [pair.MirrorSourceConnector, pair.MirrorCheckpointConnector, pair.MirrorHeartbeatConnector])
    assert.deepEqual([map?.['topics'], map?.['topics.exclude'], map?.['groups.exclude']], ['t', 'b', 'g'])
  const both = maps(old({ mirror: 'topicsExcludePattern: e\ntopicsBlacklistPattern: b\n' }))
  assert.equal(both.MirrorSourceConnector?.['topics.exclude'], 'e')
})

test('scalars become text as Kubernetes prints them', () => {
  const source =
    maps(
      old({
        connectors: connector(
          'sync.topic.acls.enabled: no\nsync.topic.configs.enabled: "false"\nrefresh.topics.interval.seconds: 6_0\nemit.offset-syncs.enabled: True\nadmin.timeout.ms: 6e4\ntopics: "0600"',
        ),
      }),
    ).MirrorSourceConnector ?? {}
  assert.deepEqual(
    [
      'sync.topic.acls.enabled',
      'sync.topic.configs.enabled',
      'refresh.topics.interval.seconds',
      'emit.offset-syncs.enabled',
      'admin.timeout.ms',
      'topics',
    ].map((key) => source[key]),
    ['false', 'false', '60', 'true', '60000', '0600'],
  )
})

test('anchors and merges are resolved', () => {
  const text = old({
    connectors:
      'sourceConnector:\n  config: &common\n    replication.policy.separator: _\n    replication.factor: 5\ncheckpointConnector:\n  config:\n    <<: *common\n    replication.factor: 6\n',
  })
  assert.equal(maps(text).MirrorCheckpointConnector?.['replication.policy.separator'], '_')
  assert.equal(maps(text).MirrorCheckpointConnector?.['replication.factor'], '6')
})

test('tasksMax overrides: keys that the operator sets itself are removed in any letter case', () => {
  const text = old({
    connectors:
      'sourceConnector:\n  tasksMax: 4\n  config:\n    Tasks.Max: 9\n    NAME: x\n    connector.class: y\n    connector.plugin.version: z\n',
  })
  const source = maps(text).MirrorSourceConnector ?? {}
  assert.deepEqual(
    [source['tasks.max'], source['name'], source['Tasks.Max'], source['NAME']],
    ['4', 'west->east.MirrorSourceConnector', undefined, undefined],
  )
  assert.match(
    saidOf(load(text).problems, 'mirrors[0].sourceConnector.config.Tasks.Max'),
    /dropped by the operator \| write tasksMax/,
  )
  assert.equal(maps(old()).MirrorSourceConnector?.['tasks.max'], undefined)
})

test('group and storage topics are removed from connectors in the old layout, and kept in the new one', () => {
  const config = 'config:\n  group.id: g\n  config.storage.topic: c\n'
  assert.equal(maps(old({ east: config })).MirrorSourceConnector?.['target.cluster.group.id'], undefined)
  const text = fresh({ target: config })
  assert.equal(maps(text).MirrorSourceConnector?.['target.cluster.group.id'], 'g')
  assert.equal(onlyFlow(text).settings.groupId, 'bridge-group')
  assert.match(saidOf(load(text).problems, 'target.config.group.id'), /target\.groupId is what counts/)
})

test('forbidden keys are removed only from the worker, and override derived ones in the connectors', () => {
  const text = old({
    east: 'config:\n  bootstrap.servers: other:1\n  SSL.Protocol: x\n  rest.port: 1\n  ssl.endpoint.identification.algorithm: ""\n  producer.linger.ms: 5\n',
  })
  const { effective, problems } = load(text)
  const [pair] = effective?.pairs ?? []
  assert.equal(pair?.worker.get('bootstrap.servers')?.text, 'east:9092')
  assert.equal(pair?.worker.get('SSL.Protocol'), undefined)
  assert.equal(pair?.worker.get('rest.port'), undefined)
  assert.equal(pair?.worker.get('ssl.endpoint.identification.algorithm')?.text, '')
  assert.equal(pair?.worker.get('producer.linger.ms')?.text, '5')
  assert.equal(pair?.connector.get('target.cluster.bootstrap.servers')?.text, 'other:1')
  assert.match(saidOf(problems, 'clusters[1].config.bootstrap.servers'), /beats, in the connectors/)
  assert.match(saidOf(problems, 'clusters[1].config.rest.port'), /ignored by the operator/)
  assert.equal(saidOf(problems, 'clusters[1].config.ssl.endpoint.identification.algorithm'), '')
  const flow = onlyFlow(text)
  assert.deepEqual(
    [flow.targetCluster.bootstrapServers, flow.targetAdmin.bootstrapServers],
    [['east:9092'], ['other:1']],
  )
})

test('keys of a source that reach no client are warnings', () => {
  const { problems } = load(
    old({ west: 'config:\n  request.timeout.ms: 1\n  consumer.fetch.min.bytes: 2\n  ssl.protocol: TLSv1.3\n' }),
  )
  assert.match(
    saidOf(problems, 'clusters[0].config.request.timeout.ms'),
    /only connection keys.*write consumer\.request\.timeout\.ms into the config of sourceConnector/,
  )
  assert.match(
    saidOf(problems, 'clusters[0].config.consumer.fetch.min.bytes'),
    /write consumer\.fetch\.min\.bytes into/,
  )
  assert.equal(saidOf(problems, 'clusters[0].config.ssl.protocol'), '')
})

test('connector keys that are misspelt, misplaced or overridden are warnings', () => {
  const text = old({
    mirror: 'topicsPattern: t\n',
    connectors: connector(
      'replication.facter: 1\nsync.group.offsets.enabled: true\ntopics: mine\noffset.flush.interval.ms: 1\nconsumer.override.fetch.min.bytes: 1',
    ),
  })
  const { problems } = load(text)
  const of = (key: string) => saidOf(problems, `mirrors[0].sourceConnector.config.${key}`)
  assert.match(of('replication.facter'), /did you mean replication\.factor\?/)
  assert.match(of('sync.group.offsets.enabled'), /belongs to checkpointConnector, and connectors inherit nothing/)
  assert.match(of('topics'), /no effect: mirrors\[0\]\.topicsPattern on line \d+ beats it/)
  assert.match(of('offset.flush.interval.ms'), /write into the config of the target: offset\.flush\.interval\.ms/)
  assert.match(of('consumer.override.fetch.min.bytes'), /write source\.consumer\.fetch\.min\.bytes/)
})

test('settings that must agree between source and checkpoint connector are compared', () => {
  const { problems } = load(
    old({ connectors: connector('replication.policy.separator: _\noffset-syncs.topic.location: source') }),
  )
  assert.match(
    saidOf(problems, 'mirrors[0].sourceConnector.config.replication.policy.separator'),
    /same in sourceConnector and checkpointConnector.*only in one/,
  )
  assert.equal(
    saidOf(problems, 'mirrors[0].sourceConnector.config.offset-syncs.topic.location'),
    '',
    'the default may be omitted',
  )
})

test('a periodic task has the settings of its own connector, and inherits none', () => {
  const text = old({
    connectors:
      'sourceConnector:\n  config:\n    groups: from-source\n    replication.factor: 3\ncheckpointConnector:\n  config:\n    groups: from-checkpoint\n    replication.factor: 4\n    emit.checkpoints.interval.seconds: 7\n',
  })
  const connector = load(text).effective?.pairs[0]?.connector
  assert.equal(connector?.get('groups')?.text, 'from-checkpoint')
  assert.equal(connector?.get('replication.factor')?.text, '3')
  assert.equal(connector?.get('emit.checkpoints.interval.seconds')?.text, '7')
  const without = load(old({ connectors: 'sourceConnector:\n  config:\n    groups: x\n' })).effective?.pairs[0]
    ?.connector
  assert.equal(without?.get('groups'), undefined)
  assert.equal(without?.get('emit.checkpoints.enabled')?.text, 'false')
})

test('values are checked as by Connect, with the line of the value', () => {
  const text = old({
    connectors: connector('replication.factor: many\ntopics: "a,,b"'),
    east: 'config:\n  offset.flush.interval.ms: soon\n',
  })
  const { model, problems } = load(text)
  assert.equal(model, undefined)
  for (const part of ['replication.factor:', 'topics:', 'offset.flush.interval.ms:']) {
    const line = lineOf(text, part)
    assert.ok(
      problems.some((problem) => problem.severity === 'error' && problem.line === line),
      part,
    )
  }
})

test("godwit's own keys are valid in the config of the source connector or of the target", () => {
  const text = old({
    connectors: connector('godwit.on.gap: stop'),
    east: 'config:\n  godwit.on.gap: continue\n  godwit.on.doubt: stop\n',
  })
  const { settings } = onlyFlow(text)
  assert.deepEqual([settings.onGap, settings.onDoubt], ['stop', 'stop'])
  assert.deepEqual(said(load(text).problems), said(load(old()).problems))
})

test('process keys are valid in the config of the target', () => {
  const text = old({ east: 'config:\n  godwit.metrics.partitions: false\n  godwit.metrics.families: jmx\n' })
  const { model, problems } = load(text)
  assert.deepEqual(model?.process.metrics, { families: ['jmx'], partitions: false })
  assert.deepEqual(said(problems), said(load(old()).problems))
})

test('client ids are those of the operator', () => {
  const { sourceCluster, targetCluster, targetAdmin } = onlyFlow(old())
  assert.equal(sourceCluster.clientId, 'west->east|west->east.MirrorSourceConnector-0|replication-consumer')
  assert.equal(targetCluster.clientId, 'connector-producer-west->east.MirrorSourceConnector-0')
  assert.equal(targetAdmin.clientId, 'west->east|west->east.MirrorSourceConnector|replication-target-admin')
})

test("references in a config are resolved by the operator's providers and those of the target", () => {
  const declared =
    'config:\n  config.providers: secrets, env\n  config.providers.secrets.class: io.strimzi.kafka.KubernetesSecretConfigProvider\n  config.providers.env.class: org.apache.kafka.common.config.provider.EnvVarConfigProvider\n  offset.flush.interval.ms: ${env:FLUSH}\n'
  const text = old({
    east: declared,
    connectors: connector(
      'topics: ${secrets:move/lists:topics}\ntopics.exclude: ${strimzienv:OUT}\nreplication.factor: ${strimzidir:/etc/rf:value}',
    ),
  })
  const beside = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: lists\nstringData:\n  topics: shop.*\n'
  const { settings } = onlyFlow(text, {
    environment: { OUT: 'none', FLUSH: '777' },
    files: { '/k8s/lists.yml': beside, '/etc/rf/value': '2' },
  })
  assert.ok(settings.topics.include.some((pattern) => pattern.test('shop.orders')))
  assert.deepEqual([settings.replicationFactor, settings.offsetFlushIntervalMs], [2, 777])
  const shown = maps(text, { files: { '/k8s/lists.yml': beside } }).MirrorSourceConnector
  assert.equal(shown?.['topics'], '${secrets:move/lists:topics}')
})

test('an unresolved reference is reported with its line, and one without a provider is a warning', () => {
  const text = old({
    connectors: connector('topics: ${strimzisecrets:move/none:topics}\ntopics.exclude: ${file:/x:y}'),
  })
  const { problems, effective } = load(text)
  assert.ok(effective)
  assert.match(saidOf(problems, 'mirrors[0].sourceConnector.config.topics'), /^error: needs the Secret none/)
  assert.match(
    saidOf(problems, 'mirrors[0].sourceConnector.config.topics.exclude'),
    /^warning: names the config provider file, which is not declared/,
  )
})
