// `godwit plan` on real clusters: a run does what the plan says, and a plan after the run is empty.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Plan } from '../../src/preflight/plan.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { godwit } from '../harness/godwit.ts'
import { load } from '../harness/load.ts'
import { describeTopics, operate } from '../harness/operate.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'

let old: TestCluster
let fresh: TestCluster
const folder = mkdtempSync(join(tmpdir(), 'godwit-plan-test-'))
const file = join(folder, 'mm2.properties')

before(async () => {
  const start = (name: string) => startCluster({ name, heapMb: 320, configs: { 'auto.create.topics.enable': 'false' } })
  ;[old, fresh] = await Promise.all([start('old'), start('fresh')])
  const topics = [
    { name: 'new-one', partitions: 3, configs: { 'cleanup.policy': 'compact', 'retention.ms': '123456' } },
    { name: 'grown', partitions: 4 },
    { name: 'configured', configs: { 'retention.ms': '777000' } },
    { name: 'foreign' },
    { name: 'equal' },
    { name: 'left-out' },
  ]
  await operate(old, [{ do: 'createTopics', topics }])
  const there = [
    { name: 'grown', partitions: 2 },
    { name: 'configured', partitions: 3, configs: { 'segment.bytes': '1048576' } },
    { name: 'foreign' },
    { name: 'equal' },
  ]
  await operate(fresh, [{ do: 'createTopics', topics: there }])
  await load(old, { topics: ['new-one', 'foreign'], records: 60 })
  await load(fresh, { topics: ['foreign'], records: 7 })
  writeFileSync(file, configuration('left-out'))
})
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([old[Symbol.asyncDispose](), fresh[Symbol.asyncDispose]()])
})

const configuration = (exclude: string) => `clusters = old, fresh
old->fresh.enabled = true
fresh->old.emit.heartbeats.enabled = false
old.bootstrap.servers = ${old.bootstrap}
fresh.bootstrap.servers = ${fresh.bootstrap}
replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy
topics.exclude = ${exclude}
replication.factor = 1
offset.storage.replication.factor = 1
offset-syncs.topic.location = target
offset-syncs.topic.replication.factor = 1
checkpoints.topic.replication.factor = 1
heartbeats.topic.replication.factor = 1
`

async function planned(...words: string[]): Promise<{ code: number | null; plan: Plan & { hasChanges: boolean } }> {
  const { code, out, err } = await godwit(['plan', file, '--output', 'json', ...words])
  assert.equal(err, '')
  return { code, plan: JSON.parse(out) as Plan & { hasChanges: boolean } }
}

test('it lists what is created, changed, kept and not copied, and what needs a decision', async () => {
  const { code, plan } = await planned()
  assert.equal(code, 1)
  const actions = Object.fromEntries(plan.topics.map(({ topic, action }) => [topic, action]))
  const expected = { configured: 'change', equal: 'leave', foreign: 'conflict', grown: 'change', 'new-one': 'create' }
  assert.deepEqual(actions, expected)
  const topic = (name: string) => plan.topics.find((one) => one.topic === name)
  assert.deepEqual(topic('new-one')?.create, {
    replicationFactor: 1,
    configs: { 'cleanup.policy': 'compact', 'retention.ms': '123456' },
  })
  assert.equal(topic('new-one')?.records, 30)
  assert.equal(topic('grown')?.grow, 2)
  assert.deepEqual(topic('configured')?.configs, [
    { op: 'set', name: 'retention.ms', value: '777000', before: null },
    { op: 'delete', name: 'segment.bytes', before: '1048576' },
  ])
  assert.match(topic('configured')?.notes[0] ?? '', /fresh has 3 partitions, old 1: the copy fills the first 1/)
  assert.match(
    topic('foreign')?.conflicts[0]?.what ?? '',
    /foreign on fresh holds 7 records that this flow did not copy/,
  )
  assert.ok(plan.skipped.some(({ topic: name, why }) => name === 'left-out' && why === 'filtered'))
  assert.deepEqual(
    plan.internal.map(({ name, action }) => [name, action]),
    [
      ['mm2-offsets.old.internal', 'create'],
      ['mm2-godwit-positions.old.internal', 'create'],
      ['mm2-godwit-offset-map.old.internal', 'create'],
      ['mm2-offset-syncs.old.internal', 'create'],
      ['old.checkpoints.internal', 'create'],
      ['heartbeats', 'create'],
    ],
  )
  assert.deepEqual(await describeTopics(fresh, ['new-one', 'mm2-offsets.old.internal', 'heartbeats']), [])
})

test('as text it is a diff with signs, remedies and a summary', async () => {
  const { code, out } = await godwit(['plan', file])
  assert.equal(code, 1)
  assert.match(
    out,
    /^\+ new-one {2}\(3 partitions, 30 records\)\n {4}\+ topic with 3 partitions, replication factor 1\n {4}\+ cleanup.policy = compact$/m,
  )
  assert.match(out, /^~ grown .*\n {4}~ partitions: 2 -> 4$/m)
  assert.match(out, /^ {4}~ retention.ms: not set -> 777000\n {4}~ segment.bytes: 1048576 -> the target's default$/m)
  assert.match(
    out,
    /^! foreign .*\n {4}! foreign on fresh holds 7 records .*\n {6}remedy: delete the topic on the target/m,
  )
  assert.doesNotMatch(out, /^= equal/m)
  assert.match(
    out,
    /1 topic to create, 2 to change, 1 unchanged, .*6 internal topics to create; the source contains 60 records/,
  )
  assert.match(out, /1 conflicts? needs? a decision before a run\./)
  const all = await godwit(['plan', file, '--all'])
  assert.match(all.out, /^= equal/m)
  assert.match(all.out, /^- left-out is not copied: topics and topics.exclude do not select it$/m)
})

test('without conflicts a run does what the plan says, and afterwards the plan is empty', async () => {
  writeFileSync(file, configuration('left-out, foreign'))
  const before = await planned('--exit-code')
  assert.equal(before.code, 3)
  const run = await godwit(['run', file, '--until', 'in-sync', '--http', 'off'])
  assert.equal(run.code, 0, run.err)
  const { code, plan } = await planned('--exit-code')
  assert.deepEqual([code, plan.hasChanges], [0, false], JSON.stringify([plan.topics, plan.internal], null, 1))
  const found = await describeTopics(fresh, ['new-one', 'grown', 'configured'])
  const made = Object.fromEntries(found.map((one) => [one.name, [one.partitions.length, one.configs]]))
  for (const { topic, create, partitions, grow } of before.plan.topics.filter(({ action }) => action !== 'leave')) {
    const [count, configs] = made[topic] ?? []
    assert.equal(count, create ? partitions.source : partitions.target + grow)
    if (create) assert.deepEqual(configs, create.configs)
  }
  const text = await godwit(['plan', file])
  assert.match(text.out, /There is nothing to change on the target\./)
})

test('plan and run report a recreated source topic alike: nothing is copied until the user decides', async () => {
  await operate(old, [{ do: 'deleteTopics', topics: ['new-one'] }])
  await operate(old, [{ do: 'createTopics', topics: [{ name: 'new-one', partitions: 3 }] }])
  await load(old, { topics: ['new-one'], records: 9 })
  const { code, plan } = await planned()
  assert.equal(code, 1)
  const topic = plan.topics.find((one) => one.topic === 'new-one')
  assert.equal(topic?.action, 'conflict')
  await using running = await GodwitProcess.start(configuration('left-out, foreign'))
  const { problem } = await running.untilProblem('TOPIC_RECREATED', 'new-one', 0)
  // The process has a copy of the file, and each remedy names the file that its command was given.
  const [{ what, remedy } = { what: '', remedy: '' }, ...others] = topic?.conflicts ?? []
  assert.deepEqual([what, others], [`${problem?.message}; a run copies nothing of it`, []])
  const anyFile = (text: string) => text.replace(/reset \S+/, 'reset FILE')
  assert.equal(anyFile(remedy), anyFile(problem?.remedy ?? ''))
  assert.notEqual(remedy, '')
})

test('plan and run report a policy change alike: the records are in a topic with another name', async () => {
  const changed = join(folder, 'changed.properties')
  const text = configuration('left-out, foreign, new-one').replace(
    'IdentityReplicationPolicy',
    'DefaultReplicationPolicy',
  )
  writeFileSync(changed, text)
  const { code, out } = await godwit(['plan', changed])
  assert.equal(code, 1)
  assert.doesNotMatch(out, /was deleted/)
  const said =
    /! (the stored positions of source topic equal .* policy was changed); a run copies nothing of it$/m.exec(out)
  assert.ok(said, out)
  await using running = await GodwitProcess.start(text)
  const { problems } = await running.until('the run reports it too', (flow) =>
    flow.problems.some(({ topic }) => topic === 'equal'),
  )
  assert.equal(problems.find(({ topic }) => topic === 'equal')?.message, said[1])
})

test('a list that selects nothing, and an item that matches nothing, are in the plan', async () => {
  const wrong = join(folder, 'typo.properties')
  writeFileSync(wrong, `${configuration('left-out, foreing')}topics = new-oen\n`)
  const { code, out } = await godwit(['plan', wrong])
  assert.equal(code, 1)
  assert.match(out, /^! old->fresh selects none of \d+ topics of cluster old: nothing would be copied$/m)
  assert.match(out, /^\? new-oen in topics matches no topic of cluster old; did you mean new-one\?$/m)
  assert.match(out, /^\? foreing in topics\.exclude matches no topic of cluster old; did you mean foreign\?$/m)
})

test('what cannot be planned is reported with its remedy', async () => {
  const wrong = join(folder, 'wrong.properties')
  const cases: [string, string[], number, RegExp][] = [
    [
      configuration('x'),
      ['--flow', 'old->fesh'],
      64,
      /no flow old->fesh; did you mean old->fresh\?\n {2}remedy: there is old->fresh/,
    ],
    [configuration('x').replace('old->fresh.enabled = true', ''), [], 78, /no flow of the file copies/],
    [configuration('x').replaceAll(old.bootstrap, '127.0.0.1:9'), [], 69, /no broker of cluster old|127\.0\.0\.1:9/],
    ['clusters = a\nnonsense', [], 78, /cannot be used; nothing was done/],
  ]
  for (const [text, words, expected, message] of cases) {
    writeFileSync(wrong, text)
    const { code, out, err } = await godwit(['plan', wrong, ...words])
    assert.deepEqual([code, out], [expected, ''], err)
    assert.match(err, message)
  }
})
