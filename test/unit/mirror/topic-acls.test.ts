// Which ACLs of source topics are added on the target, and in which form.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newReplicationPolicy } from '../../../src/mirror/replication-policy.ts'
import { aclCopies, missingAcls, type TopicAcl } from '../../../src/mirror/topic-acls.ts'
import { shouldReplicate } from '../../../src/mirror/topic-selection.ts'
import type { PolicySettings } from '../../../src/model/flow-settings.ts'

/** `LITERAL orders ALLOW READ User:alice *`, in the format of the harness. */
function acl(line: string): TopicAcl {
  const [pattern, topic, permission, operation, principal, host] = line.split(' ')
  return { pattern, topic, permission, operation, principal, host } as TopicAcl
}
const line = (one: TopicAcl) =>
  [one.pattern, one.topic, one.permission, one.operation, one.principal, one.host].join(' ')

function copiesOf(kind: PolicySettings['kind'], lines: readonly string[], include = /.*/) {
  const policy = newReplicationPolicy({ kind, separator: '.', internalSeparator: '.' }, 'A')
  const flow = {
    targetAlias: 'B',
    topics: { include: [include], exclude: [/secret/] },
    heartbeatsReplicationEnabled: true,
  }
  const { wanted, unnameable } = aclCopies(lines.map(acl), {
    replicates: (topic) => shouldReplicate(topic, flow, policy).replicate,
    remoteName: (topic) => policy.formatRemoteTopic('A', topic),
  })
  return { wanted: wanted.map(line), unnameable: unnameable.map(line) }
}

const cases: readonly (readonly [says: string, acl: string, copy: string | undefined])[] = [
  ['reading is copied', 'LITERAL orders ALLOW READ User:a *', 'LITERAL A.orders ALLOW READ User:a *'],
  ['a host is kept', 'LITERAL orders ALLOW READ User:a 10.0.0.1', 'LITERAL A.orders ALLOW READ User:a 10.0.0.1'],
  ['every principal is one', 'LITERAL orders ALLOW READ User:* *', 'LITERAL A.orders ALLOW READ User:* *'],
  ['describing is copied', 'LITERAL orders ALLOW DESCRIBE User:a *', 'LITERAL A.orders ALLOW DESCRIBE User:a *'],
  ['altering is copied', 'LITERAL orders ALLOW ALTER User:a *', 'LITERAL A.orders ALLOW ALTER User:a *'],
  ['deleting is copied', 'LITERAL orders ALLOW DELETE User:a *', 'LITERAL A.orders ALLOW DELETE User:a *'],
  ['creating is copied', 'LITERAL orders ALLOW CREATE User:a *', 'LITERAL A.orders ALLOW CREATE User:a *'],
  ['writing is not', 'LITERAL orders ALLOW WRITE User:a *', undefined],
  ['everything becomes reading', 'LITERAL orders ALLOW ALL User:a *', 'LITERAL A.orders ALLOW READ User:a *'],
  ['a denial of reading stays', 'LITERAL orders DENY READ User:a *', 'LITERAL A.orders DENY READ User:a *'],
  ['a denial of writing stays', 'LITERAL orders DENY WRITE User:a *', 'LITERAL A.orders DENY WRITE User:a *'],
  ['a denial of everything stays', 'LITERAL orders DENY ALL User:a *', 'LITERAL A.orders DENY ALL User:a *'],
  ['a prefix is not copied', 'PREFIXED ord ALLOW READ User:a *', undefined],
  ['a topic that is excluded keeps its ACLs', 'LITERAL secret ALLOW READ User:a *', undefined],
  ['so does an internal one', 'LITERAL __consumer_offsets ALLOW READ User:a *', undefined],
  ['and one that came from the target', 'LITERAL B.orders ALLOW READ User:a *', undefined],
]

for (const [says, from, copy] of cases) {
  test(`${says}: ${from}`, () => {
    assert.deepEqual(copiesOf('default', [from]), { wanted: copy === undefined ? [] : [copy], unnameable: [] })
  })
}

const all = 'LITERAL * ALLOW READ User:a *'

test('an ACL for all topics is copied with the identity policy, and reported with others', () => {
  assert.deepEqual(copiesOf('identity', [all]), { wanted: [all], unnameable: [] })
  assert.deepEqual(copiesOf('default', [all]), { wanted: [], unnameable: [all] })
})

test('a flow that selects only some topics does not copy an ACL for all topics', () => {
  const nothing = { wanted: [], unnameable: [] }
  assert.deepEqual(copiesOf('identity', [all], /orders.*/), nothing)
  assert.deepEqual(copiesOf('default', [all], /orders.*/), nothing)
})

test('equal ACLs are wanted once', () => {
  const both = ['LITERAL orders ALLOW ALL User:a *', 'LITERAL orders ALLOW READ User:a *']
  assert.deepEqual(copiesOf('identity', both).wanted, ['LITERAL orders ALLOW READ User:a *'])
})

test('an ACL is missing unless the target has an equal one', () => {
  const wanted = ['LITERAL orders ALLOW READ User:a *', 'LITERAL orders DENY READ User:b *'].map(acl)
  const almost = [
    'PREFIXED orders ALLOW READ User:a *',
    'LITERAL orders ALLOW READ User:a 10.0.0.1',
    'LITERAL orders ALLOW READ User:aa *',
    'LITERAL orders ALLOW READ User:b *',
    'LITERAL orders ALLOW ALL User:a *',
    'LITERAL order ALLOW READ User:a *',
  ].map(acl)
  assert.deepEqual(missingAcls(wanted, almost), wanted)
  assert.deepEqual(missingAcls(wanted, [...almost, ...wanted.slice(0, 1)]), wanted.slice(1))
  assert.deepEqual(missingAcls(wanted, wanted), [])
})
