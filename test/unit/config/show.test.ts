// `config show`: the maps of MM2, the origin of each value, and secrets that stay secret.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of configuration files look like that
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { configShow } from '../../../src/cli/commands/config-show.ts'
import { isSecretKey, maskValue } from '../../../src/config/secrets.ts'
import { describeSettings, shownConfig, shownPairs } from '../../../src/config/show.ts'
import { base, load, next } from './reading.ts'

const shown = (text: string, withSecrets = false) => {
  const { effective } = load(text)
  assert.ok(effective)
  return shownPairs(effective, withSecrets)
}

test('JSON has the clusters and the pairs, each pair with three maps of text', () => {
  const { clusters, clusterPairs } = shown(`${base}topics = x # y\n`)
  assert.deepEqual(clusters, ['a', 'b'])
  assert.deepEqual(
    clusterPairs.map(({ source, target }) => `${source}->${target}`),
    ['a->b', 'b->a'],
  )
  assert.equal(clusterPairs[0]?.MirrorCheckpointConnector?.['topics'], 'x # y')
  assert.equal(clusterPairs[1]?.MirrorSourceConnector?.['enabled'], 'false')
})

test('references and variables are shown as they are written', () => {
  const { effective } = load(`${base}topics = $T,\${env:T}\n`, { environment: { T: 'secret' } })
  assert.equal(
    effective && shownPairs(effective, true).clusterPairs[0]?.MirrorSourceConnector?.['topics'],
    '$T,${env:T}',
  )
})

const secrets = `security.protocol = PLAINTEXT
a.sasl.jaas.config = org.X required username="u" password="hunter2";
ssl.keystore.password = hunter3
a->b.source.consumer.ssl.key.password = hunter4
b.producer.sasl.oauthbearer.client.credentials.client.secret = hunter5
a->b.my.filter.password = hunter6
a.ssl.keystore.key = hunter7
a->b.basic.auth.credentials = hunter8
`

test('secrets are masked in JSON and text by default', () => {
  const { effective } = load(base + secrets)
  assert.ok(effective)
  const masked = JSON.stringify(shownPairs(effective, false)) + describeSettings(effective, false)
  assert.doesNotMatch(masked, /hunter/)
  assert.match(masked, /\[secret\]/)
  const open = JSON.stringify(shownPairs(effective, true))
  for (const number of [2, 3, 4, 5, 6, 7, 8]) assert.ok(open.includes(`hunter${number}`), `${number}`)
})

test('a default that Kafka has changed is shown with its version', () => {
  const { effective } = load(base)
  assert.ok(effective)
  const lines = describeSettings(effective, false).split('\n')
  const line = lines.find((one) => one.trim().startsWith('config.properties.exclude '))
  assert.match(line ?? '', /log\.message\.timestamp\.after\.max\.ms.*\(default of Kafka 4\.3\)$/)
})

test('the configuration of a single connector is masked too, and an unknown pair has none', () => {
  const { effective } = load(base + secrets)
  assert.ok(effective)
  const config = shownConfig(effective, 'a->b', 'MirrorSourceConnector')
  assert.equal(config?.['source.cluster.sasl.jaas.config'], '[secret]')
  assert.equal(config?.['connector.class'], 'org.apache.kafka.connect.mirror.MirrorSourceConnector')
  assert.doesNotMatch(JSON.stringify(config), /hunter/)
  assert.equal(shownConfig(effective, 'a->c', 'MirrorSourceConnector'), undefined)
})

test('problems never contain a secret', () => {
  const { problems } = load(
    `${base}${secrets}${secrets.replaceAll('hunter', 'hunter1')}security.protocol = SASL_SSL\nsasl.mechanism = PLAIN\n`,
  )
  assert.ok(problems.length > 3)
  assert.doesNotMatch(JSON.stringify(problems), /hunter/)
})

test('a reference to a secret is not masked, nor is a certificate', () => {
  assert.equal(maskValue('a.ssl.key.password', '${file:/s:pw}'), '${file:/s:pw}')
  assert.equal(maskValue('a.sasl.jaas.config', '$JAAS'), '$JAAS')
  assert.equal(maskValue('sasl.jaas.config', 'X required password="${file:/s:pw}x";'), '[secret] ${file:/s:pw}')
  assert.equal(maskValue('ssl.truststore.certificates', 'PEM'), 'PEM')
  assert.equal(maskValue('token.endpoint.url', 'https://u:pw@host/'), 'https://u:[secret]@host/')
  assert.ok(!isSecretKey('topics'))
})

test('text shows every setting with its origin', () => {
  const { effective } = load(
    `${base}topics = x.*\na.consumer.isolation.level = read_committed\ngodwit.on.doubt = stop\n`,
  )
  const text = effective ? describeSettings(effective, false) : ''
  assert.match(text, new RegExp(`topics += x\\.\\*  \\(line ${next}, topics\\)`))
  assert.match(
    text,
    new RegExp(`isolation\\.level += read_committed  \\(line ${next + 1}, a\\.consumer\\.isolation\\.level\\)`),
  )
  assert.match(text, new RegExp(`godwit\\.on\\.doubt += stop  \\(line ${next + 2}, godwit\\.on\\.doubt\\)`))
  assert.match(text, /replication\.factor += 2 {2}\(default\)/)
  assert.match(text, /fetch\.max\.bytes += 8388608 {2}\(default of godwit\)/)
  assert.match(text, /source\.cluster\.alias += a {2}\(set by MM2\)/)
})

async function show(text: string | undefined, values: Record<string, string | boolean> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'godwit-show-'))
  const file = join(directory, 'mm2.properties')
  if (text !== undefined) writeFileSync(file, text)
  try {
    return await showFile(file, values)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function showFile(file: string, values: Record<string, string | boolean> = {}) {
  const output: string[] = []
  const errors: string[] = []
  const code = await configShow.run({
    positionals: [file],
    values,
    print: (line) => output.push(line),
    printError: (line) => errors.push(line),
    signal: new AbortController().signal,
    environment: {},
    isTerminal: false,
    version: '0',
  })
  return { code, output: output.join('\n'), errors: errors.join('\n').replaceAll(file, 'FILE') }
}

test('the command prints JSON, and problems to standard error', async () => {
  const { code, output, errors } = await show(`${base}topcis = x\n`, { output: 'json' })
  assert.equal(code, 0)
  assert.deepEqual(Object.keys(JSON.parse(output)), ['clusters', 'clusterPairs'])
  assert.equal(
    errors,
    'warning: FILE:5: topcis is not a key that is known\n  remedy: did you mean topics? Otherwise remove the line',
  )
})

test('a file that MM2 refuses ends with 78, one that disables a connector in MM2 is shown', async () => {
  const refused = await show(`${base}security.protocol = TLS\n`, { output: 'json' })
  assert.deepEqual([refused.code, refused.output], [78, ''])
  assert.match(refused.errors, /^error: FILE:5: security\.protocol must be one of/)
  const partly = await show(`${base}topics = a,,b\n`, { output: 'json' })
  assert.equal(partly.code, 0)
  assert.match(partly.errors, /^error: FILE:5: topics holds an empty item \(flow a->b\)/)
})

test('Secrets are read from --secrets-dir and from YAML files in the directory, and never printed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-secrets-'))
  mkdirSync(join(folder, 'mounted', 'login'), { recursive: true })
  writeFileSync(join(folder, 'mounted', 'login', 'pw'), 'hunter2')
  const login = (secret: string) =>
    `{ type: plain, username: u, passwordSecret: { secretName: ${secret}, password: pw } }`
  const cluster = (alias: string, secret: string) =>
    `{ alias: ${alias}, bootstrapServers: "x:1", authentication: ${login(secret)} }`
  const clusters = [cluster('a', 'login'), cluster('b', 'beside')].join(', ')
  const spec = `{ connectCluster: b, clusters: [${clusters}], mirrors: [{ sourceCluster: a, targetCluster: b, sourceConnector: {} }] }`
  const file = join(folder, 'mm2.yaml')
  writeFileSync(file, `apiVersion: eventstreams.ibm.com/v1alpha1\nkind: KafkaMirrorMaker2\nspec: ${spec}\n`)
  writeFileSync(
    join(folder, 'secret.yaml'),
    'apiVersion: v1\nkind: Secret\nmetadata: { name: beside }\nstringData: { pw: hunter3 }\n',
  )
  try {
    const shown = await showFile(file, { output: 'json', 'secrets-dir': join(folder, 'mounted'), 'show-secrets': true })
    assert.deepEqual([shown.code, shown.errors], [0, ''])
    assert.deepEqual(Object.keys(JSON.parse(shown.output).clusterPairs[0]), [
      'source',
      'target',
      'MirrorSourceConnector',
    ])
    assert.doesNotMatch(shown.output, /hunter/)
    const without = await showFile(file)
    assert.equal(without.code, 0, 'a resource is shown without its Secrets')
    assert.match(without.errors, /^error: .*needs the Secret login/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a missing file is a Failure that names it', async () => {
  await assert.rejects(
    show(undefined),
    (error) =>
      error instanceof Failure &&
      error.code === 'CONFIG_INVALID' &&
      error.circumstances.file?.endsWith('mm2.properties') === true,
  )
})
