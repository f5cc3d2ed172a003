// The minimum permissions that `godwit check --permissions` prints: enough for a whole migration, and none is superfluous.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { FlowReport } from '../../src/preflight/finding.ts'
import type { LeastPrivilege } from '../../src/preflight/least-privilege.ts'
import { godwit } from '../harness/godwit.ts'
import { executeCommands, writeAdminFile } from '../harness/kafka-tools.ts'
import { load } from '../harness/load.ts'
import { type AclOperation, groupOffsets, listAcls, operate, type Step } from '../harness/operate.ts'
import { compareClusters } from '../harness/oracle.ts'
import { mm2Lines, startSecureCluster } from '../harness/secure-cluster.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'

const [source, target] = await Promise.all([startSecureCluster(), startSecureCluster()])
const folder = mkdtempSync(join(tmpdir(), 'godwit-check-'))
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()])
})

const periodicTasks = [
  'S->T.enabled = true',
  'T->S.emit.heartbeats.enabled = false',
  'S->T.topics = orders, pay.*',
  'S->T.groups = shoppers, till-.*',
  'replication.factor = 1',
  'offset.storage.replication.factor = 1',
  'checkpoints.topic.replication.factor = 1',
  'heartbeats.topic.replication.factor = 1',
  'offset-syncs.topic.replication.factor = 1',
  'sync.group.offsets.enabled = true',
  'sync.group.offsets.interval.seconds = 1',
  'emit.checkpoints.interval.seconds = 1',
  'sync.topic.acls.interval.seconds = 1',
  'sync.topic.configs.interval.seconds = 1',
]

/** Records per partition at the start, and records added to orders at a time. */
const [RECORDS, LATER] = [100, 10]

interface Users {
  readonly source: string
  readonly target: string
}
const password = (user: string) => `${user}-secret`

function configuration(users: Users): string {
  const lines = (alias: string, side: typeof source, user: string) =>
    mm2Lines(alias, side.saslSsl({ user, password: password(user) }))
  return [
    'clusters = S, T',
    lines('S', source, users.source),
    lines('T', target, users.target),
    ...periodicTasks,
    '',
  ].join('\n')
}

function fileOf(users: Users): string {
  const file = join(folder, `${users.source}-${users.target}.properties`)
  writeFileSync(file, configuration(users))
  return file
}

async function privilegesOf(file: string): Promise<LeastPrivilege['users']> {
  const { out, code } = await godwit(['check', file, '--permissions', '--output', 'json', '--flow', 'S->T'])
  assert.equal(code, 0)
  return (JSON.parse(out) as { flows: LeastPrivilege[] }).flows.flatMap(({ users }) => users)
}

async function findings(file: string): Promise<FlowReport['findings']> {
  const { out, err } = await godwit(['check', file, '--output', 'json', '--flow', 'S->T'])
  assert.ok(out.startsWith('{'), err)
  return (JSON.parse(out) as { flows: FlowReport[] }).flows.flatMap((flow) => flow.findings)
}

before(async () => {
  writeAdminFile(folder, 'S', source.admin.client)
  writeAdminFile(folder, 'T', target.admin.client)
  await load(source.admin, { topics: ['orders', 'pay.in'], partitions: 2, records: RECORDS * 4 })
  await operate(source.admin, [
    { do: 'commitOffsets', group: 'shoppers', offsets: [{ topic: 'orders', partition: 0, offset: 40 }] },
    { do: 'permit', user: 'bob', operations: ['READ'], type: 'TOPIC', name: 'orders' },
    { do: 'configure', name: 'orders', configs: { 'segment.ms': '7200000' } },
  ])
})

/** A permission of the list, and a user who has all others. */
interface Lack {
  readonly side: 'source' | 'target'
  readonly permission: Granted
  readonly user: string
}

/** Creates a user for each permission of the list. */
async function makeUsers(): Promise<Lack[]> {
  const list = await privilegesOf(fileOf({ source: 'alice', target: 'alice' }))
  const all = list
    .flatMap(({ side, permissions }) => permissions.map((permission) => ({ side, permission })))
    .map((one, at) => ({ ...one, user: `lacks-${at}` }))
  const steps = (side: Lack['side']): Step[] =>
    all.flatMap(({ user, permission: lacking }) => [
      { do: 'addUser', user, mechanism: 'SCRAM-SHA-512', password: password(user) },
      ...permits(
        user,
        all.flatMap((one) => (one.side === side && one.permission !== lacking ? [one.permission] : [])),
      ),
    ])
  await Promise.all([operate(source.admin, steps('source')), operate(target.admin, steps('target'))])
  return all
}

let lacks: readonly Lack[] = []
before(async () => {
  lacks = await makeUsers()
})
const words = ({ side, permission }: Lack) =>
  `${side} ${permission.operation} ${permission.resourceType} ${permission.name}`

test('without any one permission of the list check reports exactly that one as missing', async () => {
  assert.ok(lacks.length > 20, `${lacks.length} permissions`)
  for (const lack of lacks) {
    const { side, permission, user } = lack
    const found = (await findings(fileOf({ source: user, target: user }))).filter(({ check }) => check === 'permission')
    assert.equal(found.length, 1, `${words(lack)}: ${JSON.stringify(found, null, 1)}`)
    assert.equal(found[0]?.cluster, side === 'source' ? 'S' : 'T', words(lack))
    const [command] = found[0]?.remedies ?? []
    const asked = command?.text.match(/--operation (\S+)/g)
    assert.deepEqual(asked, [`--operation ${permission.operation}`], words(lack))
    assert.match(
      command?.text ?? '',
      permission.resourceType === 'cluster' ? /--cluster$/ : endOf(permission),
      words(lack),
    )
  }
})

/** Permissions that a run needs at once. The first must be Create, because a run with it creates the topics. */
const missedByRuns = [
  'target Create topic S.pay',
  'source DescribeConfigs topic orders',
  'source Write topic mm2-offset-syncs.T.internal',
  'source Describe cluster kafka-cluster',
  'target Write topic S.orders',
  'target AlterConfigs topic S.orders',
  'target Alter cluster kafka-cluster',
  'target Read group S-mm2',
  'target Read topic mm2-offsets.S.internal',
  'target Write topic mm2-godwit-positions.S.internal',
  'target Read topic S.checkpoints.internal',
  'target Write topic heartbeats',
  'target Read group shoppers',
]

let next = RECORDS
/** Produces more records to orders, the same number in each partition. */
async function produceMore(): Promise<void> {
  await load(source.admin, { topics: ['orders'], partitions: 2, records: LATER * 2, first: next })
  next += LATER
}

/** A missing permission is noticed only if there is something to do, and earlier runs may have done everything. */
const workFor: Readonly<Record<string, () => Promise<unknown>>> = {
  'target Write topic S.orders': produceMore,
  // A position is stored only after it has changed.
  'target Write topic mm2-godwit-positions.S.internal': produceMore,
  // The DescribeConfigs permission is copied with the ACLs of the source.
  'target AlterConfigs topic S.orders': () =>
    operate(source.admin, [{ do: 'configure', name: 'orders', configs: { 'segment.ms': '3600000' } }]),
}

test('a run without one of the permissions reports it as missing', async () => {
  for (const what of missedByRuns) {
    const lack = lacks.find((one) => words(one) === what)
    assert.ok(lack, what)
    await workFor[what]?.()
    await using process = await GodwitProcess.start(configuration({ source: lack.user, target: lack.user }))
    const isSaid = (text: string) => /NOT_AUTHORIZED|AUTHORIZATION_FAILED/.test(text)
    await process.until(`${what} is missed`, (status) => isSaid(JSON.stringify([status, process.log])))
    await process.stop()
  }
})

const endOf = ({ resourceType, name }: { resourceType: string; name: string }) =>
  new RegExp(`--${resourceType} '?${name.replaceAll(/[.*]/g, String.raw`\$&`)}'?( --resource-pattern-type prefixed)?$`)

type Granted = LeastPrivilege['users'][number]['permissions'][number]

/** One step per resource. */
function permits(user: string, permissions: readonly Granted[]): Step[] {
  const byResource = Map.groupBy(permissions, ({ resourceType, name }) => `${resourceType} ${name}`)
  return [...byResource.values()].flatMap((list) => {
    const [first] = list
    if (!first) return []
    const { resourceType, name, patternType } = first
    const operations = list.map(({ operation }) => kafkaWord(operation))
    const pattern = patternType === 'prefix' ? 'PREFIXED' : 'LITERAL'
    return [{ do: 'permit', user, operations, type: resourceType.toUpperCase() as 'TOPIC', name, pattern }]
  })
}

const kafkaWord = (operation: string) => operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() as AclOperation

test('the printed commands grant enough for records, configs, ACLs, groups, checkpoints and heartbeats', async () => {
  const file = fileOf({ source: 'alice', target: 'alice' })
  const list = await privilegesOf(file)
  await executeCommands(
    list.flatMap(({ commands }) => commands),
    folder,
  )
  const own = (await listAcls(target.admin)).filter((line) => line.includes(' User:alice '))
  const granted = list.find(({ side }) => side === 'target')?.permissions.length
  assert.equal(own.length, granted, 'expected exactly the permissions of the list')
  const errors = (await findings(file)).filter(({ severity }) => severity === 'error')
  assert.deepEqual(errors, [])
  await using process = await GodwitProcess.start(configuration({ source: 'alice', target: 'alice' }))
  await process.untilCopied('orders', { 0: next, 1: next })
  await process.untilCopied('pay.in', { 0: RECORDS, 1: RECORDS })
  for (const task of [
    'topic-configs',
    'topic-acls',
    'groups',
    'offset-syncs',
    'checkpoints',
    'group-offsets',
    'heartbeats',
    'topics',
  ] as const)
    await process.untilTask(task, ({ result }) => result === 'fine')
  await process.until('the group is on the target', ({ groups }) =>
    JSON.stringify(groups).includes('"targetCommitted":40'),
  )
  // Adding partitions on the target needs Alter.
  await operate(source.admin, [{ do: 'addPartitions', topic: 'orders', count: 3 }])
  assert.equal(await process.stop(), 0)
  await using again = await GodwitProcess.start(configuration({ source: 'alice', target: 'alice' }))
  await again.untilCopied('orders', { 2: 0 })
  assert.equal(await again.stop(), 0)
  const denied = [...process.log, ...again.log].filter((line) =>
    /AUTHORIZATION_FAILED|not_authorized/i.test(JSON.stringify(line)),
  )
  assert.deepEqual(denied, [])
  const options = { topics: ['orders', 'pay.in'], nameOnTarget: (topic: string) => `S.${topic}` }
  assert.deepEqual(await compareClusters(source.admin, target.admin, options), [])
  assert.deepEqual(await groupOffsets(target.admin, 'shoppers'), [{ topic: 'S.orders', partition: 0, offset: 40 }])
  assert.ok((await listAcls(target.admin)).some((line) => line.includes('S.orders ALLOW READ User:bob')))
})
