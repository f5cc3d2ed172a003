// `godwit run` with secured clusters as an operator uses it: records are copied over every listener, and a refused connection is
// reported with its remedy and without the secret.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startCluster } from '../harness/cluster.ts'
import type { Reach } from '../harness/java-json.ts'
import { load } from '../harness/load.ts'
import { createTopics, operate } from '../harness/operate.ts'
import { compareClusters } from '../harness/oracle.ts'
import { mm2Lines, startSecureCluster } from '../harness/secure-cluster.ts'
import { GodwitProcess } from './engine/godwit-process.ts'

const [secure, plain] = await Promise.all([startSecureCluster(), startCluster({ heapMb: 320 })])
after(() => Promise.all([secure[Symbol.asyncDispose](), plain.destroy()]))

/** From the secured cluster to the plain one; each alias has its own state and its own copy. */
function configuration(alias: string, way: Reach, topics: string, ...more: readonly string[]): string {
  const flow = `${alias}->plain`
  return `${mm2Lines(alias, way)}${[
    `clusters = ${alias}, plain`,
    `plain.bootstrap.servers = ${plain.bootstrap}`,
    `${flow}.enabled = true`,
    `${flow}.topics = ${topics}`,
    'replication.factor = 1',
    'offset.storage.replication.factor = 1',
    'checkpoints.topic.replication.factor = 1',
    'heartbeats.topic.replication.factor = 1',
    ...more,
  ].join('\n')}\n`
}

async function copies(alias: string, way: Reach, topic: string): Promise<void> {
  await using godwit = await GodwitProcess.start(configuration(alias, way, topic), '--until', 'in-sync')
  assert.equal(await godwit.exit(), 0, godwit.lastOutput())
  const copy = { topics: [topic], nameOnTarget: (name: string) => `${alias}.${name}` }
  assert.deepEqual(await compareClusters(secure.admin, plain, copy), [])
}

test('records are copied with every protocol and mechanism, by a user with only the needed permissions', async () => {
  await createTopics(secure.admin, { name: 'orders', partitions: 3 })
  await load(secure.admin, { topics: ['orders'], records: 3000, partitions: 3 })
  for (const user of ['alice', 'client'])
    await operate(secure.admin, [
      { do: 'permit', user, operations: ['READ', 'DESCRIBE', 'DESCRIBE_CONFIGS'], type: 'TOPIC', name: 'orders' },
    ])
  const ways = {
    scram512: secure.saslSsl({ user: 'alice' }),
    scram256: secure.saslPlaintext({ user: 'alice', mechanism: 'SCRAM-SHA-256' }),
    plainlogin: secure.saslSsl({ user: 'alice', mechanism: 'PLAIN' }),
    mtls: secure.mutualTls(),
  }
  for (const [alias, way] of Object.entries(ways)) await copies(alias, way, 'orders')
})

test('a secured cluster can be the target too', async () => {
  await createTopics(plain, { name: 'back', partitions: 3 })
  await load(plain, { topics: ['back'], records: 3000, partitions: 3 })
  const lines = ['plain->safe.enabled = true', 'plain->safe.topics = back', 'safe->plain.enabled = false']
  const text = configuration('safe', secure.saslSsl(), 'nothing', ...lines).replace('safe->plain.enabled = true\n', '')
  await using godwit = await GodwitProcess.start(text, '--until', 'in-sync')
  assert.equal(await godwit.exit(), 0, godwit.lastOutput())
  const copy = { topics: ['back'], nameOnTarget: (name: string) => `plain.${name}` }
  assert.deepEqual(await compareClusters(plain, secure.admin, copy), [])
})

test('a topic without Read permission stops alone, and its message names the topic and the permission', async () => {
  await createTopics(secure.admin, { name: 'hidden' }, { name: 'open' })
  await load(secure.admin, { topics: ['open'], records: 100 })
  await load(secure.admin, { topics: ['hidden'], records: 100 })
  await operate(secure.admin, [
    { do: 'permit', user: 'alice', operations: ['READ', 'DESCRIBE', 'DESCRIBE_CONFIGS'], type: 'TOPIC', name: 'open' },
    { do: 'permit', user: 'alice', operations: ['DESCRIBE', 'DESCRIBE_CONFIGS'], type: 'TOPIC', name: 'hidden' },
  ])
  const text = configuration('part', secure.saslSsl({ user: 'alice' }), 'open, hidden')
  await using godwit = await GodwitProcess.start(text)
  await godwit.untilCopied('open', { 0: 100 })
  const { problem } = await godwit.untilProblem('NOT_AUTHORIZED', 'hidden', 0)
  assert.match(problem?.message ?? '', /hidden/)
  assert.match(problem?.remedy ?? '', /READ.*hidden|hidden.*READ/i)
  await operate(secure.admin, [{ do: 'permit', user: 'alice', operations: ['READ'], type: 'TOPIC', name: 'hidden' }])
  await godwit.untilCopied('hidden', { 0: 100 })
  assert.equal(await godwit.stop(), 0)
})

const tlsPort = (way: Reach): Reach => ({ bootstrap: way.bootstrap, client: { 'security.protocol': 'PLAINTEXT' } })
const outside: readonly (readonly [title: string, way: () => Reach, says: RegExp, end: 77 | 'waits'])[] = [
  [
    'a wrong password',
    () => secure.saslSsl({ user: 'alice', password: 'not-the-one' }),
    /user name and password in outside0\.sasl\.jaas\.config/,
    77,
  ],
  ['plain text spoken to a TLS port', () => tlsPort(secure.saslSsl()), /security\.protocol/, 77],
  [
    'TLS to a plain-text port',
    () => ({ ...secure.saslSsl(), bootstrap: secure.saslPlaintext().bootstrap }),
    /security\.protocol/,
    'waits',
  ],
]

for (const [index, [title, way, says, end]] of outside.entries()) {
  test(`${title} is reported with its remedy, without a stack trace or the secret`, async () => {
    const text = configuration(`outside${index}`, way(), 'orders')
    await using godwit = await GodwitProcess.start(text, '--until', 'in-sync')
    const told = await godwit.untilPrinted(says)
    assert.doesNotMatch(told, /not-the-one|admin-secret|\n\s+at /)
    // The listener might change to the configured protocol, so a run retries unless the refusal was final.
    assert.equal(end === 'waits' ? await godwit.stop() : await godwit.exit(), end === 'waits' ? 2 : end, told)
  })
}
