// `godwit check` and restrictions of the brokers: a feature that the source's groups need is disabled on the target and enabled
// with the printed command; a policy for topic creation.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { FlowReport } from '../../src/preflight/finding.ts'
import { startCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { godwit } from '../harness/godwit.ts'
import { NEWEST, OLDER } from '../harness/kafka-jars.ts'
import { executeCommands } from '../harness/kafka-tools.ts'
import { createTopics, describeTopics } from '../harness/operate.ts'
import { JavaServer } from '../integration/engine/java-server.ts'

const [source, target, old, groups] = await Promise.all([
  startCluster({ name: 'source', version: NEWEST }),
  startCluster({ name: 'target', version: NEWEST }),
  startCluster({
    name: 'old',
    version: OLDER,
    plugin: 'NarrowTopics.java',
    configs: { 'create.topic.policy.class.name': 'NarrowTopics' },
  }),
  JavaServer.start('Groups.java', NEWEST),
])
const folder = mkdtempSync(join(tmpdir(), 'godwit-features-'))
after(async () => {
  await groups.close()
  await Promise.all([source, target, old].map((cluster) => cluster[Symbol.asyncDispose]()))
  rmSync(folder, { recursive: true, force: true })
})

await createTopics(source, { name: 'orders' }, { name: 'wide', partitions: 6 })
for (const group of ['modern', 'new', 'later', 'latest'])
  await groups.ask({ do: 'join', id: group, on: source.bootstrap, group, topics: ['orders'], protocol: 'consumer' })

async function found(to: string, kind = 'features'): Promise<FlowReport['findings']> {
  const file = join(folder, 'mm2.properties')
  const factors = ['', 'checkpoints.topic.', 'heartbeats.topic.', 'offset-syncs.topic.', 'offset.storage.']
  writeFileSync(
    file,
    [
      'clusters = S, T',
      `S.bootstrap.servers = ${source.bootstrap}`,
      `T.bootstrap.servers = ${to}`,
      'S->T.enabled = true',
      'T->S.emit.heartbeats.enabled = false',
      ...factors.map((factor) => `${factor}replication.factor = 1`),
    ].join('\n'),
  )
  const { out, err } = await godwit(['check', file, '--flow', 'S->T', '--output', 'json'])
  assert.ok(out.startsWith('{'), `${out}${err}`)
  const { flows } = JSON.parse(out) as { flows: FlowReport[] }
  return flows.flatMap(({ findings }) => findings).filter(({ check }) => check === kind)
}

test('a feature disabled on the target is reported with the groups that need it, and enabled as printed', async () => {
  assert.deepEqual(await found(target.bootstrap), [])
  await executeCommands(
    [`kafka-features.sh --bootstrap-server ${target.bootstrap} downgrade --feature group.version=0`],
    folder,
  )
  const [finding, ...more] = await eventually(
    () => found(target.bootstrap),
    ({ length }) => length > 0,
    20_000,
  )
  assert.deepEqual(more, [])
  assert.equal(finding?.severity, 'warning')
  assert.match(finding?.what ?? '', /^cluster S has group\.version at 1, cluster T at 0: .*KIP-848/)
  assert.match(finding?.why ?? '', /^the clients of \w+, \w+, \w+ and 1 more use it/)
  const printed = `kafka-features.sh --bootstrap-server ${target.bootstrap} upgrade --feature group.version=1`
  assert.deepEqual(finding?.remedies, [{ kind: 'command', text: printed }])
  await executeCommands([printed], folder)
  await eventually(
    () => found(target.bootstrap),
    ({ length }) => length === 0,
    20_000,
  )
})

test('target brokers that do not know a feature must be upgraded', async () => {
  const [first, ...rest] = await found(old.bootstrap)
  assert.match(first?.what ?? '', /^cluster S has group\.version at 1, cluster T at 0/)
  assert.deepEqual(first?.remedies, [{ kind: 'advice', text: 'upgrade cluster T to Kafka 4.0 or newer' }])
  assert.ok(
    rest.every(({ severity }) => severity === 'note'),
    JSON.stringify(rest),
  )
})

test('a violated topic policy of the target is reported in its own words, and no topic is created', async () => {
  const refused = await found(old.bootstrap, 'policy')
  // Connect's offsets topic has 25 partitions: the policy applies to godwit's topics too.
  assert.deepEqual(
    refused.map(({ severity, topic }) => [severity, topic]),
    [
      ['error', 'S.wide'],
      ['error', 'mm2-offsets.S.internal'],
    ],
  )
  for (const { what, topic, remedies } of refused) {
    assert.equal(
      what,
      `topic ${topic} could not be created on cluster T: more than 4 partitions need a ticket (POLICY_VIOLATION)`,
    )
    assert.match(remedies[0]?.text ?? '', /create the topic beforehand as the policy wants it/)
  }
  assert.deepEqual(await describeTopics(old, ['S.orders', 'S.wide', 'mm2-offsets.S.internal']), [])
})
