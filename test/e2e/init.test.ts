// `godwit init` with typical input files, and a real migration with the files it writes.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { type Ended, godwit } from '../harness/godwit.ts'
import { guard } from '../harness/guardian.ts'
import { passwordOf } from '../harness/kafka/secure-settings.ts'
import { load } from '../harness/load.ts'
import { readAll } from '../harness/oracle.ts'
import { type SecureCluster, startSecureCluster } from '../harness/secure-cluster.ts'

let source: SecureCluster
let target: TestCluster
const folder = mkdtempSync(join(tmpdir(), 'godwit-init-test-'))
before(async () => {
  ;[source, target] = await Promise.all([startSecureCluster(), startCluster({ name: 'new', heapMb: 320 })])
  await load(source.admin, { topics: ['orders'], partitions: 2, records: 500 })
})
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()])
})

function place(name: string, files: Readonly<Record<string, string>>): string {
  const directory = join(folder, name)
  mkdirSync(directory, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text)
  return directory
}

const init = (cwd: string, words: readonly string[], environment = {}): Promise<Ended> =>
  godwit(['init', '--target-servers', target.bootstrap, ...words], { cwd, environment })

/** Runs the written configuration until everything is copied, and counts the records with Java. */
async function migrates(directory: string, topic: string): Promise<void> {
  const { code, err } = await godwit(['run', 'mm2.properties', '--until', 'in-sync', '--http', 'off'], {
    cwd: directory,
  })
  assert.equal(code, 0, err)
  const partitions = await readAll({ bootstrap: target.bootstrap }, { topics: [topic] })
  assert.equal(
    partitions.reduce((sum, { records }) => sum + records, 0),
    500,
  )
}

const showUnit = (endpoints: string, secret: boolean) => `data-integrator/0:
  charm: ch:amd64/jammy/data-integrator-27
  relation-info:
  - relation-id: 4
    endpoint: kafka
    related-endpoint: kafka-client
    application-data:
      data: '{"extra-user-roles": "admin", "topic": "default"}'
      endpoints: ${endpoints}
${secret ? '      secret-user: secret://5a6b/cq7h8i9j' : `      username: admin\n      password: ${passwordOf('admin')}`}
      tls: disabled
`

test('from juju show-unit and a server list: the file works, and its password is in a separate file', async () => {
  const directory = place('juju', { 'unit.yaml': showUnit(source.saslPlaintext().bootstrap, false) })
  const words = ['--source', 'unit.yaml', '--source-alias', 'old', '--target-alias', 'new', '--topics', 'orders']
  const { code, out, err } = await init(directory, words)
  assert.deepEqual([code, err], [0, ''])
  assert.match(
    out,
    /wrote .*\/mm2\.properties \(644\)\nwrote .*-credentials\.properties \(600\)\nflows: old->new\nnext: godwit check/,
  )
  assert.equal(statSync(join(directory, 'mm2-credentials.properties')).mode & 0o777, 0o600)
  assert.doesNotMatch(readFileSync(join(directory, 'mm2.properties'), 'utf8'), new RegExp(passwordOf('admin')))
  await migrates(directory, 'orders')

  const again = await init(directory, words)
  assert.equal(again.code, 73)
  assert.match(again.err, /mm2\.properties: the file already exists; nothing was written\n {2}remedy: give --force/)
  assert.equal((await init(directory, [...words, '--force'])).code, 0)
})

test('from a KafkaUser, its Secret and the cluster CA, over TLS, with names that contain the alias', async () => {
  const { bootstrap } = source.saslSsl()
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const directory = place('strimzi', {
    'user.yaml': 'kind: KafkaUser\nmetadata: {name: admin}\nspec: {authentication: {type: scram-sha-512}}\n',
    'secrets.yaml': `kind: Secret\nmetadata: {name: admin}\ndata: {password: ${base64(passwordOf('admin'))}}\n---\nkind: Secret\nmetadata: {name: ca}\ndata: {ca.crt: ${base64(readFileSync(source.files.ca, 'utf8'))}}\n`,
  })
  const words = ['--source', 'user.yaml', 'secrets.yaml', '--source-servers', bootstrap, '--policy', 'default']
  const { code, out, err } = await init(directory, [...words, '--topics', 'orders', '--output', 'json'])
  assert.deepEqual([code, err], [0, ''])
  const said = JSON.parse(out) as { flows: string[]; files: { name: string; mode: string }[]; findings: string[] }
  assert.deepEqual(said.flows, ['source->target'])
  assert.deepEqual(said.findings, [])
  assert.deepEqual(
    said.files.map(({ name, mode }) => [name, mode]),
    [
      ['mm2.properties', '644'],
      ['mm2-credentials.properties', '600'],
      ['source-ca.pem', '644'],
    ],
  )
  await migrates(directory, 'source.orders')
})

test('juju is asked for the unit and for the secret that its relation names', async () => {
  const directory = place('asked', {
    juju: `#!/bin/sh
case "$1 $2 $3" in
"show-unit data-integrator/0 --format") cat unit.yaml ;;
"show-secret --reveal cq7h8i9j") printf 'cq7h8i9j:\\n  content: {username: admin, password: ${passwordOf('admin')}}\\n' ;;
*) echo "ERROR unit \\"$2\\" not found" >&2; exit 1 ;;
esac
`,
    'unit.yaml': showUnit(source.saslPlaintext().bootstrap, true)
      .replace('secret-user:', '"secret-user":')
      .replace(/secret:\S+/, '"$&"'),
  })
  chmodSync(join(directory, 'juju'), 0o755)
  const path = { PATH: `${directory}:${process.env['PATH'] ?? ''}` }
  const { code, err } = await init(directory, ['--source-juju', 'data-integrator/0', '--topics', 'orders'], path)
  assert.deepEqual([code, err], [0, ''])
  assert.match(readFileSync(join(directory, 'mm2-credentials.properties'), 'utf8'), /username="admin"/)

  const unknown = await init(directory, ['--source-juju', 'nobody/0', '--force'], path)
  assert.equal(unknown.code, 78)
  assert.match(unknown.err, /'juju show-unit nobody\/0 --format json' failed: ERROR unit "nobody\/0" not found/)
  const { code: without, err: missing } = await init(directory, ['--source-juju', 'x/0', '--force'])
  assert.equal(without, 78)
  assert.match(missing, /juju is not installed here\n {2}remedy: run 'juju show-unit/)
})

/** Runs a program on a terminal created by `script`. An answer is typed when its question appears. */
async function typed(command: string, cwd: string, answers: readonly (readonly [RegExp, string])[]) {
  const child: ChildProcess = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  guard(child)
  let [screen, seen, next] = ['', 0, 0]
  child.stdout?.on('data', (chunk: Buffer) => {
    screen += String(chunk)
    const answer = answers[next]
    const found = answer?.[0].exec(screen.slice(seen))
    if (!answer || !found) return
    seen += found.index + found[0].length
    next++
    child.stdin?.write(`${answer[1]}\r`)
  })
  const [code] = (await once(child, 'close')) as [number]
  return { code, screen }
}

test('at a terminal it asks for what was not given, and does not show the password', async () => {
  const directory = place('typed', {})
  const { code, screen } = await typed(`${join(import.meta.dirname, '../../bin/godwit')} init`, directory, [
    [/Brokers of source.*: /, source.saslPlaintext().bootstrap],
    [/Security protocol of source.*: /, 'SASL_PLAINTEXT'],
    [/SASL mechanism of source.*: /, ''],
    [/User of source: /, 'admin'],
    [/Password of admin: /, passwordOf('admin')],
    [/Brokers of target.*: /, target.bootstrap],
    [/Security protocol of target.*: /, ''],
    [/Topics to copy.*: /, 'orders'],
  ])
  assert.equal(code, 0, screen)
  assert.ok(!screen.includes(passwordOf('admin')))
  const { err } = await godwit(['config', 'show', 'mm2.properties'], { cwd: directory })
  assert.equal(err, '')
  assert.match(readFileSync(join(directory, 'mm2-credentials.properties'), 'utf8'), /password="/)
})

test('missing or invalid input is named, and nothing is written', async () => {
  const directory = place('wrong', {
    'letter.txt': 'Dear Sir or Madam, how are you?',
    'no.yaml': 'kind: KafkaMirrorMaker2\nspec: {}\n',
  })
  const refusals: [string[], number, RegExp][] = [
    [
      [],
      64,
      /no addresses of brokers are given for the source \(cluster source\)\n {2}remedy: give --source-servers HOST:PORT/,
    ],
    [
      ['--source', 'letter.txt'],
      78,
      /letter\.txt: no settings of a cluster were found in it\n {2}remedy: give the output of 'juju/,
    ],
    [['--source', 'nowhere.yaml'], 78, /nowhere\.yaml: the file cannot be read/],
    [['--source-servers', 'a'], 64, /no port of a is given/],
    [
      ['--source-servers', 'a:1', '--source-alias', 'x', '--target-alias', 'x'],
      64,
      /both clusters have the same alias/,
    ],
    [['--from', 'no.yaml'], 78, /no\.yaml/],
    [['--from', 'http://127.0.0.1:9'], 69, /http:\/\/127\.0\.0\.1:9 does not answer/],
  ]
  for (const [words, expected, message] of refusals) {
    const { code, err, out } = await init(directory, words)
    assert.deepEqual([code, out], [expected, ''], words.join(' '))
    assert.match(err, message)
  }
  assert.throws(() => statSync(join(directory, 'mm2.properties')), /ENOENT/)
})

test('a Connect server that requires a login is distinguished from a server that is not Connect', async () => {
  const server = createServer((request, response) => {
    const isLoggedIn = request.headers.authorization === `Basic ${btoa('admin:pw')}`
    response.writeHead(isLoggedIn ? 200 : 401).end('<html>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const refused = await init(folder, ['--from', `http://127.0.0.1:${port}`])
  assert.match(refused.err, /answered with 401\n {2}remedy: write http:\/\/USER:PASSWORD@HOST:8083/)
  const strange = await init(folder, ['--from', `http://admin:pw@127.0.0.1:${port}`])
  assert.match(strange.err, /does not answer as Connect does/)
  assert.doesNotMatch(strange.err, /pw/)
  server.close()
})

const jaas = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="a" password="geheim";'

test('the mm2.properties of a guide is rewritten in order, and no key or reference is lost', async () => {
  const text = readFileSync(join(import.meta.dirname, '../interop/charmed-mm2.properties'), 'utf8')
  const directory = place('guide', { 'old.properties': text })
  const environment = { OLD_SERVERS: 'a:1', NEW_SERVERS: 'b:1', OLD_SASL_JAAS_CONFIG: jaas, NEW_SASL_JAAS_CONFIG: jaas }
  const { code, out, err } = await init(directory, ['--from', 'old.properties'], environment)
  assert.deepEqual([code, err], [0, ''])
  assert.match(out, /flows: old->new/)
  const show = (file: string) => godwit(['config', 'show', file, '--output', 'json'], { cwd: directory, environment })
  assert.deepEqual(JSON.parse((await show('mm2.properties')).out), JSON.parse((await show('old.properties')).out))
})

test('the KafkaMirrorMaker2 of a guide becomes an mm2.properties, with its passwords in a separate file', async () => {
  const yaml = readFileSync(join(import.meta.dirname, '../unit/config/resource/event-streams-guide.yaml'), 'utf8')
  const secret = (name: string, key: string, text: string) =>
    `---\nkind: Secret\nmetadata: {name: ${name}}\nstringData: {${key}: ${JSON.stringify(text)}}\n`
  const ca = readFileSync(source.files.ca, 'utf8')
  const secrets = ['origin-cluster', 'target-cluster'].flatMap((name) => [
    secret(`${name}-credentials`, 'password', 'geheim'),
    secret(`${name}-ca-cert`, 'ca.crt', ca),
  ])
  const directory = place('resource', { 'mm2.yaml': `${yaml}\n${secrets.join('')}` })
  const { code, out, err } = await init(directory, ['--from', 'mm2.yaml', '--output', 'yaml'])
  assert.deepEqual([code, err], [0, ''])
  assert.match(out, /^flows:\n {2}- origin-cluster->target-cluster$/m)
  assert.doesNotMatch(readFileSync(join(directory, 'mm2.properties'), 'utf8'), /geheim/)
  const { code: shown, err: problems } = await godwit(['config', 'show', 'mm2.properties'], { cwd: directory })
  assert.deepEqual([shown, problems.match(/^error.*/gm)], [0, null])
})
