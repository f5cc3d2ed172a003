// Lists that select nothing, a topic policy of the target, missing features and other workers: reported, and gone after their
// remedies are followed.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startCluster } from '../../harness/cluster.ts'
import { executeCommands } from '../../harness/kafka-tools.ts'
import { load } from '../../harness/load.ts'
import { createTopics, operate } from '../../harness/operate.ts'
import { GodwitProcess } from '../../integration/engine/godwit-process.ts'
import { follow, writeSetting } from './follow.ts'

const [source, target] = await Promise.all([
  startCluster({ name: 'source' }),
  startCluster({
    name: 'target',
    plugin: 'NarrowTopics.java',
    configs: { 'create.topic.policy.class.name': 'NarrowTopics' },
  }),
])
/** Features for groups exist since 4.0. */
const isOlder = target.isBefore(4)
const folder = mkdtempSync(join(tmpdir(), 'godwit-lists-'))
after(async () => {
  await Promise.all([source, target].map((cluster) => cluster[Symbol.asyncDispose]()))
  rmSync(folder, { recursive: true, force: true })
})

const factors = ['', 'checkpoints.topic.', 'heartbeats.topic.', 'offset-syncs.topic.', 'offset.storage.']
const configuration = [
  'clusters = S, T',
  `S.bootstrap.servers = ${source.bootstrap}`,
  `T.bootstrap.servers = ${target.bootstrap}`,
  'S->T.enabled = true',
  'S->T.topics = ordrs',
  'S->T.topics.exclude = mm2.*\\\\.internal, .*\\\\.replica, __.*, tmpp',
  'S->T.groups = biling',
  'T->S.enabled = false # passive',
  ...factors.map((factor) => `${factor}replication.factor = 1`),
].join('\n')

test('an empty selection, a policy and a missing feature are reported, and gone after their remedies', async () => {
  await load(source, { topics: ['orders', 'tmp'], records: 20 })
  await operate(source, [
    { do: 'commitOffsets', group: 'billing', offsets: [{ topic: 'orders', partition: 0, offset: 3 }] },
  ])
  if (!isOlder)
    await executeCommands(
      [`kafka-features.sh --bootstrap-server ${target.bootstrap} downgrade --feature group.version=0`],
      folder,
    )
  const file = join(folder, 'mm2.properties')
  writeFileSync(file, configuration)
  let other: GodwitProcess | undefined
  const following = follow({
    scene: 'lists',
    except: isOlder ? ['feature-missing'] : [],
    file,
    folder,
    manualSteps: {
      'flow-unusable': () => {
        writeSetting(file, 'T->S.enabled = false')
        writeSetting(file, 'T->S.emit.heartbeats.enabled = false')
      },
      'creation-against-policy': ({ topic = '' }) =>
        createTopics(target, { name: topic, partitions: 4, configs: { 'cleanup.policy': 'compact' } }),
      // A run creates the topics. It is the other worker of the next check.
      'auto-create': async () => {
        other = await GodwitProcess.start(readFileSync(file, 'utf8'))
        await other.untilCopied('orders', { 0: 10 })
      },
      'other-worker': () => other?.stop(),
    },
  })
  const found = await following.finally(() => void other?.[Symbol.asyncDispose]())
  const said = found.map(({ what }) => what).join('\n')
  assert.match(said, /^S->T selects none of \d+ topics of cluster S \(topics = ordrs\)$/m)
  assert.match(said, /^ordrs in topics matches no topic of cluster S; did you mean orders\?$/m)
  assert.match(said, /^tmpp in topics\.exclude matches no topic of cluster S; did you mean tmp\?$/m)
  assert.match(said, /^biling in groups matches no group of cluster S; did you mean billing\?$/m)
})
