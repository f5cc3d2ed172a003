// The commands about groups, topics and offsets for a user with too few rights: exit code 77, or what is missing and how to grant it.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { godwit } from '../harness/godwit.ts'
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
const asAlice = (...words: string[]) => godwit([...words])

test('topics and offsets show what the user may see', async () => {
  const { out, code } = await asAlice('offsets', file, '--cluster', 'old')
  assert.deepEqual([out, code], ['orders:0:0\n', 0])
  const { out: topics } = await asAlice('topics', file, '--cluster', 'old')
  assert.match(topics, /orders/)
  assert.doesNotMatch(topics, /secret/)
})

test('groups that the user may not see are told as that, not as missing', async () => {
  const { code, err } = await asAlice('groups', 'describe', file, '--cluster', 'old', '--group', 'billing')
  assert.equal(code, 64)
  assert.match(err, /the user may not Describe them/)
})

test('a reset that the cluster refuses changes nothing, and names the right that is missing', async () => {
  await operate(cluster.admin, [permit('GROUP', 'billing', 'DESCRIBE')])
  const words = ['groups', 'reset', file, '--cluster', 'old', '--group', 'billing', '--topic', 'orders', '--to-latest']
  const dry = await asAlice(...words)
  assert.equal(dry.code, 0, dry.err)
  const { code, err } = await asAlice(...words, '--execute')
  assert.equal(code, 1)
  assert.match(
    err,
    /the offset of group billing for orders-0 cannot be written on cluster old: .*GROUP_AUTHORIZATION_FAILED/,
  )
  assert.match(err, /grant the user of this connection Read/)
  assert.deepEqual(await groupOffsets(cluster.admin, 'billing'), offsets)
})

test('a wrong password ends with 77, and is not shown', async () => {
  const wrong = join(folder, 'wrong.properties')
  const stranger = cluster.saslSsl({ user: 'alice', password: 'not-the-password' })
  writeFileSync(wrong, ['clusters = old, new', mm2Lines('old', stranger) + mm2Lines('new', reach), lines[2]].join('\n'))
  const { code, out, err } = await asAlice('groups', 'describe', wrong, '--cluster', 'old')
  assert.equal(code, 77)
  assert.match(err, /AUTHENTICATION_FAILED|credentials/)
  assert.doesNotMatch(out + err, /not-the-password/)
})
