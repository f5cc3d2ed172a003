// IBM's tutorial on migrating with MirrorMaker 2: its published YAML, and the mistakes in it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { certificate, lineOf, load, onlyFlow, said, secret } from './resources.ts'

const guide = readFileSync(new URL('event-streams-guide.yaml', import.meta.url), 'utf8')
const secrets = ['origin', 'target']
  .map((side) => {
    const ca = secret(`${side}-cluster-ca-cert`, { 'ca.crt': certificate('Q0E') }, 'migration')
    return secret(`${side}-cluster-credentials`, { password: `${side}-password` }, 'migration') + ca
  })
  .join('')
const inputs = { files: { '/k8s/secrets.yaml': secrets } }

test("the tutorial's YAML loads unchanged, together with its Secrets", () => {
  const { settings, sourceCluster, targetCluster } = onlyFlow(guide, inputs)
  assert.equal(settings.name, 'origin-cluster->target-cluster')
  assert.deepEqual(
    [settings.policy.kind, settings.policy.separator, settings.policy.internalSeparator],
    ['identity', '', '.'],
  )
  assert.deepEqual(
    [settings.groupId, settings.offsetStorage.name],
    ['mirrormaker2-cluster', 'migration-connect-cluster-offsets'],
  )
  assert.equal(settings.connectorName, 'origin-cluster->target-cluster.MirrorSourceConnector')
  for (const [cluster, password] of [
    [sourceCluster, 'origin-password'],
    [targetCluster, 'target-password'],
  ] as const) {
    assert.deepEqual(
      [cluster.protocol, cluster.sasl?.mechanism, cluster.sasl?.username],
      ['SASL_SSL', 'SCRAM-SHA-512', 'mm2-credentials'],
    )
    assert.equal(cluster.sasl?.password.reveal(), password)
    assert.equal(cluster.tls?.ca, certificate('Q0E').trim())
  }
})

test('its mistakes are warnings with lines, and there are no other problems', () => {
  const { problems } = load(guide, inputs)
  assert.deepEqual(
    problems.filter(({ severity }) => severity !== 'warning'),
    [],
  )
  const traps = [
    ['replication.policy.class', /extension that is shipped no more/],
    ['replication.policy.separator', /origin-clustercheckpointsinternal.*origin-cluster\.checkpoints\.internal/],
    ['checkpointConnector:', /asks for checkpoints only.*--all-topics/],
  ] as const
  for (const [part, reason] of traps) {
    const found = problems.filter((problem) => reason.test(problem.reason))
    assert.deepEqual(
      found.map(({ line }) => line),
      [lineOf(guide, part)],
      part,
    )
  }
  assert.equal(problems.length, traps.length, said(problems).join('\n'))
})

test('names without dots can be configured', () => {
  const strict = guide.replace(
    'replication.policy.separator: ""',
    'replication.policy.separator: ""\n          replication.policy.internal.topic.separator.enabled: true',
  )
  assert.equal(onlyFlow(strict, inputs).settings.policy.internalSeparator, '')
})

test('its Secrets with shortened values are each reported', () => {
  const shortened = secrets.replaceAll(/ca\.crt: .*/g, 'ca.crt: LS0tLS1CRUdJTiBDRVJUSUZJ...0tLS0tCg==')
  const { problems } = load(guide, { files: { '/k8s/secrets.yaml': shortened } })
  const errors = problems.filter(({ severity }) => severity === 'error')
  assert.deepEqual(
    errors.map(({ reason }) => /not base64/.test(reason)),
    [true, true],
  )
})
