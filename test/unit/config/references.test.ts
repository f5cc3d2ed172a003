// Environment variables and config providers in values.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of configuration files look like that
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandVariables } from '../../../src/config/dialects/environment.ts'
import { base, load, next, onlyFlow, said } from './reading.ts'

const environment: Record<string, string> = { HOST: 'h', _: 'shell', PATTERN: '\\d$HOST', REF: '${env:HOST}' }
const expand = (text: string, literal: number[] = []) => expandVariables(text, literal, (name) => environment[name])

test('a variable is replaced by its value in the environment, with and without braces', () => {
  assert.equal(expand('$HOST:9092,${HOST}:9093').text, 'h:9092,h:9093')
})

test('the value of a variable is inserted unchanged: without escapes and further variables', () => {
  assert.equal(expand('$PATTERN').text, '\\d$HOST')
})

test("an escaped semicolon from a guide's shell line ends a login module; other backslashes stay", () => {
  const all: Record<string, string> = {
    JAAS: 'a.b.ScramLoginModule required username="u" password="p\\;"\\;',
    PASSWORD: 'required\\;',
  }
  const text = (name: string) => expandVariables(`$${name}`, [], (wanted) => all[wanted]).text
  assert.equal(text('JAAS'), 'a.b.ScramLoginModule required username="u" password="p\\;";')
  assert.equal(text('PASSWORD'), 'required\\;')
})

test('a variable that is not in the environment stays as written, and is reported', () => {
  const { text, missing } = expand('a$ConnectionString-${NOPE}')
  assert.equal(text, 'a$ConnectionString-${NOPE}')
  assert.deepEqual(missing, ['ConnectionString', 'NOPE'])
})

test('a reference to a config provider is not treated as a variable', () => {
  assert.equal(expand('${file:/etc/$HOST/x:key} $HOST').text, '${file:/etc/$HOST/x:key} h')
})

test('an escaped dollar sign, a single one and $_ are not variables', () => {
  assert.equal(expand('$HOST', [0]).text, '$HOST')
  assert.deepEqual(expand('^a$|b$, $1 $$ $_'), { text: '^a$|b$, $1 $$ $_', used: [], missing: [] })
})

test('the Charmed Kafka guides take servers and credentials from the environment', () => {
  const jaas = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p\\"w";'
  const text = [
    'clusters = old,new ',
    'old->new.enabled = true',
    'old.bootstrap.servers=$OLD_SERVERS',
    'new.bootstrap.servers=${NEW_SERVERS}',
    'old.sasl.jaas.config=$OLD_SASL_JAAS_CONFIG',
    'new.sasl.jaas.config=$OLD_SASL_JAAS_CONFIG',
    'sasl.mechanism=SCRAM-SHA-512',
    'security.protocol=SASL_PLAINTEXT',
  ].join('\n')
  const flow = onlyFlow(text, {
    environment: { OLD_SERVERS: 'o1:1,o2:2', NEW_SERVERS: 'n:3', OLD_SASL_JAAS_CONFIG: jaas },
  })
  assert.deepEqual(flow.sourceCluster.bootstrapServers, ['o1:1', 'o2:2'])
  assert.deepEqual(flow.targetCluster.bootstrapServers, ['n:3'])
  assert.equal(flow.sourceCluster.sasl?.password.reveal(), 'p"w')
})

test('servers and credentials with an unset variable are errors that name the variable', () => {
  const text = `${base}security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=$JAAS\na.bootstrap.servers=$SERVERS\n`
  const { model, problems } = load(text)
  assert.equal(model, undefined)
  assert.deepEqual(said(problems, next + 2), [
    'error sasl.jaas.config names the environment variable JAAS, which is not set',
  ])
  assert.match(
    problems.find(({ line, severity }) => line === next + 3 && severity === 'error')?.remedy ?? '',
    /set the environment variable SERVERS/,
  )
})

test('an unset variable in capitals is a warning, a lower-case name is not', () => {
  const { model, problems } = load(`${base}a.client.id = x$NOPE\nb.client.id = x$nope\n`)
  assert.ok(model)
  assert.equal(said(problems, next).length, 1)
  assert.deepEqual(said(problems, next + 1), [])
})

const providers = `${base}config.providers = file,dir,env
config.providers.file.class = org.apache.kafka.common.config.provider.FileConfigProvider
config.providers.dir.class = org.apache.kafka.common.config.provider.DirectoryConfigProvider
config.providers.env.class = org.apache.kafka.common.config.provider.EnvVarConfigProvider
`

test('references to files, directories and the environment are resolved for clients', () => {
  const { sourceCluster, targetCluster, settings } = onlyFlow(
    `${providers}a.bootstrap.servers = \${file:/s/app.properties:servers}\nb.bootstrap.servers = \${dir:/mnt:servers}\ntopics = \${env:TOPICS}\n`,
    { files: { '/s/app.properties': 'servers = s:1\n', '/mnt/servers': 't:2\n' }, environment: { TOPICS: 'x.*' } },
  )
  assert.deepEqual(sourceCluster.bootstrapServers, ['s:1'])
  assert.deepEqual(targetCluster.bootstrapServers, ['t:2'])
  assert.ok(settings.topics.include[0]?.test('xy'))
  assert.ok(!settings.topics.include[0]?.test('yx'))
})

test('an environment variable may contain a reference to a provider', () => {
  const { sourceCluster } = onlyFlow(`${providers}a.bootstrap.servers = $REF\n`, {
    environment: { REF: '${env:REAL}', REAL: 'r:1' },
  })
  assert.deepEqual(sourceCluster.bootstrapServers, ['r:1'])
})

test('an unreadable file is an error that names the line of the reference', () => {
  const { model, effective, problems } = load(`${providers}a.client.id = \${file:/none:x}\n`)
  assert.deepEqual([model, effective], [undefined, undefined])
  assert.deepEqual(said(problems, next + 4), ['error a.client.id : /none cannot be read'])
  assert.equal(problems[0]?.stops, 'process')
})

test('a provider name with a leading blank works for connectors, but not for the choice of flows', () => {
  const file =
    'clusters = a, b\na.bootstrap.servers = a:1\nb.bootstrap.servers = b:1\nconfig.providers = none, env\nconfig.providers.env.class = org.apache.kafka.common.config.provider.EnvVarConfigProvider\na->b.enabled = ${env:ON}\n'
  const inputs = { environment: { ON: 'true' } }
  assert.equal(load(file, inputs).model?.flows[0]?.settings.enabled, true)
  assert.equal(load(`${file}emit.heartbeats.enabled = false\n`, inputs).model, undefined)
})
