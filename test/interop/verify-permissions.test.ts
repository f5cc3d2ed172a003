// `godwit verify` with missing permissions: hidden topics and configs are never reported as equal or as missing.
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
const folder = mkdtempSync(join(tmpdir(), 'godwit-verify-permissions-'))
const topics = ['orders', 'payments']
const whole: Permission = {
  user: 'alice',
  operations: ['READ', 'DESCRIBE', 'DESCRIBE_CONFIGS'],
  type: 'TOPIC',
  name: 'orders',
}

/** A file with these users as logins. */
function fileFor(what: string, here = 'admin', there = 'admin'): string {
  const file = join(folder, 'mm2.properties')
  const lines = [
    ...['clusters = old, new', 'old->new.enabled = true', `old->new.topics = ${what}`],
    ...[
      'new->old.emit.heartbeats.enabled = false',
      'emit.heartbeats.enabled = false',
      'emit.checkpoints.enabled = false',
    ],
    'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
    ...['sync.topic.acls.enabled = false', 'sync.topic.configs.enabled = false'],
    ...['', 'offset.storage.', 'offset-syncs.topic.'].map((prefix) => `${prefix}replication.factor = 1`),
  ]
  const logins = mm2Lines('old', source.saslSsl({ user: here })) + mm2Lines('new', target.saslSsl({ user: there }))
  writeFileSync(file, `${lines.join('\n')}\n${logins}`)
  return file
}

before(async () => {
  ;[source, target] = await Promise.all([startSecureCluster(), startSecureCluster()])
  await load(source.admin, { topics, records: 200 })
  const { code, err } = await godwit(['run', fileFor('orders, payments'), '--until', 'in-sync', '--http', 'off'])
  assert.equal(code, 0, err)
  await operate(source.admin, [{ do: 'permit', ...whole }])
  for (const name of ['mm2', 'orders'])
    await operate(target.admin, [{ do: 'permit', ...whole, name, pattern: 'PREFIXED' }])
})
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()])
})

async function verified(file: string): Promise<{ code: number | null; report: Report }> {
  const { code, out, err } = await godwit(['verify', file, '--wait', '2', '--output', 'json'])
  assert.notEqual(out, '', err)
  return { code, report: JSON.parse(out) as Report }
}

const found = ({ topics: all }: Report) => all.map(({ topic, verdict, differences }) => [topic, verdict, differences])

test('a topic that the source hides is named if the file names it or if it was copied before', async () => {
  assert.equal((await verified(fileFor('orders, payments'))).code, 0)
  const why = 'the login of cluster old may not describe topic payments: grant it Describe, DescribeConfigs and Read'
  for (const what of ['orders, payments', 'orders|pay.*']) {
    const { code, report } = await verified(fileFor(what, 'alice'))
    assert.deepEqual(found(report), [
      ['orders', 'equal', []],
      ['payments', 'incomplete', [why]],
    ])
    assert.deepEqual([code, report.verdict], [2, 'incomplete'])
  }
})

test('a topic that the target hides is not reported as missing', async () => {
  const { code, report } = await verified(fileFor('orders, payments', 'admin', 'alice'))
  const why = 'the login of cluster new may not describe topic payments: grant it Describe, DescribeConfigs and Read'
  assert.deepEqual(found(report), [
    ['orders', 'equal', []],
    ['payments', 'incomplete', [why]],
  ])
  assert.equal(code, 2)
})

test('unreadable configs are noted, and the topic is compared as one that is not compacted', async () => {
  await operate(source.admin, [{ do: 'forbid', ...whole, operations: ['DESCRIBE_CONFIGS'] }])
  const { code, report } = await verified(fileFor('orders', 'alice'))
  assert.equal(code, 0)
  assert.match(
    report.topics[0]?.partitions[0]?.notes.join() ?? '',
    /configs cannot be read \(.*\): compared as a topic that is not compacted/,
  )
  await operate(source.admin, [{ do: 'forbid', ...whole, operations: ['READ'] }])
  const unread = await verified(fileFor('orders', 'alice'))
  assert.deepEqual([unread.code, unread.report.verdict], [2, 'incomplete'])
})
