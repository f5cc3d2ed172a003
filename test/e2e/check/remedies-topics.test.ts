// Two clusters with a fault in every topic: one run reports all of them, and they are gone after the printed remedies are
// followed.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startCluster } from '../../harness/cluster.ts'
import { godwit } from '../../harness/godwit.ts'
import { askJava } from '../../harness/java-json.ts'
import { load } from '../../harness/load.ts'
import { createTopics, groupOffsets, operate } from '../../harness/operate.ts'
import { follow, writeSetting } from './follow.ts'

const start = (name: string) => startCluster({ name, heapMb: 320, configs: { 'auto.create.topics.enable': 'false' } })
const [source, target, third] = await Promise.all([start('source'), start('target'), start('third')])
const folder = mkdtempSync(join(tmpdir(), 'godwit-topics-'))
after(async () => {
  await Promise.all([source, target, third].map((cluster) => cluster[Symbol.asyncDispose]()))
  rmSync(folder, { recursive: true, force: true })
})

const file = join(folder, 'mm2.properties')
const MINUTE = 60_000
const isoIn = (ms: number) => new Date(Date.now() + ms).toISOString()

const lines = (...more: readonly string[]) => [
  'clusters = S, T, U',
  `S.bootstrap.servers = ${source.bootstrap}`,
  `T.bootstrap.servers = ${target.bootstrap}`,
  `U.bootstrap.servers = ${source.bootstrap}`,
  'S.consumer.isolation.level = read_committed',
  'S->T.enabled = true',
  'T->S.emit.heartbeats.enabled = false',
  'U->T.emit.heartbeats.enabled = false',
  ...['S->U', 'T->U', 'U->S'].map((flow) => `${flow}.emit.heartbeats.enabled = false`),
  'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
  'sync.topic.configs.enabled = false',
  'replication.factor = 1',
  ...['checkpoints', 'heartbeats', 'offset-syncs'].map((topic) => `${topic}.topic.replication.factor = 1`),
  'offset.storage.replication.factor = 1',
  ...more,
  '',
]

/** Copies records in advance, so that group offsets can be translated. */
async function copyBeforehand(): Promise<void> {
  await load(source, { topics: ['moved'], records: 40 })
  writeFileSync(file, lines('S->T.topics = moved').join('\n'))
  const { code, err } = await godwit(['run', file, '--until', 'in-sync', '--http', 'off'])
  assert.equal(code, 0, err)
}

async function plant(): Promise<void> {
  const names = [
    'big',
    'bills',
    'bulky',
    'pay.in',
    'packed',
    'stamped',
    'held',
    'used',
    'round',
    'wide',
    'solo',
    'back',
    'shared',
  ]
  await createTopics(source, { name: 'orders', partitions: 3 }, ...names.map((name) => ({ name })))
  await load(source, { topics: ['old', 'aged'], records: 20, startTime: '2019-03-01T00:00:00Z' })
  await load(source, { topics: ['bulky'], records: 200, valueBytes: 1000 })
  const unbounded = { 'message.timestamp.after.max.ms': '9223372036854775807' }
  await load(source, { topics: ['future'], records: 5, startTime: isoIn(1440 * MINUTE), topicConfigs: unbounded })
  const fading = { 'retention.ms': String(60 * MINUTE) }
  await load(source, { topics: ['fading'], records: 5, startTime: isoIn(-57 * MINUTE), topicConfigs: fading })
  await askJava('OpenTransaction.java', source, { topic: 'held', records: 3 })
  await createTopics(
    target,
    ...['orders', 'pay_in', 'used', 'future', 'back', 'round', 'solo'].map((name) => ({ name })),
    { name: 'wide', partitions: 4 },
    { name: 'big', configs: { 'max.message.bytes': '100000' } },
    { name: 'old', configs: { 'retention.ms': '604800000' } },
    { name: 'aged', configs: { 'message.timestamp.before.max.ms': '86400000', 'retention.ms': '-1' } },
    { name: 'bulky', configs: { 'retention.bytes': '1000' } },
    { name: 'bills', configs: { 'cleanup.policy': 'compact' } },
    { name: 'packed', configs: { 'compression.type': 'gzip' } },
    { name: 'stamped', configs: { 'message.timestamp.type': 'LogAppendTime' } },
  )
  await load(target, { topics: ['used'], records: 50 })
  await createTopics(third, { name: 'solo' }, { name: 'shared' })
  const at = (group: string, offset: number) =>
    ({ do: 'commitOffsets', group, offsets: [{ topic: 'moved', partition: 0, offset }] }) as const
  await operate(source, [at('billing', 7)])
  await operate(target, [
    at('billing', 5000),
    at('gone', 5000),
    { do: 'configure', name: 'mm2-offsets.S.internal', configs: { 'cleanup.policy': 'delete' } },
  ])
}

test('one run finds everything that is wrong with the topics of a pair, and the printed lines fix it', async () => {
  await copyBeforehand()
  await plant()
  const excluded = 'mm2.*\\\\.internal, .*\\\\.replica, __.*'
  writeFileSync(
    file,
    lines(
      `S->T.topics.exclude = ${excluded}, solo, back`,
      'S->T.replication.factor = 2',
      'T->S.enabled = true',
      'T->S.topics = round, back',
      'godwit.allow.loops = true',
      'U->T.enabled = true',
      'U->T.topics = solo, shared',
    ).join('\n'),
  )
  await follow({
    scene: 'topics',
    // Since 4.0 brokers refuse records with future timestamps by default.
    except: target.isBefore(4) ? ['timestamps-too-new'] : [],
    file,
    folder,
    manualSteps: {
      'cluster-twice': () => writeSetting(file, `U.bootstrap.servers = ${third.bootstrap}`),
    },
  })
  const offsets = [await groupOffsets(target, 'billing'), await groupOffsets(target, 'gone')].flat()
  assert.deepEqual(
    offsets.map(({ offset }) => offset),
    [7, 40],
  )
})
