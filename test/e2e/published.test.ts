// The npm package: built, packed, unpacked elsewhere, and used between two real clusters.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { startCluster } from '../harness/cluster.ts'
import { type Ended, godwit } from '../harness/godwit.ts'
import { load } from '../harness/load.ts'
import { createTopics } from '../harness/operate.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'godwit-published-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const packed = async () => {
  await run('npm', ['pack', '--pack-destination', folder], { cwd: root })
  const file = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? ''
  await run('tar', ['-xzf', join(folder, file), '-C', folder])
  symlinkSync(join(root, 'node_modules'), join(folder, 'package/node_modules'))
  return join(folder, 'package')
}
const [home, old, fresh] = await Promise.all([
  packed(),
  startCluster({ name: 'old', heapMb: 256 }),
  startCluster({ name: 'new', heapMb: 256 }),
])
after(() => Promise.all([old.destroy(), fresh.destroy()]))

const published = (...words: readonly string[]): Promise<Ended> =>
  godwit(words, { program: join(home, 'bin/godwit'), cwd: folder })

test('the package contains the program, the documents and the licence, and neither sources nor tests', () => {
  assert.deepEqual(
    readdirSync(home)
      .filter((name) => name !== 'node_modules')
      .sort(),
    ['LICENSE', 'README.md', 'bin', 'dist', 'docs', 'package.json'],
  )
})

test('the published program prints its version and its help', async () => {
  const { out, code } = await published('--version')
  assert.deepEqual([out.trim(), code], ['godwit 0.1.0', 0])
  assert.match((await published('--help')).out, /^ {2}run /m)
})

test('the published program copies, compares and shows its status', async () => {
  const topics = ['orders', 'packed']
  await createTopics(old, ...topics.map((name) => ({ name, partitions: 2 })))
  await load(old, { topics: ['orders'], records: 500 })
  await load(old, { topics: ['packed'], records: 500, compression: 'lz4' })
  mkdirSync(join(folder, 'work'))
  const file = join(folder, 'work/mm2.yaml')
  // A YAML file, because its parser is loaded differently from the rest.
  writeFileSync(file, kafkaMirrorMaker2())
  const copied = await published('run', file, '--until', 'in-sync', '--http', 'off')
  assert.equal(copied.code, 0, copied.err)
  const verified = await published('verify', file, '--depth', 'full', '--output', 'json')
  assert.equal(verified.code, 0, `${verified.out}${verified.err}`)
  assert.equal((JSON.parse(verified.out) as { verdict: string }).verdict, 'equal')
  const listed = await published('topics', file)
  assert.match(listed.out, /orders/)
})

function kafkaMirrorMaker2(): string {
  const one = '"replication.factor": 1'
  return `apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaMirrorMaker2
metadata: { name: migration }
spec:
  connectCluster: fresh
  clusters:
    - { alias: old, bootstrapServers: "${old.bootstrap}" }
    - alias: fresh
      bootstrapServers: "${fresh.bootstrap}"
      config: { "config.storage.replication.factor": 1, "offset.storage.replication.factor": 1, "status.storage.replication.factor": 1 }
  mirrors:
    - sourceCluster: old
      targetCluster: fresh
      topicsPattern: ".*"
      sourceConnector: { config: { ${one}, "offset-syncs.topic.replication.factor": 1 } }
      checkpointConnector: { config: { "checkpoints.topic.replication.factor": 1 } }
      heartbeatConnector: { config: { "heartbeats.topic.replication.factor": 1 } }
`
}
