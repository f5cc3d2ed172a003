// A missing permission is reported by name in godwit's own words, and names with any characters stay on one line.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { godwit } from '../harness/godwit.ts'
import { writeAdminFile } from '../harness/kafka-tools.ts'
import { load } from '../harness/load.ts'
import { operate } from '../harness/operate.ts'
import { mm2Lines, startSecureCluster } from '../harness/secure-cluster.ts'
import { GodwitProcess } from './engine/godwit-process.ts'

const [source, target] = await Promise.all([startSecureCluster({ heapMb: 320 }), startSecureCluster({ heapMb: 320 })])
const folder = mkdtempSync(join(tmpdir(), 'godwit-visibility-'))
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()])
})
writeAdminFile(folder, 'S', source.admin.client)

const factors = ['', 'checkpoints.topic.', 'heartbeats.topic.', 'offset-syncs.topic.', 'offset.storage.']
const configuration = (...lines: readonly string[]) =>
  [
    'clusters = S, T',
    mm2Lines('S', source.saslSsl({ user: 'alice' })),
    mm2Lines('T', target.admin),
    'S->T.enabled = true',
    'T->S.emit.heartbeats.enabled = false',
    'offset-syncs.topic.location = target',
    'refresh.groups.interval.seconds = 1',
    'sync.group.offsets.enabled = true',
    ...factors.map((factor) => `${factor}replication.factor = 1`),
    ...lines,
    '',
  ].join('\n')

/** Unusual group names that Kafka accepts. */
const awkward = ['', 'x'.repeat(5000), 'two\nlines', '\u001b[2J\u001b[31mred', 'billing', 'a b']

test('without Describe on groups the task fails with the missing permission, instead of finding none', async () => {
  await load(source.admin, { topics: ['orders'], records: 20 })
  await operate(source.admin, [
    { do: 'permit', user: 'alice', operations: ['READ', 'DESCRIBE_CONFIGS'], type: 'TOPIC', name: '*' },
    ...awkward.map((group) => {
      return { do: 'commitOffsets', group, offsets: [{ topic: 'orders', partition: 0, offset: 5 }] } as const
    }),
  ])
  await using running = await GodwitProcess.start(configuration('S->T.topics = orders, ordrs'))
  const status = await running.until('a problem with groups', ({ problems }) =>
    problems.some(({ message }) => message.startsWith('groups:')),
  )
  const problem = status.problems.find(({ message }) => message.startsWith('groups:'))
  assert.equal(problem?.code, 'NOT_AUTHORIZED')
  assert.match(problem.message, /^groups: no group of cluster S is visible: the user lacks Describe on every group/)
  assert.match(
    problem.remedy ?? '',
    /kafka-acls\.sh .*--add --allow-principal User:alice --operation Describe --group '\*'/,
  )
  const task = status.periodicTasks.find(({ task }) => task === 'groups')
  assert.equal(task?.result, 'failed')
  const acls = status.problems.find(({ message }) => message.startsWith('topic-acls:'))
  // Brokers before 4.0 do not name the permission.
  const inItsWords = source.cluster.isBefore(4)
    ? /the ACLs of cluster S cannot be read: the user lacks a permission on the cluster \(CLUSTER_AUTHORIZATION_FAILED\)$/
    : /the ACLs of cluster S cannot be read: the request needs DESCRIBE permission\. \(CLUSTER_AUTHORIZATION_FAILED\)$/
  assert.match(acls?.message ?? '', inItsWords)
  assert.doesNotMatch(JSON.stringify([status, running.log]), /Request\(|connectionId/)
  const warned = running.log.find(({ item }) => item === 'ordrs')
  assert.equal(warned?.level, 'warn')
  assert.equal(warned.message, 'ordrs in topics matches no topic of cluster S; did you mean orders?')

  // The named permission is enough. A dot in Java's patterns matches no line end, so that one group is not selected.
  await operate(source.admin, [
    { do: 'permit', user: 'alice', operations: ['DESCRIBE'], type: 'GROUP', name: '*' },
    { do: 'permit', user: 'alice', operations: ['DESCRIBE'], type: 'CLUSTER', name: 'kafka-cluster' },
  ])
  await running.until('its groups', ({ periodicTasks }) =>
    periodicTasks.some(
      ({ task, message }) => task === 'groups' && message === `${awkward.length - 1} groups of ${awkward.length}`,
    ),
  )
})

test('group names of any length and characters stay on one line in every table, and exact in JSON', async () => {
  const file = join(folder, 'mm2.properties')
  writeFileSync(file, configuration('S->T.topics = orders'))
  const run = await godwit(['run', file, '--until', 'in-sync', '--http', 'off'])
  assert.equal(run.code, 0, run.err)
  const commands = [
    ['groups', 'describe', file],
    ['groups', 'describe', file, '--cluster', 'S', '--all-groups'],
    ['groups', 'translate', file, '--all-groups'],
    ['groups', 'sync', file],
    ['groups', 'reset', file, '--cluster', 'S', '--all-groups', '--all-topics', '--to-earliest'],
    ['check', file],
    ['plan', file],
  ]
  for (const words of commands) {
    const { out, err } = await godwit(words)
    const said = `${out}${err}`
    assert.doesNotMatch(said, /(?!\n)[\p{Cc}\p{Cf}]/u, words.join(' '))
    assert.ok(
      said.split('\n').every((line) => line.length < 5000),
      words.join(' '),
    )
  }
  const { out } = await godwit(['groups', 'describe', file, '--cluster', 'S', '--all-groups', '--output', 'json'])
  const found = JSON.parse(out) as { groups: { group: string }[] }
  assert.deepEqual(found.groups.map(({ group }) => group).toSorted(), awkward.toSorted())
  const table = await godwit(['groups', 'translate', file, '--all-groups'])
  const rows = table.out.trimEnd().split('\n')
  assert.equal(rows.length, 2 + awkward.length, table.out)
  assert.ok(rows.some((row) => row.startsWith("''  ")))
  assert.ok(rows.some((row) => row.startsWith('two\\nlines  ')))
  assert.ok(rows.some((row) => row.startsWith('\\x1b[2J\\x1b[31mred  ')))
})
