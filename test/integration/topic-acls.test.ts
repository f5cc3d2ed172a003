// ACLs and configs of topics between clusters with authorizers: what is copied, what is not, and which missing permission is
// named.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startCluster } from '../harness/cluster.ts'
import type { Reach } from '../harness/java-json.ts'
import { NEWEST, OLDER } from '../harness/kafka-jars.ts'
import { load } from '../harness/load.ts'
import { createTopics, describeTopics, listAcls, operate, type Permission } from '../harness/operate.ts'
import { mm2Lines, startSecureCluster } from '../harness/secure-cluster.ts'
import { GodwitProcess } from './engine/godwit-process.ts'

const [source, target, open] = await Promise.all([
  startSecureCluster({ version: NEWEST }),
  startSecureCluster({ version: OLDER }),
  startCluster({ heapMb: 320 }),
])
after(() => Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose](), open.destroy()]))

const identity = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy'
const plain: Reach = { bootstrap: open.bootstrap, client: {} }

/** A flow S<name> -> T<name> that syncs configs and ACLs every second. */
function flow(name: string, from: Reach, to: Reach, ...lines: readonly string[]): Promise<GodwitProcess> {
  const pair = `S${name}->T${name}`
  const text = [
    `clusters = S${name}, T${name}`,
    mm2Lines(`S${name}`, from) + mm2Lines(`T${name}`, to),
    `${pair}.enabled = true`,
    'replication.factor = 1',
    'offset.storage.replication.factor = 1',
    'sync.topic.acls.interval.seconds = 1',
    'sync.topic.configs.interval.seconds = 1',
    ...lines,
    '',
  ]
  return GodwitProcess.start(text.join('\n'))
}

const permit = (user: string, name: string, operations: Permission['operations'], more: Partial<Permission> = {}) =>
  ({ do: 'permit', user, operations, type: 'TOPIC', name, ...more }) as const

async function topicAcls(about: RegExp): Promise<string[]> {
  return (await listAcls(target.admin)).filter((line) => line.startsWith('TOPIC') && about.test(line))
}

test('ALLOW of READ and ALL become READ on the target topic, DENY stays DENY, and no ACL allows WRITE', async () => {
  await createTopics(source.admin, { name: 'orders' }, { name: 'bills' }, { name: 'other' })
  await operate(source.admin, [
    permit('alice', 'orders', ['READ', 'WRITE']),
    permit('bob', 'orders', ['ALL']),
    permit('carol', 'bills', ['READ', 'WRITE'], { permission: 'DENY' }),
    permit('dave', 'ord', ['READ'], { pattern: 'PREFIXED' }),
    permit('erin', '*', ['READ']),
    permit('frank', 'other', ['READ']),
    permit('gina', 'shoppers', ['READ'], { type: 'GROUP' }),
  ])
  await using godwit = await flow('1', source.admin, target.admin, 'topics.exclude = other')
  await godwit.untilTask('topic-acls', ({ result }) => result === 'fine')
  const first = [
    'TOPIC LITERAL S1.bills DENY READ User:carol *',
    'TOPIC LITERAL S1.bills DENY WRITE User:carol *',
    'TOPIC LITERAL S1.orders ALLOW READ User:alice *',
    'TOPIC LITERAL S1.orders ALLOW READ User:bob *',
  ]
  assert.deepEqual(await topicAcls(/./), first)
  assert.deepEqual(await listAcls(target.admin), first, 'ACLs of groups are not copied')
  assert.equal(godwit.log.filter(({ message }) => message === 'added an ACL on the target').length, 4)
  assert.ok(godwit.log.some(({ level, acl }) => level === 'debug' && acl === 'ALLOW READ to User:erin from *'))

  // ACLs added later are copied. Those removed on the source or added on the target stay.
  await operate(target.admin, [permit('harry', 'S1.orders', ['DESCRIBE'])])
  await operate(source.admin, [
    { ...permit('alice', 'orders', ['READ']), do: 'forbid' },
    permit('gina', 'bills', ['DESCRIBE']),
  ])
  const { message } = await godwit.untilTask('topic-acls', (task) => task.message.includes(', 1 of them missing'))
  assert.match(message, /^4 ACLs to copy/)
  assert.deepEqual(
    await topicAcls(/S1/),
    [
      ...first,
      'TOPIC LITERAL S1.bills ALLOW DESCRIBE User:gina *',
      'TOPIC LITERAL S1.orders ALLOW DESCRIBE User:harry *',
    ].toSorted(),
  )
})

test('with the Identity policy an ACL for all topics is copied too', async () => {
  await operate(source.admin, [permit('erin', '*', ['READ'])])
  await using godwit = await flow('2', source.admin, target.admin, identity)
  await godwit.untilTask('topic-acls', ({ result }) => result === 'fine')
  assert.deepEqual(await topicAcls(/erin/), ['TOPIC LITERAL * ALLOW READ User:erin *'])
})

test('a source without an authorizer has no ACLs to copy, which is logged once', async () => {
  await createTopics(plain, { name: 'public' })
  const before = await listAcls(target.admin)
  await using godwit = await flow('3', plain, target.admin)
  const { result, message } = await godwit.untilTask('topic-acls', ({ runs }) => runs >= 3)
  assert.deepEqual([result, message], ['fine', 'cluster S3 has no authorizer, so there are no ACLs to copy'])
  const levels = godwit.log.filter((line) => line.message.startsWith('the source has no authorizer'))
  assert.deepEqual(
    levels.slice(0, 3).map(({ level }) => level),
    ['info', 'debug', 'debug'],
  )
  assert.deepEqual(await listAcls(target.admin), before)
})

test('a target without an authorizer is reported with two remedies, and records are copied', async () => {
  await createTopics(source.admin, { name: 'parcels' })
  await load(source.admin, { topics: ['parcels'], records: 100 })
  await operate(source.admin, [permit('alice', 'parcels', ['READ'])])
  await using godwit = await flow('4', source.admin, plain, 'topics = parcels')
  const { code, message, remedy } = await godwit.untilTask('topic-acls', ({ result }) => result === 'failed')
  assert.equal(code, 'NOT_AUTHORIZED')
  assert.match(message, /cluster T4 .*SECURITY_DISABLED/)
  assert.match(remedy ?? '', /give cluster T4 an authorizer, or set S4->T4\.sync\.topic\.acls\.enabled = false/)
  await godwit.untilCopied('parcels', { 0: 100 })
})

test('without Alter on the target the permission is named, and granting it is enough', async () => {
  await createTopics(source.admin, { name: 'letters' })
  await operate(source.admin, [permit('alice', 'letters', ['READ'])])
  await operate(target.admin, [
    permit('alice', '*', ['ALL']),
    permit('alice', '*', ['ALL'], { type: 'GROUP' }),
    permit('alice', 'kafka-cluster', ['CREATE', 'IDEMPOTENT_WRITE', 'DESCRIBE'], { type: 'CLUSTER' }),
  ])
  await using godwit = await flow('5', source.admin, target.saslSsl({ user: 'alice' }), 'topics = letters')
  const { code, message, remedy } = await godwit.untilTask('topic-acls', ({ result }) => result === 'failed')
  assert.equal(code, 'NOT_AUTHORIZED')
  assert.match(
    message,
    /^1 of 1 ACL .* cluster T5 rejected an ACL of topic S5\.letters: .*CLUSTER_AUTHORIZATION_FAILED/,
  )
  const way = /grant the user of cluster T5 Alter on the cluster .*S5->T5\.sync\.topic\.acls\.enabled = false/
  assert.match(remedy ?? '', way)
  const describe = permit('alice', 'kafka-cluster', ['DESCRIBE'], { type: 'CLUSTER' })
  await operate(target.admin, [{ ...describe, do: 'forbid' }])
  const blind = await godwit.untilTask('topic-acls', (task) =>
    task.message.startsWith('the ACLs of cluster T5 cannot be read'),
  )
  assert.match(blind.remedy ?? '', way)
  assert.deepEqual(await topicAcls(/S5/), [])
  await operate(target.admin, [permit('alice', 'kafka-cluster', ['ALTER'], { type: 'CLUSTER' })])
  await godwit.untilTask('topic-acls', ({ result }) => result === 'fine')
  assert.deepEqual(await topicAcls(/S5/), ['TOPIC LITERAL S5.letters ALLOW READ User:alice *'])
})

test('a topic with unreadable configs is named with the permission; configs of other topics are synced', async () => {
  await createTopics(source.admin, { name: 'seen' }, { name: 'unseen' })
  await operate(source.admin, [
    permit('alice', 'seen', ['READ', 'DESCRIBE', 'DESCRIBE_CONFIGS']),
    permit('alice', 'unseen', ['READ', 'DESCRIBE']),
  ])
  await using godwit = await flow('6', source.saslSsl({ user: 'alice' }), plain, 'topics = seen, unseen')
  const denied = await godwit.untilTask('topic-configs', ({ result }) => result === 'failed')
  assert.equal(denied.code, 'NOT_AUTHORIZED')
  assert.match(denied.message, /^configs of 1 of 2 topics .*topic unseen/)
  assert.match(denied.remedy ?? '', /grant the user of cluster S6 DescribeConfigs on topic unseen/)
  const acls = await godwit.untilTask('topic-acls', ({ result }) => result === 'failed')
  assert.match(acls.remedy ?? '', /grant the user of cluster S6 Describe on the cluster/)

  await operate(source.admin, [{ do: 'configure', name: 'seen', configs: { 'retention.ms': '123456' } }])
  const { runs } = denied
  await godwit.untilPrinted(/retention\.ms=123456/)
  const [copy] = await describeTopics(plain, ['S6.seen'])
  assert.deepEqual(copy?.configs, { 'retention.ms': '123456' })
  const later = await godwit.untilTask('topic-configs', (task) => task.runs > runs)
  assert.equal(later.result, 'failed')
})
