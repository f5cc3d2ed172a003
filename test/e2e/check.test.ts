// `godwit check` on real clusters: the printed commands and lines fix a broken pair, and invalid input is refused.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Finding, FlowReport } from '../../src/preflight/finding.ts'
import type { LeastPrivilege } from '../../src/preflight/least-privilege.ts'
import { freePorts } from '../harness/cluster.ts'
import { type Ended, godwit } from '../harness/godwit.ts'
import { askJava } from '../harness/java-json.ts'
import { SmallDisk } from '../harness/kafka/small-disk.ts'
import { executeCommands, writeAdminFile } from '../harness/kafka-tools.ts'
import { load } from '../harness/load.ts'
import { createTopics, describeTopics, operate } from '../harness/operate.ts'
import { mm2Lines, startSecureCluster } from '../harness/secure-cluster.ts'

const noSmallDisk = SmallDisk.missing()
const DISK_MB = 48
const [source, target] = await Promise.all([
  startSecureCluster(),
  startSecureCluster(noSmallDisk === undefined ? { diskLimitMb: DISK_MB } : {}),
])
const folder = mkdtempSync(join(tmpdir(), 'godwit-check-'))
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()])
})
before(() => {
  writeAdminFile(folder, 'S', source.admin.client)
  writeAdminFile(folder, 'T', target.admin.client)
})

const settings = [
  'S->T.enabled = true',
  'S->T.emit.heartbeats.enabled = true',
  'T->S.emit.heartbeats.enabled = false',
  'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
  'S.consumer.isolation.level = read_committed',
  'S->T.sync.topic.configs.enabled = false',
  'replication.factor = 2',
  'T.offset.storage.replication.factor = 1',
  'checkpoints.topic.replication.factor = 1',
  'heartbeats.topic.replication.factor = 1',
  'offset-syncs.topic.replication.factor = 1',
]

function write(name: string, lines: readonly string[]): string {
  const file = join(folder, name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

const clusters = (from = source.saslSsl({ user: 'alice' }), to = target.saslSsl({ user: 'alice' })) => [
  'clusters = S, T',
  mm2Lines('S', from),
  mm2Lines('T', to),
]

async function check(file: string, ...words: readonly string[]): Promise<Ended & { readonly report: FlowReport }> {
  const ended = await godwit(['check', file, '--flow', 'S->T', '--output', 'json', ...words])
  assert.ok(ended.out.startsWith('{'), `${ended.out}${ended.err}`)
  const { flows } = JSON.parse(ended.out) as { flows: FlowReport[] }
  assert.equal(flows.length, 1)
  return { ...ended, report: flows[0] as FlowReport }
}

const wrong = ({ findings }: FlowReport) => findings.filter(({ severity }) => severity !== 'note')

/** Follows the remedies of findings: executes the commands, and writes the lines into the file. */
async function fix(file: string, findings: readonly Finding[]): Promise<void> {
  const remedies = findings.flatMap((finding) => finding.remedies)
  for (const { text } of remedies.filter(({ kind }) => kind === 'setting')) {
    const key = text.slice(0, text.indexOf(' = '))
    const others = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith(`${key} =`))
    writeFileSync(file, `${others.join('\n')}${text}\n`)
  }
  await executeCommands(
    remedies.flatMap(({ kind, text }) => (kind === 'command' ? [text] : [])),
    folder,
  )
}

/** The faults made by `plant`: the kind of check, and a pattern for its message. */
const planted: readonly (readonly [check: string, says: RegExp])[] = [
  ['permission', /^User:alice lacks Describe on all groups/],
  ['permission', /^User:alice lacks Read on group S-mm2/],
  ['partitions', /^orders has 1 partition, its source 3/],
  ['max-message-bytes', /^big takes batches of 100000 bytes, its source of 1048588/],
  ['retention', /^the oldest record of old is \d+ days old, and old keeps records for 7 days/],
  ['replication-factor', /^replication\.factor is 2, but cluster T has 1 broker/],
  ['names', /^topic pay\.in cannot be created beside pay_in/],
  ['names', /^round would be copied in a loop without end, by S->T and T->S/],
  ['cleanup-policy', /^bills has cleanup\.policy=compact, its source delete/],
  ['compression-type', /^packed has compression\.type=gzip, its source producer/],
  ['transaction', /^a transaction of producer \d+ is open in held-0 from offset 0 on/],
  ['content', /^used holds 50 records already/],
  ...(noSmallDisk === undefined ? [['disk', /are to come \(with 2 replicas\)/] as const] : []),
]

async function plant(): Promise<string> {
  const base = [...clusters(), ...settings, 'T->S.enabled = true', 'T->S.topics = round', 'godwit.allow.loops = true']
  const file = write('broken.properties', base)
  const topics = ['orders', 'big', 'old', 'pay.in', 'bills', 'packed', 'held', 'used', 'round', 'huge']
  await createTopics(
    source.admin,
    ...topics.map((name) => ({
      name,
      partitions: name === 'orders' ? 3 : 1,
      configs: name === 'old' ? { 'retention.ms': '-1' } : {},
    })),
  )
  await load(source.admin, { topics: ['old'], records: 20, startTime: '2019-03-01T00:00:00Z' })
  if (noSmallDisk === undefined) await load(source.admin, { topics: ['huge'], records: 300, valueBytes: 100_000 })
  await askJava('OpenTransaction.java', source.admin, { topic: 'held', records: 3 })
  await createTopics(
    target.admin,
    ...['orders', 'pay_in', 'used', 'held'].map((name) => ({ name })),
    { name: 'big', configs: { 'max.message.bytes': '100000' } },
    { name: 'old', configs: { 'retention.ms': '604800000' } },
    { name: 'bills', configs: { 'cleanup.policy': 'compact' } },
    { name: 'packed', configs: { 'compression.type': 'gzip' } },
  )
  await load(target.admin, { topics: ['used'], records: 50 })
  return file
}

test('one run reports everything that is wrong with a broken pair, and the printed lines fix it', async () => {
  const file = await plant()
  const listed = await godwit(['check', file, '--flow', 'S->T', '--permissions', '--output', 'json'])
  const { flows } = JSON.parse(listed.out) as { flows: LeastPrivilege[] }
  const commands = flows.flatMap(({ users }) => users.flatMap((user) => user.commands))
  const spared = commands.filter((line) => !/--group /.test(line))
  assert.equal(commands.length - spared.length, 2)
  await executeCommands(spared, folder)

  const first = await check(file)
  assert.equal(first.code, 1, first.err)
  for (const [kind, says] of planted) {
    const found = wrong(first.report).filter((finding) => finding.check === kind && says.test(finding.what))
    assert.equal(found.length, 1, `${kind} ${says}: ${JSON.stringify(wrong(first.report), null, 1)}`)
    assert.ok(
      found[0]?.remedies.some(({ kind: how }) => how === 'command' || how === 'setting'),
      `${says} has no remedy`,
    )
  }
  assert.equal(wrong(first.report).length, planted.length, JSON.stringify(wrong(first.report), null, 1))
  const text = await godwit(['check', file, '--flow', 'S->T'])
  assert.equal(text.code, 1)
  for (const { what, remedies } of wrong(first.report)) {
    assert.ok(text.out.includes(what.replace(/; it was last written.*/, '')), what)
    for (const remedy of remedies) assert.ok(text.out.includes(remedy.text.split('\n')[0] ?? ''), remedy.text)
  }

  let left = wrong(first.report)
  // Two findings may extend the same list: the line of the second replaces that of the first, which is then reported again.
  for (let round = 0; left.length > 0 && round < 4; round++) {
    await fix(file, left)
    left = wrong((await check(file)).report)
  }
  assert.deepEqual(left, [])
  const clean = await godwit(['check', file, '--flow', 'S->T', '--strict'])
  assert.equal(clean.code, 0, clean.out)
  assert.match(clean.out, /^S->T: (no problems found|\d+ notes?)\n?/)
  const [old, bills] = await describeTopics(target.admin, ['bills', 'old'])
  assert.deepEqual(
    [old?.configs, bills?.configs].map((configs) => configs?.['cleanup.policy'] ?? configs?.['retention.ms']),
    ['delete', '-1'],
  )
})

test('a check changes nothing on either cluster', async () => {
  const file = write('looking.properties', [...clusters(source.admin, target.admin), ...settings])
  const looks = [source, target].flatMap(({ admin }, at) => {
    const reach = `--bootstrap-server ${admin.bootstrap} --command-config ${at === 0 ? 'S' : 'T'}-admin.properties`
    return [
      `kafka-topics.sh ${reach} --describe`,
      `kafka-configs.sh ${reach} --describe --entity-type topics`,
      `kafka-acls.sh ${reach} --list`,
    ]
  })
  const seen = async () => (await executeCommands(looks, folder)).map((out) => out.split('\n').sort())
  const beforehand = await seen()
  await check(file)
  assert.deepEqual(await seen(), beforehand)
})

test('an unreachable cluster is reported, and the other cluster is still checked', async () => {
  const [port = 0] = await freePorts(1)
  const nowhere = { bootstrap: `127.0.0.1:${port}`, client: {} }
  const file = write('nowhere.properties', [
    ...clusters(nowhere, target.saslSsl({ user: 'nobody', password: 'x' })),
    ...settings,
  ])
  const { code, report } = await check(file)
  assert.equal(code, 1)
  const [first, second] = wrong(report)
  assert.match(
    first?.what ?? '',
    /broker 127\.0\.0\.1:\d+ of cluster S cannot be reached: nothing listens on this port/,
  )
  assert.match(
    second?.what ?? '',
    /cluster T rejects a request: .*SASL_AUTHENTICATION_FAILED|cluster T.*AUTHENTICATION/,
  )
  assert.ok(
    report.notMade.some(({ check: what }) => what.includes('cluster S')),
    JSON.stringify(report.notMade),
  )
})

test('a login with the other SCRAM mechanism is recognized', async () => {
  await operate(source.admin, [{ do: 'addUser', user: 'carol', mechanism: 'SCRAM-SHA-256', password: 'c' }])
  const from = source.saslSsl({ user: 'carol', password: 'c', mechanism: 'SCRAM-SHA-512' })
  const file = write('scram.properties', [...clusters(from), ...settings])
  const { report } = await check(file)
  const login = wrong(report).find(({ check: kind, cluster }) => kind === 'reach' && cluster === 'S')
  assert.deepEqual(login?.remedies, [{ kind: 'setting', text: 'S.sasl.mechanism = SCRAM-SHA-256' }])
})

test('plain text at a TLS port and TLS at a plain-text port are distinguished from a stopped broker', async () => {
  const plain = { bootstrap: source.saslSsl().bootstrap, client: { 'security.protocol': 'PLAINTEXT' } }
  const secured = { ...target.saslSsl({ user: 'alice' }), bootstrap: target.plaintext().bootstrap }
  const { report } = await check(write('ports.properties', [...clusters(plain, secured), ...settings]))
  const said = wrong(report).map(({ what }) => what)
  assert.ok(
    said.some((what) => /cluster S uses TLS, but security\.protocol is PLAINTEXT/.test(what)),
    said.join('\n'),
  )
  const other = wrong(report).find(({ check: kind, cluster }) => kind === 'reach' && cluster === 'T')
  assert.deepEqual(other?.remedies.at(-1), { kind: 'setting', text: 'T.security.protocol = SASL_PLAINTEXT' })
})

test('the same cluster under two names is an error', async () => {
  const file = write('same.properties', [...clusters(source.admin, source.admin), ...settings])
  const { code, report } = await check(file)
  assert.equal(code, 1)
  assert.ok(
    wrong(report).some(({ what }) => /^S and T are the same cluster \(id /.test(what)),
    JSON.stringify(wrong(report)),
  )
})

test('an unusable file and a flow that does not exist are refused', async () => {
  const file = write('fine.properties', [...clusters(source.admin, target.admin), ...settings])
  const missing = await godwit(['check', join(folder, 'none.properties')])
  assert.deepEqual([missing.code, missing.out], [78, ''])
  assert.match(missing.err, /there is no such file/)
  const flow = await godwit(['check', file, '--flow', 'S->U'])
  assert.deepEqual([flow.code, flow.out], [64, ''])
  assert.match(flow.err, /there is no flow S->U; did you mean S->T\?/)
})
