// Which files are read as resources, both layouts, and what the operator refuses.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSelected } from '../../../../src/mirror/topic-selection.ts'
import { fresh, lineOf, load, old, onlyFlow, said, saidOf, secret } from './resources.ts'

test('both layouts result in the same flow, except for the Connect group and its topics', () => {
  const one = onlyFlow(old()).settings
  const other = onlyFlow(fresh()).settings
  assert.equal(one.name, 'west->east')
  assert.equal(one.connectorName, 'west->east.MirrorSourceConnector')
  assert.deepEqual([one.groupId, one.offsetStorage.name], ['mirrormaker2-cluster', 'mirrormaker2-cluster-offsets'])
  assert.deepEqual([other.groupId, other.offsetStorage.name], ['bridge-group', 'bridge-offsets'])
  assert.deepEqual({ ...other, groupId: one.groupId, offsetStorage: one.offsetStorage }, one)
})

test('the old layout has group and topics in the config of the target', () => {
  const config =
    'config:\n  group.id: mine\n  offset.storage.topic: my-offsets\n  offset.storage.replication.factor: 1\n'
  const { settings } = onlyFlow(old({ east: config }))
  assert.deepEqual([settings.groupId, settings.offsetStorage.name], ['mine', 'my-offsets'])
  assert.equal(settings.offsetStorage.replicationFactor, 1)
})

for (const version of [
  'kafka.strimzi.io/v1alpha1',
  'kafka.strimzi.io/v1beta2',
  'eventstreams.ibm.com/v1alpha1',
  'eventstreams.ibm.com/v1beta1',
  'eventstreams.ibm.com/v1beta2',
]) {
  test(`${version} is read by its layout, not by its version`, () => {
    const as = (text: string) => text.replace(/apiVersion: .*/, `apiVersion: ${version}`)
    assert.equal(onlyFlow(as(old())).settings.groupId, 'mirrormaker2-cluster')
    assert.equal(onlyFlow(as(fresh())).settings.groupId, 'bridge-group')
  })
}

test('with both layouts the new one is used, and the rest is reported to be without effect', () => {
  const { model, problems } = load(fresh({ spec: 'connectCluster: other\nclusters: []\n' }))
  assert.equal(model?.flows[0]?.settings.groupId, 'bridge-group')
  assert.match(saidOf(problems, 'connectCluster'), /^warning: has no effect in the layout with spec\.target/)
  assert.match(saidOf(problems, 'clusters'), /no effect/)
})

/** As Strimzi's operator 0.49 to 0.51 reads it as v1beta2: `KafkaMirrorMaker2Cluster.validateAndUpdateToNewAPI`. */
const mixed = ({ spec = '', mirrors = '' } = {}) => `apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaMirrorMaker2
metadata:
  name: bridge
spec:
  target:
    alias: east
    bootstrapServers: east-target:9092
    groupId: bridge-group
    configStorageTopic: bridge-configs
    offsetStorageTopic: bridge-offsets
    statusStorageTopic: bridge-status
  connectCluster: east
  clusters:
    - alias: west
      bootstrapServers: west:9092
      config:
        ssl.endpoint.identification.algorithm: ""
    - alias: east
      bootstrapServers: east-clusters:9092
      config:
        group.id: of-clusters
  mirrors:
    - sourceCluster: west
      targetCluster: east
      topicsPattern: orders
      topicsBlacklistPattern: orders-old
      sourceConnector: {}
      heartbeatConnector: {}
      checkpointConnector:
        pause: true
    - source:
        alias: north
        bootstrapServers: north:9092
      topicsPattern: bills
      topicsBlacklistPattern: bills-old
      sourceConnector:
        pause: true
${mirrors}${spec}`

test('with spec.target and spec.clusters the target is spec.target, and each mirror is read as written', () => {
  const { model, problems, effective } = load(mixed())
  const flows = model?.flows ?? []
  assert.deepEqual(effective?.clusters, ['east', 'west', 'north'])
  assert.deepEqual(
    flows.map(({ settings: { name, enabled, groupId, heartbeats, checkpoints }, sourceAdmin, targetAdmin }) => [
      ...[name, enabled, groupId, heartbeats.enabled, checkpoints.enabled],
      ...[sourceAdmin.bootstrapServers, targetAdmin.bootstrapServers].flat(),
    ]),
    [
      ['west->east', true, 'bridge-group', true, false, 'west:9092', 'east-target:9092'],
      ['north->east', true, 'bridge-group', false, false, 'north:9092', 'east-target:9092'],
    ],
  )
  const takes = (name: string) => flows.map(({ settings: { topics } }) => isSelected(name, topics))
  assert.deepEqual(['orders', 'bills', 'orders-old', 'bills-old'].map(takes), [
    [true, false],
    [false, true],
    [false, false],
    [false, false],
  ])
  assert.deepEqual(
    said(problems)
      .filter((text) => /no effect/.test(text))
      .sort(),
    [
      'warning connectCluster has no effect in the layout with spec.target',
      'warning mirrors[1].sourceConnector.pause has no effect in the layout with spec.target',
      'warning mirrors[1].topicsBlacklistPattern has no effect in the layout with spec.target',
    ],
  )
})

test('with spec.target a mirror of spec.clusters need not name the target', () => {
  assert.equal(load(mixed().replace(/ *targetCluster: east\n/, '')).model?.flows.length, 2)
})

test('with connectCluster a mirror may have its own source too', () => {
  const own = '    - source:\n        alias: north\n        bootstrapServers: north:9092\n      sourceConnector: {}\n'
  const { model } = load(old() + own)
  assert.deepEqual(
    model?.flows.map(({ settings }) => [settings.name, settings.groupId]),
    [
      ['west->east', 'mirrormaker2-cluster'],
      ['north->east', 'mirrormaker2-cluster'],
    ],
  )
})

const mixedRefusals: readonly (readonly [name: string, text: string, key: string, says: RegExp])[] = [
  [
    'a mirror to another target',
    mixed().replace('targetCluster: east', 'targetCluster: north'),
    'mirrors[0].targetCluster',
    /is north, but the Connect cluster is east/,
  ],
  [
    'a mirror of a cluster that does not exist',
    mixed().replace('sourceCluster: west', 'sourceCluster: wset'),
    'mirrors[0].sourceCluster',
    /did you mean west/,
  ],
  [
    'a mirror with neither source nor sourceCluster',
    mixed().replace('    - sourceCluster: west\n      targetCluster: east\n', '    - targetCluster: east\n'),
    'mirrors[0].source',
    /is missing/,
  ],
  [
    'a mirror with both source and sourceCluster',
    mixed().replace('alias: north', 'alias: west'),
    'mirrors[1].source',
    /another mirror has already/,
  ],
  [
    'a source equal to the target',
    mixed().replace('alias: north', 'alias: east'),
    'mirrors[1].source.alias',
    /as on line \d+ already/,
  ],
  [
    'two clusters with one alias',
    mixed().replace('    - alias: west', '    - alias: east'),
    'clusters[1].alias',
    /as on line \d+ already/,
  ],
]

for (const [name, text, key, says] of mixedRefusals) {
  test(`${name} is refused with spec.target and spec.clusters`, () => {
    const { model, problems } = load(text)
    assert.equal(model, undefined)
    assert.match(
      saidOf(
        problems.filter(({ severity }) => severity === 'error'),
        key,
      ),
      says,
      said(problems).join('\n'),
    )
  })
}

test('the resource is found among other documents and in a List', () => {
  const user = 'apiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaUser\nmetadata:\n  name: mm2\n---\n'
  assert.equal(onlyFlow(user + old() + secret('x', { y: 'z' })).settings.name, 'west->east')
  const item = old().replaceAll(/^/gm, '    ').replace('    apiVersion', '  - apiVersion')
  assert.equal(onlyFlow(`apiVersion: v1\nkind: List\nitems:\n${item}`).settings.name, 'west->east')
})

test('JSON is read as YAML, and recognized by its content', () => {
  const json = JSON.stringify({
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaMirrorMaker2',
    spec: {
      target: {
        alias: 'b',
        bootstrapServers: 'b:1',
        groupId: 'g',
        configStorageTopic: 'c',
        offsetStorageTopic: 'o',
        statusStorageTopic: 's',
      },
      mirrors: [{ source: { alias: 'a', bootstrapServers: 'a:1' }, sourceConnector: {} }],
    },
  })
  assert.equal(onlyFlow(json, { file: 'mm2' }).settings.name, 'a->b')
})

test('a resource is recognized by content if not by file name; a properties file stays one', () => {
  assert.equal(onlyFlow(old(), { file: '/etc/mm2.conf' }).settings.name, 'west->east')
  const properties =
    'clusters = a, b\na.bootstrap.servers = a:1\nb.bootstrap.servers = b:1\na->b.enabled = true\nkind: X\n'
  assert.equal(load(properties, { file: '/etc/mm2.conf' }).effective?.dialect, 'properties')
})

test('YAML without a KafkaMirrorMaker2 is refused with what it contains instead', () => {
  const { effective, problems } = load(
    `${secret('x', { y: 'z' })}---\napiVersion: other.io/v1\nkind: KafkaMirrorMaker2\n`,
  )
  assert.equal(effective, undefined)
  assert.equal(problems.length, 1)
  assert.match(problems[0]?.reason ?? '', /holds no KafkaMirrorMaker2.*v1 Secret, other\.io\/v1 KafkaMirrorMaker2/)
  assert.match(load('').problems[0]?.reason ?? '', /but nothing/)
})

test('invalid YAML is refused with its line, without quoting its content', () => {
  const { problems } = load(`${old()}---\npassword: "hunter2" "hunter3"\n`)
  assert.equal(problems[0]?.line, old().split('\n').length + 1)
  assert.doesNotMatch(JSON.stringify(problems), /hunter/)
  assert.match(load(old({ spec: 'replicas: 1\nreplicas: 2\n' })).problems[0]?.reason ?? '', /is given twice/)
})

const refusals: readonly (readonly [name: string, text: string, key: string, says: RegExp])[] = [
  [
    'a target that is not the Connect cluster',
    old().replace('targetCluster: east', 'targetCluster: west'),
    'mirrors[0].targetCluster',
    /but the Connect cluster is east.*write east/,
  ],
  [
    'a Connect cluster that is not in clusters',
    old().replace('connectCluster: east', 'connectCluster: esat'),
    'connectCluster',
    /"esat", which is not in clusters.*did you mean east/,
  ],
  [
    'a source that is not in clusters',
    old().replace('sourceCluster: west', 'sourceCluster: wset'),
    'mirrors[0].sourceCluster',
    /did you mean west/,
  ],
  [
    'a mirror of the target itself',
    old().replace('sourceCluster: west', 'sourceCluster: east'),
    'mirrors[0].sourceCluster',
    /the target itself/,
  ],
  [
    'two mirrors of one source',
    old({ mirror: '' }).replace(/ {4}- sourceCluster[\s\S]*$/, (all) => all + all),
    'mirrors[1].sourceCluster',
    /another mirror has already/,
  ],
  ['an alias used twice', old().replace('alias: west', 'alias: east'), 'clusters[1].alias', /as on line 9 already/],
  [
    'an alias used twice in the new layout',
    fresh().replace('alias: west', 'alias: east'),
    'mirrors[0].source.alias',
    /already/,
  ],
  [
    'an alias with a blank',
    old().replace('alias: west', 'alias: "we st"'),
    'clusters[0].alias',
    /has to be 1 to 100 letters/,
  ],
  [
    'a missing address',
    old().replace('      bootstrapServers: west:9092\n', ''),
    'clusters[0].bootstrapServers',
    /is missing/,
  ],
  ['a missing Connect group in the new layout', fresh().replace(/ *groupId.*\n/, ''), 'target.groupId', /is missing/],
  ['no mirrors', fresh().replace(/ {2}mirrors:[\s\S]*/, '  mirrors: []\n'), 'mirrors', /is empty/],
  [
    'no tasks',
    old({ connectors: 'sourceConnector:\n  tasksMax: 0\n' }),
    'mirrors[0].sourceConnector.tasksMax',
    /whole number, 1 or more/,
  ],
  [
    'a state that does not exist',
    old({ connectors: 'sourceConnector:\n  state: pause\n' }),
    'mirrors[0].sourceConnector.state',
    /did you mean paused/,
  ],
  [
    'an authentication that does not exist',
    old({ west: 'authentication:\n  type: scram-sha512\n' }),
    'clusters[0].authentication.type',
    /did you mean scram-sha-512/,
  ],
  [
    'a user name that is a number',
    old({
      west: 'authentication:\n  type: plain\n  username: 12\n  passwordSecret:\n    secretName: s\n    password: p\n',
    }),
    'clusters[0].authentication.username',
    /has to be a text, but is the number 12.*quotation marks/,
  ],
  [
    'a login without a password',
    old({ west: 'authentication:\n  type: plain\n  username: u\n' }),
    'clusters[0].authentication',
    /lacks passwordSecret/,
  ],
  [
    'tls without a certificate',
    old({ west: 'authentication:\n  type: tls\n' }),
    'clusters[0].authentication',
    /lacks certificateAndKey/,
  ],
  [
    'a list in a config',
    old({ connectors: 'sourceConnector:\n  config:\n    topics: [a, b]\n' }),
    'mirrors[0].sourceConnector.config.topics',
    /holds a list.*one text, with commas/,
  ],
  ['nothing in a config', old({ east: 'config:\n  group.id:\n' }), 'clusters[1].config.group.id', /holds nothing/],
  [
    'mirrors that are a map',
    old().replace(/ {2}mirrors:[\s\S]*/, '  mirrors:\n    sourceCluster: west\n'),
    'mirrors',
    /has to be a list, but is a map/,
  ],
  [
    'a certificate by key and by pattern',
    old({ west: 'tls:\n  trustedCertificates:\n    - secretName: s\n      certificate: a\n      pattern: b\n' }),
    'clusters[0].tls.trustedCertificates[0]',
    /either certificate or pattern/,
  ],
]

for (const [name, text, key, says] of refusals) {
  test(`${name} is refused with line, reason and remedy`, () => {
    const { model, problems } = load(text)
    assert.equal(model, undefined)
    const problem = problems.find((one) => one.key === key && one.severity === 'error')
    assert.ok(problem, said(problems).join('\n'))
    assert.match(`${problem.reason} ${problem.remedy}`, says)
    assert.equal(problem.stops, 'process')
    assert.ok((problem.line ?? 0) > 0)
  })
}

test('all refusals are reported at once, each with its own line', () => {
  const text = old({ connectors: 'sourceConnector:\n  tasksMax: 0\n  state: on\n' }).replace(
    'targetCluster: east',
    'targetCluster: eats',
  )
  const { problems } = load(text)
  const errors = problems.filter(({ severity }) => severity === 'error')
  assert.deepEqual(
    errors.map(({ line }) => line),
    ['targetCluster:', 'tasksMax', 'state:'].map((part) => lineOf(text, part)),
  )
})

test('unknown fields are warnings with the nearest known one', () => {
  const { model, problems } = load(old({ mirror: 'topicPattern: x\n', west: 'bootstrapServer: y\n' }))
  assert.ok(model)
  assert.match(saidOf(problems, 'mirrors[0].topicPattern'), /warning: is not a field.*did you mean topicsPattern/)
  assert.match(saidOf(problems, 'clusters[0].bootstrapServer'), /did you mean bootstrapServers/)
})

test('removed fields are ignored in the new layout, and their successors are named', () => {
  const { model, problems } = load(
    fresh({
      mirror: 'topicsBlacklistPattern: x\nheartbeatConnector: {}\n',
      connectors: 'sourceConnector:\n  pause: true\n',
    }),
  )
  assert.equal(model?.flows.length, 1)
  assert.match(saidOf(problems, 'mirrors[0].topicsBlacklistPattern'), /topicsExcludePattern/)
  assert.match(saidOf(problems, 'mirrors[0].heartbeatConnector'), /no heartbeat connector/)
  assert.match(saidOf(problems, 'mirrors[0].sourceConnector.pause'), /state: paused/)
})

test('two resources in one file run in parallel, unless they mirror the same clusters', () => {
  const second = fresh().replaceAll('east', 'north')
  const { model } = load(`${old()}---\n${second}`)
  assert.deepEqual(
    model?.flows.map(({ settings }) => settings.name),
    ['west->east', 'west->north'],
  )
  assert.match(said(load(`${old()}---\n${fresh()}`).problems).join(), /two resources that mirror west->east/)
})

test('several mirrors of one resource share the Connect group and have separate offsets', () => {
  const south = '    - source:\n        alias: south\n        bootstrapServers: south:9092\n      sourceConnector: {}\n'
  const flows = load(fresh() + south).model?.flows ?? []
  assert.deepEqual(
    flows.map(({ settings }) => [settings.groupId, settings.connectorName]),
    [
      ['bridge-group', 'west->east.MirrorSourceConnector'],
      ['bridge-group', 'south->east.MirrorSourceConnector'],
    ],
  )
})

test('fields that only Kubernetes uses are accepted, with one note where an effect might be expected', () => {
  const silent = load(
    old({
      spec: 'image: x\ntemplate:\n  pod: {}\nlivenessProbe:\n  periodSeconds: 3\nreplicas: 1\n',
      connectors: 'sourceConnector: {}\n',
    }),
  )
  assert.deepEqual(silent.problems, [])
  const spec =
    'replicas: 3\nresources:\n  limits:\n    memory: 2Gi\njvmOptions:\n  -Xmx: 1g\nmetricsConfig:\n  type: jmxPrometheusExporter\nlogging:\n  type: inline\n'
  const text = old({ spec, connectors: 'sourceConnector:\n  tasksMax: 4\n' })
  const { model, problems } = load(text)
  assert.ok(model)
  assert.deepEqual(
    problems.map(({ severity }) => severity),
    ['note'],
  )
  const [note] = problems
  for (const name of ['replicas', 'resources', 'jvmOptions', 'metricsConfig', 'logging', 'sourceConnector.tasksMax'])
    assert.ok(note?.reason.includes(`${name} (line ${lineOf(text, `${name.split('.').at(-1)}:`)})`), name)
  assert.match(note?.remedy ?? '', /godwit\.memory\.bytes.*--log-level|--log-level.*godwit\.memory\.bytes/)
})

test('replicas: 0 is a warning, and godwit still copies', () => {
  const { model, problems } = load(old({ spec: 'replicas: 0\n' }))
  assert.equal(model?.flows.length, 1)
  assert.match(saidOf(problems, 'replicas'), /^warning: is 0: the operator would run nothing/)
})
