// Logins, permissions and certificates: reported, and gone after their remedies are followed.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeAdminFile } from '../../harness/kafka-tools.ts'
import { createTopics, operate } from '../../harness/operate.ts'
import { mm2Lines, startSecureCluster } from '../../harness/secure-cluster.ts'
import { findingsOf, follow } from './follow.ts'

const DAYS = 5
const [source, target] = await Promise.all([
  startSecureCluster({ heapMb: 320 }),
  startSecureCluster({ heapMb: 320, certificateDays: DAYS }),
])
const folder = mkdtempSync(join(tmpdir(), 'godwit-secured-'))
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()])
})
writeAdminFile(folder, 'S', source.admin.client)
writeAdminFile(folder, 'T', target.admin.client)

const carol = { user: 'carol', password: 'c' }
const factors = ['', 'checkpoints.topic.', 'heartbeats.topic.', 'offset-syncs.topic.', 'offset.storage.']

test('a shared login, missing permissions and an old certificate are reported and fixed by their remedies', async () => {
  await createTopics(source.admin, { name: 'orders' })
  const allowed = { user: 'carol', type: 'TOPIC', name: 'orders' } as const
  await operate(source.admin, [
    { do: 'addUser', mechanism: 'SCRAM-SHA-512', ...carol },
    { do: 'permit', operations: ['READ', 'DESCRIBE_CONFIGS'], ...allowed },
  ])
  const file = join(folder, 'mm2.properties')
  writeFileSync(
    file,
    [
      'clusters = S, T',
      mm2Lines('S', source.saslSsl(carol)),
      mm2Lines('T', target.saslSsl(carol)),
      'S.ssl.endpoint.identification.algorithm =',
      'S->T.enabled = true',
      'T->S.emit.heartbeats.enabled = false',
      ...factors.map((factor) => `${factor}replication.factor = 1`),
      '',
    ].join('\n'),
  )
  const found = await follow({
    scene: 'secured',
    file,
    folder,
    also: ['address-unreachable', 'auto-create'],
    manualSteps: {
      'address-unreachable': () => {},
      // Creates the user on the cluster where it is missing.
      'login-shared': () => operate(target.admin, [{ do: 'addUser', mechanism: 'SCRAM-SHA-512', ...carol }]),
      'certificate-expires': () => target.renewCertificate(),
      'auto-create': () => createTopics(target.admin, { name: 'S.orders' }),
    },
  })
  const said = found.map(({ what }) => what).join('\n')
  assert.match(said, /^the certificate of 127\.0\.0\.1:\d+ \(.*broker.*\) ends in 4 days/m)
  assert.match(said, /^User:carol lacks .* on all topics, though not on what is there now$/m)
  assert.deepEqual(
    (await findingsOf(file)).filter(({ severity }) => severity === 'error'),
    [],
  )
})
