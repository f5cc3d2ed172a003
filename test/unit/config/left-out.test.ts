// Errors that concern one flow: it is left out and the others run, as in MM2, which continues without a refused connector.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeSettings } from '../../../src/config/show.ts'
import { base, load, next, said } from './reading.ts'
import { load as loadYaml } from './resource/resources.ts'

const names = (text: string) => {
  const { model, disabled } = load(text)
  return [model?.flows.map(({ settings }) => settings.name), disabled.map(({ name }) => name)]
}

test('a flow with an invalid enabled is left out, and the enabled one copies', () => {
  const { model, disabled, problems } = load(`${base}b->a.enabled = false # passive\n`)
  assert.deepEqual(
    model?.flows.map(({ settings }) => [settings.name, settings.enabled]),
    [['a->b', true]],
  )
  assert.deepEqual(model?.disabled, disabled)
  assert.deepEqual(
    disabled.map(({ name, problems: errors }) => [name, errors.map(({ line, key }) => [line, key])]),
    [['b->a', [[next, 'b->a.enabled']]]],
  )
  assert.match(said(problems, next).join(), /^error b->a\.enabled must be true or false, not "false # passive"/)
})

const three =
  'clusters = a, b, c\na.bootstrap.servers = a:1\nb.bootstrap.servers = b:1\nc.bootstrap.servers = c:1\nemit.heartbeats.enabled = false\na->b.enabled = true\nc->b.enabled = true\n'

const ownFaults = [
  'c->b.topics = *.eu',
  'c->b.topics = a,,b',
  'c->b.refresh.topics.interval.seconds = 5s',
  'c->b.transforms = drop',
  'c->b.replication.policy.class = com.example.Mine',
  'c->b.topic.filter.class = com.example.Mine',
  'c.consumer.auto.offset.reset = never',
  'c.consumer.fetch.min.bytes = some',
  'c.security.protocol = SASL_SSL',
  'c.ssl.truststore.location = /not/there.pem\nc.ssl.truststore.type = PEM\nc.security.protocol = SSL',
  'c->b.godwit.on.gap = sometimes',
  'c->b.offset-syncs.topic.location = nowhere',
]

for (const line of ownFaults) {
  test(`the other flow runs in spite of ${line.split('\n')[0]}`, () => {
    assert.deepEqual(names(`${three}${line}\n`), [['a->b'], ['c->b']])
  })
}

test('an error in several flows leaves each of them out, and the file is refused if none is left', () => {
  assert.deepEqual(names(`${three}topics = *.eu\n`), [undefined, ['a->b', 'c->b']])
  assert.deepEqual(names(`${three}topics = *.eu\na->b.topics = .*eu\n`), [['a->b'], ['c->b']])
})

test('a file whose only copying flow is invalid is refused, although others would emit heartbeats', () => {
  assert.deepEqual(names(`${base}topics = *.eu\nb->a.topics = x\n`)[0], undefined)
})

test('an invalid flow that would only emit heartbeats does not stop the copying flow', () => {
  const { model, disabled } = load(`${base}a.producer.bootstrap.servers = nowhere\n`)
  assert.deepEqual(
    [model?.flows.map(({ settings }) => settings.name), disabled.map(({ name }) => name)],
    [['a->b'], ['b->a']],
  )
})

test('config show marks a flow that is not run, with the lines that are wrong', () => {
  const { effective, disabled } = load(`${three}c->b.topics = a,,b\n`)
  assert.ok(effective)
  const heads = describeSettings(effective, false, disabled)
    .split('\n')
    .filter((line) => line.includes('->b'))
  assert.ok(heads.includes('a->b'), heads.join('\n'))
  assert.ok(heads.includes('c->b  (not run, has errors: c->b.topics, line 8)'), heads.join('\n'))
})

for (const [key, jobs] of [
  ['groups', ['checkpoints', 'syncGroupOffsets']],
  ['emit.checkpoints.interval.seconds', ['checkpoints', 'syncGroupOffsets']],
  ['emit.heartbeats.interval.seconds', ['heartbeats']],
] as const) {
  test(`a flow with an invalid ${key} copies, without the tasks that MM2 would not run`, () => {
    const { model, problems } = load(`${base}sync.group.offsets.enabled = true\na->b.${key} = a,,b\n`)
    const settings = model?.flows.find((flow) => flow.settings.name === 'a->b')?.settings
    assert.ok(settings?.enabled)
    for (const job of jobs) assert.equal(settings[job].enabled, false, job)
    assert.match(
      problems.map(({ reason }) => reason).join(),
      new RegExp(`a->b.${key} cannot be read, so MM2 makes no Mirror\\w+Connector`),
    )
  })
}

test('a mirror of a resource with a missing Secret is left out, and the other one runs', () => {
  const cluster = (alias: string, more = '') => `{alias: ${alias}, bootstrapServers: "${alias}:9092"${more}}`
  const authentication =
    ', authentication: {type: scram-sha-512, username: u, passwordSecret: {secretName: gone, password: p}}'
  const { model, disabled } = loadYaml(`apiVersion: kafka.strimzi.io/v1
kind: KafkaMirrorMaker2
metadata: {name: m}
spec:
  target: {alias: east, bootstrapServers: "east:9092", groupId: g, configStorageTopic: c, statusStorageTopic: s, offsetStorageTopic: o}
  mirrors:
    - source: ${cluster('west')}
      sourceConnector: {}
    - source: ${cluster('north', authentication)}
      sourceConnector: {}
`)
  assert.deepEqual(
    [model?.flows.map(({ settings }) => settings.name), disabled.map(({ name }) => name)],
    [['west->east'], ['north->east']],
  )
})
