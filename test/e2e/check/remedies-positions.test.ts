// Stored positions of topics that have changed: reported before a run, and gone after their remedies are followed.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startCluster } from '../../harness/cluster.ts'
import { godwit } from '../../harness/godwit.ts'
import { load } from '../../harness/load.ts'
import { operate } from '../../harness/operate.ts'
import { findingsOf, follow } from './follow.ts'

const configs = { 'auto.create.topics.enable': 'false' }
const [source, target] = await Promise.all(['source', 'target'].map((name) => startCluster({ name, configs })))
assert.ok(source && target)
const folder = mkdtempSync(join(tmpdir(), 'godwit-positions-'))
after(async () => {
  await Promise.all([source, target].map((cluster) => cluster[Symbol.asyncDispose]()))
  rmSync(folder, { recursive: true, force: true })
})

const policy = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy'
const lines = [
  'clusters = S, T',
  `S.bootstrap.servers = ${source.bootstrap}`,
  `T.bootstrap.servers = ${target.bootstrap}`,
  'S->T.enabled = true',
  'T->S.emit.heartbeats.enabled = false',
  '',
]

test('recreated source topics, deleted target topics and a changed policy are found and fixed before a run', async () => {
  const file = join(folder, 'my file.properties')
  writeFileSync(file, lines.join('\n'))
  await load(source, { topics: ['again', 'gone', 'same'], records: 20 })
  const once = () => godwit(['run', file, '--http', 'off', '--until', 'in-sync'])
  const first = await once()
  assert.equal(first.code, 0, first.err)
  assert.deepEqual(await findingsOf(file), [])

  writeFileSync(file, [...lines, policy].join('\n'))
  const renamed = await findingsOf(file)
  assert.deepEqual(new Set(renamed.map(({ code }) => code)), new Set(['position-refused']))
  assert.match(renamed[0]?.what ?? '', /belong to target topic S\.again, the file now names again/)
  assert.match(renamed[0]?.remedies[0]?.text ?? '', /DefaultReplicationPolicy/)
  const { out } = await godwit(['plan', file])
  assert.match(out, /belong to target topic S\.again/)
  assert.doesNotMatch(out, /was deleted/)

  writeFileSync(file, lines.join('\n'))
  await operate(source, [{ do: 'deleteTopics', topics: ['again'] }])
  await operate(target, [{ do: 'deleteTopics', topics: ['S.gone'] }])
  await load(source, { topics: ['again'], records: 20 })
  const found = await follow({ scene: 'positions', file, folder })
  const said = found.map(({ what }) => what).join('\n')
  assert.match(said, /the source topic again was deleted and created again/)
  assert.match(said, /target topic S\.gone was deleted/)
  const plan = await godwit(['plan', file])
  assert.equal(plan.code, 0, plan.out)
  assert.match(
    plan.out,
    /^= again -> S\.again .*\n {4}note: its position was reset: .* behind the \d+ records of the target$/m,
  )
  const last = await once()
  assert.equal(last.code, 0, last.err)
})
