// The problems of a file: all of them at once, with line, key, reason and remedy.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of configuration files look like that
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { describeProblem } from '../../../src/config/problems.ts'
import { base, load, next, said } from './reading.ts'

test('all problems are found at once, in the order of the file', () => {
  const { model, problems } = load(
    `${base}security.protcol = SSL\nrefresh.topics.interval.seconds = 5s\ntopics = *.eu\nb.offset.flush.interval.ms = soon\ntopics.exclude = a,,b\n`,
  )
  assert.equal(model, undefined)
  assert.deepEqual(
    problems.map(({ line, severity, key }) => [line, severity, key]),
    [
      [next, 'warning', 'security.protcol'],
      [next + 1, 'error', 'refresh.topics.interval.seconds'],
      [next + 2, 'error', 'topics'],
      [next + 3, 'error', 'b.offset.flush.interval.ms'],
      [next + 4, 'error', 'topics.exclude'],
    ],
  )
  for (const { file, reason, remedy } of problems)
    assert.ok(file === 'mm2.properties' && reason !== '' && remedy !== '')
})

const fatal: readonly (readonly [name: string, text: string, line: number | undefined, reason: RegExp])[] = [
  ['no clusters', 'a.bootstrap.servers = a:1\n', undefined, /is missing/],
  ['an empty alias', `${base}clusters = a,,b\n`, next, /empty item/],
  ['an unknown protocol', `${base}security.protocol = TLS\n`, next, /SASL_SSL/],
  ['an unknown protocol of the target', `${base}b.security.protocol = TLS\n`, next, /SASL_SSL/],
  [
    'a target without servers',
    'clusters = a, b\na.bootstrap.servers = a:1\na->b.enabled = true\n',
    undefined,
    /is missing/,
  ],
  ['empty servers', `${base}b.bootstrap.servers =\n`, next, /must not be empty/],
  ['a worker key that is no number', `${base}b.offset.flush.interval.ms = soon\n`, next, /whole number/],
  ['no partitions for positions', `${base}offset.storage.partitions = 0\n`, next, /out of range/],
  [
    'an unknown provider class',
    `${base}config.providers = v\nconfig.providers.v.class = com.example.Vault\n`,
    next + 1,
    /com\.example\.Vault/,
  ],
  ['a malformed escape', `${base}topics = \\u12\n`, next, /malformed escape/],
  ['nothing to run', `${base.replace('true', 'false')}emit.heartbeats.enabled = false\n`, undefined, /nothing to run/],
]

for (const [name, text, line, reason] of fatal) {
  test(`${name}: refused as a whole, as in MM2`, () => {
    const { model, problems } = load(text)
    assert.equal(model, undefined)
    const found = problems.filter(({ severity, stops }) => severity === 'error' && stops === 'process')
    assert.equal(found.length, 1, JSON.stringify(problems))
    assert.equal(found[0]?.line, line)
    assert.match(found[0]?.reason ?? '', reason)
  })
}

const connectorOnly: readonly (readonly [name: string, lines: string, connector: string, severity: string])[] = [
  ['an empty item in topics', 'topics = a,,b', 'MirrorSourceConnector', 'error'],
  ['an item twice in topics', 'topics = a, b, a', 'MirrorSourceConnector', 'error'],
  ['no tasks', 'tasks.max = 0', 'MirrorSourceConnector', 'error'],
  [
    'offset syncs disabled with their topic configured',
    'emit.offset-syncs.enabled = false\noffset-syncs.topic.replication.factor = 1',
    'MirrorSourceConnector',
    'error',
  ],
  ['groups with an empty item', 'groups = a,', 'MirrorCheckpointConnector', 'warning'],
  ['checkpoints off', 'emit.checkpoints.enabled = false', 'MirrorCheckpointConnector', 'warning'],
]

for (const [name, lines, connector, severity] of connectorOnly) {
  test(`${name}: disables only the ${connector}, as in MM2`, () => {
    const { model, effective, problems } = load(`${base}${lines}\n`)
    const found = problems.filter(({ stops }) => stops === 'connector')
    assert.ok(
      found.some((problem) => problem.connector === connector && problem.severity === severity),
      JSON.stringify(problems),
    )
    assert.ok(!problems.some(({ stops }) => stops === 'process'))
    assert.ok(effective)
    assert.equal(model === undefined, severity === 'error')
  })
}

test('an error in a disabled flow is a warning', () => {
  const { model, problems } = load(`${base}b->a.enabled = false\nb->a.topics = x,,y\n`)
  assert.ok(model)
  assert.match(said(problems, next + 1).join(), /^warning b->a\.topics holds an empty item$/)
})

test('a flow with an invalid enabled is an error, because it may be meant to run', () => {
  assert.match(
    said(load(`${base}b->a.enabled = yes\n`).problems, next).join(),
    /^error b->a\.enabled must be true or false, not "yes"$/,
  )
})

test('a wildcard instead of a pattern is an error that contains the pattern', () => {
  const { problems } = load(`${base}topics.exclude = *\\\\..test\n`)
  assert.deepEqual(
    problems.map(({ line, stops, remedy }) => [line, stops, remedy]),
    [[next, 'flow', 'write topics.exclude = .*\\\\..test']],
  )
})

const unknown: readonly (readonly [key: string, remedy: RegExp])[] = [
  ['topcis', /did you mean topics\?/],
  ['a->b.sync.topic.acl.enabled', /did you mean a->b\.sync\.topic\.acls\.enabled\?/],
  ['a.bootstrap.server', /did you mean a\.bootstrap\.servers\?/],
  ['a.consumer.isolation.lvel', /did you mean a\.consumer\.isolation\.level\?/],
  ['a->b.source.consumer.isolation.leve', /did you mean a->b\.(?:source\.)?consumer\.isolation\.level\?/],
  ['godwit.on.dout', /did you mean godwit\.on\.doubt\?/],
  ['a->b.enable', /write a->b\.enabled/],
  ['emit.heartbeats', /write emit\.heartbeats\.enabled/],
  ['groups.blacklist', /write groups\.exclude/],
  ['task.index', /remove the line/],
  ['a->c.enabled', /did you mean a->b\.enabled\?/],
  ['x->y.enabled', /the aliases are a, b: add x, y to clusters/],
  ['a.topics', /write a->b\.topics = 1/],
  ['use.defaults.from', /write a->b\.use\.defaults\.from/],
  ['consumer.isolation.level', /write a\.consumer\.isolation\.level/],
  ['offset.flush.interval.ms', /write b\.offset\.flush\.interval\.ms/],
  ['a->b.offset.flush.interval.ms', /write b\.offset\.flush\.interval\.ms/],
  ['a->b.consumer.override.fetch.min.bytes', /write a->b\.source\.consumer\.fetch\.min\.bytes/],
  ['qwertyuiop', /remove the line/],
]

for (const [key, remedy] of unknown) {
  test(`${key} is a warning that suggests the right key`, () => {
    const { model, problems } = load(`${base}${key} = 1\n`)
    const found = problems.filter(({ line }) => line === next)
    assert.equal(found.length, 1, JSON.stringify(found))
    assert.equal(found[0]?.severity, 'warning')
    assert.match(found[0]?.remedy ?? '', remedy)
    assert.ok(model)
  })
}

const known = [
  'topics',
  'a->b.topics',
  'a.bootstrap.servers',
  'b.offset.flush.interval.ms',
  'a.consumer.fetch.min.bytes',
  'b.producer.linger.ms',
  'a.admin.retries',
  'a->b.source.consumer.fetch.min.bytes',
  'a->b.target.admin.retries',
  'a->b.producer.override.linger.ms',
  'a->b.source.cluster.ssl.protocol',
  'b.key.converter.schemas.enable',
  'offset.storage.segment.bytes',
  'key.converter.schemas.enable',
  'a->b.transforms.x.type',
  'a->b.topic.creation.default.partitions',
  'config.providers.x.param.y',
  'godwit.memory.bytes',
  'a->b.godwit.on.gap',
  'sasl.oauthbearer.scope',
]

for (const key of known) {
  test(`${key} is known`, () => {
    assert.doesNotMatch(said(load(`${base}${key} = 1\n`).problems, next).join(), /not a key|no effect/)
  })
}

test('a duplicated key is a warning with both lines, if the values differ', () => {
  const { problems } = load(`${base}offset.lag.max = 3\noffset.lag.max = 3\noffset.lag.max = 5\n`)
  assert.deepEqual(
    problems.map(({ line, reason }) => [line, reason]),
    [[next + 2, `is also on line ${next + 1}, with another value; this line counts`]],
  )
})

test('a byte order mark and UTF-8 letters are warnings', () => {
  assert.match(load(`\u00ef\u00bb\u00bf# x\n${base}`).problems[0]?.reason ?? '', /byte order mark/)
  assert.match(
    said(load(`${base}topics = ${Buffer.from('é').toString('latin1')}\n`).problems, next).join(),
    /ISO-8859-1/,
  )
})

test('two opposite identity flows of the same topics are refused, unless the file permits loops', () => {
  const identity = `${base}b->a.enabled = true\nreplication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy\n`
  const about = (lines: string) => {
    const found = load(`${identity}${lines}`).problems.filter(({ reason }) => /in a loop without end/.test(reason))
    return found.map(({ severity, reason, flow }) => `${severity} of ${flow}: ${reason}`)
  }
  const both = (severity: string, what: string) =>
    [
      ['a->b', 'b->a'],
      ['b->a', 'a->b'],
    ].map(
      ([one, other]) =>
        `${severity} of ${one}: ${one} and ${other} both keep topic names: ${what}, are copied in a loop without end`,
    )
  const such = (topic: string) => `topics such as ${topic}, which both take`
  assert.deepEqual(about(''), both('error', such('orders')))
  assert.deepEqual(about('topics = invoices, plain\n'), both('error', such('invoices')))
  assert.deepEqual(about('a->b.topics = eu-.*\nb->a.topics = .*\n'), both('error', such('eu-orders')))
  const disjoint = 'a->b.topics = eu-.*\nb->a.topics = .*\nb->a.topics.exclude = eu-.*\n'
  assert.deepEqual(about(disjoint), both('warning', 'topics that both take'))
  assert.deepEqual(about('godwit.allow.loops = true\n'), both('warning', such('orders')))
})

test('a direction that only emits heartbeats causes no loop', () => {
  const identity = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy\n'
  const { problems } = load(`${base}b->a.enabled = false\n${identity}`)
  assert.doesNotMatch(problems.map(({ reason }) => reason).join(), /in a loop/)
})

test('a key that MM2 uses and godwit does not is reported with what MM2 would do', () => {
  const { problems } = load(`${base}errors.tolerance = all\nsync.topic.acls.enabled = false\n`)
  assert.deepEqual(
    problems.map(({ severity, reason }) => [severity, reason]),
    [
      [
        'warning',
        'has no effect here: MM2 would leave out records that fail and go on; godwit quarantines the partition and reports it',
      ],
    ],
  )
})

test('foreign classes are refused by name', () => {
  for (const line of [
    'topic.filter.class = com.example.Mine',
    'a->b.transforms = drop',
    'forwarding.admin.class = com.example.Mine',
    'replication.policy.class = com.example.Mine',
  ]) {
    const { model, problems } = load(`${base}${line}\n`)
    assert.equal(model, undefined)
    assert.equal(problems.find(({ severity }) => severity === 'error')?.line, next, line)
  }
})

test('a problem is printed as one line and its remedy', () => {
  const [problem] = load(`${base}tasks.max = x\n`).problems
  assert.ok(problem)
  assert.equal(
    describeProblem(problem),
    'error: mm2.properties:5: tasks.max must be a whole number, not "x" (flow a->b)\n  remedy: write 1 or more, without a unit',
  )
})

test('any file content results in problems, never in an exception', () => {
  const line = fc.tuple(
    fc.constantFrom(
      'clusters',
      'a.bootstrap.servers',
      'a->b.enabled',
      'topics',
      'tasks.max',
      'config.providers',
      'security.protocol',
      'sasl.jaas.config',
      'replication.policy.class',
      'replication.policy.separator',
      'godwit.memory.bytes',
      'b.offset.storage.partitions',
      'a.consumer.isolation.level',
      '__proto__',
      'constructor',
    ),
    fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('a, b', 'true', 'false', '-1', '*', '${file:/x:y}', '$X', 'SSL', 'a:1'),
    ),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const { model, problems } = load(base + lines.map(([key, value]) => `${key} = ${value}`).join('\n'))
      assert.ok(model !== undefined || problems.some(({ severity }) => severity === 'error'))
    }),
    { numRuns: 150 },
  )
})

test('a comment after a value is part of it, as in java.util.Properties, and reported with its line', () => {
  const { model, problems } = load(
    `${base}topics = orders, plain  # both\na.client.id = x\t# mine\nssl.key.password = p # w\ntopics.exclude = # none\n`,
  )
  assert.deepEqual(
    problems.map(({ severity, line, key, reason, remedy }) => [severity, line, `${key} ${reason}`, remedy]),
    [
      [
        'warning',
        next,
        'topics is read as the items "orders", "plain  # both": in a properties file a comment cannot stand behind a value',
        'write topics = orders, plain; a comment stands on a line of its own',
      ],
      [
        'warning',
        next + 1,
        'a.client.id is read as "x\\t# mine": in a properties file a comment cannot stand behind a value',
        'write a.client.id = x; a comment stands on a line of its own',
      ],
      [
        'warning',
        next + 2,
        'ssl.key.password holds a # behind a blank as part of the value: in a properties file a comment cannot stand behind a value',
        'remove what stands behind the value, from the blank in front of the # on, unless it belongs to it',
      ],
      [
        'warning',
        next + 3,
        'topics.exclude is read as "# none": in a properties file a comment cannot stand behind a value',
        'remove the line, or write a value into it; a comment stands on a line of its own',
      ],
    ],
  )
  assert.ok(model)
})

test('a comment between lines of one value is an item of the list, and the remedy keeps later items', () => {
  const { problems } = load(`${base}topics = orders, \\\n# old, \\\n  plain\n`)
  assert.deepEqual(
    problems.map(({ line, key, reason, remedy }) => [line, `${key} ${reason}`, remedy]),
    [
      [
        next,
        'topics is read as the items "orders", "# old", "plain": in a properties file a comment cannot stand behind a value',
        'remove what is meant as a comment from between the lines of the value; it stands on a line of its own in front of the key',
      ],
    ],
  )
  const [behindComma] = load(`${base}topics = orders, plain, # both\n`).problems
  assert.equal(behindComma?.remedy, 'write topics = orders, plain; a comment stands on a line of its own')
})

test('a # within a value is not a comment: without a blank before it, or within quotation marks', () => {
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="b #c";'
  const lines = [
    'topics = orders#1',
    'security.protocol = SASL_SSL',
    'sasl.mechanism = PLAIN',
    `sasl.jaas.config = ${login}`,
  ]
  assert.deepEqual(load(`${base}${lines.join('\n')}\n`).problems, [])
})

test('client keys without a cluster are reported for the flow that copies, whatever the order of clusters', () => {
  const file = `${base.replace('a, b', 'b, a')}producer.batch.size = 65536\nconsumer.fetch.min.bytes = 1\nproducer.override.max.request.size = 10485760\n`
  assert.deepEqual(
    load(file).problems.flatMap(({ severity, remedy }) => (severity === 'warning' ? [remedy] : [])),
    [
      'write b.producer.batch.size = 65536',
      'write a.consumer.fetch.min.bytes = 1',
      'write a->b.producer.override.max.request.size = 10485760',
    ],
  )
})

const connector = 'org.apache.kafka.connect.mirror.MirrorSourceConnector'
const ofConnect: Readonly<Record<string, string>> = {
  'its .properties': `name = m\nconnector.class = ${connector}\nsource.cluster.bootstrap.servers = a:1\n`,
  'its .properties with the simple name of the class': 'connector.class = MirrorSourceConnector\ntopics = x\n',
  'its JSON': JSON.stringify({ name: 'm', config: { 'connector.class': connector } }, undefined, 1),
}

for (const [name, text] of Object.entries(ofConnect)) {
  test(`the configuration of a Connect connector, ${name}, is recognized, with what to do`, () => {
    const { model, problems } = load(text)
    assert.equal(model, undefined)
    assert.deepEqual(
      problems.map(({ key, reason, remedy }) => `${key} ${reason} | ${remedy}`),
      [
        'connector.class shows that the file configures a connector of Kafka Connect (MirrorSourceConnector); it is no mm2.properties | write the mm2.properties that corresponds to it with: godwit init --from mm2.properties --file mm2.properties',
      ],
    )
  })
}

test('a connector that is not of MirrorMaker 2 is recognized too', () => {
  const [problem] = load('connector.class = org.apache.kafka.connect.file.FileStreamSourceConnector\n').problems
  assert.match(problem?.reason ?? '', /FileStreamSourceConnector/)
})
