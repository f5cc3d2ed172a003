// A secured cluster refuses godwit: after the printed line or command it connects.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startCluster, type TestCluster } from '../../harness/cluster.ts'
import type { Reach } from '../../harness/java-json.ts'
import { writeAdminFile } from '../../harness/kafka-tools.ts'
import { load } from '../../harness/load.ts'
import { operate } from '../../harness/operate.ts'
import { mm2Lines, type SecureCluster, startSecureCluster } from '../../harness/secure-cluster.ts'
import type { GodwitProcess } from '../../integration/engine/godwit-process.ts'
import { commandsIn, remedyOf, Trial, untilNoProblem } from './trial.ts'

let secure: SecureCluster
let plain: TestCluster
before(async () => {
  ;[secure, plain] = await Promise.all([startSecureCluster(), startCluster({ heapMb: 320 })])
  await load(secure.admin, { topics: ['orders'], records: 10 })
  await operate(secure.admin, [
    { do: 'permit', user: 'alice', operations: ['DESCRIBE', 'DESCRIBE_CONFIGS'], type: 'TOPIC', name: 'orders' },
  ])
})
after(() => Promise.all([secure?.[Symbol.asyncDispose](), plain?.destroy()]))

/** A flow from the secured cluster, with these client settings, to the plain one. */
function trialOf(alias: string, way: Reach): Trial {
  const flow = `${alias}->plain`
  const lines = [
    ...[`clusters = ${alias}, plain`, `plain.bootstrap.servers = ${plain.bootstrap}`, `${flow}.enabled = true`],
    ...[`${flow}.topics = orders`, 'replication.factor = 1', 'offset.storage.replication.factor = 1'],
    ...['emit.heartbeats.enabled = false', 'emit.checkpoints.enabled = false', 'sync.topic.acls.enabled = false'],
    ...['emit.offset-syncs.enabled = false', 'sync.group.offsets.enabled = false', ''],
  ]
  return new Trial(`${mm2Lines(alias, way)}${lines.join('\n')}`)
}

/** The mm2.properties line for a key of these client settings. */
const lineOf = (alias: string, key: string, { client }: Reach) =>
  `${alias}.${key} = ${(client?.[key] ?? '').replaceAll('\\', '\\\\')}`

async function copies(trial: Trial): Promise<void> {
  await using godwit = await trial.start()
  await godwit.untilCopied('orders', { 0: 10 })
  await untilNoProblem(godwit)
  assert.equal(await godwit.stop(), 0)
}

async function endOf(godwit: GodwitProcess): Promise<string> {
  assert.equal(await godwit.exit(), 77, godwit.lastOutput())
  const line = godwit.log.find(({ message }) => message === 'the flow ends')
  return String(line?.['remedy'])
}

test('NOT_AUTHORIZED: the command grants the missing permission, and the partition continues', async () => {
  using trial = trialOf('granted', secure.saslSsl({ user: 'alice' }))
  writeAdminFile(trial.folder, 'granted', secure.admin.client)
  await using godwit = await trial.start()
  const { problem } = await godwit.untilProblem('NOT_AUTHORIZED', 'orders', 0)
  await trial.type(commandsIn(remedyOf(problem)))
  await godwit.untilCopied('orders', { 0: 10 })
  await untilNoProblem(godwit)
})

test('AUTHENTICATION_FAILED: after the named key has the right password, copying starts', async () => {
  using trial = trialOf('login', secure.saslSsl({ user: 'alice', password: 'not-the-one' }))
  await using godwit = await trial.start()
  const [, key] = /^check the user name and password in login\.(\S+)/.exec(await endOf(godwit)) ?? []
  trial.write([lineOf('login', key ?? '', secure.saslSsl({ user: 'alice' }))])
  await copies(trial)
})

test('TLS_FAILED: the named keys fix plain text at a TLS port and an untrusted CA', async () => {
  const way = secure.saslSsl({ user: 'alice' })
  using spoken = trialOf('spoken', { ...way, client: { ...way.client, 'security.protocol': 'SASL_PLAINTEXT' } })
  {
    await using godwit = await spoken.start()
    const [, key, value] = /^set (\S+) to (\S+), or use the port/.exec(await endOf(godwit)) ?? []
    spoken.write([`${key} = ${value}`])
  }
  await copies(spoken)
  const strange = { ...way.client, 'ssl.truststore.location': secure.files.strangeCa }
  using trusted = trialOf('trusted', { ...way, client: strange })
  {
    await using godwit = await trusted.start()
    const remedy = await endOf(godwit)
    const [, key] =
      /^add the certificate of the CA that signed the broker's certificate to trusted\.(\S+)$/.exec(remedy) ?? []
    trusted.write([lineOf('trusted', key ?? '', way)])
  }
  await copies(trusted)
})
