// A file with errors in one flow: the other flow copies, and every command says what is left out.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { godwit } from '../harness/godwit.ts'
import { load } from '../harness/load.ts'
import { logOffsets, operate } from '../harness/operate.ts'

let source: TestCluster
let target: TestCluster
const folder = mkdtempSync(join(tmpdir(), 'godwit-left-out-'))
const file = join(folder, 'mm2.properties')

before(async () => {
  const start = (name: string) => startCluster({ name, heapMb: 320, configs: { 'auto.create.topics.enable': 'false' } })
  ;[source, target] = await Promise.all([start('source'), start('target')])
  await operate(source, [{ do: 'createTopics', topics: [{ name: 'plain' }] }])
  await load(source, { topics: ['plain'], records: 40 })
  writeFileSync(file, configuration())
})
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()])
})

const line = 5
const configuration = () => `clusters = source, target
source.bootstrap.servers = ${source.bootstrap}
target.bootstrap.servers = ${target.bootstrap}
source->target.enabled = true
target->source.enabled = false # passive
source.cluster.alias = usdf
key.converter = org.apache.kafka.connect.storage.StringConverter
topics = plain
replication.factor = 1
offset.storage.replication.factor = 1
offset-syncs.topic.replication.factor = 1
checkpoints.topic.replication.factor = 1
heartbeats.topic.replication.factor = 1
`
const reason = 'must be true or false, not "false # passive"'

test('run copies the enabled flow, logs the errors of the other and ends with 78 once all else is in sync', async () => {
  const { code, err } = await godwit(['run', file, '--until', 'in-sync', '--http', 'off', '--log-format', 'json'])
  assert.equal(code, 78, err)
  const said = err
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text) as Record<string, unknown>)
  const entry = said.find(
    ({ message }) => message === 'this flow is not run because its part of the configuration is invalid',
  )
  assert.deepEqual(
    [entry?.['level'], entry?.['line'], entry?.['key'], entry?.['flow'], entry?.['reason']],
    ['error', line, 'target->source.enabled', 'target->source', reason],
  )
  const converter = said.find(({ key }) => key === 'key.converter')
  assert.equal(converter?.['level'], 'warn')
  assert.match(String(converter?.['reason']), /MM2 would pass every key through it/)
  assert.equal(said.at(-1)?.['flows'] ?? said.at(-2)?.['flows'], 'target->source', err)
  const copied = async (cluster: TestCluster, topic: string) =>
    (await logOffsets(cluster, [topic])).map(({ partition, end }) => [partition, end])
  assert.deepEqual(await copied(target, 'usdf.plain'), await copied(source, 'plain'))
})

test('check counts the flow that is left out as an error, and still checks the other flow', async () => {
  const { code, out } = await godwit(['check', file, '--output', 'json'])
  assert.equal(code, 1)
  const { flows } = JSON.parse(out) as {
    flows: { flow: string; findings: { severity: string; what: string; why: string }[] }[]
  }
  const left = flows.find(({ flow }) => flow === 'target->source')
  assert.deepEqual(
    left?.findings.map(({ severity, what, why }) => [severity, what, why]),
    [
      [
        'error',
        `target->source.enabled ${reason}`,
        `${file}:${line}: this flow is not run; the other flows of the file are run`,
      ],
    ],
  )
  const other = flows.find(({ flow }) => flow === 'source->target')
  assert.deepEqual(
    other?.findings.filter(({ severity }) => severity === 'error'),
    [],
  )
})

test('config show marks the flow, and a command for that flow says why it is left out', async () => {
  const shown = await godwit(['config', 'show', file])
  assert.equal(shown.code, 0)
  assert.match(shown.out, /^target->source {2}\(not run, has errors: target->source\.enabled, line 5\)$/m)
  const asked = await godwit(['plan', file, '--flow', 'target->source'])
  assert.equal(asked.code, 78)
  assert.match(asked.err, /the flow target->source has errors in the file[\s\S]*write true or false/)
  const other = await godwit(['plan', file])
  assert.equal(other.code, 0, other.err)
  assert.match(other.err, /godwit: the flow target->source is skipped because of these errors/)
})
