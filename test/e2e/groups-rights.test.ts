// Group, topic and offset commands for a user with missing permissions: exit code 77, or a list of what is missing and how to
// grant it.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { godwit } from '../harness/godwit.ts'
import { executeCommands, writeAdminFile } from '../harness/kafka-tools.ts'
import { createTopics, groupOffsets, operate } from '../harness/operate.ts'
import { mm2Lines, startSecureCluster } from '../harness/secure-cluster.ts'

const cluster = await startSecureCluster()
const folder = mkdtempSync(join(tmpdir(), 'godwit-rights-'))
after(async () => {
  await cluster[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const permit = (type: 'TOPIC' | 'GROUP', name: string, operation: 'DESCRIBE' | 'READ') =>
  ({ do: 'permit', user: 'alice', operations: [operation], type, name }) as const

await createTopics(cluster.admin, { name: 'orders' }, { name: 'secret' })
const offsets = [{ topic: 'orders', partition: 0, offset: 0 }]
await operate(cluster.admin, [
  { do: 'commitOffsets', group: 'billing', offsets },
  permit('TOPIC', 'orders', 'DESCRIBE'),
])
const reach = cluster.saslSsl({ user: 'alice' })
const file = join(folder, 'mm2.properties')
const lines = ['clusters = old, new', mm2Lines('old', reach) + mm2Lines('new', reach), 'old->new.enabled = true', '']
writeFileSync(file, lines.join('\n'))
writeAdminFile(folder, 'old', cluster.admin.client)
writeAdminFile(folder, 'new', cluster.admin.client)
/** Executes the kafka-acls.sh lines in a message as the administrator. */
const follow = (said: string) => executeCommands(said.match(/kafka-acls\.sh [^;\n]*/g) ?? [], folder)
const asAlice = (...words: string[]) => godwit([...words])

test('topics and offsets show what the user may describe', async () => {
  const { out, code } = await asAlice('offsets', file, '--cluster', 'old')
  assert.deepEqual([out, code], ['orders:0:0\n', 0])
  const { out: topics } = await asAlice('topics', file, '--cluster', 'old')
  assert.match(topics, /orders/)
  assert.doesNotMatch(topics, /secret/)
})

test('groups that the user may not describe are reported by every command, not left out or called missing', async () => {
  const hidden = /the user may not describe every group on cluster old: groups that it cannot see are left out/
  for (const words of [
    ['describe', '--cluster', 'old'],
    ['describe', '--cluster', 'old', '--output', 'json'],
    ['describe'],
    ['translate', '--all-groups'],
    ['sync'],
    ['reset', '--cluster', 'old', '--all-groups', '--topic', 'orders', '--to-latest'],
  ]) {
    const [command = '', ...rest] = words
    const { err, code } = await asAlice('groups', command, file, ...rest)
    assert.match(err, hidden, words.join(' '))
    assert.equal(code, command === 'describe' ? 0 : 1, err)
  }
})

test('for a group that the user may not describe, the missing permission is named, and the line grants it', async () => {
  for (const words of [
    ['describe', '--cluster', 'old', '--group', 'billing'],
    ['translate', '--group', 'billing'],
    ['sync', '--group', 'billing'],
    ['reset', '--cluster', 'old', '--group', 'billing', '--topic', 'orders', '--to-latest'],
  ]) {
    const [command = '', ...rest] = words
    const { code, err } = await asAlice('groups', command, file, ...rest)
    assert.equal(code, 77, err)
    assert.match(err, /the user may not describe group billing on cluster old/)
    assert.match(err, /remedy: kafka-acls\.sh .* --allow-principal User:alice --operation Describe --group billing$/m)
  }
  await follow((await asAlice('groups', 'describe', file, '--cluster', 'old', '--group', 'billing')).err)
  const { out, code } = await asAlice('groups', 'describe', file, '--cluster', 'old', '--group', 'billing')
  assert.equal(code, 0)
  assert.match(out, /\nbilling +orders +0 +0 +0 +0 /)
})

test('a reset that the cluster refuses changes nothing; the printed lines grant the missing permissions', async () => {
  const words = [
    'groups',
    'reset',
    file,
    '--cluster',
    'old',
    '--group',
    'billing',
    '--topic',
    'orders',
    '--to-offset',
    '0',
  ]
  const dry = await asAlice(...words)
  assert.equal(dry.code, 0, dry.err)
  for (const [why, right] of [
    [/cannot be written on cluster old: .*GROUP_AUTHORIZATION_FAILED/, /--operation Read --group billing$/m],
    [/cannot be written on cluster old: .*TOPIC_AUTHORIZATION_FAILED/, /--operation Read --topic orders$/m],
  ] as const) {
    const { code, err } = await asAlice(...words, '--execute')
    assert.equal(code, 1)
    assert.match(err, why)
    assert.match(err, right)
    assert.deepEqual(await groupOffsets(cluster.admin, 'billing'), offsets)
    await follow(err)
  }
  const { code, err } = await asAlice(...words, '--execute')
  assert.equal(code, 0, err)
})

test('after the printed line for all groups nothing is reported as missing', async () => {
  const { err } = await asAlice('groups', 'describe', file, '--cluster', 'old')
  assert.match(err, /--operation Describe --group '\*'$/m)
  await follow(err)
  const again = await asAlice('groups', 'describe', file, '--cluster', 'old')
  assert.doesNotMatch(again.err, /may not describe/)
})

test('a wrong password ends with exit code 77, and is not shown', async () => {
  const wrong = join(folder, 'wrong.properties')
  const stranger = cluster.saslSsl({ user: 'alice', password: 'not-the-password' })
  writeFileSync(wrong, ['clusters = old, new', mm2Lines('old', stranger) + mm2Lines('new', reach), lines[2]].join('\n'))
  const { code, out, err } = await asAlice('groups', 'describe', wrong, '--cluster', 'old')
  assert.equal(code, 77)
  assert.match(err, /AUTHENTICATION_FAILED|credentials/)
  assert.doesNotMatch(out + err, /not-the-password/)
})
