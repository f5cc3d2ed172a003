import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCli } from '../../../src/cli/cli.ts'
import { runCommand } from '../../../src/cli/commands/run.ts'
import { captured } from './scripted.ts'

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-run-'))
})
after(() => rmSync(folder, { recursive: true }))

/** Runs the command with a file of this content. No flow is started in these tests. */
async function attempt(text: string, ...words: string[]) {
  const file = join(folder, 'mm2.properties')
  writeFileSync(file, text)
  return { file, ...(await attemptFile(file, ...words)) }
}

async function attemptFile(file: string, ...words: string[]) {
  const { around, err } = captured()
  const code = await runCli([runCommand], ['run', file, ...words], '1', around)
  return { code, err: err.join('\n') }
}

const clusters = ['clusters = old, new', 'old.bootstrap.servers = localhost:1', 'new.bootstrap.servers = localhost:2']

test('a missing file is named, with a hint at the working directory', async () => {
  const { code, err } = await attemptFile(join(folder, 'nowhere.properties'))
  assert.equal(code, 78)
  assert.match(
    err,
    /nowhere\.properties: the configuration cannot be read: there is no such file\n {2}remedy: check the path/,
  )
})

test('a directory instead of a file is named', async () => {
  const { code, err } = await attemptFile(folder)
  assert.equal(code, 78)
  assert.match(err, /it is a directory/)
})

test('a file that this user may not read is named', {
  skip: process.getuid?.() === 0 && 'root may read everything',
}, async () => {
  const file = join(folder, 'locked.properties')
  writeFileSync(file, '')
  chmodSync(file, 0)
  const { code, err } = await attemptFile(file)
  assert.equal(code, 78)
  assert.match(err, /permission denied/)
})

test('all problems of a file are printed at once, each with its line, and nothing is started', async () => {
  const { code, err, file } = await attempt(
    [...clusters, 'old->new.enabled = true', 'old->new.topics = *bad', 'old->new.tasks.max = many'].join('\n'),
  )
  assert.equal(code, 78)
  assert.ok(err.includes(`${file}:5: `), err)
  assert.ok(err.includes(`${file}:6: `), err)
  assert.match(err, /has 2 errors; nothing was started$/)
})

test('an alias that the file does not have is refused', async () => {
  const { code, err } = await attempt([...clusters, 'old->new.enabled = true'].join('\n'), '--clusters', 'nwe')
  assert.equal(code, 78)
  assert.match(err, /--clusters names nwe/)
})

test('a file in which no flow copies or emits heartbeats is refused', async () => {
  const { code, err } = await attempt([...clusters, 'emit.heartbeats.enabled = false'].join('\n'))
  assert.equal(code, 78)
  assert.match(err, /no flow is enabled, and none emits heartbeats: there is nothing to run/)
  assert.match(err, /remedy: write \S+->\S+\.enabled = true/)
})

test('a KafkaMirrorMaker2 in which no mirror copies is refused with what to write', async () => {
  const cluster = (alias: string) => `{ alias: ${alias}, bootstrapServers: "localhost:1" }`
  const spec = `{ connectCluster: b, clusters: [${cluster('a')}, ${cluster('b')}], mirrors: [{ sourceCluster: a, targetCluster: b }] }`
  const file = join(folder, 'mm2.yaml')
  writeFileSync(file, `apiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaMirrorMaker2\nspec: ${spec}\n`)
  const { code, err } = await attemptFile(file)
  assert.equal(code, 78)
  assert.match(err, /has no sourceConnector, so nothing is copied/)
  assert.match(err, /there is nothing to run\n {2}remedy: give the mirror .* a sourceConnector/)
})

test('a secrets directory that does not exist is refused', async () => {
  const { code, err } = await attempt(clusters.join('\n'), '--secrets-dir', join(folder, 'nowhere'))
  assert.equal(code, 78)
  assert.match(err, /nowhere: --secrets-dir is not a directory/)
})

test('an invalid address is refused before the file is read', async () => {
  const { code, err } = await attemptFile('nowhere', '--http', 'localhost')
  assert.equal(code, 64)
  assert.match(err, /'localhost' is not an address of the form HOST:PORT/)
})
