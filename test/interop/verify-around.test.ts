// `godwit verify` of everything except records, on clusters with authorizers, over TLS: equal and different ACLs and group
// offsets.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Report } from '../../src/verify/report.ts'
import { godwit } from '../harness/godwit.ts'
import { load } from '../harness/load.ts'
import { operate, type Permission } from '../harness/operate.ts'
import { mm2Lines, type SecureCluster, startSecureCluster } from '../harness/secure-cluster.ts'

let source: SecureCluster
let target: SecureCluster
const folder = mkdtempSync(join(tmpdir(), 'godwit-verify-around-'))
const file = join(folder, 'mm2.properties')
const alice: Permission = { user: 'alice', operations: ['READ', 'DESCRIBE'], type: 'TOPIC', name: 'orders' }
const places = [0, 1].map((partition) => ({ topic: 'orders', partition, offset: 40 + partition }))

before(async () => {
  ;[source, target] = await Promise.all([startSecureCluster(), startSecureCluster()])
  await load(source.admin, { topics: ['orders'], partitions: 2, records: 200 })
  await operate(source.admin, [
    { do: 'permit', ...alice },
    { do: 'commitOffsets', group: 'billing', offsets: places },
  ])
  const lines = [
    'clusters = old, new',
    'old->new.enabled = true',
    'old->new.topics = orders',
    'new->old.emit.heartbeats.enabled = false',
    'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
    'sync.group.offsets.enabled = true',
    ...['', 'offset.storage.', 'offset-syncs.topic.', 'checkpoints.topic.', 'heartbeats.topic.'].map(
      (what) => `${what}replication.factor = 1`,
    ),
  ]
  writeFileSync(file, `${lines.join('\n')}\n${mm2Lines('old', source.admin)}${mm2Lines('new', target.admin)}`)
  const { code, err } = await godwit(['run', file, '--until', 'in-sync', '--http', 'off'])
  assert.equal(code, 0, err)
})
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()])
})

async function verified(): Promise<{ code: number | null; of: (what: string) => Report['around'][number] }> {
  const { code, out, err } = await godwit(['verify', file, '--depth', 'counts', '--output', 'json'])
  assert.notEqual(out, '', err)
  const { around } = JSON.parse(out) as Report
  const of = (what: string) => {
    const found = around.find((section) => section.what === what)
    assert.ok(found)
    return found
  }
  return { code, of }
}

test('configs, ACLs and group offsets after a run are compared and equal', async () => {
  const { code, of } = await verified()
  assert.deepEqual(
    ['configs', 'acls', 'groups'].map((what) => [what, of(what).verdict, of(what).compared]),
    [
      ['configs', 'equal', 1],
      ['acls', 'equal', 2],
      ['groups', 'equal', 2],
    ],
  )
  assert.equal(code, 0)
})

test('a missing ACL is a difference, and named', async () => {
  await operate(target.admin, [{ do: 'forbid', ...alice, operations: ['READ'] }])
  const { code, of } = await verified()
  assert.equal(code, 1)
  assert.deepEqual(of('acls').differences, ['topic orders: ALLOW READ to User:alice from * is missing'])
  await operate(target.admin, [{ do: 'permit', ...alice, operations: ['READ'] }])
  assert.equal((await verified()).code, 0)
})

test('a group offset before its checkpoint is reported as not there yet, and named', async () => {
  const [first] = places
  assert.ok(first)
  await operate(target.admin, [{ do: 'commitOffsets', group: 'billing', offsets: [{ ...first, offset: 3 }] }])
  const { code, of } = await verified()
  assert.equal(code, 2)
  assert.deepEqual(of('groups').notes, ['group billing, orders-0: committed at 3 on the target, its checkpoint is 40'])
})

test('a group of the source without a checkpoint on the target is reported as not there yet, and named', async () => {
  const [first] = places
  assert.ok(first)
  await operate(target.admin, [{ do: 'commitOffsets', group: 'billing', offsets: places }])
  assert.equal((await verified()).code, 0)
  await operate(source.admin, [{ do: 'commitOffsets', group: 'shipping', offsets: [{ ...first, offset: 7 }] }])
  const { code, of } = await verified()
  assert.deepEqual([code, of('groups').verdict], [2, 'notYet'])
  const why = 'group shipping, orders-0: committed at offset 7 on the source, without a checkpoint on the target yet'
  const whenever = 'checkpoints are written every 60 s while the flow runs (emit.checkpoints.interval.seconds)'
  assert.deepEqual(of('groups').notes, [why, whenever])
})
